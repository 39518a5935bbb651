// Products of rationals and integers only: this library links no mathematics library, and stakes may not depend on one.
#include <assay/market/economics.hpp>

#include <algorithm>

#include <assay/base/check.hpp>

#include "market/wide.hpp"

namespace assay::market {

namespace {

std::optional<std::uint64_t> within_limit(Wide amount)
{
    if (amount > economics_amount_max) return std::nullopt;
    return static_cast<std::uint64_t>(amount);
}

// Whoever wants to check everything needs the job's own time, and half as much again to fetch and to start.
std::uint64_t window_of(const Job& job)
{
    return job.job_seconds + job.job_seconds / 2;
}

std::uint64_t locked_for(const Job& job)
{
    return job.job_seconds + window_of(job) + job.dispute_seconds;
}

void check_job(const Job& job)
{
    ASSAY_CHECK(job.segments > 0 && job.cost > 0 && job.colluding < million);
    ASSAY_CHECK(job.cost <= economics_amount_max && job.reward <= economics_amount_max && job.poison_gain <= economics_amount_max);
    ASSAY_CHECK(job.job_seconds <= 100 * year_seconds && job.dispute_seconds <= 100 * year_seconds);
}

// The stake that stands with the margin above its minimum.
std::optional<std::uint64_t> with_margin(std::optional<std::uint64_t> stake, std::uint32_t margin)
{
    if (!stake) return std::nullopt;
    return within_limit(ceiling_quotient(Wide{*stake} * (million + margin), million));
}

FrontierPoint point_at(const Job& job, std::uint32_t audited)
{
    const std::uint64_t honest = std::uint64_t{million} - job.colluding;
    const Ratio caught{std::uint64_t{audited} * honest / job.segments, million};
    FrontierPoint point;
    point.audited = audited;
    point.audit_cost = static_cast<std::uint64_t>(ceiling_quotient(Wide{job.cost} * audited, job.segments));
    point.lazy_stake = with_margin(stake_min_against_laziness(job.cost, audited, job.colluding), job.margin);
    point.poison_stake = with_margin(stake_min({0, job.poison_gain, job.reward, caught, 0, 0}), job.margin);
    if (point.stake()) point.capital = capital_cost(*point.stake(), job.capital_rate, locked_for(job));
    return point;
}

} // namespace

// miss[j] is the probability that the audits so far met j wrong segments and that all j auditors were friends.
double detection_probability(const AuditPlan& plan, std::uint32_t wrong)
{
    ASSAY_CHECK(plan.segments > 0 && plan.audited <= plan.segments && wrong <= plan.segments && plan.colluding <= million);
    const double friendly = static_cast<double>(plan.colluding) / million;
    std::vector<double> miss(std::min(plan.audited, wrong) + 1, 0.0);
    miss[0] = 1;
    for (std::uint32_t audit = 0; audit < plan.audited; ++audit) {
        const double left = plan.segments - audit;
        for (std::size_t found = miss.size(); found-- > 0;) {
            const double right_left = std::max(0.0, left - (static_cast<double>(wrong) - static_cast<double>(found)));
            miss[found] *= right_left / left;
            if (found > 0) miss[found] += miss[found - 1] * friendly * (static_cast<double>(wrong) - static_cast<double>(found - 1)) / left;
        }
    }
    double missed = 0;
    for (const double probability : miss) missed += probability;
    return 1 - missed;
}

double detection_probability_with_replacement(std::uint32_t audited, std::uint32_t wrong)
{
    ASSAY_CHECK(wrong <= million);
    double missed = 1;
    for (std::uint32_t audit = 0; audit < audited; ++audit) missed *= 1 - static_cast<double>(wrong) / million;
    return 1 - missed;
}

std::uint32_t audits_needed(std::uint32_t wrong, std::uint32_t wanted)
{
    ASSAY_CHECK(wrong > 0 && wrong <= million && wanted > 0 && wanted < million);
    const double tolerated = static_cast<double>(million - wanted) / million;
    double missed = 1;
    std::uint32_t audits = 0;
    while (missed > tolerated) {
        missed *= static_cast<double>(million - wrong) / million;
        ++audits;
    }
    return audits;
}

// With q = a/b: ((Δc + (1 − q) V)/q − R)/(1 − λσ) = (Δc b + (b − a) V − R a) / (a (1 − λσ)).
std::optional<std::uint64_t> stake_min(const Cheat& cheat)
{
    const Wide a = cheat.caught.numerator, b = cheat.caught.denominator;
    ASSAY_CHECK(b > 0 && b <= (1U << 20) && a <= b && cheat.challenger_share <= million && cheat.self_challenge <= million);
    ASSAY_CHECK(cheat.saved <= economics_amount_max && cheat.gained <= economics_amount_max - cheat.saved &&
                cheat.reward <= economics_amount_max);
    const Wide gain = Wide{cheat.saved} * b + (b - a) * cheat.gained;
    const Wide reward = cheat.reward * a;
    if (gain <= reward) return 0;
    constexpr std::uint64_t trillion = std::uint64_t{million} * million;
    const Wide burned = trillion - std::uint64_t{cheat.challenger_share} * cheat.self_challenge;
    if (a == 0 || burned == 0) return std::nullopt;
    return within_limit(ceiling_quotient((gain - reward) * trillion, a * burned));
}

std::optional<std::uint64_t> stake_min_against_laziness(std::uint64_t job_cost, std::uint32_t audited, std::uint32_t colluding)
{
    ASSAY_CHECK(colluding <= million);
    if (audited == 0 || colluding == million) return std::nullopt;
    return within_limit(ceiling_quotient(Wide{job_cost} * million, Wide{audited} * (million - colluding)));
}

std::optional<std::uint64_t> stake_min_against_poison(std::uint64_t gained, std::uint64_t reward, std::uint32_t segments,
                                                      std::uint32_t audited)
{
    return stake_min({0, gained, reward, {audited, segments}, 0, 0});
}

std::optional<std::uint32_t> attention_rate_min(std::uint64_t replay_cost, std::uint64_t answer_cost, std::uint64_t penalty)
{
    if (penalty <= answer_cost) return std::nullopt;
    const Wide rate = ceiling_quotient(Wide{replay_cost} * million, penalty - answer_cost);
    if (rate > million) return std::nullopt;
    return static_cast<std::uint32_t>(rate);
}

std::optional<std::uint64_t> jackpot_min(std::uint64_t replay_cost, std::uint32_t rate)
{
    ASSAY_CHECK(rate > 0);
    return within_limit(ceiling_quotient(Wide{replay_cost} * million, rate));
}

std::uint64_t claim_of(std::uint64_t jackpot, std::uint32_t claimants)
{
    ASSAY_CHECK(claimants > 0);
    return claimants > 64 ? 0 : jackpot >> (claimants - 1);
}

std::optional<std::uint64_t> cost_of(const Grief& grief)
{
    return within_limit(grief.defence + Wide{grief.tick_of_delay} * grief.ticks);
}

std::optional<std::uint64_t> bond_min(const Grief& grief, std::uint32_t victim_share)
{
    ASSAY_CHECK(victim_share > 0 && victim_share <= million);
    const auto cost = cost_of(grief);
    if (!cost) return std::nullopt;
    return within_limit(ceiling_quotient(Wide{*cost} * million, victim_share));
}

std::uint64_t capital_cost(std::uint64_t stake, std::uint32_t rate, std::uint64_t locked_seconds)
{
    ASSAY_CHECK(stake <= economics_amount_max && locked_seconds <= 1000 * year_seconds && rate <= million);
    return static_cast<std::uint64_t>(ceiling_quotient(Wide{stake} * rate * locked_seconds, Wide{million} * year_seconds));
}

double return_on_capital(std::uint64_t reward, std::uint64_t cost, std::uint64_t stake, std::uint64_t locked_seconds)
{
    ASSAY_CHECK(stake > 0 && locked_seconds > 0);
    const double profit = static_cast<double>(reward) - static_cast<double>(cost);
    return profit / static_cast<double>(stake) * static_cast<double>(year_seconds) / static_cast<double>(locked_seconds);
}

std::vector<FrontierPoint> frontier(const Job& job)
{
    check_job(job);
    std::vector<FrontierPoint> points;
    for (std::uint64_t audited = 1; audited < job.segments; audited += 1 + audited / 17)
        points.push_back(point_at(job, static_cast<std::uint32_t>(audited)));
    points.push_back(point_at(job, job.segments));
    return points;
}

std::optional<std::uint64_t> FrontierPoint::stake() const
{
    if (!lazy_stake || !poison_stake) return std::nullopt;
    return std::max(*lazy_stake, *poison_stake);
}

std::optional<Recommendation> recommend(const Job& job)
{
    check_job(job);
    ASSAY_CHECK(job.reward >= job.cost);
    std::optional<FrontierPoint> best;
    for (const FrontierPoint& point : frontier(job)) {
        if (!point.stake() || *point.stake() > job.stake_max) continue;
        if (!best || point.audit_cost + point.capital < best->audit_cost + best->capital) best = point;
    }
    if (!best) return std::nullopt;
    const std::uint64_t segment_cost = static_cast<std::uint64_t>(ceiling_quotient(job.cost, job.segments));
    const auto verifier_stake = within_limit(Wide{segment_cost} * verifier_stake_segments);
    const auto bond = bond_min({3 * segment_cost, job.tick_of_delay, job.dispute_seconds}, victim_share_default);
    if (!verifier_stake || !bond) return std::nullopt;
    Recommendation terms;
    terms.point = *best;
    terms.stake = *best->stake();
    terms.verifier_stake = *verifier_stake;
    terms.attention_rate = attention_rate_min(segment_cost, segment_cost / 20, *verifier_stake).value_or(million);
    terms.challenger_bond = *bond;
    terms.window_seconds = window_of(job);
    terms.locked_seconds = locked_for(job);
    return terms;
}

} // namespace assay::market
