// The demonstration's page: one file, no script, no outside asset, readable in light and dark and on a phone.
#include <algorithm>

#include <fmt/format.h>

#include "app/demonstration.hpp"

namespace assay::app {

namespace {

constexpr double plot_width = 640;
constexpr double plot_height = 220;
constexpr double margin = 36;

std::string escaped(std::string_view text)
{
    std::string result;
    for (const char c : text) {
        if (c == '<') result += "&lt;";
        else if (c == '>') result += "&gt;";
        else if (c == '&') result += "&amp;";
        else result += c;
    }
    return result;
}

// The walk as boxes that narrow.
std::string walk_picture(const Walk& walk)
{
    std::string html = "<div class='walk'>";
    std::size_t depth = 0;
    for (const WalkStep& step : walk.steps) {
        const std::size_t inset = std::min<std::size_t>(depth++ * 4, 24);
        html += fmt::format("<div class='layer' style='margin:0 {}%'><b>{}</b> {}</div>", inset, escaped(step.layer), escaped(step.text));
    }
    if (!walk.operation.empty())
        html += fmt::format("<div class='operation'>{}<br>committed <b>{}</b><br>right <b>{}</b></div>", escaped(walk.operation),
                            escaped(walk.committed), escaped(walk.right));
    return html + "</div>";
}

std::string dispute_section(const SettledDispute& dispute)
{
    const std::string title = dispute.title();
    if (dispute.outcome == SettledDispute::Outcome::nothing_to_dispute)
        return fmt::format("<section><h3>{}</h3><p class='wrong'>The lie did not reach what is claimed: nothing to dispute.</p></section>",
                           escaped(title));
    return fmt::format(
        "<section><h3>{}</h3>{}<p class='{}'>{}</p><p class='figures'>{} moves, {} bytes from the solver, {} from the challenger; the last "
        "move has {} bytes; {:.2f} s</p></section>",
        escaped(title), walk_picture(dispute.walk), dispute.outcome == SettledDispute::Outcome::right ? "verdict" : "wrong",
        escaped(dispute.walk.verdict), dispute.walk.moves, dispute.walk.solver_bytes, dispute.walk.challenger_bytes,
        dispute.walk.evidence_bytes, dispute.seconds);
}

constexpr std::string_view style = R"(:root{color-scheme:light dark;--line:#b58900;--soft:color-mix(in srgb,currentColor 12%,transparent)}
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
svg{width:100%;height:auto}
section{border-top:1px solid var(--soft);padding:.5rem 0}
.layer,.operation{background:var(--soft);border-radius:6px;padding:.3rem .7rem;margin-bottom:4px;overflow-wrap:anywhere}
.walk>.layer,.walk>.operation{margin-bottom:4px!important}.operation{border:2px solid var(--line);margin:0 24%}
.verdict{font-weight:600}.wrong{font-weight:600;color:#c0392b}.figures{opacity:.7;font-size:.9em}
@media(max-width:480px){.layer,.operation{margin-left:0!important;margin-right:0!important}})";

} // namespace

std::string loss_curve(const std::vector<double>& losses)
{
    const auto [low, high] = std::minmax_element(losses.begin(), losses.end());
    const double range = std::max(*high - *low, 1e-9), left = margin, right = plot_width, top = 10, bottom = plot_height - margin;
    std::string points;
    for (std::size_t i = 0; i < losses.size(); ++i) {
        const double share = static_cast<double>(i) / static_cast<double>(std::max<std::size_t>(losses.size() - 1, 1));
        points += fmt::format("{:.1f},{:.1f} ", left + (right - left) * share, top + (bottom - top) * (*high - losses[i]) / range);
    }
    return fmt::format("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {} {}' role='img' aria-label='loss after each step' "
                       "fill='#8a8a8a' font-family='sans-serif' "
                       "font-size='13'><path d='M{},{}V{}H{}' fill='none' stroke='#8a8a8a' stroke-width='0.5'/>"
                       "<polyline points='{}' fill='none' stroke='#b58900' stroke-width='1.5'/><text x='0' y='16'>{:.2f}</text><text x='0' "
                       "y='{}'>{:.2f}</text>"
                       "<text x='{}' y='{}'>step 1</text><text x='{}' y='{}' text-anchor='end'>step {}</text></svg>",
                       plot_width + 10, plot_height, left, top, bottom, right, points, *high, bottom, *low, left, plot_height - 8, right,
                       plot_height - 8, losses.size());
}

std::string report_page(const DemonstrationOptions& options, const DemonstrationResult& result)
{
    std::string sections;
    for (const SettledDispute& dispute : result.disputes) sections += dispute_section(dispute);
    return fmt::format(
        "<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width,initial-scale=1'>"
        "<title>Assay: a run, audited and disputed</title><style>{}</style><h1>A run, audited and disputed</h1>"
        "<p>Task <code>{}</code>: {}. {} steps on <code>{}</code> in {:.1f} s, a checkpoint every {} steps, seed {}. "
        "On what was held out: loss {:.4f}, {:.2f} % of predictions right.</p><h2>Loss</h2>{}"
        "<h2>Disputes</h2><p>Each walk narrows from the run to one scalar operation, which the referee checks.</p>{}</html>\n",
        style, short_hex(digest_of(result.task)), escaped(result.model), options.problem.steps, escaped(options.problem.input),
        result.run.seconds, options.interval, options.seed, result.evaluation.loss, 100 * result.evaluation.accuracy,
        loss_curve(result.run.losses), sections);
}

} // namespace assay::app
