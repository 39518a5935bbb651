// The formulas of spec/economics.md: published figures to the digit, and each stake at its edge.
#include <doctest/doctest.h>

#include <assay/market/economics.hpp>

using namespace assay::market;

namespace {

// What a cheat gains over an honest solver when it is caught with probability a/b, times b, in exact integers (ECON-2).
std::int64_t advantage(const Cheat& cheat, std::int64_t stake)
{
    const auto a = static_cast<std::int64_t>(cheat.caught.numerator), b = static_cast<std::int64_t>(cheat.caught.denominator);
    const auto saved = static_cast<std::int64_t>(cheat.saved), gained = static_cast<std::int64_t>(cheat.gained);
    return b * saved + (b - a) * gained - a * (static_cast<std::int64_t>(cheat.reward) + stake);
}

// The bond after N steps of Optimism's deployed curve, in units of 10^-18 ETH: 400,000 gas at 200 gwei, times 1.09493 a step.
double optimism_bond(int depth)
{
    double ether = 400'000.0 * 200e9 / 1e18;
    for (int i = 0; i < depth; ++i) ether *= 1.09493;
    return ether;
}

std::uint64_t rounded(double value, std::uint64_t digits)
{
    return static_cast<std::uint64_t>(value * static_cast<double>(digits) + 0.5);
}

} // namespace

