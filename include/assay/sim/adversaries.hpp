// Dishonest players by name, for the tests of whoever plays disputes. Library: assay::testing. Spec: spec/dispute.md, DISPUTE-5 to
// DISPUTE-24.
//
// An adversary is the honest player over a trace that tells a lie, and, where it sends malformed or ill-timed moves, a filter on what
// the honest player would send. It always loses against an honest opponent: a solver is convicted, a challenger's claim fails.
#pragma once

#include <assay/replay/run_trace.hpp>
#include <assay/sim/player.hpp>
#include <assay/sim/synthetic.hpp>

namespace assay::sim {

// Which kind of lie an adversary's trace tells.
enum class LieKind : std::uint8_t {
    truth,
    anything,     // any of those below
    output,       // a state that is not made of the step's outputs
    source_state, // a node that is not the tensor of the state that it copies
    source_data,  // the same of the data set
    element,      // an element that one scalar step computes
    result,       // a record's result, and what is right are its inputs
    input,        // a record's input that is an operand's element
    join,         // a record's input that is an earlier record's result
    constant,     // a record's input that is a constant
};

// What an adversary sends instead of the honest player's moves in `sends`.
using Filter = void (*)(const View& view, std::vector<Send>& sends);

struct Adversary {
    std::string_view name;
    std::string_view description;
    dispute::Side side;
    LieKind lie;
    Filter filter; // null: it sends what the honest player over its trace would
};

// All of them, solvers first. Names are unique for each side.
std::span<const Adversary> adversaries();

// The adversary of this side with this name, or null.
const Adversary* find_adversary(dispute::Side side, std::string_view name);

// A solver and a challenger of it that play together, against whoever else challenges or pays.
struct Collusion {
    std::string_view name;
    std::string_view description;
    std::string_view solver, challenger; // names of adversaries
};
std::span<const Collusion> collusions();

// `sends` becomes what the adversary sends now.
void answer_of(const Adversary& adversary, const View& view, std::vector<Send>& sends);

// A lie of this kind about the task, at a place that `random` chooses. Returns: a lie of another kind where the program is too small to
// have a place for it.
Lie choose_lie(LieKind kind, const SyntheticTask& task, Random& random);

// The same lie for a run that is replayed: whatever follows from it follows honestly, so that it may reach no state.
replay::Deviation deviation_of(const Lie& lie);

} // namespace assay::sim
