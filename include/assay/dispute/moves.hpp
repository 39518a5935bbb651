// The moves of a dispute. All are plain data with one encoding (those that a judge reads without allocating take merkle::Owned or
// merkle::Borrowed); what they mean, and when they are allowed, is Game::apply's.
// Spec: spec/dispute.md, DISPUTE-5 to DISPUTE-9.
#pragma once

#include <assay/dispute/statement.hpp>
#include <assay/merkle/proof.hpp>
#include <assay/program/scalar.hpp>

namespace assay::dispute {

// The nodes of a tree some levels below one that is already known, left to right. A leaf is shown by its content where that is
// small: a digest in the trees over digests, a record in an element's tree; otherwise, and for inner nodes, by its hash.
struct Front {
    std::vector<Digest> digests;
    std::vector<program::StepRecord> records;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.digests, self.records);
    }
    friend bool operator==(const Front&, const Front&) = default;
};

// Solver: commits to the tree of the next layer. `pin` shows that the tree's last leaf is what the layer above disputes; where the
// digest above is a function of the root (a tensor's, a state's), there is no pin.
struct Open {
    Digest root;
    merkle::Proof pin;
    std::optional<program::StepRecord> last_record; // of an element's tree
    Front front;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.root, self.pin, self.last_record, self.front);
    }
    friend bool operator==(const Open&, const Open&) = default;
};

// Solver: the next levels below the node that was selected.
struct Reveal {
    Front front;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.front);
    }
    friend bool operator==(const Reveal&, const Reveal&) = default;
};

// Solver: the bytes of the chunk that was selected.
struct RevealChunk {
    Bytes chunk;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.chunk);
    }
    friend bool operator==(const RevealChunk&, const RevealChunk&) = default;
};

// Challenger: the first of the revealed things that it disagrees with, counted from the left. Selecting a node of the program
// opens its descriptor, so that nobody who judges needs the program.
template <class Held>
struct BasicSelect {
    std::uint32_t index = 0;
    std::optional<commit::BasicDescriptorOpening<Held>> descriptor;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.index, self.descriptor);
    }
    friend bool operator==(const BasicSelect&, const BasicSelect&) = default;
};
using Select = BasicSelect<merkle::Owned>;

// An element of a tensor that the solver committed to in the disputed step: the tensor's chunk, and the paths up to the step's root.
template <class Held>
struct BasicOperandOpening {
    Digest tensor_root;
    typename Held::Proof tensor_proof; // from the tensor's digest, the leaf of its node, to the step's root
    typename Held::Bytes chunk;
    typename Held::Proof chunk_proof; // from the chunk to the tensor's root
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.tensor_root, self.tensor_proof, self.chunk, self.chunk_proof);
    }
    friend bool operator==(const BasicOperandOpening&, const BasicOperandOpening&) = default;
};
using OperandOpening = BasicOperandOpening<merkle::Owned>;

// A source's tensor is not the one of the state before the step, or of the data set.
template <class Held>
struct BasicSourceEvidence {
    std::optional<Digest> before; // the state before the disputed step, where that is not the statement's own
    typename Held::Proof before_proof;   // to the segment's root
    Digest list_root;             // of the state or data set
    Digest tensor;                // its tensor with the source's index
    typename Held::Proof tensor_proof;   // to list_root
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.before, self.before_proof, self.list_root, self.tensor, self.tensor_proof);
    }
    friend bool operator==(const BasicSourceEvidence&, const BasicSourceEvidence&) = default;
};
using SourceEvidence = BasicSourceEvidence<merkle::Owned>;

// A tensor of the state after the step is not the output of the node that the program names.
template <class Held>
struct BasicOutputEvidence {
    commit::BasicOutputOpening<Held> output;
    Digest tensor;
    typename Held::Proof tensor_proof; // to the step's root
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.output, self.tensor, self.tensor_proof);
    }
    friend bool operator==(const BasicOutputEvidence&, const BasicOutputEvidence&) = default;
};
using OutputEvidence = BasicOutputEvidence<merkle::Owned>;

// An element is not what its single scalar step makes of its operands. One opening for each input that is an operand, in the order
// x, y, z.
template <class Held>
struct BasicElementEvidence {
    typename Held::template List<BasicOperandOpening<Held>, 3> operands;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.operands);
    }
    friend bool operator==(const BasicElementEvidence&, const BasicElementEvidence&) = default;
};
using ElementEvidence = BasicElementEvidence<merkle::Owned>;

// A record's result is not what its own inputs give, or an input that is a constant is another.
struct ArithmeticEvidence {
    template <class Self, class Visit>
    static auto fields(Self&, Visit visit)
    {
        return visit();
    }
    friend bool operator==(const ArithmeticEvidence&, const ArithmeticEvidence&) = default;
};

// Input `input` of a record is not the operand's committed element.
template <class Held>
struct BasicInputEvidence {
    std::uint8_t input = 0;
    BasicOperandOpening<Held> operand;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.input, self.operand);
    }
    friend bool operator==(const BasicInputEvidence&, const BasicInputEvidence&) = default;
};
using InputEvidence = BasicInputEvidence<merkle::Owned>;

// Input `input` of a record is not the result of the earlier record that it continues.
template <class Held>
struct BasicJoinEvidence {
    std::uint8_t input = 0;
    program::StepRecord record;
    typename Held::Proof record_proof; // to the element tree's root
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.input, self.record, self.record_proof);
    }
    friend bool operator==(const BasicJoinEvidence&, const BasicJoinEvidence&) = default;
};
using JoinEvidence = BasicJoinEvidence<merkle::Owned>;

template <class Held>
using BasicEvidence = std::variant<BasicSourceEvidence<Held>, BasicOutputEvidence<Held>, BasicElementEvidence<Held>, ArithmeticEvidence,
                                   BasicInputEvidence<Held>, BasicJoinEvidence<Held>>;
using Evidence = BasicEvidence<merkle::Owned>;

// Challenger: selects, and shows the fault at what it selected. This ends the game.
template <class Held>
struct BasicProve {
    BasicSelect<Held> selection;
    BasicEvidence<Held> evidence;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.selection, self.evidence);
    }
    friend bool operator==(const BasicProve&, const BasicProve&) = default;
};
using Prove = BasicProve<merkle::Owned>;

using MoveBody = std::variant<Open, Reveal, RevealChunk, Select, Prove>;
inline constexpr std::uint8_t proving_body = 4; // the index of Prove

// A move is bound to its game by the game's id, to its place by its number, counted from 0, and to what it answers by the digest of the
// move before it (for the first move, the game's id again): a selection never refers to another reveal than the one its author saw.
// Spec: DISPUTE-5.
struct Move {
    Digest game;
    std::uint32_t number = 0;
    Digest previous;
    MoveBody body;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.game, self.number, self.previous, self.body);
    }
    friend bool operator==(const Move&, const Move&) = default;
};

// The tagged digest `assay.move` of a move. Spec: DISPUTE-5.
Digest digest_of(const Move& move, hash::HashFunction function = hash::sha256);

} // namespace assay::dispute
