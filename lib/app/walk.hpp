// A dispute told step by step, from its transcript alone: what was selected in each layer, and what the proof showed.
#pragma once

#include <assay/dispute/transcript.hpp>

namespace assay::app {

// One thing that the challenger pointed at.
struct WalkStep {
    std::string layer; // "segment", "step", "tensor", ...
    std::string text;  // "step 7 of 10"
};

// How a move left a layer: something between `begin` and `end`, of `size` things, is disputed from then on.
struct Narrowing {
    std::string layer; // as of a step; "chunk" for the elements of the chunk that was shown
    std::uint32_t move = 0;
    std::uint64_t size = 0, begin = 0, end = 0;
};

// A number that an operation reads, with the letter that the formula has for it.
struct OperationInput {
    char letter = 'x';
    std::string value;
};

struct Walk {
    std::vector<WalkStep> steps;
    std::vector<Narrowing> narrowings; // in the order of the moves
    std::string formula;               // of the scalar operation, and what it reads; empty where there is none
    std::vector<OperationInput> inputs;
    std::string operation; // the scalar operation at the bottom, with its inputs; empty when the game ended elsewhere
    std::string committed; // what the solver committed, and what is right
    std::string right;
    std::string verdict;
    std::uint32_t moves = 0;
    std::size_t solver_bytes = 0; // what each side sent
    std::size_t challenger_bytes = 0;
    std::size_t evidence_bytes = 0; // the last move
};

// Errors: those of replaying the transcript.
Result<Walk> walk_of(const dispute::Transcript& transcript);

// The walk as indented text, for a terminal.
std::string to_text(const Walk& walk);

} // namespace assay::app
