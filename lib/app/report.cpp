// The demonstration's page.
#include <algorithm>

#include <fmt/format.h>

#include "app/demonstration.hpp"
#include "app/page.hpp"

namespace assay::app {

namespace {

constexpr double plot_width = 640;
constexpr double plot_height = 220;
constexpr double margin = 36;

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
    const std::string body = fmt::format(
        "<p>Task <code>{}</code>: {}. {} steps on <code>{}</code> in {:.1f} s, a checkpoint every {} steps, seed {}. "
        "On what was held out: loss {:.4f}, {:.2f} % of predictions right.</p><h2>Loss</h2>{}"
        "<h2>Disputes</h2><p>Each walk narrows from the run to one scalar operation, which the referee checks.</p>{}",
        short_hex(digest_of(result.task)), escaped(result.model), options.problem.steps, escaped(options.problem.input), result.run.seconds,
        options.interval, options.seed, result.evaluation.loss, 100 * result.evaluation.accuracy, loss_curve(result.run.losses), sections);
    return html_page("A run, audited and disputed", body);
}

} // namespace assay::app
