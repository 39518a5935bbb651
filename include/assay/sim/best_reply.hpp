// What pays best against everything that others do, by formulas alone: for every population of solvers and verifiers of a simulated market
// what each way to behave earns on average, and where it ends when everybody moves to what earns most. Library: assay::testing. Spec:
// spec/economics.md, ECON-16.
#pragma once

#include <assay/sim/forecast.hpp>

namespace assay::sim {

// How many of the verifiers do what, by VerifierConduct.
using Verifiers = std::array<std::uint32_t, 3>;

struct Population {
    std::vector<std::uint32_t> solvers; // how many take which option
    Verifiers verifiers{};
    friend bool operator==(const Population&, const Population&) = default;
};

// What a market of such populations is about. `options` are of a solver, the first of them honest; `planted_rate` of all tasks, in parts per
// million, are the submitter's own with a fault.
struct Game {
    MarketTerms terms;
    std::vector<Strategy> options;
    std::uint32_t planted_rate = 0;
};

// What a solver earns in a task. Requires: at least as many verifiers as are drawn; no framing.
double solver_gain(const MarketTerms& terms, const Strategy& strategy, const Verifiers& verifiers);

// What a verifier earns each time that it is drawn, beside others that are drawn without replacement. Requires: as many others as are drawn
// with it; a solver.
double verifier_gain(const Game& game, VerifierConduct conduct, const std::vector<std::uint32_t>& solvers, const Verifiers& others);

// The option that earns a solver most, and the conduct that earns a verifier most who now does `now`; the first of those that earn the
// same, to a millionth of a job's cost.
std::size_t best_option(const Game& game, const Population& population);
VerifierConduct best_conduct(const Game& game, const Population& population, VerifierConduct now);

// A round in which one solver of each option and one verifier of each conduct move to what earns most.
Population next_round(const Game& game, const Population& population);

// Where that ends: the first population that does not move any more; nothing after so many rounds.
std::optional<Population> settles(const Game& game, Population population, std::uint32_t rounds_max = 10'000);

} // namespace assay::sim
