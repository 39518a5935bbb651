#include "app/simulation.hpp"

#include <algorithm>
#include <cmath>

#include "app/progress.hpp"

namespace assay::app {

namespace {

using sim::Conduct;

constexpr std::array skipped_shares{0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0};
constexpr std::array stake_shares{0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2};
constexpr std::uint64_t agents = 40;
constexpr std::uint64_t agent_trials = 4000; // of each option

sim::MarketTerms terms_of(const market::Job& job, const market::Recommendation& recommendation)
{
    sim::MarketTerms terms;
    terms.reward = static_cast<std::int64_t>(job.reward);
    terms.job_cost = static_cast<std::int64_t>(job.cost);
    terms.stake = static_cast<std::int64_t>(recommendation.stake);
    terms.segments = job.segments;
    terms.audited = recommendation.point.audited;
    terms.colluding = job.colluding;
    terms.poison_gain = static_cast<std::int64_t>(job.poison_gain);
    terms.challenger_bond = static_cast<std::int64_t>(recommendation.challenger_bond);
    return terms;
}

// Plays, and counts what was played.
class Table {
public:
    Table(const SimulationOptions& options, Progress& progress, SimulationResult& result)
        : m_options(options), m_progress(progress), m_result(result)
    {
    }

    SimulatedPoint point(double x, const sim::MarketTerms& terms, const sim::Strategy& strategy)
    {
        const auto played = sim::play_many(terms, strategy, m_options.tasks, next_seed());
        const SimulatedPoint point{x, sim::expected_payoff(terms, strategy), played};
        count(m_options.tasks);
        ++m_result.points;
        if (!played.contains(point.expected)) ++m_result.outside;
        return point;
    }

    // How many of the agents are honest once each has tried everything.
    ChosenConduct choices(double share, const sim::MarketTerms& terms)
    {
        ChosenConduct chosen{share, agents, 0};
        const auto options = sim::solver_options(terms);
        for (std::uint64_t agent = 0; agent < agents; ++agent) {
            if (options[sim::choose_by_experience(terms, options, agent_trials, next_seed())].conduct == Conduct::honest) ++chosen.honest;
            count(agent_trials * options.size());
        }
        return chosen;
    }

private:
    // Far apart, so that no two points share draws.
    std::uint64_t next_seed() { return (m_options.seed << 32) + 1000 * ++m_seeds; }
    void count(std::uint64_t tasks)
    {
        m_result.tasks += tasks;
        m_progress.update(m_result.tasks, std::to_string(m_result.points) + " points");
    }

    const SimulationOptions& m_options;
    Progress& m_progress;
    SimulationResult& m_result;
    std::uint64_t m_seeds = 0;
};

std::uint32_t segments_of(double share, std::uint32_t segments)
{
    return std::clamp(static_cast<std::uint32_t>(std::lround(share * segments)), 1U, segments);
}

void play_skipped(Table& table, const sim::MarketTerms& terms, SimulationResult& result)
{
    SimulatedCurve lazy{"skips work", {}}, colluding{"skips work and convicts itself", {}};
    for (const double share : skipped_shares) {
        const std::uint32_t wrong = segments_of(share, terms.segments);
        lazy.points.push_back(table.point(100 * share, terms, {Conduct::lazy, wrong}));
        colluding.points.push_back(table.point(100 * share, terms, {Conduct::colluding, wrong}));
    }
    result.by_skipped = {lazy, colluding};
}

void play_stakes(Table& table, const sim::MarketTerms& recommended, SimulationResult& result)
{
    SimulatedCurve all{"skips everything", {}}, tenth{"skips a tenth", {}}, poison{"poisons one step", {}};
    for (const double share : stake_shares) {
        sim::MarketTerms terms = recommended;
        terms.stake = std::llround(share * static_cast<double>(recommended.stake));
        all.points.push_back(table.point(100 * share, terms, {Conduct::lazy, terms.segments}));
        tenth.points.push_back(table.point(100 * share, terms, {Conduct::lazy, segments_of(0.1, terms.segments)}));
        if (terms.poison_gain > 0) poison.points.push_back(table.point(100 * share, terms, {Conduct::poisoning, 1}));
        result.choices.push_back(table.choices(share, terms));
    }
    result.by_stake = {all, tenth};
    if (!poison.points.empty()) result.by_stake.push_back(poison);
}

} // namespace

Result<SimulationResult> simulate(const SimulationOptions& options)
{
    if (options.tasks < 100 || options.tasks > 100'000'000)
        return failure(Error::invalid_input, "--tasks must lie between 100 and 100000000");
    SimulationResult result;
    ASSAY_TRY_ASSIGN(result.job, job_of(options.terms));
    ASSAY_TRY(explain_terms(options.terms));
    result.recommendation = market::recommend(result.job).value();
    const sim::MarketTerms terms = terms_of(result.job, result.recommendation);
    const std::uint64_t curves = terms.poison_gain > 0 ? 3 : 2;
    const std::uint64_t total = options.tasks * (2 * skipped_shares.size() + curves * stake_shares.size()) +
                                stake_shares.size() * agents * agent_trials * sim::solver_options(terms).size();
    Progress progress("tasks", total);
    Table table(options, progress, result);
    play_skipped(table, terms, result);
    play_stakes(table, terms, result);
    result.seconds = progress.finish();
    return result;
}

} // namespace assay::app
