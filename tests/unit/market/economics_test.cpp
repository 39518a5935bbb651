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

TEST_CASE("ECON-1 a wrong segment is met as often as subsets hold one, and detected unless all drawn verifiers are friends")
{
    for (std::uint32_t m = 1; m <= 10; ++m)
        for (std::uint32_t k = 0; k <= m; ++k)
            for (std::uint32_t w = 0; w <= m; ++w) {
                double subsets = 0, missed = 0;
                for (std::uint32_t set = 0; set < 1U << m; ++set) {
                    if (static_cast<std::uint32_t>(__builtin_popcount(set)) != k) continue;
                    ++subsets;
                    if ((set & ((1U << w) - 1)) == 0) ++missed;
                }
                const AuditPlan plan{m, k, 250'000, 2};
                CHECK(meeting_probability(plan, w) == doctest::Approx(1 - missed / subsets).epsilon(1e-12));
                CHECK(detection_probability(plan, w) == doctest::Approx((1 - missed / subsets) * 15 / 16).epsilon(1e-12));
            }
    CHECK(detection_probability({1000, 44, 0}, 100) > detection_probability_with_replacement(44, 100'000));
}

TEST_CASE("ECON-1 the share of draws with friends alone is rounded up, and never below that of a finite pool")
{
    CHECK(friends_only({10, 1, 100'000, 1}) == 100'000);
    CHECK(friends_only({10, 1, 100'000, 3}) == 1'000);
    CHECK(friends_only({10, 1, 1'000, 3}) == 1);
    CHECK(friends_only({10, 1, 0, 8}) == 0);
    CHECK(friends_only({10, 1, million, 8}) == million);
    CHECK(friends_only_of(8, 3, 2) == doctest::Approx(3.0 * 2 / (8 * 7)));
    CHECK(friends_only_of(8, 1, 2) == 0);
    for (std::uint32_t pool = 1; pool <= 12; ++pool)
        for (std::uint32_t friends = 0; friends <= pool; ++friends)
            for (std::uint32_t drawn = 1; drawn <= std::min(pool, 8U); ++drawn) {
                const AuditPlan plan{10, 1, static_cast<std::uint32_t>((std::uint64_t{friends} * million + pool - 1) / pool), drawn};
                CHECK(friends_only_of(pool, friends, drawn) <= friends_only(plan) / 1e6 + 1e-12);
            }
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

TEST_CASE("ECON-3 at the smallest stake no fraction of skipped work pays, whatever share of verifiers are friends; below it one does")
{
    constexpr std::uint32_t m = 60;
    constexpr std::uint64_t cost = 6'000'000, reward = 7'000'000;
    CHECK(stake_min_against_laziness(cost, cost, {m, 10, 0}) == 600'000);
    CHECK(stake_min_against_laziness(cost, cost, {m, 10, 500'000}) == cost);       // half of the time everything goes through
    CHECK(stake_min_against_laziness(cost, cost, {m, 10, 500'000, 3}) == 857'143); // cost / 7
    CHECK(stake_min_against_laziness(cost, cost, {m, 10, 0}, {500'000, million}) == 1'200'000);
    CHECK(stake_min_against_laziness(cost, cost, {m, 10, 0}, {million, million}) == std::nullopt);
    CHECK(stake_min_against_laziness(cost, cost, {m, 0, 0}) == std::nullopt);
    CHECK(stake_min_against_laziness(cost, cost, {m, 10, million}) == std::nullopt);
    for (std::uint32_t k = 1; k <= m; k += 7)
        for (const std::uint32_t friends : {0U, 100'000U, 500'000U, 900'000U})
            for (const std::uint32_t verifiers : {1U, 2U, 8U})
                for (const std::uint32_t recycled : {0U, 500'000U}) {
                    const AuditPlan plan{m, k, friends, verifiers};
                    const Recycling recycling{recycled, million};
                    const double stake = static_cast<double>(stake_min_against_laziness(cost, reward, plan, recycling).value());
                    const double lost = stake * (1 - recycled / 1e6), gain = static_cast<double>(reward - cost);
                    for (std::uint32_t skipped = 1; skipped <= m; ++skipped) {
                        const double caught = detection_probability(plan, skipped), saved = static_cast<double>(cost) * skipped / m;
                        const double cheat =
                            (1 - caught) * static_cast<double>(reward) - caught * lost - (static_cast<double>(cost) - saved);
                        CHECK(cheat <= gain + 1);            // a party that could do the job
                        if (skipped == m) CHECK(cheat <= 1); // and one that could not
                    }
                    // Of the two terms one is what the stake is: either who skips everything gains below it, or the first segment pays for
                    // itself.
                    const double honest = 1 - friends_only(plan) / 1e6;
                    const double less = lost * 0.999 - 2;
                    const bool idle_pays = (1 - honest) * static_cast<double>(reward) - honest * less > 0;
                    const bool first_pays = static_cast<double>(cost) / m > honest * k / m * less;
                    CHECK((idle_pays || first_pays));
                }
}

TEST_CASE("ECON-3 verifiers who are drawn together are not independent: a stake for independent audits would be too small")
{
    // 50 audits by one verifier, a tenth of whom are friends: c/(k(1 - r)) is far below what who skips everything gains.
    const AuditPlan plan{100, 50, 100'000};
    const double independent = 1'000'000 / (50 * 0.9);
    const double gain = 0.1 * 1'000'000 - 0.9 * independent;
    CHECK(gain > 0);
    CHECK(stake_min_against_laziness(1'000'000, 1'000'000, plan) == 111'112);
}

TEST_CASE("ECON-4 one poisoned step among a thousand segments makes sampling hopeless")
{
    CHECK(stake_min_against_poison(100, 1, {1000, 10, 0}) == 9899);
    CHECK(stake_min_against_poison(100, 1, {1000, 1000, 0}) == 0);
    CHECK(stake_min_against_poison(100, 1, {1000, 0, 0}) == std::nullopt);
    CHECK(stake_min_against_poison(100, 1, {1000, 10, 0}, {500'000, million}) == 19'798);
    CHECK(stake_min_against_poison(100, 1, {1000, 10, 500'000}).value() >= 19'899);
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

TEST_CASE("ECON-5 planted faults make a verifier lose that copies what it is offered, whatever the number of audits")
{
    CHECK(planted_rate_min({100, 10, 0}, 1'000, 1'000'000) == 100'000); // job cost 100,000 over the stake
    CHECK(planted_rate_min({100, 50, 0}, 1'000, 1'000'000) == 100'000);
    CHECK(planted_rate_min({100, 10, 0}, 1'000, 99'999) == std::nullopt);
    CHECK(planted_rate_min({100, 10, 0}, 1'000, 0) == std::nullopt);
    for (const std::uint32_t k : {1U, 10U, 100U}) {
        const double rate = planted_rate_min({100, k, 0}, 1'000, 3'000'000).value() / 1e6;
        CHECK(rate * meeting_probability({100, k, 0}, 1) * 3'000'000 >= 1'000.0 * k);
        CHECK((rate - 1e-6) * meeting_probability({100, k, 0}, 1) * 3'000'000 < 1'000.0 * k);
    }
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
}

TEST_CASE("ECON-11 a bond for a resource ratio counts what the maker of a challenge spends itself")
{
    const Grief grief{300, 2, 1000, 500};
    CHECK(bond_min_for_ratio(grief, million) == 1800);
    CHECK(bond_min_for_ratio(grief, 10 * std::uint64_t{million}) == 22'500);
    CHECK(bond_min_for_ratio(grief, 0) == 0);
    CHECK(bond_min_for_ratio({1, 0, 0, 0}, 1) == 1);
    CHECK(bond_min_for_ratio({economics_amount_max, 0, 0, 0}, 2 * std::uint64_t{million}) == std::nullopt);
}

TEST_CASE("ECON-13 the finder's share pays for looking, whatever is skipped, when it is the cost of the job")
{
    CHECK(stake_min_for_attention(1'000'000, 500'000) == 2'000'000);
    CHECK(stake_min_for_attention(1, 300'000) == 4);
    CHECK(stake_min_for_attention(1, 0) == std::nullopt);
    CHECK(stake_min_for_attention(economics_amount_max, 500'000) == std::nullopt);
    for (std::uint32_t k = 1; k <= 50; ++k)
        for (std::uint32_t w = 1; w <= 50; ++w) {
            CHECK(meeting_probability({50, k, 0}, w) * 500'000 >= 10'000.0 * k - 1e-6);
            if (w == 1) CHECK(meeting_probability({50, k, 0}, w) * 499'999 < 10'000.0 * k);
        }
}

TEST_CASE("ECON-14 a guess gains only where a conviction is all but certain, or where there is no stake")
{
    CHECK(guess_threshold(20, 60) == 750'000);
    CHECK(guess_threshold(0, 60) == million);
    CHECK(guess_threshold(20, 0) == 0);
    CHECK(guess_threshold(1, 2) == 666'667);
    // With recommended terms: a stake of a hundred replays at least, a fee of few.
    Job job;
    job.reward = 1'200'000, job.cost = 1'000'000, job.segments = 1000;
    const auto terms = recommend(job).value();
    CHECK(guess_threshold(terms.audit_fee, terms.verifier_stake) > 900'000);
    // At the threshold it gains nothing, above it something.
    for (const std::uint64_t fee : {1ULL, 7ULL, 1000ULL})
        for (const std::uint64_t stake : {1ULL, 50ULL, 4000ULL}) {
            const double p = guess_threshold(fee, stake) / 1e6, fees = static_cast<double>(fee), stakes = static_cast<double>(stake);
            CHECK(p * fees - (1 - p) * stakes >= -1e-9);
            CHECK((p - 1e-6) * fees - (1 - p + 1e-6) * stakes < 0);
        }
}

TEST_CASE("ECON-16 the verifier's stake at which looking pays though cheats convict themselves first")
{
    // (20 / 4) * (250,000 * 0.8 + 200,000 * 0.2) / 0.2 - 250,000.
    CHECK(verifier_stake_min_for_attention({20, 4, 0}, 50'000, 250'000, 200'000) == 5'750'000);
    CHECK(verifier_stake_min_for_attention({20, 20, 0}, 50'000, 1'250'000, million) == 0); // only plants: the fee that copying loses is enough
    CHECK(verifier_stake_min_for_attention({1000, 1, 0}, 1, economics_amount_max, 1) == std::nullopt);
    // At this stake looking and copying earn the same where all solvers convict themselves and all segments are drawn, a unit below less.
    for (const std::uint32_t rate : {50'000U, 200'000U, 333'333U}) {
        const double p = rate / 1e6, fee = 250'000, replays = 200'000;
        const auto stake = static_cast<double>(verifier_stake_min_for_attention({20, 4, 0}, 50'000, 250'000, rate).value());
        const auto more = [&](double at) { return p * (0.2 * (at + fee) + fee - replays) - fee; };
        CHECK(more(stake) >= -1e-6);
        CHECK(more(stake - 1) < 0);
    }
    // What the fee's cost of locking the stake makes of it has no end where that costs more than the plants take.
    Job job;
    job.reward = 1'200'000, job.cost = 1'000'000, job.segments = 1000, job.capital_rate = 1'000'000, job.job_seconds = 30 * 86'400;
    job.planted_rate = 1000;
    CHECK(!recommend(job));
}

TEST_CASE("ECON-15 defending a wrong root gains only where hardly anybody looks, and the more its bond is the less")
{
    CHECK(defence_threshold(100, 20, 60) == 384'616); // 50 / 130
    CHECK(defence_threshold(0, 0, 60) == 0);
    CHECK(defence_threshold(100, 0, 0) == million);
    for (const std::uint64_t bond : {1ULL, 100ULL, 5000ULL}) {
        const double p = defence_threshold(bond, 20, 60) / 1e6, half = static_cast<double>(bond) / 2;
        CHECK(p * 80 - (1 - p) * half >= -1e-9);
        CHECK((p - 1e-6) * 80 - (1 - p + 1e-6) * half < 0);
    }
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
    Job job;
    job.reward = 1'200'000;
    job.cost = 1'000'000;
    job.segments = 1000;
    job.colluding = 100'000;
    job.capital_rate = 50'000;
    job.margin = 0;
    job.recycling = {};
    job.job_seconds = 86'400;
    const auto points = frontier(job);
    CHECK(points.front().audited == 1);
    CHECK(points.back().audited == 1000);
    CHECK(points.back().audit_cost == job.cost);
    for (std::size_t i = 1; i < points.size(); ++i) {
        CHECK(points[i].audited > points[i - 1].audited);
        CHECK(points[i].stake().value() <= points[i - 1].stake().value());
        CHECK(points[i].audit_cost > points[i - 1].audit_cost);
        CHECK(points[i].detected >= points[i - 1].detected);
    }
    // The worked example of the page.
    const auto stake_at = [&](std::uint32_t audited, std::uint32_t verifiers) {
        for (const FrontierPoint& point : frontier(job, verifiers))
            if (point.audited == audited) return std::pair{point.audit_cost, point.stake().value()};
        return std::pair{std::uint64_t{0}, std::uint64_t{0}};
    };
    CHECK(stake_at(1, 1) == std::pair{std::uint64_t{1'000}, std::uint64_t{1'111'112}});
    CHECK(stake_at(10, 1) == std::pair{std::uint64_t{10'000}, std::uint64_t{133'334}});
    CHECK(stake_at(10, 2) == std::pair{std::uint64_t{20'000}, std::uint64_t{101'011}});
    job.audited_max = 64;
    CHECK(frontier(job).back().audited == 64);
}

TEST_CASE("ECON-10 a floor of detection is kept, by more audits or by more verifiers")
{
    Job job;
    job.reward = 1'200'000;
    job.cost = 1'000'000;
    job.segments = 1000;
    job.colluding = 100'000;
    job.capital_rate = 50'000;
    job.detection_floor = 850'000;
    const auto one = recommend(job).value();
    CHECK(one.point.detected >= 0.85);
    CHECK(one.point.verifiers == 1);
    job.detection_floor = 950'000; // one verifier is a friend in a tenth of all draws
    const auto two = recommend(job).value();
    CHECK(two.point.detected >= 0.95);
    CHECK(two.point.verifiers == 2);
    job.colluding = 900'000;
    CHECK(!recommend(job));
}

TEST_CASE("ECON-10 verifiers are paid for replaying and for their stake, and where faults are planted copying loses")
{
    Job job;
    job.reward = 1'200'000;
    job.cost = 1'000'000;
    job.segments = 100;
    job.colluding = 100'000;
    job.capital_rate = 50'000;
    job.job_seconds = 86'400;
    const auto plain = recommend(job).value();
    CHECK(plain.audit_fee >=
          10'000 * plain.point.audited * 5 / 4 + capital_cost(plain.verifier_stake, 50'000, plain.verifier_locked_seconds));
    job.planted_rate = 100'000;
    const auto planted = recommend(job).value();
    const auto least = verifier_stake_min_for_attention({100, planted.point.audited, 0}, 10'000, planted.audit_fee, job.planted_rate).value();
    CHECK(planted.verifier_stake >= least / 4 * 5);
    CHECK(planted.verifier_stake <= least / 4 * 5 + 1000);
    CHECK(planted.audit_fee >= 10'000 * planted.point.audited * 5 / 4 + capital_cost(planted.verifier_stake, 50'000, planted.verifier_locked_seconds));
    CHECK(planted_rate_min({100, planted.point.audited, 0}, 10'000, planted.verifier_stake).value() <= job.planted_rate);
}

TEST_CASE("ECON-10 a recommendation is the cheapest point within the stake that can be asked for")
{
    Job job;
    job.reward = 1'200'000;
    job.cost = 1'000'000;
    job.segments = 1000;
    job.colluding = 100'000;
    job.capital_rate = 50'000;
    job.job_seconds = 86'400;
    job.tick_of_delay = 1;
    job.dispute_seconds = 3600;
    const auto terms = recommend(job).value();
    for (const FrontierPoint& point : frontier(job))
        CHECK(terms.point.audit_cost + terms.capital <=
              point.audit_cost + capital_cost(std::max<std::uint64_t>(*point.stake(), 2'500'000), job.capital_rate, terms.locked_seconds));
    CHECK(terms.attention_pays);
    CHECK(terms.stake >= stake_min_against_laziness(job.cost, job.reward, {1000, terms.point.audited, 100'000}, job.recycling).value());
    CHECK(terms.challenger_bond >= 2 * (3 * 1000 + 3600));
    CHECK(terms.window_seconds > job.job_seconds);
    job.stake_max = 400'000;
    CHECK(recommend(job).value().stake <= 400'000);
    CHECK(!recommend(job).value().attention_pays);
    CHECK(recommend(job).value().point.audited > terms.point.audited);
    job.stake_max = 100;
    CHECK(!recommend(job));
    // A poisoned step that is worth ten jobs, and no friends among the verifiers: nearly everything is replayed.
    job.stake_max = 2'000'000;
    job.colluding = 0;
    job.poison_gain = 10'000'000;
    CHECK(recommend(job).value().point.audited > 700);
    job.poison_gain = 4'000'000'000;
    CHECK(recommend(job).value().point.audited == 1000);
}