TEST_CASE("ECON-1 audits that find a share of wrong work with 99 %")
{
    CHECK(audits_needed(100'000, 990'000) == 44);
    CHECK(audits_needed(50'000, 990'000) == 90);
    CHECK(audits_needed(10'000, 990'000) == 459);
    CHECK(audits_needed(1'000, 990'000) == 4603);
    CHECK(audits_needed(million, 990'000) == 1);
    for (const std::uint32_t wrong : {100'000U, 50'000U, 10'000U, 1'000U}) {
        const std::uint32_t audits = audits_needed(wrong, 990'000);
        CHECK(detection_probability_with_replacement(audits, wrong) >= 0.99);
        CHECK(detection_probability_with_replacement(audits - 1, wrong) < 0.99);
    }
}

TEST_CASE("ECON-1 detection without replacement is the hypergeometric one, for all small plans")
{
    // Every subset of audits of m segments whose first w are wrong, counted.
    for (std::uint32_t m = 1; m <= 10; ++m)
        for (std::uint32_t k = 0; k <= m; ++k)
            for (std::uint32_t w = 0; w <= m; ++w) {
                double subsets = 0, missed = 0;
                for (std::uint32_t set = 0; set < 1U << m; ++set) {
                    if (static_cast<std::uint32_t>(__builtin_popcount(set)) != k) continue;
                    ++subsets;
                    const int met = __builtin_popcount(set & ((1U << w) - 1));
                    double miss = 1;
                    for (int i = 0; i < met; ++i) miss *= 0.25; // a quarter of the auditors are friends
                    missed += miss;
                }
                CHECK(detection_probability({m, k, 250'000}, w) == doctest::Approx(1 - missed / subsets).epsilon(1e-12));
            }
    CHECK(detection_probability({1000, 44, 0}, 100) > detection_probability_with_replacement(44, 100'000));
}

TEST_CASE("ECON-2 the smallest stake is the smallest: one unit less pays, or nothing is at stake")
{
    // Plain cases: R(1 − q)/q.
    CHECK(stake_min({1, 0, 1, {1, 10}, 0, 0}) == 9);
    CHECK(stake_min({1, 0, 1, {1, 100}, 0, 0}) == 99);
    // Pocket Network: a proof with probability 0.01 below a reward of 20; they take 2,000.
    CHECK(stake_min({20, 0, 20, {1, 100}, 0, 0}) == 1980);
    CHECK(stake_min({1, 0, 1, {0, 10}, 0, 0}) == std::nullopt);
    CHECK(stake_min({1, 0, 1, {1, 1}, 0, 0}) == 0);
    for (std::uint64_t a = 1; a <= 8; ++a)
        for (std::uint64_t saved = 0; saved <= 6; ++saved)
            for (std::uint64_t gained = 0; gained <= 6; ++gained)
                for (std::uint64_t reward = 0; reward <= 6; ++reward) {
                    const Cheat cheat{saved, gained, reward, {a, 8}, 0, 0};
                    const auto stake = static_cast<std::int64_t>(stake_min(cheat).value());
                    CHECK(advantage(cheat, stake) <= 0);
                    CHECK((stake == 0 || advantage(cheat, stake - 1) > 0));
                }
}

TEST_CASE("ECON-2 a cheat that may convict itself needs more stake, and no stake is enough when it gets all of it back")
{
    const Cheat half{1000, 0, 1000, {1, 10}, 500'000, million};
    CHECK(stake_min(half) == 18'000);
    CHECK(stake_min({1000, 0, 1000, {1, 10}, 500'000, 500'000}) == 12'000);
    CHECK(stake_min({1000, 0, 1000, {1, 10}, million, million}) == std::nullopt);
    CHECK(stake_min({economics_amount_max, 0, 0, {1, 1U << 20}, 0, 0}) == std::nullopt);
}

TEST_CASE("ECON-3 no fraction of skipped work pays at the stake against laziness, whatever share of auditors are friends")
{
    constexpr std::uint32_t m = 60;
    constexpr std::uint64_t cost = 6'000'000;
    CHECK(stake_min_against_laziness(cost, 10, 0) == 600'000);
    CHECK(stake_min_against_laziness(cost, 10, 500'000) == 1'200'000);
    CHECK(stake_min_against_laziness(cost, 0, 0) == std::nullopt);
    CHECK(stake_min_against_laziness(cost, 10, million) == std::nullopt);
    for (std::uint32_t k = 1; k <= m; ++k)
        for (const std::uint32_t friends : {0U, 100'000U, 500'000U, 900'000U}) {
            const double stake = static_cast<double>(stake_min_against_laziness(cost, k, friends).value());
            for (std::uint32_t skipped = 1; skipped <= m; ++skipped) {
                const double saved = static_cast<double>(cost) * skipped / m;
                CHECK(saved <= detection_probability({m, k, friends}, skipped) * (stake + static_cast<double>(cost)) * (1 + 1e-12));
            }
            // The bound is tight where no reward is lost: the first skipped segment then pays at a smaller stake.
            CHECK(static_cast<double>(cost) / m > detection_probability({m, k, friends}, 1) * (stake * 0.999));
        }
}

TEST_CASE("ECON-4 one poisoned step among a thousand segments makes sampling hopeless")
{
    CHECK(stake_min_against_poison(100, 1, 1000, 10) == 9899);
    CHECK(stake_min_against_poison(100, 1, 1000, 1000) == 0);
    CHECK(stake_min_against_poison(100, 1, 1000, 0) == std::nullopt);
}

TEST_CASE("ECON-5 the attention rate at which not replaying loses")
{
    // C = 1, A = 0.05, G = 100: 1.0005 %.
    CHECK(attention_rate_min(100, 5, 10'000) == 10'006);
    CHECK(100 * 1e6 / (10'000 - 5) == doctest::Approx(10'005.0).epsilon(1e-5));
    CHECK(attention_rate_min(1, 5, 5) == std::nullopt);
    CHECK(attention_rate_min(10, 0, 9) == std::nullopt);
    CHECK(attention_rate_min(10, 0, 10) == million);
}

TEST_CASE("ECON-6 a jackpot pays for looking, and copies of one claimant gain nothing")
{
    CHECK(jackpot_min(100, 10'000) == 10'000);
    CHECK(jackpot_min(100, 30'000) == 3334);
    CHECK(jackpot_min(economics_amount_max, 1) == std::nullopt);
    // One party that poses as k gets J times 1, 1, 0.75, 0.5, 0.3125.
    const std::uint64_t jackpot = 10'000;
    const std::vector<std::uint64_t> totals{10'000, 10'000, 7500, 5000, 3125};
    for (std::uint32_t k = 1; k <= 5; ++k) CHECK(k * claim_of(jackpot, k) == totals[k - 1]);
    for (std::uint32_t k = 1; k < 200; ++k) CHECK(k * claim_of(jackpot, k) <= jackpot);
}

TEST_CASE("ECON-7 a false challenge costs its maker at least what it costs its victim")
{
    const Grief grief{300, 2, 1000};
    CHECK(cost_of(grief) == 2300);
    CHECK(bond_min(grief, million) == 2300);
    CHECK(bond_min(grief, 500'000) == 4600);
    CHECK(bond_min({1, 0, 0}, 300'000) == 4);
    CHECK(cost_of({0, ~std::uint64_t{0}, ~std::uint64_t{0}}) == std::nullopt);
    // Optimism's deployed bond curve in ETH: 0.0800 at depth 0, 1.2153 at 30, 60.02 at 73.
    CHECK(rounded(optimism_bond(0), 10'000) == 800);
    CHECK(rounded(optimism_bond(30), 10'000) == 12'153);
    CHECK(rounded(optimism_bond(73), 100) == 6002);
}

TEST_CASE("ECON-8 what locked capital costs and earns")
{
    // A stake of 99 rewards locked for a week at 5 % a year costs 0.095 of the reward.
    constexpr std::uint64_t week = 7 * 24 * 3600;
    CHECK(capital_cost(99'000'000, 50'000, week) == 94'932);
    CHECK(capital_cost(0, 50'000, week) == 0);
    CHECK(return_on_capital(110, 100, 100, year_seconds) == doctest::Approx(0.1));
    CHECK(return_on_capital(110, 100, 100, year_seconds / 2) == doctest::Approx(0.2));
    CHECK(return_on_capital(90, 100, 100, year_seconds) == doctest::Approx(-0.1));
}

TEST_CASE("ECON-9 along the frontier audits cost more and stakes less")
{
    const Job job{1'200'000, 1'000'000, 1000, 100'000, 0, 50'000, 0, 86'400, 1, 3600};
    const auto points = frontier(job);
    CHECK(points.front().audited == 1);
    CHECK(points.back().audited == 1000);
    CHECK(points.back().audit_cost == job.cost);
    for (std::size_t i = 1; i < points.size(); ++i) {
        CHECK(points[i].audited > points[i - 1].audited);
        CHECK(points[i].stake().value() < points[i - 1].stake().value());
        CHECK(points[i].audit_cost > points[i - 1].audit_cost);
    }
}

TEST_CASE("ECON-10 a recommendation is the cheapest point within the stake that can be asked for")
{
    Job job{1'200'000, 1'000'000, 1000, 100'000, 0, 50'000, 250'000, 86'400, 1, 3600};
    const auto terms = recommend(job).value();
    for (const FrontierPoint& point : frontier(job))
        CHECK(terms.point.audit_cost + terms.point.capital <= point.audit_cost + point.capital);
    CHECK(terms.stake >= stake_min_against_laziness(job.cost, terms.point.audited, job.colluding).value());
    CHECK(terms.challenger_bond >= 2 * (3 * 1000 + 3600));
    CHECK(terms.window_seconds > job.job_seconds);
    job.stake_max = 100'000;
    CHECK(recommend(job).value().stake <= 100'000);
    CHECK(recommend(job).value().point.audited > terms.point.audited);
    job.stake_max = 100;
    CHECK(!recommend(job));
    // A poisoned step that is worth ten jobs, and no friends among the verifiers: everything is replayed.
    job.stake_max = 2'000'000;
    job.colluding = 0;
    job.poison_gain = 10'000'000;
    CHECK(recommend(job).value().point.audited > 700);
    job.poison_gain = 4'000'000'000;
    CHECK(recommend(job).value().point.audited == 1000);
}
