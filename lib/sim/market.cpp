#include <assay/sim/market.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <assay/arith/philox.hpp>
#include <assay/base/check.hpp>
#include <assay/market/economics.hpp>

namespace assay::sim {

namespace {

using market::million;

// Draws from Philox, one counter after another.
class Draws {
public:
    explicit Draws(std::uint64_t seed) : m_key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)} {}

    // Uniform below `bound`; the bias of the product is below 2^-40 for the bounds here.
    std::uint64_t below(std::uint32_t bound) { return static_cast<std::uint64_t>((word() >> 11) % bound); }
    bool happens(std::uint32_t share) { return below(million) < share; }

private:
    std::uint64_t word()
    {
        if (m_used == 2) {
            m_words =
                arith::philox4x32_10({static_cast<std::uint32_t>(m_counter), static_cast<std::uint32_t>(m_counter >> 32), 0, 0}, m_key);
            ++m_counter;
            m_used = 0;
        }
        const std::size_t i = 2 * m_used++;
        return static_cast<std::uint64_t>(m_words[i + 1]) << 32 | m_words[i];
    }

    std::array<std::uint32_t, 2> m_key;
    std::array<std::uint32_t, 4> m_words{};
    std::uint64_t m_counter = 0;
    std::size_t m_used = 2;
};

std::uint32_t wrong_segments(const MarketTerms& terms, const Strategy& strategy)
{
    if (strategy.conduct == Conduct::honest) return 0;
    return strategy.conduct == Conduct::poisoning ? 1 : std::min(strategy.wrong, terms.segments);
}

double saved_by(const MarketTerms& terms, const Strategy& strategy)
{
    if (strategy.conduct == Conduct::poisoning) return 0;
    return static_cast<double>(terms.job_cost) * wrong_segments(terms, strategy) / terms.segments;
}

// What a conviction costs the solver beside the reward.
double lost_stake(const MarketTerms& terms, const Strategy& strategy)
{
    const double back = strategy.conduct == Conduct::colluding ? static_cast<double>(terms.challenger_share) / million : 0;
    return static_cast<double>(terms.stake) * (1 - back);
}

// Draws the audited segments one by one. Which segments are wrong is as good as drawn too: they are called the first ones.
bool is_caught(const MarketTerms& terms, std::uint32_t wrong, Draws& draws, std::vector<std::uint32_t>& order)
{
    order.resize(terms.segments);
    std::iota(order.begin(), order.end(), 0U);
    bool caught = false;
    for (std::uint32_t i = 0; i < terms.audited; ++i) {
        std::swap(order[i], order[i + draws.below(terms.segments - i)]);
        const bool honest = !draws.happens(terms.colluding);
        caught = caught || (order[i] < wrong && honest);
    }
    return caught;
}

bool is_verifier(Conduct conduct)
{
    return conduct == Conduct::verifying || conduct == Conduct::lazy_verifying;
}

// A task ends in one of two ways: the solver is caught, or the verifier is asked, or not.
bool happens(const MarketTerms& terms, const Strategy& strategy, Draws& draws, std::vector<std::uint32_t>& order)
{
    if (is_verifier(strategy.conduct)) return draws.happens(terms.attention);
    const std::uint32_t wrong = wrong_segments(terms, strategy);
    return wrong > 0 && is_caught(terms, wrong, draws, order);
}

// What either end is worth.
double payoff(const MarketTerms& terms, const Strategy& strategy, bool happened)
{
    if (strategy.conduct == Conduct::griefing) return -static_cast<double>(terms.challenger_bond);
    if (is_verifier(strategy.conduct)) {
        const bool replays = strategy.conduct == Conduct::verifying;
        const std::int64_t asked = replays ? terms.answer_cost : terms.verifier_penalty;
        return static_cast<double>(terms.verifier_fee - (replays ? terms.replay_cost : 0) - (happened ? asked : 0));
    }
    const double spent = static_cast<double>(terms.job_cost) - saved_by(terms, strategy);
    if (happened) return -spent - lost_stake(terms, strategy);
    const std::int64_t poison = strategy.conduct == Conduct::poisoning ? terms.poison_gain : 0;
    return static_cast<double>(terms.reward + poison) - spent;
}

