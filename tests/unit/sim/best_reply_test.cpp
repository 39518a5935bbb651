// Where a market of agents who follow the money ends: by the formulas for every start, and the formulas beside play.
#include <doctest/doctest.h>

#include <cmath>

#include <assay/sim/best_reply.hpp>

using namespace assay;
using namespace assay::sim;

namespace {

market::Job job_with(std::uint32_t planted_rate)
{
    market::Job job;
    job.reward = 1'200'000;
    job.cost = 1'000'000;
    job.segments = 20;
    job.colluding = 100'000;
    job.capital_rate = 50'000;
    job.job_seconds = 86'400;
    job.detection_floor = 800'000;
    job.planted_rate = planted_rate;
    return job;
}

// The recommended terms for that job, as a game.
Game game_of(const market::Job& job)
{
    const auto recommended = market::recommend(job).value();
    Game game;
    MarketTerms& terms = game.terms;
    terms.segments = job.segments;
    terms.audited = recommended.point.audited;
    terms.verifiers = recommended.point.verifiers;
    terms.reward = job.reward;
    terms.job_cost = job.cost;
    terms.stake = recommended.stake;
    terms.challenge_bond = recommended.challenger_bond;
    terms.audit_fee = recommended.audit_fee;
    terms.verifier_stake = recommended.verifier_stake;
    game.options = solver_options(terms);
    game.planted_rate = job.planted_rate;
    return game;
}

Population all_alike(const Game& game, std::size_t option, std::size_t conduct, std::uint32_t solvers = 24, std::uint32_t verifiers = 24)
{
    Population population{std::vector<std::uint32_t>(game.options.size()), {}};
    population.solvers[option] = solvers;
    population.verifiers[conduct] = verifiers;
    return population;
}

// Everybody alike, and every mixture of a few kinds that the seed makes.
std::vector<Population> starts(const Game& game, std::uint64_t mixtures)
{
    std::vector<Population> all;
    for (std::size_t option = 0; option < game.options.size(); ++option)
        for (std::size_t conduct = 0; conduct < 3; ++conduct) all.push_back(all_alike(game, option, conduct));
    Random random(5);
    for (std::uint64_t i = 0; i < mixtures; ++i) {
        Population mixed = all_alike(game, 0, 0, 0, 0);
        for (int agent = 0; agent < 24; ++agent) {
            ++mixed.solvers[random.below(1 + random.below(game.options.size()))];
            ++mixed.verifiers[random.below(1 + random.below(3))];
        }
        all.push_back(mixed);
    }
    return all;
}

std::size_t find(const Game& game, Conduct conduct, std::uint32_t wrong)
{
    for (std::size_t i = 0; i < game.options.size(); ++i)
        if (game.options[i] == Strategy{conduct, wrong}) return i;
    FAIL("no such option");
    return 0;
}

// The mean of what was played, and how far it may lie from the truth: four standard deviations.
struct Sample {
    double sum = 0, squares = 0;
    std::uint64_t count = 0;
    void add(std::int64_t gain)
    {
        const auto value = static_cast<double>(gain);
        sum += value, squares += value * value, ++count;
    }
    [[nodiscard]] double mean() const { return sum / static_cast<double>(count); }
    [[nodiscard]] double tolerance() const
    {
        const auto n = static_cast<double>(count);
        return 4 * std::sqrt(std::max(0.0, squares / n - mean() * mean()) / n) + 1e-6;
    }
};

} // namespace

