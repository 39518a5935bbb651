#include "app/simulation.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <mutex>
#include <thread>

#include "app/progress.hpp"

namespace assay::app {

namespace {

using sim::Conduct;
using sim::VerifierConduct;

constexpr std::array skipped_shares{0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0};
constexpr std::array stake_shares{0.0, 0.25, 0.5, 0.75, 1.0, 1.25};
constexpr std::array planted_shares{0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4};
constexpr std::array<std::uint32_t, 3> challenge_counts{1, 4, 16};
constexpr std::uint32_t batch = 10;              // tasks that are open at once
constexpr std::uint64_t verifier_stake_jobs = 5; // so that copying loses when a fifth of all tasks hold a planted fault (ECON-5)

// Jobs that need nothing of each other, on a few threads; each has its own seeds, so that the threads change the time and nothing else.
class Jobs {
public:
    explicit Jobs(std::uint64_t tasks) : m_progress("tasks on the ledger", std::max<std::uint64_t>(tasks, 1)), m_total(tasks) {}

    void add(std::function<void()> job) { m_jobs.push_back(std::move(job)); }
    void done(std::uint64_t tasks)
    {
        const std::lock_guard lock(m_mutex);
        m_done = std::min(m_done + tasks, m_total);
        m_progress.update(m_done, "");
    }
    double run(unsigned threads)
    {
        std::atomic<std::size_t> next{0};
        const auto work = [&] {
            for (std::size_t i = next++; i < m_jobs.size(); i = next++) m_jobs[i]();
        };
        std::vector<std::thread> others;
        for (unsigned i = 1; i < threads; ++i) others.emplace_back(work);
        work();
        for (std::thread& other : others) other.join();
        return m_progress.finish();
    }
    std::mutex& mutex() { return m_mutex; }

private:
    std::vector<std::function<void()>> m_jobs;
    std::mutex m_mutex;
    Progress m_progress;
    std::uint64_t m_total;
    std::uint64_t m_done = 0;
};

std::vector<VerifierConduct> verifiers_of(const sim::Pool& pool)
{
    std::vector<VerifierConduct> verifiers(pool.verifiers, VerifierConduct::replaying);
    std::fill_n(verifiers.begin(), pool.copying, VerifierConduct::copying);
    return verifiers;
}

class Experiment {
public:
    Experiment(const SimulationOptions& options, SimulationResult& result, const sim::Pool& pool)
        : m_options(options), m_result(result), m_pool(pool), m_jobs(count_tasks())
    {
    }

    double run()
    {
        add_skipped();
        add_stakes();
        add_verifiers();
        m_result.harassed.resize(2 * challenge_counts.size());
        m_jobs.add([this] { harass(); });
        add_learning();
        return m_jobs.run(m_options.threads);
    }

private:
    [[nodiscard]] std::uint64_t count_tasks() const
    {
        const std::uint64_t curves = m_result.terms.poison_gain > 0 ? 4 : 3;
        const std::uint64_t points = 2 * skipped_shares.size() + curves * stake_shares.size() + 3 * planted_shares.size();
        const std::uint64_t per_point = (m_options.tasks + batch - 1) / batch * batch;
        return points * per_point + 2 * challenge_counts.size() + 4ULL * m_options.repeats * m_options.generations * m_options.agents;
    }

    std::uint64_t next_seed() { return (m_options.seed << 32) + ++m_seeds; }

    void keep(const sim::Market& market, std::uint64_t tasks)
    {
        const std::lock_guard lock(m_jobs.mutex());
        m_result.tasks += tasks;
        m_result.transactions += market.transactions();
        if (m_result.broken.empty()) m_result.broken = market.broken();
    }

    sim::Market open(const sim::MarketTerms& terms, std::vector<VerifierConduct> verifiers, std::uint64_t seed,
                     std::uint32_t agents = batch)
    {
        sim::MarketSetup setup;
        setup.agents = agents;
        setup.verifiers = std::move(verifiers);
        setup.seed = seed;
        return sim::Market::open(terms, std::move(setup)).value();
    }

