// The page of a simulation.
#include <fmt/format.h>

#include "app/page.hpp"
#include "app/simulation.hpp"

namespace assay::app {

namespace {

constexpr std::array colours{"#268bd2", "#c0392b", "#b58900", "#6c71c4"};

// Formulas as lines, play as dots with their intervals and a band through them.
std::string picture(const std::string& title, const std::string& x_label, std::optional<double> honest,
                    const std::vector<SimulatedCurve>& curves, bool logarithmic)
{
    Chart chart{title, x_label, "payoff of a task", logarithmic, false, {}};
    for (std::size_t i = 0; i < curves.size(); ++i) {
        Curve formula{curves[i].name, colours[i], false, false, {}, {}, {}, {}};
        Curve played{"", colours[i], false, true, {}, {}, {}, {}};
        for (const SimulatedPoint& point : curves[i].points) {
            formula.x.push_back(point.x);
            formula.y.push_back(point.tally.forecast().mean());
            played.x.push_back(point.x);
            played.y.push_back(point.tally.mean());
            played.low.push_back(point.tally.interval().low);
            played.high.push_back(point.tally.interval().high);
        }
        chart.curves.push_back(std::move(formula));
        chart.curves.push_back(std::move(played));
    }
    if (honest) {
        const std::vector<double> ends{chart.curves[0].x.front(), chart.curves[0].x.back()};
        chart.curves.push_back({"honest", "#2aa198", true, false, ends, {*honest, *honest}, {}, {}});
    }
    return draw(chart);
}

std::vector<double> percents(const std::vector<double>& parts)
{
    std::vector<double> values;
    for (const double part : parts) values.push_back(100 * part);
    return values;
}

std::string learning_picture(const SimulationResult& result, bool verifiers)
{
    Chart chart{verifiers ? "honest verifiers by generation" : "honest solvers by generation",
                "generation",
                verifiers ? "verifiers who replay, %" : "honest solvers, %",
                false,
                false,
                {}};
    for (std::size_t i = 0; i < result.learned.size(); ++i) {
        const Learned& learned = result.learned[i];
        Curve curve{learned.name, colours[i], false, false, {}, {}, {}, {}};
        for (std::size_t g = 0; g < learned.solvers.size(); ++g) curve.x.push_back(static_cast<double>(g));
        curve.y = percents(verifiers ? learned.verifiers : learned.solvers);
        curve.low = percents(verifiers ? learned.verifiers_low : learned.solvers_low);
        curve.high = percents(verifiers ? learned.verifiers_high : learned.solvers_high);
        chart.curves.push_back(std::move(curve));
    }
    return draw(chart);
}

std::string amount(double value)
{
    return grouped(static_cast<std::int64_t>(value < 0 ? value - 0.5 : value + 0.5));
}

std::string amount(std::uint64_t value)
{
    return grouped(static_cast<std::int64_t>(value));
}

std::string table_of(const std::vector<SimulatedCurve>& curves, const std::string& x_name)
{
    std::string rows;
    for (const SimulatedCurve& curve : curves)
        for (const SimulatedPoint& point : curve.points) {
            const auto interval = point.tally.interval();
            rows += fmt::format("<tr><td>{}</td><td>{:g}</td><td>{}</td><td>{}</td><td>{} to {}</td><td>{}</td></tr>", escaped(curve.name),
                                point.x, amount(point.tally.forecast().mean()), amount(point.tally.mean()), amount(interval.low),
                                amount(interval.high), point.tally.agrees() ? "yes" : "<span class='wrong'>no</span>");
        }
    return fmt::format("<details><summary>All points</summary><div class='scroll'><table><tr><th>conduct</th><th>{}</th><th>formula</th>"
                       "<th>played</th><th>99 %</th><th>inside</th></tr>{}</table></div></details>",
                       x_name, rows);
}

std::string harassment_table(const SimulationResult& result)
{
    std::string rows;
    for (const HarassedTask& task : result.harassed)
        rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                            task.harassment.argues ? "argues to the end" : "falls silent", task.harassment.challenges,
                            grouped(task.harasser), grouped(task.victim), task.over_time);
    return fmt::format("<div class='scroll'><table><tr><th>harasser</th><th>challenges</th><th>it gains</th><th>its victim gains</th>"
                       "<th>delay, ticks</th></tr>{}</table></div>",
                       rows);
}

std::string summary(const SimulationOptions& options, const SimulationResult& result)
{
    const market::FrontierPoint& point = result.recommendation.point;
    return fmt::format(
               "<p>{} tasks were played on the ledger, in {} transactions: runs were committed and really wrong where somebody cheated, "
               "verifiers were drawn, and every dispute was played to its end. {} Seed {}.</p>",
               amount(result.tasks), amount(result.transactions),
               result.broken.empty() ? "No invariant was broken; money was neither made nor lost."
                                     : "<span class='wrong'>Broken: " + escaped(result.broken) + ".</span>",
               options.seed) +
           fmt::format(
               "<p>Lines are formulas; dots are means of {} tasks, read off the ledger's accounts, with intervals and bands of 99 %. Of {} "
               "points, {} lie{} outside of their interval; by chance alone about one in a hundred would. {} amounts were other than the "
               "formulas say, to the unit.</p>",
               amount(options.tasks), result.points, result.outside, result.outside == 1 ? "s" : "",
               result.unexplained == 0 ? "No" : amount(result.unexplained)) +
           fmt::format("<p>The job costs {}, the reward is {}. {} verifier{} replay{} {} of {} segments; {:g} % of all verifiers take what "
                       "a solver "
                       "offers them. The recommended stake is {}, and a wrong step somewhere would be worth {}.</p>",
                       amount(result.job.cost), amount(result.job.reward), point.verifiers, point.verifiers == 1 ? "" : "s",
                       point.verifiers == 1 ? "s" : "", point.audited, result.job.segments, result.job.colluding / 1e4,
                       amount(result.recommendation.stake), amount(result.job.poison_gain));
}

} // namespace

