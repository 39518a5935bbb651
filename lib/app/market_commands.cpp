#include "app/market_commands.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/files.hpp"

namespace assay::app {

namespace {

void add_terms(CLI::App& app, TermsOptions& options)
{
    app.add_option("--reward", options.reward, "What the solver is paid, in any unit of money that is small")->capture_default_str();
    app.add_option("--cost", options.cost, "What the job costs an honest solver; at most the reward")->capture_default_str();
    app.add_option("--segments", options.segments, "Checkpoints of the run: what an audit replays is one segment")->capture_default_str();
    app.add_option("--colluding", options.colluding, "Verifiers who work for the solver, in percent of the stake of all")
        ->capture_default_str();
    app.add_option("--poison-gain", options.poison_gain,
                   "What a single wrong step would be worth to somebody, a back door say; 0 where nobody gains")
        ->capture_default_str();
    app.add_option("--capital-rate", options.capital_rate, "What locked money costs, in percent a year")->capture_default_str();
    app.add_option("--margin", options.margin, "How far stakes stand above the point where cheating gains nothing, in percent")
        ->capture_default_str();
    app.add_option("--days", options.days, "How long an honest solver trains")->capture_default_str();
    app.add_option("--dispute-days", options.dispute_days, "The longest dispute that the task's clocks allow")->capture_default_str();
    app.add_option("--delay", options.delay_a_day, "What a day of delay costs those who wait for the result")->capture_default_str();
    app.add_option("--stake-max", options.stake_max, "The largest stake that solvers can be asked for; 0 for ten rewards")
        ->capture_default_str();
}

Result<bool> run_economics(const TermsOptions& options)
{
    ASSAY_TRY_ASSIGN(const std::string text, explain_terms(options));
    fmt::print("{}", text);
    if (options.picture.empty()) return true;
    ASSAY_TRY_ASSIGN(const std::string picture, frontier_picture(options));
    ASSAY_TRY(write_file(options.picture, view_of(picture)));
    fmt::print("\nstake against audit cost: {}\n", options.picture);
    return true;
}

Result<bool> run_simulation(const SimulationOptions& options)
{
    ASSAY_TRY_ASSIGN(const SimulationResult result, simulate(options));
    ASSAY_TRY(write_file(options.page, view_of(simulation_page(options, result))));
    fmt::print("{} points, {} outside of their 99 % interval\n", result.points, result.outside);
    for (const ChosenConduct& chosen : result.choices)
        fmt::print("stake {:>4.0f} % of the recommended one: {:>3} of {} rational agents are honest\n", 100 * chosen.share_of_stake,
                   chosen.honest, chosen.agents);
    fmt::print("report: {}\n", options.page);
    // By chance one point in a hundred lies outside; five in a hundred are no chance.
    return result.outside * 20 <= result.points;
}

} // namespace

MarketCommands::MarketCommands(CLI::App& app)
{
    m_economics = app.add_subcommand(
        "economics",
        "Recommends stake, audits, bonds and windows for a task, and says why.\n"
        "An example: assay economics --cost 1000000 --reward 1200000 --segments 500 --poison-gain 2000000 --picture frontier.svg");
    add_terms(*m_economics, m_terms);
    m_economics->add_option("--picture", m_terms.picture, "Write the frontier of stake against audit cost to this SVG file");
    m_simulate = app.add_subcommand(
        "simulate", "Plays a market under recommended terms with agents that skip work, poison, convict themselves or follow the\n"
                    "money, and writes a page that shows play beside formulas");
    add_terms(*m_simulate, m_simulation.terms);
    m_simulate->add_option("--tasks", m_simulation.tasks, "Tasks for each point of a curve")->capture_default_str();
    m_simulate->add_option("--seed", m_simulation.seed, "The same seed plays the same tasks")->capture_default_str();
    m_simulate->add_option("--page", m_simulation.page, "Where the page goes")->capture_default_str();
}

bool MarketCommands::parsed() const
{
    return m_economics->parsed() || m_simulate->parsed();
}

Result<bool> MarketCommands::run() const
{
    return m_economics->parsed() ? run_economics(m_terms) : run_simulation(m_simulation);
}

} // namespace assay::app
