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
    ASSAY_CHECK(job.segments > 0 && job.cost > 0 && job.colluding < million && job.reward >= job.cost);
    ASSAY_CHECK(job.audited_max > 0 && job.planted_rate <= million && job.detection_floor <= million && job.detection_share <= million);
    ASSAY_CHECK(job.cost <= economics_amount_max && job.reward <= economics_amount_max && job.poison_gain <= economics_amount_max);
    ASSAY_CHECK(job.job_seconds <= 100 * year_seconds && job.dispute_seconds <= 100 * year_seconds);
}

// The stake that stands with the margin above its minimum.
std::optional<std::uint64_t> with_margin(std::optional<std::uint64_t> stake, std::uint32_t margin)
{
    if (!stake) return std::nullopt;
    return within_limit(ceiling_quotient(Wide{*stake} * (million + margin), million));
}

std::uint64_t segment_cost(const Job& job)
{
    return static_cast<std::uint64_t>(ceiling_quotient(job.cost, job.segments));
}

FrontierPoint point_at(const Job& job, std::uint32_t audited, std::uint32_t verifiers)
{
    const AuditPlan plan{job.segments, audited, job.colluding, verifiers};
    FrontierPoint point;
    point.audited = audited;
    point.verifiers = verifiers;
    point.audit_cost = static_cast<std::uint64_t>(ceiling_quotient(Wide{job.cost} * audited * verifiers, job.segments));
    const auto wrong = static_cast<std::uint32_t>(ceiling_quotient(Wide{job.segments} * job.detection_share, million));
    point.detected = detection_probability(plan, wrong);
    point.lazy_stake = with_margin(stake_min_against_laziness(job.cost, job.reward, plan, job.recycling), job.margin);
    point.poison_stake = with_margin(stake_min_against_poison(job.poison_gain, job.reward, plan, job.recycling), job.margin);
    if (point.stake()) point.capital = capital_cost(*point.stake(), job.capital_rate, locked_for(job));
    return point;
}

// They grow by a falling share of what they grew by, or without end.
constexpr int fitting_rounds_max = 200;

// The verifiers' part of the terms.
bool add_verifiers(const Job& job, Recommendation& terms)
{
    const std::uint64_t replay = segment_cost(job), audited = terms.point.audited;
    const auto least = within_limit(Wide{replay} * std::max<std::uint64_t>(verifier_stake_segments, 2 * audited));
    if (!least) return false;
    terms.verifier_stake = *least;
    terms.verifier_locked_seconds = terms.window_seconds + job.dispute_seconds;
    // The fee pays for locking the stake, and the stake has to outweigh the fee where faults are planted (ECON-16): both grow until they fit.
    for (int round = 0;; ++round) {
        const std::uint64_t capital = capital_cost(terms.verifier_stake, job.capital_rate, terms.verifier_locked_seconds);
        const auto fee = within_limit(ceiling_quotient(Wide{replay} * audited * (million + job.margin), million) + capital);
        if (!fee) return false;
        terms.audit_fee = *fee;
        if (job.planted_rate == 0) break;
        const AuditPlan plan{job.segments, terms.point.audited, job.colluding, terms.point.verifiers};
        const auto wanted = with_margin(verifier_stake_min_for_attention(plan, replay, terms.audit_fee, job.planted_rate), job.margin);
        if (!wanted || round == fitting_rounds_max) return false;
        if (*wanted <= terms.verifier_stake) break;
        terms.verifier_stake = *wanted;
    }
    terms.attention_rate = attention_rate_min(replay * audited, replay * audited / 20, terms.verifier_stake).value_or(million);
    return true;
}

} // namespace

std::uint32_t friends_only(const AuditPlan& plan)
{
    ASSAY_CHECK(plan.verifiers >= 1 && plan.verifiers <= verifiers_drawn_max && plan.colluding <= million);
    std::uint64_t all = million;
    for (std::uint32_t i = 0; i < plan.verifiers; ++i) all = (all * plan.colluding + million - 1) / million;
    return static_cast<std::uint32_t>(all);
}