TEST_CASE("ECON-16 what every conduct earns in a mixed market is what the formulas say")
{
    for (const std::uint32_t drawn : {1U, 3U}) {
        Game game = game_of(job_with(200'000));
        MarketTerms& terms = game.terms;
        terms.audited = 6, terms.verifiers = drawn, terms.jackpot = 2'000'000, terms.poison_gain = 300'000, terms.stake = 900'000;
        terms.audit_fee = 400'000, terms.verifier_stake = 5'000'000;
        game.options = solver_options(terms);
        const auto agents = static_cast<std::uint32_t>(2 * game.options.size());
        const Population population{std::vector<std::uint32_t>(game.options.size(), 2), {4, 4, 2}};
        MarketSetup setup;
        setup.agents = agents;
        setup.verifiers = {VerifierConduct::replaying, VerifierConduct::copying, VerifierConduct::replaying, VerifierConduct::guessing,
                           VerifierConduct::copying,   VerifierConduct::copying, VerifierConduct::replaying, VerifierConduct::replaying,
                           VerifierConduct::guessing,  VerifierConduct::copying};
        setup.seed = 10 + drawn;
        Market market = Market::open(terms, setup).value();
        Random random(20 + drawn);
        std::vector<Sample> solvers(game.options.size()), verifiers(3);
        for (int batch = 0; batch < 100; ++batch) {
            std::vector<Assignment> assignments;
            for (std::uint32_t i = 0; i < agents; ++i)
                assignments.push_back({random.below(market::million) < game.planted_rate ? Strategy{Conduct::planted, 1} : game.options[i / 2], {}});
            const auto results = market.play(assignments);
            REQUIRE_MESSAGE(market.broken().empty(), market.broken());
            for (std::size_t i = 0; i < results.size(); ++i) {
                if (assignments[i].solver.conduct != Conduct::planted) solvers[i / 2].add(results[i].solver);
                for (const AuditResult& audit : results[i].audits) verifiers[static_cast<std::size_t>(audit.conduct)].add(audit.gain);
            }
        }
        CAPTURE(drawn);
        for (std::size_t i = 0; i < game.options.size(); ++i) {
            CAPTURE(i);
            CHECK(std::fabs(solvers[i].mean() - solver_gain(terms, game.options[i], population.verifiers)) <= solvers[i].tolerance());
        }
        for (std::size_t i = 0; i < 3; ++i) {
            CAPTURE(i);
            Verifiers others = population.verifiers;
            --others[i];
            const double expected = verifier_gain(game, static_cast<VerifierConduct>(i), population.solvers, others);
            CHECK(std::fabs(verifiers[i].mean() - expected) <= verifiers[i].tolerance());
        }
    }
}

TEST_CASE("ECON-16 with recommended terms and planted faults everybody turns honest from every start")
{
    for (const std::uint32_t rate : {20'000U, 50'000U, 200'000U}) {
        const Game game = game_of(job_with(rate));
        CAPTURE(rate);
        const Population honest = all_alike(game, 0, 0);
        std::size_t ended = 0;
        const auto all = starts(game, 300);
        for (const Population& start : all) {
            const auto end = settles(game, start);
            if (end == honest) ++ended;
            else if (end) {
                std::string words;
                for (const auto n : end->solvers) words += std::to_string(n) + " ";
                for (const auto n : end->verifiers) words += "/" + std::to_string(n);
                MESSAGE("ends in " << words);
            } else MESSAGE("does not end");
        }
        CHECK(ended == all.size());
        // And nobody moves away from there: each other way earns less.
        for (std::size_t i = 1; i < game.options.size(); ++i)
            CHECK(solver_gain(game.terms, game.options[i], honest.verifiers) < solver_gain(game.terms, game.options[0], honest.verifiers));
        const Verifiers others{23, 0, 0};
        for (const auto conduct : {VerifierConduct::copying, VerifierConduct::guessing})
            CHECK(verifier_gain(game, conduct, honest.solvers, others) < verifier_gain(game, VerifierConduct::replaying, honest.solvers, others));
    }
}

TEST_CASE("ECON-13 ECON-16 without planted faults there is a second end: all cheat, convict themselves when somebody looks, and nobody looks")
{
    const Game game = game_of(job_with(0));
    const std::size_t all = find(game, Conduct::self_convicting, 20);
    const Population bad = all_alike(game, all, 1), honest = all_alike(game, 0, 0);
    CHECK(verifier_gain(game, VerifierConduct::copying, bad.solvers, {0, 23, 0}) > verifier_gain(game, VerifierConduct::replaying, bad.solvers, {0, 23, 0}));
    CHECK(best_conduct(game, bad, VerifierConduct::copying) == VerifierConduct::copying);
    CHECK(settles(game, honest) == honest);
    // Where cheats do not convict themselves the stake of ECON-13 is enough.
    Game plain = game;
    plain.options.pop_back();
    REQUIRE(plain.options.back() == Strategy{Conduct::lazy, 20});
    for (const Population& start : starts(plain, 100)) CHECK(settles(plain, start) == all_alike(plain, 0, 0));
}
