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
    app.add_option("--detect", options.detection,
                   "Audits must find a run in which the share of --skipped is skipped this often, in percent; 0 for no floor")
        ->capture_default_str();
    app.add_option("--skipped", options.detection_share, "The skipped share that --detect is about, in percent")->capture_default_str();
    app.add_option("--planted", options.planted, "Tasks in which you plant a fault of your own, to see who looks, in percent")
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
    fmt::print("{} tasks in {} transactions; {}\n", result.tasks, result.transactions,
               result.broken.empty() ? "no invariant was broken" : "BROKEN: " + result.broken);
    fmt::print("{} points, {} outside of their 99 % interval; {} amounts that the formulas don't explain\n", result.points, result.outside,
               result.unexplained);
    for (const Learned& learned : result.learned)
        fmt::print("{:<32} {:>3.0f} % of solvers and {:>3.0f} % of verifiers are honest in the end\n", learned.name + ":",
                   100 * learned.solvers.back(), 100 * learned.verifiers.back());
    fmt::print("report: {}\n", options.page);
    return result.agrees();
}

} // namespace

MarketCommands::MarketCommands(CLI::App& app)
{
    m_economics = app.add_subcommand(
        "economics",
        "Recommends stake, audits, fees, bonds and windows for a task, and says why.\n\n"
        "A solver is deterred when what it can lose, times how likely it is caught, is more than it can win. More audits find more and "
        "cost\n"
        "more; a larger stake deters more and keeps honest people out. This command finds the cheapest pair. Start with what the job "
        "costs\n"
        "and what you pay:\n\n"
        "  assay economics --cost 1000000 --reward 1200000 --segments 500\n\n"
        "then ask what changes when somebody would gain from one wrong step, or when many verifiers are the solver's friends:\n\n"
        "  assay economics --segments 50 --poison-gain 2000000 --colluding 30 --picture frontier.svg\n\n"
        "The formulas are derived in spec/economics.md; assay simulate plays them.\n");
    add_terms(*m_economics, m_terms);
    m_economics->add_option("--picture", m_terms.picture, "Write the frontier of stake against audit cost to this SVG file");
    m_simulate = app.add_subcommand(
        "simulate",
        "Plays a market on the real ledger, and writes a page that shows play beside formulas.\n\n"
        "Solvers skip work, poison a step or convict themselves; verifiers replay, copy or guess; others harass; and agents who care for "
        "money\n"
        "alone learn what pays. Terms are those that assay economics recommends for the same options. It exits with 2 when play and\n"
        "formulas disagree, or when the ledger breaks an invariant. A minute's look, and a long one:\n\n"
        "  assay simulate\n"
        "  assay simulate --tasks 5000 --repeats 20 --page long.html\n");
    add_terms(*m_simulate, m_simulation.terms);
    m_simulate->add_option("--tasks", m_simulation.tasks, "Tasks for each point of a curve")->capture_default_str();
    m_simulate->add_option("--verifiers", m_simulation.verifiers, "Verifiers in the pool that draws are made from")->capture_default_str();
    m_simulate->add_option("--agents", m_simulation.agents, "Solvers who learn what pays")->capture_default_str();
    m_simulate->add_option("--generations", m_simulation.generations, "Tasks that each of them takes, one after another")
        ->capture_default_str();
    m_simulate->add_option("--repeats", m_simulation.repeats, "Courses of learning from each start")->capture_default_str();
    m_simulate->add_option("--threads", m_simulation.threads, "Threads; they change the time, never the result")->capture_default_str();
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