double friends_only_of(std::uint32_t pool, std::uint32_t friends, std::uint32_t verifiers)
{
    ASSAY_CHECK(verifiers <= pool && friends <= pool);
    double all = 1;
    for (std::uint32_t i = 0; i < verifiers; ++i) all *= friends > i ? static_cast<double>(friends - i) / (pool - i) : 0.0;
    return all;
}

// C(m - w, k) / C(m, k), one factor for each audit.
double meeting_probability(const AuditPlan& plan, std::uint32_t wrong)
{
    ASSAY_CHECK(plan.segments > 0 && plan.audited <= plan.segments && wrong <= plan.segments);
    if (wrong + plan.audited > plan.segments) return 1;
    double missed = 1;
    for (std::uint32_t audit = 0; audit < plan.audited; ++audit)
        missed *= static_cast<double>(plan.segments - wrong - audit) / (plan.segments - audit);
    return 1 - missed;
}

double detection_probability(const AuditPlan& plan, std::uint32_t wrong)
{
    double friendly = 1;
    for (std::uint32_t i = 0; i < plan.verifiers; ++i) friendly *= static_cast<double>(plan.colluding) / million;
    return meeting_probability(plan, wrong) * (1 - friendly);
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

// With a the share of draws with an honest verifier: R(1 - a)/a against who skips everything, c/(k a) against the first skipped segment.
std::optional<std::uint64_t> stake_min_against_laziness(std::uint64_t job_cost, std::uint64_t reward, const AuditPlan& plan,
                                                        const Recycling& recycling)
{
    ASSAY_CHECK(reward >= job_cost);
    const std::uint64_t honest = million - friends_only(plan);
    if (plan.audited == 0 || honest == 0) return std::nullopt;
    const auto idle = stake_min({reward, 0, reward, {honest, million}, recycling.challenger_share, recycling.self_challenge});
    const Wide burned = Wide{million} * million - Wide{recycling.challenger_share} * recycling.self_challenge;
    if (!idle || burned == 0) return std::nullopt;
    const auto first = ceiling_quotient(Wide{job_cost} * million, Wide{plan.audited} * honest);
    const auto alone = within_limit(ceiling_quotient(first * million * million, burned));
    return alone ? std::optional{std::max(*idle, *alone)} : std::nullopt;
}

std::optional<std::uint64_t> stake_min_against_poison(std::uint64_t gained, std::uint64_t reward, const AuditPlan& plan,
                                                      const Recycling& recycling)
{
    // Rounded down to parts of 2^20.
    const std::uint64_t honest = million - friends_only(plan);
    const std::uint64_t found = static_cast<std::uint64_t>(Wide{plan.audited} * honest * (1U << 20) / (Wide{plan.segments} * million));
    const bool exact = plan.segments <= 1U << 20 && honest == million;
    const Ratio caught = exact ? Ratio{plan.audited, plan.segments} : Ratio{found, 1U << 20};
    return stake_min({0, gained, reward, caught, recycling.challenger_share, recycling.self_challenge});
}

std::optional<std::uint32_t> attention_rate_min(std::uint64_t replay_cost, std::uint64_t answer_cost, std::uint64_t penalty)
{
    if (penalty <= answer_cost) return std::nullopt;
    const Wide rate = ceiling_quotient(Wide{replay_cost} * million, penalty - answer_cost);
    if (rate > million) return std::nullopt;
    return static_cast<std::uint32_t>(rate);
}

std::optional<std::uint32_t> planted_rate_min(const AuditPlan& plan, std::uint64_t replay_cost, std::uint64_t verifier_stake)
{
    ASSAY_CHECK(plan.audited > 0 && plan.audited <= plan.segments);
    if (verifier_stake == 0) return std::nullopt;
    // k C over G k/m.
    const Wide rate = ceiling_quotient(Wide{replay_cost} * plan.segments * million, verifier_stake);
    if (rate > million) return std::nullopt;
    return static_cast<std::uint32_t>(rate);
}

std::optional<std::uint64_t> stake_min_for_attention(std::uint64_t job_cost, std::uint32_t challenger_share)
{
    if (challenger_share == 0) return std::nullopt;
    return within_limit(ceiling_quotient(Wide{job_cost} * million, challenger_share));
}

// φ((k/m)(G + f) + f − kC) ≥ f, solved for G.
std::optional<std::uint64_t> verifier_stake_min_for_attention(const AuditPlan& plan, std::uint64_t replay_cost, std::uint64_t audit_fee,
                                                              std::uint32_t planted_rate)
{
    ASSAY_CHECK(plan.audited > 0 && plan.audited <= plan.segments && planted_rate > 0 && planted_rate <= million);
    const Wide replays = Wide{replay_cost} * plan.audited;
    if (replays > economics_amount_max || audit_fee > economics_amount_max) return std::nullopt;
    const Wide lost = Wide{audit_fee} * (million - planted_rate) + replays * planted_rate; // in millionths
    const auto needed = within_limit(ceiling_quotient(lost * plan.segments, Wide{plan.audited} * planted_rate));
    if (!needed) return std::nullopt;
    return *needed > audit_fee ? *needed - audit_fee : 0;
}

std::uint32_t guess_threshold(std::uint64_t audit_fee, std::uint64_t verifier_stake)
{
    ASSAY_CHECK(audit_fee > 0 || verifier_stake > 0);
    return static_cast<std::uint32_t>(ceiling_quotient(Wide{verifier_stake} * million, Wide{audit_fee} + verifier_stake));
}

std::uint32_t defence_threshold(std::uint64_t challenge_bond, std::uint64_t audit_fee, std::uint64_t verifier_stake)
{
    const Wide saved = 2 * (Wide{audit_fee} + verifier_stake);
    ASSAY_CHECK(saved > 0 || challenge_bond > 0);
    return static_cast<std::uint32_t>(ceiling_quotient(Wide{challenge_bond} * million, saved + challenge_bond));
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

std::optional<std::uint64_t> bond_min_for_ratio(const Grief& grief, std::uint64_t ratio)
{
    const auto cost = cost_of(grief);
    if (!cost) return std::nullopt;
    const Wide wanted = ceiling_quotient(Wide{*cost} * ratio, million);
    return within_limit(wanted > grief.own ? wanted - grief.own : 0);
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

std::vector<FrontierPoint> frontier(const Job& job, std::uint32_t verifiers)
{
    check_job(job);
    std::vector<FrontierPoint> points;
    const std::uint32_t most = std::min(job.segments, job.audited_max);
    for (std::uint64_t audited = 1; audited < most; audited += 1 + audited / 17)
        points.push_back(point_at(job, static_cast<std::uint32_t>(audited), verifiers));
    points.push_back(point_at(job, most, verifiers));
    return points;
}

std::optional<std::uint64_t> FrontierPoint::stake() const
{
    if (!lazy_stake || !poison_stake) return std::nullopt;
    return std::max(*lazy_stake, *poison_stake);
}

std::optional<Recommendation> recommend(const Job& job)
{
    const auto attention = with_margin(stake_min_for_attention(job.cost, job.recycling.challenger_share), job.margin);
    const bool by_stake = attention && *attention <= job.stake_max && job.planted_rate == 0;
    const auto stake_at = [&](const FrontierPoint& point) { return std::max(*point.stake(), by_stake ? *attention : 0); };
    const auto cost_at = [&](const FrontierPoint& point) {
        return point.audit_cost + capital_cost(stake_at(point), job.capital_rate, locked_for(job));
    };
    const auto bond = bond_min({3 * segment_cost(job), job.tick_of_delay, job.dispute_seconds, 0}, victim_share_default);
    if (!bond) return std::nullopt;
    std::optional<Recommendation> best;
    for (std::uint32_t verifiers = 1; verifiers <= verifiers_drawn_max; ++verifiers)
        for (const FrontierPoint& point : frontier(job, verifiers)) {
            if (!point.stake() || *point.stake() > job.stake_max || point.detected * million < job.detection_floor) continue;
            if (best && cost_at(point) >= cost_at(best->point)) continue;
            Recommendation terms;
            terms.point = point;
            terms.stake = stake_at(point);
            terms.capital = capital_cost(terms.stake, job.capital_rate, locked_for(job));
            terms.attention_pays = by_stake || job.planted_rate > 0;
            terms.challenger_bond = *bond;
            terms.window_seconds = window_of(job);
            terms.locked_seconds = locked_for(job);
            if (add_verifiers(job, terms)) best = terms;
        }
    return best;
}

} // namespace assay::market
