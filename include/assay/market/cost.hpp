// What a task takes, read off its program, so that a submitter sees what to offer and a bidder what to ask. Spec: spec/market.md,
// Spec: spec/market.md, spec/audit.md.
#pragma once

#include <assay/commit/task.hpp>

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

} // namespace assay::market
