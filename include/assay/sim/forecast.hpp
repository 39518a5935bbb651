// What the formulas of spec/economics.md say about a task of a simulated market, and what was played beside it. Spec: ECON-1 to ECON-6.
#pragma once

#include <assay/sim/market.hpp>

namespace assay::sim {

// A task ends in one of two ways for its solver or a verifier: something happens, with this probability, or it doesn't.
struct Forecast {
    double probability = 0;
    std::int64_t when = 0;
    std::int64_t otherwise = 0;

    [[nodiscard]] double mean() const
    {
        return probability * static_cast<double>(when) + (1 - probability) * static_cast<double>(otherwise);
    }
};

// Who verifies: of `verifiers` with equal stakes `copying` take what they are offered.
struct Pool {
    std::uint32_t verifiers = 1;
    std::uint32_t copying = 0;
};

// How many segments of a run are wrong by this strategy.
std::uint32_t wrong_segments(const MarketTerms& terms, const Strategy& strategy);

// The solver is convicted, or not. The others of the pool replay.
Forecast forecast(const MarketTerms& terms, const Pool& pool, const Strategy& strategy);

// What one draw brings to a verifier, where solvers of a share of planted faults (parts per million) leak their roots and are honest
// otherwise: a planted fault is among the drawn segments, or not. Requires: one verifier a task. Spec: ECON-5, ECON-6.
Forecast forecast(const MarketTerms& terms, VerifierConduct conduct, std::uint32_t planted_rate);

// How a solver can behave: honest; lazy with one segment, a tenth, a quarter, a half and all; convicting itself; poisoning, where
// somebody gains from that.
std::vector<Strategy> solver_options(const MarketTerms& terms);

// The option that pays best by the formulas; the first of those that pay the same.
std::size_t best_response(const MarketTerms& terms, const Pool& pool, std::span<const Strategy> options);

// Outcomes of tasks beside a forecast: the mean of what was gained, with a confidence interval for it.
class Tally {
public:
    explicit Tally(const Forecast& forecast) : m_forecast(forecast) {}

    // Something happened or not, and this was gained.
    void add(bool happened, std::int64_t gain);

    [[nodiscard]] std::uint64_t tasks() const { return m_tasks; }
    [[nodiscard]] std::uint64_t happened() const { return m_happened; }
    // Tasks in which the ledger paid something else than the forecast's two amounts: any is a fault of the formulas or of the ledger.
    [[nodiscard]] std::uint64_t unexplained() const { return m_unexplained; }
    [[nodiscard]] double mean() const { return m_tasks == 0 ? 0 : m_sum / static_cast<double>(m_tasks); }

    struct Interval {
        double low = 0;
        double high = 0;
        [[nodiscard]] bool contains(double value) const { return value >= low && value <= high; }
    };
    // Wilson's interval for the share, taken to the amounts: it holds for rare ends too, where that of the normal distribution does not.
    // Requires: a task. `deviations`: of the normal distribution, two-sided.
    [[nodiscard]] Interval interval(double deviations = deviations_99) const;
    [[nodiscard]] bool agrees() const { return m_unexplained == 0 && interval().contains(m_forecast.mean()); }
    [[nodiscard]] const Forecast& forecast() const { return m_forecast; }

    static constexpr double deviations_99 = 2.5758293035489004; // 99 %

private:
    Forecast m_forecast;
    std::uint64_t m_tasks = 0;
    std::uint64_t m_happened = 0;
    std::uint64_t m_unexplained = 0;
    double m_sum = 0;
};

} // namespace assay::sim
