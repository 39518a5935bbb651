// assay simulate: a market played on the ledger, and a page that shows play beside formulas. Spec: spec/economics.md.
#pragma once

#include <string>
#include <vector>

#include <assay/sim/learning.hpp>

#include "app/terms.hpp"

namespace assay::app {

struct SimulationOptions {
    SimulationOptions()
    {
        terms.segments = 100;
        terms.poison_gain = 500'000;
        terms.planted = 20;
    }
    TermsOptions terms;
    std::uint64_t tasks = 200; // for each point of a curve
    std::uint32_t verifiers = 20;
    std::uint32_t agents = 20; // who learn
    std::uint32_t generations = 64;
    std::uint32_t repeats = 5; // of each course of learning
    std::uint32_t threads = 2;
    std::uint64_t seed = 1;
    std::string page = "assay-simulation.html";
};

// One point: what was played beside what is expected.
struct SimulatedPoint {
    double x = 0;
    sim::Tally tally{sim::Forecast{}};
};

struct SimulatedCurve {
    std::string name;
    std::vector<SimulatedPoint> points;
};

// What false challenges did to one task.
struct HarassedTask {
    sim::Harassment harassment;
    std::int64_t harasser = 0;
    std::int64_t victim = 0; // beside what an honest solver earns
    std::uint64_t over_time = 0;
};

// How many are honest, generation by generation: the mean over the repeats, with its interval of 99 %.
struct Learned {
    std::string name;
    std::vector<double> solvers, solvers_low, solvers_high; // parts of one
    std::vector<double> verifiers, verifiers_low, verifiers_high;
};

struct SimulationResult {
    market::Job job;
    market::Recommendation recommendation;
    sim::MarketTerms terms;
    std::vector<SimulatedCurve> by_skipped; // payoff of each conduct against the share of skipped segments
    std::vector<SimulatedCurve> by_stake;   // payoff against the stake, as a share of the recommended one
    std::uint64_t verifier_stake = 0;          // in the points of by_planted
    std::vector<SimulatedCurve> by_planted; // payoff of verifiers against the share of planted faults
    std::vector<HarassedTask> harassed;
    std::uint64_t dispute_ticks = 0; // the longest that a game could have lasted
    std::vector<Learned> learned;
    std::uint64_t points = 0;
    std::uint64_t outside = 0;     // points whose 99 % interval does not hold the formula
    std::uint64_t unexplained = 0; // tasks whose amounts are not the formula's, to the unit
    std::uint64_t tasks = 0;
    std::uint64_t transactions = 0;
    std::string broken; // the first invariant of a market that did not hold; empty when all did
    double seconds = 0;

    // Amounts and invariants hold always; by chance one point in a hundred lies outside, and five in a hundred are no chance.
    [[nodiscard]] bool agrees() const { return broken.empty() && unexplained == 0 && outside * 20 <= points; }
};

// Plays everything, with a progress bar. Errors: those of job_of and explain_terms; invalid_input with the option that is outside of its
// range; those of sim::Market::open.
Result<SimulationResult> simulate(const SimulationOptions& options);

std::string simulation_page(const SimulationOptions& options, const SimulationResult& result);

} // namespace assay::app
