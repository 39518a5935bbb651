// What a task takes, read off its program, so that a submitter sees what to offer and a bidder what to ask. Spec: MARKET-19.
#pragma once

#include <span>

#include <assay/commit/task.hpp>
#include <assay/market/amount.hpp>

namespace assay::market {

// Of one step of a program, or of more: counts of a definition, not a prediction of seconds.
struct Cost {
    std::uint64_t operations = 0; // scalar steps, as spec/program.md lists them
    std::uint64_t bytes = 0;      // read and written by all nodes
    std::uint64_t memory = 0;     // states, data and all nodes' outputs
    friend bool operator==(const Cost&, const Cost&) = default;
};

// Errors: limit_exceeded where a count doesn't fit 62 bits.
Result<Cost> cost_of_step(const program::Program& program);

// Operations and bytes of a whole run. Errors: as above.
Result<Cost> cost_of_run(const program::Program& program, const commit::Task& task);

// What somebody computes on, and what an hour of it costs.
struct Machine {
    std::uint64_t operations_per_second = 1;
    std::uint64_t bytes_per_second = 1;
    Amount hour;
};

// The price of a run on a machine, as long as the slower of computing and moving bytes takes, rounded up: what a bidder asks at least.
// Requires: rates above zero. Errors: limit_exceeded where it is above amount_max. Spec: MARKET-19.
Result<Amount> price_of(const Cost& run, const Machine& machine);

// From the cheapest to the dearest of these machines: what a submitter may expect. Requires: at least one machine. Errors: as above.
struct PriceRange {
    Amount lowest, highest;
};
Result<PriceRange> price_range(const Cost& run, std::span<const Machine> machines);

} // namespace assay::market