    void add_point(SimulatedCurve& curve, std::size_t index, double x, const sim::MarketTerms& terms, const sim::Strategy& strategy)
    {
        SimulatedPoint& point = curve.points[index];
        point = {x, sim::Tally{sim::forecast(terms, m_pool, strategy)}};
        m_jobs.add([this, &point, terms, strategy, seed = next_seed()] {
            sim::Market market = open(terms, verifiers_of(m_pool), seed);
            const std::vector<sim::Assignment> assignments(batch, sim::Assignment{strategy, {}});
            while (point.tally.tasks() < m_options.tasks && market.broken().empty()) {
                for (const sim::TaskResult& played : market.play(assignments)) point.tally.add(played.is_convicted, played.solver);
                m_jobs.done(batch);
            }
            keep(market, point.tally.tasks());
        });
    }

    void add_skipped()
    {
        m_result.by_skipped = {{"skips work", std::vector<SimulatedPoint>(skipped_shares.size())},
                               {"skips work, convicts itself", std::vector<SimulatedPoint>(skipped_shares.size())}};
        const sim::MarketTerms& terms = m_result.terms;
        for (std::size_t i = 0; i < skipped_shares.size(); ++i) {
            const auto wrong = std::clamp(static_cast<std::uint32_t>(std::lround(skipped_shares[i] * terms.segments)), 1U, terms.segments);
            add_point(m_result.by_skipped[0], i, 100 * skipped_shares[i], terms, {Conduct::lazy, wrong});
            add_point(m_result.by_skipped[1], i, 100 * skipped_shares[i], terms, {Conduct::self_convicting, wrong});
        }
    }

    void add_stakes()
    {
        const std::uint32_t all = m_result.terms.segments, tenth = std::max(1U, all / 10);
        std::vector<std::pair<std::string, sim::Strategy>> conducts{{"skips everything", {Conduct::lazy, all}},
                                                                    {"skips a tenth", {Conduct::lazy, tenth}},
                                                                    {"skips all, convicts itself", {Conduct::self_convicting, all}}};
        if (m_result.terms.poison_gain > 0) conducts.push_back({"poisons one step", {Conduct::poisoning, 1}});
        m_result.by_stake.resize(conducts.size());
        for (std::size_t c = 0; c < conducts.size(); ++c) {
            m_result.by_stake[c] = {conducts[c].first, std::vector<SimulatedPoint>(stake_shares.size())};
            for (std::size_t i = 0; i < stake_shares.size(); ++i) {
                sim::MarketTerms terms = m_result.terms;
                terms.stake = static_cast<std::uint64_t>(std::llround(stake_shares[i] * static_cast<double>(terms.stake)));
                add_point(m_result.by_stake[c], i, 100 * stake_shares[i], terms, conducts[c].second);
            }
        }
    }

    // One verifier a task, so that each draw ends in one of two ways.
    void add_verifiers()
    {
        sim::MarketTerms terms = m_result.terms;
        terms.verifiers = 1;
        terms.verifier_stake = std::max(terms.verifier_stake, verifier_stake_jobs * terms.job_cost);
        m_result.verifier_stake = terms.verifier_stake;
        m_result.by_planted.resize(3);
        for (std::size_t c = 0; c < 3; ++c) {
            const auto conduct = static_cast<VerifierConduct>(c);
            m_result.by_planted[c] = {std::string{sim::name_of(conduct)}, std::vector<SimulatedPoint>(planted_shares.size())};
            for (std::size_t i = 0; i < planted_shares.size(); ++i) {
                SimulatedPoint& point = m_result.by_planted[c].points[i];
                const auto rate = static_cast<std::uint32_t>(std::lround(planted_shares[i] * 1e6));
                point = {100 * planted_shares[i], sim::Tally{sim::forecast(terms, conduct, rate)}};
                m_jobs.add([this, &point, terms, conduct, rate, seed = next_seed()] { draw_verifiers(point, terms, conduct, rate, seed); });
            }
        }
    }

    void draw_verifiers(SimulatedPoint& point, const sim::MarketTerms& terms, VerifierConduct conduct, std::uint32_t rate,
                        std::uint64_t seed)
    {
        sim::Market market = open(terms, std::vector<VerifierConduct>(m_pool.verifiers, conduct), seed);
        sim::Random random(seed);
        while (point.tally.tasks() < m_options.tasks && market.broken().empty()) {
            std::vector<sim::Assignment> assignments;
            for (std::uint32_t i = 0; i < batch; ++i)
                assignments.push_back({{random.below(1'000'000) < rate ? Conduct::planted : Conduct::leaking, 0}, {}});
            const auto results = market.play(assignments);
            if (!market.broken().empty()) break;
            for (const sim::TaskResult& played : results) point.tally.add(played.is_convicted, played.audits.front().gain);
            m_jobs.done(batch);
        }
        keep(market, point.tally.tasks());
    }

