#include <assay/sim/best_reply.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace assay::sim {

namespace {

using market::million;

std::uint32_t count_of(const Verifiers& verifiers, VerifierConduct conduct)
{
    return verifiers[static_cast<std::size_t>(conduct)];
}

std::uint32_t count(const std::vector<std::uint32_t>& all)
{
    return std::accumulate(all.begin(), all.end(), 0U);
}

double choose(std::uint32_t n, std::uint32_t k)
{
    double ways = 1;
    for (std::uint32_t i = 0; i < k; ++i) ways *= static_cast<double>(n > i ? n - i : 0) / (i + 1);
    return ways;
}

// The probability that none of so many draws takes one of `marked`.
double none_of(const Verifiers& verifiers, std::uint32_t marked, std::uint32_t draws)
{
    const std::uint32_t all = verifiers[0] + verifiers[1] + verifiers[2];
    return choose(all - marked, draws) / choose(all, draws);
}

// Those who were drawn together with a verifier.
struct Beside {
    std::uint32_t replaying = 0, copying = 0, guessing = 0;
};

// What a task brings to a verifier, where its wrong segments were drawn and where not; everything but for its replays.
struct Amounts {
    const MarketTerms& terms;
    double fee = static_cast<double>(terms.audit_fee), stake = static_cast<double>(terms.verifier_stake);
    double replays = static_cast<double>(terms.job_cost / terms.segments * terms.audited);
    double share = static_cast<double>(market::portion({terms.stake}, terms.finder_share, 1000).units);

    [[nodiscard]] double jackpot(std::uint32_t finders) const { return static_cast<double>(terms.jackpot >> (finders - 1)); }
    // Nothing wrong was drawn, or nobody says so.
    [[nodiscard]] double quiet(VerifierConduct conduct, bool offers) const
    {
        if (conduct == VerifierConduct::guessing) return -stake;
        return conduct == VerifierConduct::copying && offers ? fee : fee - replays;
    }
    // A solver's fault is among the drawn segments. One of those who replay convicts, whose root keeps guesses from being paid (AUDIT-12).
    [[nodiscard]] double met(VerifierConduct conduct, const Beside& beside) const
    {
        if (conduct == VerifierConduct::replaying) return fee - replays + share / (beside.replaying + 1);
        if (beside.replaying == 0) return quiet(conduct, true);
        return conduct == VerifierConduct::copying ? -stake : 0;
    }
    // The same of a planted fault, which the submitter's watchman shows where nobody else does.
    [[nodiscard]] double met_plant(VerifierConduct conduct, const Beside& beside) const
    {
        if (conduct == VerifierConduct::replaying) return fee - replays + jackpot(beside.replaying + 1);
        if (conduct == VerifierConduct::copying) return -stake;
        return beside.replaying > 0 ? 0 : fee + jackpot(beside.guessing + 1);
    }
    // The solver has itself convicted before anybody replays, unless all who were drawn copy.
    [[nodiscard]] double met_self_convicting(VerifierConduct conduct, const Beside& beside) const
    {
        const bool is_among_friends = conduct == VerifierConduct::copying && beside.replaying + beside.guessing == 0;
        return is_among_friends ? fee : 0;
    }
};

double gain_in(const MarketTerms& terms, const Strategy& strategy, VerifierConduct conduct, const Beside& beside)
{
    const Amounts amounts{terms};
    const double met = market::meeting_probability({terms.segments, terms.audited, 0, terms.verifiers}, wrong_segments(terms, strategy));
    const double otherwise = amounts.quiet(conduct, strategy.conduct != Conduct::honest);
    switch (strategy.conduct) {
    case Conduct::lazy:
    case Conduct::poisoning: return met * amounts.met(conduct, beside) + (1 - met) * otherwise;
    case Conduct::self_convicting: return met * amounts.met_self_convicting(conduct, beside) + (1 - met) * otherwise;
    case Conduct::planted: return met * amounts.met_plant(conduct, beside) + (1 - met) * otherwise;
    default: return otherwise;
    }
}

template <class Gain>
std::size_t best_of(std::size_t options, double unit, Gain gain)
{
    std::size_t best = 0;
    double most = gain(0);
    for (std::size_t i = 1; i < options; ++i)
        if (const double gained = gain(i); gained > most + unit) best = i, most = gained;
    return best;
}

double unit_of(const MarketTerms& terms)
{
    return static_cast<double>(terms.job_cost) / million;
}

} // namespace

