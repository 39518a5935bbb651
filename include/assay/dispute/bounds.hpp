// What a game can cost at most, before it starts: for whoever chooses terms, sizes a deposit, or decides whether to take part at all.
// Spec: spec/dispute.md, DISPUTE-27 and DISPUTE-28.
//
//     const TaskSizes sizes = sizes_of(program, interval);
//     Terms terms = ...;
//     const Bounds most = *bounds(sizes, terms);   // most.rounds, most.solver_bytes, most.ticks
#pragma once

#include <assay/dispute/statement.hpp>

namespace assay::dispute {

// The sizes of the trees that a dispute about a task can descend.
struct TaskSizes {
    std::uint64_t steps = 1; // of the disputed segment
    std::uint64_t nodes = 1;
    std::uint64_t outputs = 1;
    std::uint64_t states = 0;
    std::uint64_t data = 0;
    std::uint64_t chunks = 1;       // of the largest node's output
    std::uint64_t scalar_steps = 1; // of the longest element
    std::uint64_t operands = 3;     // that one scalar step reads, at most
};

struct Bounds {
    std::uint64_t rounds = 0;       // a move of the solver and one of the challenger
    std::uint64_t solver_bytes = 0; // of all encoded moves of a side
    std::uint64_t challenger_bytes = 0;
    std::uint64_t steps_replayed = 0;    // by each side: the segment once
    std::uint64_t steps_traced = 0;      // by each side: the disputed step, with all of its nodes' outputs, besides that
    std::uint64_t evidence_bytes = 0;    // of the move that proves, and so of all that the referee reads
    std::uint64_t hash_blocks = 0;       // that SHA-256 compresses to judge it
    std::uint64_t scalar_operations = 1; // that the referee computes
    std::uint64_t ticks = 0;             // from the start to the last deadline; a tick later a silent side has lost
};

// Requires: steps at least 1.
TaskSizes sizes_of(const program::Program& program, std::uint64_t steps);

// Errors: invalid_terms and invalid_statement as Game::start has them. Spec: DISPUTE-27.
Result<Bounds> bounds(const TaskSizes& sizes, const Terms& terms);

// Refuses a program with a place that the referee could not judge within the terms' limits: whoever posts a task or accepts a statement
// asks this first. Errors: limit_exceeded, naming the node, what its proof can need, and the limit. Spec: DISPUTE-28.
Status validate_limits(const program::Program& program, std::uint64_t steps, const RefereeLimits& limits);

} // namespace assay::dispute