    void harass()
    {
        const auto earned = static_cast<std::int64_t>(m_result.terms.reward) - static_cast<std::int64_t>(m_result.terms.job_cost);
        std::size_t place = 0;
        for (const bool argues : {false, true})
            for (const std::uint32_t challenges : challenge_counts) {
                sim::Market market = open(m_result.terms, verifiers_of(m_pool), m_options.seed + place, 1);
                const sim::Assignment assignment{{Conduct::honest, 0}, {challenges, argues, 9}};
                const sim::TaskResult played = market.play({&assignment, 1}).front();
                m_result.dispute_ticks = market.dispute_ticks_max();
                m_result.harassed[place++] = {assignment.harassment, played.harasser, played.solver - earned, played.over_time};
                keep(market, 1);
                m_jobs.done(1);
            }
    }

    struct Start {
        std::string name;
        std::uint64_t stake_share;             // percent
        std::optional<sim::Conduct> solvers{}; // of all, who skip everything; verifiers copy then. Otherwise a mixture of everything
        bool plants = true;
    };

    void add_learning()
    {
        const std::vector<Start> starts{{"all skip everything", 100, Conduct::lazy},
                                        {"all convict themselves", 100, Conduct::self_convicting},
                                        {"the same, no plants", 100, Conduct::self_convicting, false},
                                        {"nothing at stake", 0}};
        m_courses.resize(starts.size() * m_options.repeats);
        for (std::size_t s = 0; s < starts.size(); ++s)
            for (std::uint32_t repeat = 0; repeat < m_options.repeats; ++repeat)
                m_jobs.add([this, start = starts[s], place = s * m_options.repeats + repeat, seed = next_seed()] {
                    learn(start, m_courses[place], seed);
                });
        for (const Start& start : starts) m_result.learned.push_back({start.name, {}, {}, {}, {}, {}, {}});
    }

    void learn(const Start& start, sim::Course& course, std::uint64_t seed)
    {
        sim::MarketTerms terms = m_result.terms;
        terms.stake = terms.stake * start.stake_share / 100;
        sim::LearningSetup setup;
        setup.options = sim::solver_options(terms);
        setup.generations = m_options.generations;
        setup.planted_rate = start.plants ? m_result.job.planted_rate : 0;
        setup.seed = seed;
        const auto all = static_cast<std::size_t>(
            std::find(setup.options.begin(), setup.options.end(), sim::Strategy{start.solvers.value_or(Conduct::honest), start.solvers ? terms.segments : 0}) -
            setup.options.begin());
        for (std::uint32_t i = 0; i < m_options.agents; ++i) setup.solvers.push_back(start.solvers ? all : i % setup.options.size());
        for (std::uint32_t i = 0; i < m_pool.verifiers; ++i)
            setup.verifiers.push_back(start.solvers ? VerifierConduct::copying : static_cast<VerifierConduct>(i % 3));
        course = sim::learn(terms, setup, [this](const sim::Generation&) { m_jobs.done(m_options.agents); }).value();
    }

public:
    // Once everything has run: means over the repeats, and Student's interval for them.
    void summarise()
    {
        for (const std::vector<SimulatedCurve>* curves : {&m_result.by_skipped, &m_result.by_stake, &m_result.by_planted})
            for (const SimulatedCurve& curve : *curves)
                for (const SimulatedPoint& point : curve.points) {
                    ++m_result.points;
                    m_result.unexplained += point.tally.unexplained();
                    if (point.tally.unexplained() == 0 && !point.tally.agrees()) ++m_result.outside;
                }
        for (std::size_t s = 0; s < m_result.learned.size(); ++s) {
            Learned& learned = m_result.learned[s];
            for (std::uint32_t g = 0; g < m_options.generations; ++g) {
                std::vector<double> solvers, verifiers;
                for (std::uint32_t repeat = 0; repeat < m_options.repeats; ++repeat) {
                    const sim::Course& course = m_courses[s * m_options.repeats + repeat];
                    if (g >= course.generations.size()) continue;
                    solvers.push_back(course.generations[g].honest_solvers());
                    verifiers.push_back(course.generations[g].honest_verifiers());
                }
                add_mean(solvers, learned.solvers, learned.solvers_low, learned.solvers_high);
                add_mean(verifiers, learned.verifiers, learned.verifiers_low, learned.verifiers_high);
            }
        }
        for (const sim::Course& course : m_courses) {
            m_result.tasks += course.tasks;
            m_result.transactions += course.transactions;
            if (m_result.broken.empty()) m_result.broken = course.broken;
        }
    }

private:
    static void add_mean(const std::vector<double>& values, std::vector<double>& means, std::vector<double>& lows,
                         std::vector<double>& highs)
    {
        // Two-sided 99 % of Student's distribution with 1, 2, … degrees of freedom; later ones hardly differ from the last.
        constexpr std::array student{63.657, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.250};
        const double n = static_cast<double>(values.size());
        double mean = 0, square = 0;
        for (const double value : values) mean += value / n;
        for (const double value : values) square += (value - mean) * (value - mean);
        const double deviation = values.size() < 2 ? 0 : std::sqrt(square / (n - 1) / n);
        const double half = values.size() < 2 ? 1 : student[std::min(values.size() - 2, student.size() - 1)] * deviation;
        means.push_back(mean);
        lows.push_back(std::max(0.0, mean - half));
        highs.push_back(std::min(1.0, mean + half));
    }