double solver_gain(const MarketTerms& terms, const Strategy& strategy, const Verifiers& verifiers)
{
    ASSAY_CHECK(strategy.conduct != Conduct::framing);
    // Convicted where somebody replays; a friend convicts where not all copy.
    const std::uint32_t all = verifiers[0] + verifiers[1] + verifiers[2];
    const bool by_friend = strategy.conduct == Conduct::self_convicting;
    const double looked = 1 - none_of(verifiers, by_friend ? all - count_of(verifiers, VerifierConduct::copying) : count_of(verifiers, VerifierConduct::replaying),
                                      terms.verifiers);
    Forecast ends = forecast(terms, Pool{all, 0}, strategy);
    ends.probability = market::meeting_probability({terms.segments, terms.audited, 0, terms.verifiers}, wrong_segments(terms, strategy)) * looked;
    return ends.mean();
}

double verifier_gain(const Game& game, VerifierConduct conduct, const std::vector<std::uint32_t>& solvers, const Verifiers& others)
{
    const MarketTerms& terms = game.terms;
    const std::uint32_t drawn = terms.verifiers - 1;
    const double planted = static_cast<double>(game.planted_rate) / million, ways = choose(others[0] + others[1] + others[2], drawn);
    double gain = 0;
    for (std::uint32_t r = 0; r <= drawn; ++r)
        for (std::uint32_t c = 0; r + c <= drawn; ++c) {
            const Beside beside{r, c, drawn - r - c};
            const double share = choose(others[0], r) * choose(others[1], c) * choose(others[2], beside.guessing) / ways;
            if (share == 0) continue;
            double here = planted * gain_in(terms, {Conduct::planted, 1}, conduct, beside);
            for (std::size_t i = 0; i < solvers.size(); ++i)
                if (solvers[i] > 0) here += (1 - planted) * solvers[i] / count(solvers) * gain_in(terms, game.options[i], conduct, beside);
            gain += share * here;
        }
    return gain;
}

std::size_t best_option(const Game& game, const Population& population)
{
    return best_of(game.options.size(), unit_of(game.terms),
                   [&](std::size_t i) { return solver_gain(game.terms, game.options[i], population.verifiers); });
}

VerifierConduct best_conduct(const Game& game, const Population& population, VerifierConduct now)
{
    Verifiers others = population.verifiers;
    --others[static_cast<std::size_t>(now)];
    return static_cast<VerifierConduct>(best_of(others.size(), unit_of(game.terms), [&](std::size_t i) {
        return verifier_gain(game, static_cast<VerifierConduct>(i), population.solvers, others);
    }));
}

Population next_round(const Game& game, const Population& population)
{
    Population next = population;
    const std::size_t option = best_option(game, population);
    for (std::size_t i = 0; i < next.solvers.size(); ++i)
        if (population.solvers[i] > 0) --next.solvers[i], ++next.solvers[option];
    for (std::size_t i = 0; i < next.verifiers.size(); ++i)
        if (population.verifiers[i] > 0)
            --next.verifiers[i], ++next.verifiers[static_cast<std::size_t>(best_conduct(game, population, static_cast<VerifierConduct>(i)))];
    return next;
}

std::optional<Population> settles(const Game& game, Population population, std::uint32_t rounds_max)
{
    for (std::uint32_t round = 0; round < rounds_max; ++round) {
        const Population next = next_round(game, population);
        if (next == population) return population;
        population = next;
    }
    return std::nullopt;
}

} // namespace assay::sim
