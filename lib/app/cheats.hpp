// The ways in which the demonstration's solver cheats. Each is a departure from the program in one step; everything after it follows
// honestly, which is the hardest kind to find.
#pragma once

#include <assay/replay/run_trace.hpp>

namespace assay::app {

struct Cheat {
    std::string name;              // as on the command line
    std::string description;       // "a solver that ..."
    bool needs_next_state = false; // makes sense in training only
    // The departure in step `step` (from 0) of a segment of this program.
    std::function<Result<replay::Deviation>(const program::Program& program, std::uint64_t step)> make;
};

const std::vector<Cheat>& cheats();

// Errors: invalid_input, listing the names that there are.
Result<const Cheat*> find_cheat(const std::string& name);

} // namespace assay::app