    const SimulationOptions& m_options;
    SimulationResult& m_result;
    sim::Pool m_pool;
    std::uint64_t m_seeds = 0;
    std::vector<sim::Course> m_courses;
    Jobs m_jobs;
};

sim::MarketTerms terms_of(const market::Job& job, const market::Recommendation& recommendation)
{
    sim::MarketTerms terms;
    terms.segments = job.segments;
    terms.audited = recommendation.point.audited;
    terms.verifiers = recommendation.point.verifiers;
    terms.reward = job.reward;
    terms.job_cost = job.cost;
    terms.stake = recommendation.stake;
    terms.poison_gain = job.poison_gain;
    terms.challenge_bond = recommendation.challenger_bond;
    terms.audit_fee = recommendation.audit_fee;
    terms.verifier_stake = recommendation.verifier_stake;
    terms.finder_share = static_cast<std::uint16_t>(job.recycling.challenger_share / 1000);
    return terms;
}

Status in_range(std::uint64_t value, std::uint64_t low, std::uint64_t high, const std::string& option)
{
    if (value >= low && value <= high) return {};
    return failure(Error::invalid_input, option + " must lie between " + std::to_string(low) + " and " + std::to_string(high));
}

} // namespace

Result<SimulationResult> simulate(const SimulationOptions& options)
{
    ASSAY_TRY(in_range(options.tasks, 10, 10'000'000, "--tasks"));
    ASSAY_TRY(in_range(options.verifiers, 8, 1000, "--verifiers"));
    ASSAY_TRY(in_range(options.agents, 4, 1000, "--agents"));
    ASSAY_TRY(in_range(options.generations, 1, 10'000, "--generations"));
    ASSAY_TRY(in_range(options.repeats, 1, 1000, "--repeats"));
    ASSAY_TRY(in_range(options.threads, 1, 256, "--threads"));
    ASSAY_TRY(in_range(options.terms.segments, 1, market::segments_max, "--segments of a simulated task"));
    SimulationResult result;
    ASSAY_TRY_ASSIGN(result.job, job_of(options.terms));
    ASSAY_TRY(explain_terms(options.terms));
    result.recommendation = market::recommend(result.job).value();
    result.terms = terms_of(result.job, result.recommendation);
    const auto friends = static_cast<std::uint32_t>(std::lround(result.job.colluding / 1e6 * options.verifiers));
    const sim::Pool pool{options.verifiers, std::min(friends, options.verifiers)};
    sim::MarketSetup trial;
    trial.agents = std::max(options.agents, batch);
    trial.verifiers = verifiers_of(pool);
    ASSAY_TRY(sim::Market::open(result.terms, trial)); // what the ledger does not accept is said before anything is played
    Experiment experiment(options, result, pool);
    result.seconds = experiment.run();
    experiment.summarise();
    return result;
}

} // namespace assay::app