double probability(const MarketTerms& terms, const Strategy& strategy)
{
    if (strategy.conduct == Conduct::griefing) return 0;
    if (is_verifier(strategy.conduct)) return static_cast<double>(terms.attention) / million;
    return market::detection_probability({terms.segments, terms.audited, terms.colluding}, wrong_segments(terms, strategy));
}

} // namespace

std::string_view name_of(Conduct conduct)
{
    switch (conduct) {
    case Conduct::honest: return "honest";
    case Conduct::lazy: return "lazy";
    case Conduct::poisoning: return "poisoning";
    case Conduct::colluding: return "colluding";
    case Conduct::griefing: return "griefing";
    case Conduct::verifying: return "verifying";
    case Conduct::lazy_verifying: return "lazy verifying";
    }
    return "unknown";
}

double expected_payoff(const MarketTerms& terms, const Strategy& strategy)
{
    const double share = probability(terms, strategy);
    return share * payoff(terms, strategy, true) + (1 - share) * payoff(terms, strategy, false);
}

Played play_many(const MarketTerms& terms, const Strategy& strategy, std::uint64_t tasks, std::uint64_t seed, double deviations)
{
    ASSAY_CHECK(tasks >= 1 && terms.segments > 0 && terms.audited <= terms.segments);
    Draws draws(seed);
    std::vector<std::uint32_t> order;
    std::uint64_t happened = 0;
    for (std::uint64_t task = 0; task < tasks; ++task) happened += happens(terms, strategy, draws, order) ? 1 : 0;
    const double n = static_cast<double>(tasks), share = static_cast<double>(happened) / n, square = deviations * deviations;
    const double centre = (share + square / (2 * n)) / (1 + square / n);
    const double half = deviations * std::sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n);
    const double yes = payoff(terms, strategy, true), no = payoff(terms, strategy, false);
    const auto mean_at = [&](double where) { return where * yes + (1 - where) * no; };
    const double rounding = 1e-9 * (1 + std::fabs(yes) + std::fabs(no));
    const double one_end = mean_at(centre - half), other_end = mean_at(centre + half);
    return {tasks, mean_at(share), std::min(one_end, other_end) - rounding, std::max(one_end, other_end) + rounding};
}

double victim_loss(const MarketTerms& terms)
{
    return static_cast<double>(terms.defence_cost) - static_cast<double>(terms.challenger_bond) * terms.victim_share / million;
}

std::span<const Strategy> verifier_options()
{
    static const std::array<Strategy, 2> options{{{Conduct::verifying, 0}, {Conduct::lazy_verifying, 0}}};
    return options;
}

std::vector<Strategy> solver_options(const MarketTerms& terms)
{
    std::vector<Strategy> options{{Conduct::honest, 0}, {Conduct::lazy, 1}};
    for (const std::uint32_t divisor : {10U, 4U, 2U, 1U}) options.push_back({Conduct::lazy, std::max(1U, terms.segments / divisor)});
    options.push_back({Conduct::colluding, terms.segments});
    options.push_back({Conduct::poisoning, 1});
    return options;
}

std::size_t choose_by_experience(const MarketTerms& terms, std::span<const Strategy> options, std::uint64_t trials, std::uint64_t seed)
{
    ASSAY_CHECK(!options.empty());
    std::size_t best = 0;
    double best_mean = 0;
    for (std::size_t i = 0; i < options.size(); ++i) {
        const double mean = play_many(terms, options[i], trials, seed + i).mean;
        if (i == 0 || mean > best_mean) {
            best = i;
            best_mean = mean;
        }
    }
    return best;
}

} // namespace assay::sim
