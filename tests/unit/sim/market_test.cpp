// Play against formulas: every mean inside its confidence interval, and agents that follow the money.
#include <doctest/doctest.h>

#include <cmath>

#include <assay/market/economics.hpp>
#include <assay/sim/market.hpp>

using namespace assay;
using namespace assay::sim;

namespace {

constexpr std::uint64_t seed = 20'240'601;

MarketTerms terms_with(std::uint32_t audited, std::uint32_t colluding, std::int64_t stake)
{
    MarketTerms terms;
    terms.reward = 1'200'000;
    terms.job_cost = 1'000'000;
    terms.stake = stake;
    terms.segments = 50;
    terms.audited = audited;
    terms.colluding = colluding;
    terms.poison_gain = 300'000;
    terms.challenger_bond = 20'000;
    terms.defence_cost = 10'000;
    terms.verifier_fee = 30'000;
    terms.replay_cost = 20'000;
    terms.answer_cost = 1'000;
    terms.verifier_penalty = 2'000'000;
    terms.attention = 20'000;
    return terms;
}

// The stake under which no option of a solver pays, by ECON-2 to ECON-4.
std::int64_t deterring_stake(const MarketTerms& terms)
{
    using namespace assay::market;
    const auto cost = static_cast<std::uint64_t>(terms.job_cost), reward = static_cast<std::uint64_t>(terms.reward);
    const auto found = static_cast<std::uint64_t>(terms.audited) * (million - terms.colluding) / terms.segments;
    std::uint64_t stake = stake_min_against_laziness(cost, terms.audited, terms.colluding).value();
    stake = std::max(stake, stake_min({0, static_cast<std::uint64_t>(terms.poison_gain), reward, {found, million}, 0, 0}).value());
    return static_cast<std::int64_t>(stake);
}

} // namespace

TEST_CASE("ECON-2 play agrees with the formulas at every point: 99 % intervals")
{
    std::uint64_t points = 0, outside = 0;
    for (const std::uint32_t audited : {1U, 5U, 20U, 50U})
        for (const std::uint32_t colluding : {0U, 300'000U}) {
            const MarketTerms terms = terms_with(audited, colluding, 400'000);
            for (const Strategy& strategy : solver_options(terms)) {
                const Played played = play_many(terms, strategy, 4000, seed + points++);
                if (!played.contains(expected_payoff(terms, strategy))) {
                    ++outside;
                    MESSAGE(name_of(strategy.conduct) << " " << strategy.wrong << " at " << audited << ": " << played.mean << " against "
                                                      << expected_payoff(terms, strategy));
                }
            }
        }
    CHECK(points == 64);
    CHECK(outside == 0);
}

TEST_CASE("ECON-1 an interval that is too narrow is noticed: a wrong formula lies outside")
{
    const MarketTerms terms = terms_with(5, 0, 400'000);
    const Strategy lazy{Conduct::lazy, 5};
    MarketTerms other = terms;
    other.audited = 6;
    CHECK(!play_many(terms, lazy, 20'000, seed).contains(expected_payoff(other, lazy)));
}

TEST_CASE("ECON-5 verifiers replay when they are asked often enough, and not when they are not")
{
    MarketTerms terms = terms_with(5, 0, 0);
    const auto rate = market::attention_rate_min(20'000, 1'000, 2'000'000).value();
    for (const Strategy& option : verifier_options())
        CHECK(play_many(terms, option, 20'000, seed).contains(expected_payoff(terms, option)));
    terms.attention = 2 * rate;
    CHECK(choose_by_experience(terms, verifier_options(), 20'000, seed) == 0);
    terms.attention = rate / 2;
    CHECK(choose_by_experience(terms, verifier_options(), 20'000, seed) == 1);
    terms.attention = rate + 1;
    CHECK(expected_payoff(terms, verifier_options()[0]) >= expected_payoff(terms, verifier_options()[1]));
}

TEST_CASE("ECON-3 rational agents turn honest above the smallest stake, and cheat where it is far below")
{
    for (const std::uint32_t audited : {2U, 5U, 20U})
        for (const std::uint32_t colluding : {0U, 300'000U}) {
            MarketTerms terms = terms_with(audited, colluding, 0);
            terms.stake = deterring_stake(terms) * 5 / 4;
            const auto options = solver_options(terms);
            for (std::size_t i = 1; i < options.size(); ++i)
                CHECK_MESSAGE(expected_payoff(terms, options[i]) < expected_payoff(terms, options[0]), name_of(options[i].conduct)
                                                                                                           << " " << options[i].wrong);
            CHECK(choose_by_experience(terms, options, 20'000, seed) == 0);
        }
    // Nothing staked, a reward that is small against what poison gains: the agent poisons.
    MarketTerms terms = terms_with(2, 300'000, 0);
    terms.poison_gain = 3'000'000;
    const auto options = solver_options(terms);
    CHECK(options[choose_by_experience(terms, options, 20'000, seed)].conduct == Conduct::poisoning);
}

TEST_CASE("ECON-7 harassing costs its maker more than its victim")
{
    const MarketTerms terms = terms_with(5, 0, 0);
    CHECK(expected_payoff(terms, {Conduct::griefing, 0}) == -20'000);
    CHECK(victim_loss(terms) <= 0);
    CHECK(play_many(terms, {Conduct::griefing, 0}, 10, seed).contains(-20'000));
}

TEST_CASE("ECON-2 the same seed plays the same tasks")
{
    const MarketTerms terms = terms_with(5, 100'000, 400'000);
    const Strategy lazy{Conduct::lazy, 10};
    CHECK(play_many(terms, lazy, 1000, 7).mean == play_many(terms, lazy, 1000, 7).mean);
    CHECK(play_many(terms, lazy, 50'000, 7).mean != play_many(terms, lazy, 50'000, 8).mean);
}
