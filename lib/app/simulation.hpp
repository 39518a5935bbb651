// assay simulate: a market played over many tasks, and a page that shows play beside formulas. Spec: spec/economics.md.
#pragma once

#include <string>
#include <vector>

#include <assay/sim/market.hpp>

#include "app/terms.hpp"

namespace assay::app {

struct SimulationOptions {
    TermsOptions terms;
    std::uint64_t tasks = 20'000; // for each point of a curve
    std::uint64_t seed = 1;
    std::string page = "assay-simulation.html";
};

// One point: what was played beside what is expected.
struct SimulatedPoint {
    double x = 0;
    double expected = 0;
    sim::Played played;
};

struct SimulatedCurve {
    std::string name;
    std::vector<SimulatedPoint> points;
};

struct ChosenConduct {
    double share_of_stake = 0; // of the recommended one
    std::uint64_t agents = 0;
    std::uint64_t honest = 0;
};

struct SimulationResult {
    market::Job job;
    market::Recommendation recommendation;
    std::vector<SimulatedCurve> by_skipped; // payoff of each conduct against the share of skipped segments
    std::vector<SimulatedCurve> by_stake;   // payoff against the stake
    std::vector<ChosenConduct> choices;     // what rational agents do
    std::uint64_t points = 0;
    std::uint64_t outside = 0; // points whose 99 % interval does not hold the formula
    double seconds = 0;
    std::uint64_t tasks = 0;
};

// Plays everything, with a progress bar. Errors: those of job_of and explain_terms; invalid_input for fewer than 100 tasks.
Result<SimulationResult> simulate(const SimulationOptions& options);

std::string simulation_page(const SimulationOptions& options, const SimulationResult& result);

} // namespace assay::app
