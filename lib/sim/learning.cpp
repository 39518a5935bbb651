#include <assay/sim/learning.hpp>

#include <algorithm>
#include <numeric>

namespace assay::sim {

namespace {

using market::million;

// What each option has earned, older generations counting less.
class Experience {
public:
    explicit Experience(std::size_t options) : m_earned(options), m_count(options) {}

    void fade(std::uint32_t share)
    {
        for (double& value : m_earned) value *= static_cast<double>(share) / million;
        for (double& value : m_count) value *= static_cast<double>(share) / million;
    }
    void add(std::size_t option, std::int64_t gain)
    {
        m_earned[option] += static_cast<double>(gain);
        m_count[option] += 1;
    }
    // The first of those that earned most; `now` where nothing was tried.
    [[nodiscard]] std::size_t best(std::size_t now) const
    {
        std::optional<std::size_t> best;
        for (std::size_t i = 0; i < m_count.size(); ++i)
            if (m_count[i] > 0 && (!best || m_earned[i] / m_count[i] > m_earned[*best] / m_count[*best])) best = i;
        return best.value_or(now);
    }

private:
    std::vector<double> m_earned, m_count;
};

bool happens(Random& random, std::uint32_t share)
{
    return random.below(million) < share;
}

class Population {
public:
    Population(Market& market, const LearningSetup& setup)
        : m_market(market), m_setup(setup), m_random(setup.seed), m_trying(setup.trying), m_solvers(setup.solvers),
          m_verifiers(setup.verifiers), m_solver_experience(setup.options.size()), m_verifier_experience(3)
    {
    }

    Generation live()
    {
        Generation generation;
        generation.solvers.resize(m_setup.options.size());
        for (const std::size_t option : m_solvers) ++generation.solvers[option];
        for (const VerifierConduct conduct : m_verifiers) ++generation.verifiers[static_cast<std::size_t>(conduct)];
        work(generation);
        think();
        return generation;
    }

private:
    void work(Generation& generation)
    {
        std::vector<Assignment> assignments;
        for (const std::size_t option : m_solvers) {
            const bool planted = happens(m_random, m_setup.planted_rate);
            assignments.push_back({planted ? Strategy{Conduct::planted, 1} : m_setup.options[option], {}});
        }
        m_market.set_verifiers(m_verifiers);
        m_solver_experience.fade(m_setup.memory);
        m_verifier_experience.fade(m_setup.memory);
        const auto results = m_market.play(assignments);
        for (std::size_t i = 0; i < results.size(); ++i) {
            generation.convicted += results[i].is_convicted ? 1 : 0;
            if (assignments[i].solver.conduct != Conduct::planted) m_solver_experience.add(m_solvers[i], results[i].solver);
            for (const AuditResult& audit : results[i].audits)
                m_verifier_experience.add(static_cast<std::size_t>(audit.conduct), audit.gain);
        }
    }

    std::size_t choose(std::size_t now, std::size_t options, const Experience& experience)
    {
        if (!happens(m_random, m_setup.thinking)) return now;
        return happens(m_random, m_trying) ? m_random.below(options) : experience.best(now);
    }

    void think()
    {
        for (std::size_t& option : m_solvers) option = choose(option, m_setup.options.size(), m_solver_experience);
        for (VerifierConduct& conduct : m_verifiers)
            conduct = static_cast<VerifierConduct>(choose(static_cast<std::size_t>(conduct), 3, m_verifier_experience));
        m_trying = static_cast<std::uint32_t>(std::uint64_t{m_trying} * m_setup.calming / million);
    }

    Market& m_market;
    const LearningSetup& m_setup;
    Random m_random;
    std::uint32_t m_trying;
    std::vector<std::size_t> m_solvers;
    std::vector<VerifierConduct> m_verifiers;
    Experience m_solver_experience, m_verifier_experience;
};

} // namespace

double Generation::honest_solvers() const
{
    const auto all = std::accumulate(solvers.begin(), solvers.end(), 0U);
    return static_cast<double>(solvers.front()) / all;
}

double Generation::honest_verifiers() const
{
    const auto all = std::accumulate(verifiers.begin(), verifiers.end(), 0U);
    return static_cast<double>(verifiers.front()) / all;
}

Result<Course> learn(const MarketTerms& terms, const LearningSetup& setup, const Watch& watch)
{
    ASSAY_CHECK(!setup.options.empty() && setup.options.front().conduct == Conduct::honest);
    ASSAY_CHECK(!setup.solvers.empty() && !setup.verifiers.empty());
    MarketSetup market_setup;
    market_setup.agents = static_cast<std::uint32_t>(setup.solvers.size());
    market_setup.verifiers = setup.verifiers;
    market_setup.seed = setup.seed;
    ASSAY_TRY_ASSIGN(Market market, Market::open(terms, std::move(market_setup)));
    Population population(market, setup);
    Course course;
    for (std::uint32_t i = 0; i < setup.generations && market.broken().empty(); ++i) {
        course.generations.push_back(population.live());
        course.tasks += setup.solvers.size();
        if (watch) watch(course.generations.back());
    }
    course.transactions = market.transactions();
    course.broken = market.broken();
    return course;
}

} // namespace assay::sim
