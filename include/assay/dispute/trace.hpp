// What a party knows of a run: every tree of commitments that a dispute may descend. Spec: spec/dispute.md, DISPUTE-21.
//
// This is the one interface with heavy work behind it. Players ask for a few nodes of a few trees; an implementation replays what
// that takes. An adversary is an honest player over a trace that was tampered with.
#pragma once

#include <assay/dispute/game.hpp>

namespace assay::dispute {

// Which tree. Steps are counted from the start of the disputed segment.
struct TreeAddress {
    enum class Kind : std::uint8_t {
        segment,      // leaves: digests of the states after each step (COMMIT-8)
        step,         // leaves: digests of the outputs of the nodes of step `step`, then of the state after it (COMMIT-7)
        state_before, // leaves: digests of the tensors of the state before step `step`
        state_after,  // and after it
        data,         // leaves: digests of the data set's tensors
        tensor,       // leaves: chunks of the output of node `node` in step `step`
        element,      // leaves: records of the scalar steps of its element `element`
    };
    Kind kind = Kind::segment;
    std::uint64_t step = 0;
    program::NodeIndex node;
    std::uint64_t element = 0;
};

// `hashes` and `digest` ask what `hash` and `leaf` answer, where an implementation has no shorter way to it.
class Trace {
public:
    virtual ~Trace() = default;

    // The hash of a node of a tree. Requires: a tree of this run, a node of it. Errors: not_available.
    virtual Result<Digest> hash(const TreeAddress& tree, merkle::Range node) = 0;

    // hashes[i] becomes that of row.node(i). Requires: as many as the row has nodes; otherwise as above. Errors: as above.
    virtual Status hashes(const TreeAddress& tree, const merkle::FrontRow& row, std::span<Digest> hashes);

    // The content of a leaf: a digest's 32 bytes, a chunk, an encoded record. Requires and Errors: as above.
    virtual Result<Bytes> leaf(const TreeAddress& tree, std::uint64_t index) = 0;

    // The same where the leaves are digests.
    virtual Result<Digest> digest(const TreeAddress& tree, std::uint64_t index);

    [[nodiscard]] virtual const commit::CommittedProgram& program() const = 0;
};

} // namespace assay::dispute