std::string simulation_page(const SimulationOptions& options, const SimulationResult& result)
{
    const double honest = static_cast<double>(result.job.reward) - static_cast<double>(result.job.cost);
    const auto section = [](std::string_view title, const std::string& content) {
        return fmt::format("<section><h2>{}</h2>{}</section>", title, content);
    };
    std::string body = summary(options, result);
    body += section(
        "Skipping work, under the recommended stake",
        picture("payoff against skipped work", "skipped segments, %", honest, result.by_skipped, true) +
            "<p>Whatever share is skipped, it earns less than the honest line, also to a cheat that has itself convicted to get half "
            "of its stake back.</p>" +
            table_of(result.by_skipped, "skipped, %"));
    body +=
        section("With less at stake", picture("payoff against stake", "stake, % of the recommended one", honest, result.by_stake, false) +
                                          table_of(result.by_stake, "stake, %"));
    body +=
        section("Verifiers, where solvers offer their roots",
                picture("payoff of a verifier", "tasks with a planted fault, %", std::nullopt, {result.by_planted[0], result.by_planted[1]},
                        false) +
                    fmt::format("<p>Copying what is offered saves the work, until planted faults, times the verifier's stake, are the cost of "
                                "the job: with a stake of {} at {:.0f} %. Guessing loses the stake at once, and is in the table only.</p>",
                                amount(result.verifier_stake), 100 * static_cast<double>(result.job.cost) / static_cast<double>(result.verifier_stake)) +
                    table_of(result.by_planted, "planted, %"));
    body += section(
        "Harassing honest work",
        harassment_table(result) +
            fmt::format("<p>All challenges came in the last tick of the window. However many there are, the delay is that of one: at most "
                        "{} ticks under these clocks.</p>",
                        result.dispute_ticks));
    body += section(
        "Agents who do what has paid",
        learning_picture(result, false) + learning_picture(result, true) +
            fmt::format("<p>{} solvers and {} verifiers learn from the ledger what pays; {} courses each, mean and band of 99 %. {} Where none "
                        "are planted, who looks at a solver that has itself convicted first earns nothing, and such a market may stay as it is. With "
                        "nothing at stake nobody turns honest. Luck misleads for a while: a cheat that is seldom found pays until it is.</p>",
                        options.agents, options.verifiers, options.repeats,
                        result.job.planted_rate > 0 ? fmt::format("Under the recommended terms, with faults planted in {:g} % of the tasks, honesty is "
                                                                  "what pays against whatever others do (ECON-16).",
                                                                  result.job.planted_rate / 1e4)
                                                    : "No faults are planted here; see --planted."));
    return html_page("A market, played", body);
}

} // namespace assay::app
