#include <assay/sim/forecast.hpp>

#include <algorithm>
#include <cmath>

namespace assay::sim {

namespace {

std::int64_t whole(std::uint64_t units)
{
    return static_cast<std::int64_t>(units);
}

market::AuditPlan plan_of(const MarketTerms& terms)
{
    return {terms.segments, terms.audited, 0, terms.verifiers};
}

} // namespace

std::uint32_t wrong_segments(const MarketTerms& terms, const Strategy& strategy)
{
    switch (strategy.conduct) {
    case Conduct::lazy:
    case Conduct::self_convicting: return std::min(strategy.wrong, terms.segments);
    case Conduct::poisoning:
    case Conduct::planted: return 1;
    default: return 0;
    }
}

Forecast forecast(const MarketTerms& terms, const Pool& pool, const Strategy& strategy)
{
    const std::uint32_t wrong = wrong_segments(terms, strategy);
    const bool skips = strategy.conduct == Conduct::lazy || strategy.conduct == Conduct::self_convicting;
    const market::Amount saved = skips ? market::portion({terms.job_cost}, wrong, terms.segments) : market::Amount{};
    const std::int64_t spent = whole(terms.job_cost - saved.units);
    const std::uint64_t back =
        strategy.conduct == Conduct::self_convicting ? market::portion({terms.stake}, terms.finder_share, 1000).units : 0;
    Forecast result;
    if (strategy.conduct == Conduct::framing) {
        // Its friend pays for the contest that it loses, and has no share: a verifier that replayed defends its root. Spec: ECON-15.
        result.probability = 1 - market::friends_only_of(pool.verifiers, pool.copying, terms.verifiers);
        result.when = -spent - whole(terms.stake + terms.challenge_bond);
        result.otherwise = -spent - whole(terms.stake - market::portion({terms.stake}, terms.finder_share, 1000).units);
        return result;
    }
    result.probability =
        market::meeting_probability(plan_of(terms), wrong) * (1 - market::friends_only_of(pool.verifiers, pool.copying, terms.verifiers));
    result.when = -spent - whole(terms.stake - back);
    result.otherwise = whole(terms.reward) - spent + (strategy.conduct == Conduct::poisoning ? whole(terms.poison_gain) : 0);
    return result;
}

Forecast forecast(const MarketTerms& terms, VerifierConduct conduct, std::uint32_t planted_rate)
{
    ASSAY_CHECK(terms.verifiers == 1);
    const std::int64_t replays = whole(terms.job_cost / terms.segments * terms.audited), fee = whole(terms.audit_fee);
    Forecast result;
    result.probability = market::meeting_probability(plan_of(terms), 1) * planted_rate / market::million;
    // Who copied attests to what the plant's revelation shows wrong; who guessed disagrees with everything, also with that.
    result.when = conduct == VerifierConduct::guessing ? fee + whole(terms.jackpot) : -whole(terms.verifier_stake);
    result.otherwise = conduct == VerifierConduct::guessing ? -whole(terms.verifier_stake) : fee;
    if (conduct == VerifierConduct::replaying) {
        result.otherwise = fee - replays;
        result.when = result.otherwise + whole(terms.jackpot);
    }
    return result;
}

std::vector<Strategy> solver_options(const MarketTerms& terms)
{
    std::vector<Strategy> options{{Conduct::honest, 0}, {Conduct::lazy, 1}};
    for (const std::uint32_t divisor : {10U, 4U, 2U, 1U}) {
        const std::uint32_t wrong = terms.segments / divisor;
        if (wrong > options.back().wrong) options.push_back({Conduct::lazy, wrong});
    }
    options.push_back({Conduct::self_convicting, terms.segments});
    if (terms.poison_gain > 0) options.push_back({Conduct::poisoning, 1});
    return options;
}

std::size_t best_response(const MarketTerms& terms, const Pool& pool, std::span<const Strategy> options)
{
    std::size_t best = 0;
    for (std::size_t i = 1; i < options.size(); ++i)
        if (forecast(terms, pool, options[i]).mean() > forecast(terms, pool, options[best]).mean()) best = i;
    return best;
}

void Tally::add(bool happened, std::int64_t gain)
{
    ++m_tasks;
    if (happened) ++m_happened;
    if (gain != (happened ? m_forecast.when : m_forecast.otherwise)) ++m_unexplained;
    m_sum += static_cast<double>(gain);
}

Tally::Interval Tally::interval(double deviations) const
{
    ASSAY_CHECK(m_tasks > 0);
    const double n = static_cast<double>(m_tasks), share = static_cast<double>(m_happened) / n, square = deviations * deviations;
    const double centre = (share + square / (2 * n)) / (1 + square / n);
    const double half = deviations * std::sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n);
    const double when = static_cast<double>(m_forecast.when), otherwise = static_cast<double>(m_forecast.otherwise);
    const auto mean_at = [&](double where) { return where * when + (1 - where) * otherwise; };
    const double rounding = 1e-9 * (1 + std::fabs(when) + std::fabs(otherwise));
    const double one_end = mean_at(std::max(0.0, centre - half)), other_end = mean_at(std::min(1.0, centre + half));
    return {std::min(one_end, other_end) - rounding, std::max(one_end, other_end) + rounding};
}

} // namespace assay::sim
