// The page of a simulation.
#include <fmt/format.h>

#include "app/page.hpp"
#include "app/simulation.hpp"

namespace assay::app {

namespace {

constexpr std::array colours{"#268bd2", "#c0392b", "#b58900"};

// Formulas as lines, play as dots with their intervals and a band through them.
std::string picture(const std::string& title, const std::string& x_label, double honest, const std::vector<SimulatedCurve>& curves,
                    bool logarithmic)
{
    Chart chart{title, x_label, "payoff of a task", logarithmic, false, {}};
    for (std::size_t i = 0; i < curves.size(); ++i) {
        Curve formula{curves[i].name, colours[i], false, false, {}, {}, {}, {}};
        Curve played{"played", colours[i], false, true, {}, {}, {}, {}};
        for (const SimulatedPoint& point : curves[i].points) {
            formula.x.push_back(point.x);
            formula.y.push_back(point.expected);
            played.x.push_back(point.x);
            played.y.push_back(point.played.mean);
            played.low.push_back(point.played.low);
            played.high.push_back(point.played.high);
        }
        chart.curves.push_back(std::move(formula));
        chart.curves.push_back(std::move(played));
    }
    const std::vector<double> ends{chart.curves[0].x.front(), chart.curves[0].x.back()};
    chart.curves.push_back({"honest", "#2aa198", true, false, ends, {honest, honest}, {}, {}});
    return draw(chart);
}

std::string choices_picture(const SimulationResult& result)
{
    Curve curve{"honest agents", "#2aa198", false, false, {}, {}, {}, {}};
    Curve dots{"seen", "#2aa198", false, true, {}, {}, {}, {}};
    for (const ChosenConduct& chosen : result.choices) {
        for (Curve* part : {&curve, &dots}) {
            part->x.push_back(100 * chosen.share_of_stake);
            part->y.push_back(100.0 * static_cast<double>(chosen.honest) / static_cast<double>(chosen.agents));
        }
    }
    return draw({"share of honest agents", "stake, % of the recommended one", "honest agents, %", false, false, {curve, dots}});
}

std::string table_of(const std::vector<SimulatedCurve>& curves, const std::string& x_name)
{
    std::string rows;
    for (const SimulatedCurve& curve : curves)
        for (const SimulatedPoint& point : curve.points)
            rows += fmt::format("<tr><td>{}</td><td>{:g}</td><td>{:.0f}</td><td>{:.0f}</td><td>{:.0f} to {:.0f}</td><td>{}</td></tr>",
                                escaped(curve.name), point.x, point.expected, point.played.mean, point.played.low, point.played.high,
                                point.played.contains(point.expected) ? "yes" : "<span class='wrong'>no</span>");
    return fmt::format(
        "<details><summary>All points</summary><div "
        "class='scroll'><table><tr><th>conduct</th><th>{}</th><th>formula</th><th>played</th><th>99 %</th><th>inside</th></tr>{}"
        "</table></div></details>",
        x_name, rows);
}

} // namespace

std::string simulation_page(const SimulationOptions& options, const SimulationResult& result)
{
    const double honest = static_cast<double>(result.job.reward) - static_cast<double>(result.job.cost);
    std::string body =
        fmt::format("<p>{} tasks, seed {}. Lines are the formulas, dots what was played, with intervals of 99 % ({} tasks a point). "
                    "Of {} points, {} lie{} outside of their interval; by chance alone about one in a hundred would.</p>",
                    grouped(static_cast<std::int64_t>(result.tasks)), options.seed, grouped(static_cast<std::int64_t>(options.tasks)),
                    result.points, result.outside, result.outside == 1 ? "s" : "");
    body += fmt::format("<p>The job costs {}, the reward is {}, {} of {} segments are audited, {:g} % of the verifiers are the solver's "
                        "friends. The recommended stake is {}.</p>",
                        grouped(static_cast<std::int64_t>(result.job.cost)), grouped(static_cast<std::int64_t>(result.job.reward)),
                        result.recommendation.point.audited, result.job.segments, result.job.colluding / 1e4,
                        grouped(static_cast<std::int64_t>(result.recommendation.stake)));
    body += "<section><h2>Skipping work, under the recommended stake</h2>" +
            picture("payoff against skipped work", "skipped segments, %", honest, result.by_skipped, true) +
            table_of(result.by_skipped, "skipped, %") + "<p>Whatever share is skipped, it earns less than the honest line.</p></section>";
    body += "<section><h2>With less at stake</h2>" +
            picture("payoff against stake", "stake, % of the recommended one", honest, result.by_stake, false) +
            table_of(result.by_stake, "stake, %") + "</section>";
    body += "<section><h2>What agents choose who do what they have seen to pay</h2>" + choices_picture(result) +
            "<p>Each agent tries every way to behave for a while, and keeps to the one that paid best. Luck misleads some of "
            "them.</p></section>";
    return html_page("A market, played", body);
}

} // namespace assay::app
