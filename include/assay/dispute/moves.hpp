// The moves of a dispute. All are plain data with one encoding; what they mean, and when they are allowed, is Game::apply's.
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
struct Select {
    std::uint32_t index = 0;
    std::optional<commit::DescriptorOpening> descriptor;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.index, self.descriptor);
    }
    friend bool operator==(const Select&, const Select&) = default;
};

// An element of a tensor that the solver committed to in the disputed step: the tensor's chunk, and the paths up to the step's root.
struct OperandOpening {
    Digest tensor_root;
    merkle::Proof tensor_proof; // from the tensor's digest, the leaf of its node, to the step's root
    Bytes chunk;
    merkle::Proof chunk_proof; // from the chunk to the tensor's root
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.tensor_root, self.tensor_proof, self.chunk, self.chunk_proof);
    }
    friend bool operator==(const OperandOpening&, const OperandOpening&) = default;
};

// A source's tensor is not the one of the state before the step, or of the data set.
struct SourceEvidence {
    std::optional<Digest> before; // the state before the disputed step, where that is not the statement's own
    merkle::Proof before_proof;   // to the segment's root
    Digest list_root;             // of the state or data set
    Digest tensor;                // its tensor with the source's index
    merkle::Proof tensor_proof;   // to list_root
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.before, self.before_proof, self.list_root, self.tensor, self.tensor_proof);
    }
    friend bool operator==(const SourceEvidence&, const SourceEvidence&) = default;
};

// A tensor of the state after the step is not the output of the node that the program names.
struct OutputEvidence {
    commit::OutputOpening output;
    Digest tensor;
    merkle::Proof tensor_proof; // to the step's root
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.output, self.tensor, self.tensor_proof);
    }
    friend bool operator==(const OutputEvidence&, const OutputEvidence&) = default;
};

// An element is not what its single scalar step makes of its operands. One opening for each input that is an operand, in the order
// x, y, z.
struct ElementEvidence {
    std::vector<OperandOpening> operands;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.operands);
    }
    friend bool operator==(const ElementEvidence&, const ElementEvidence&) = default;
};

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
struct InputEvidence {
    std::uint8_t input = 0;
    OperandOpening operand;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.input, self.operand);
    }
    friend bool operator==(const InputEvidence&, const InputEvidence&) = default;
};

// Input `input` of a record is not the result of the earlier record that it continues.
struct JoinEvidence {
    std::uint8_t input = 0;
    program::StepRecord record;
    merkle::Proof record_proof; // to the element tree's root
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.input, self.record, self.record_proof);
    }
    friend bool operator==(const JoinEvidence&, const JoinEvidence&) = default;
};

using Evidence = std::variant<SourceEvidence, OutputEvidence, ElementEvidence, ArithmeticEvidence, InputEvidence, JoinEvidence>;

// Challenger: selects, and shows the fault at what it selected. This ends the game.
struct Prove {
    Select selection;
    Evidence evidence;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.selection, self.evidence);
    }
    friend bool operator==(const Prove&, const Prove&) = default;
};

using MoveBody = std::variant<Open, Reveal, RevealChunk, Select, Prove>;

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
