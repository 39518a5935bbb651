// The referee: from the bytes of the last move, and the place that the game had come to before it, to a verdict. A pure function of bytes. It
// allocates nothing, uses integer instructions only, and needs no model, no data set and no library, so that it can run in a contract or in a
// machine that proves what it did. A test holds it to all of that. Spec: spec/dispute.md, DISPUTE-14 to DISPUTE-20, DISPUTE-31 and DISPUTE-32.
#pragma once

#include <assay/dispute/moves.hpp>

namespace assay::dispute {

// All that a verdict depends on besides the last move: what a game's state holds about the place where the challenger may prove. It borrows its
// lists and the chunk. Whoever keeps only its digest judges by the second form of `judge`. Spec: DISPUTE-31.
struct Place {
    Digest game;                      // which game it is,
    std::uint32_t number = 0;         // the number of the move to come
    Digest previous;                  // and the move that it answers
    std::uint32_t evidence_bytes = 0; // the most that it may have

    Statement statement;
    Layer layer = Layer::step;  // step, state and element: an entry of a front is selected; tensor: an element of `chunk`
    std::uint64_t step = 0;     // of the segment
    Digest segment_root;        // nothing where the statement has one step
    Digest step_root;
    Digest element_root;        // Layer::element only
    merkle::Range node;         // whose front is shown, or whose chunk
    std::uint8_t levels = 0;    // of the front
    ListView<Digest> digests;   // the front's
    ListView<program::StepRecord> records;
    std::optional<program::Descriptor> descriptor; // Layer::tensor and Layer::element: of the disputed node
    std::uint64_t element = 0;                     // Layer::element: which of its elements
    ByteView chunk;                                // Layer::tensor

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.game, self.number, self.previous, self.evidence_bytes, self.statement, self.layer, self.step, self.segment_root,
                     self.step_root, self.element_root, self.node, self.levels, self.digests, self.records, self.descriptor, self.element,
                     self.chunk);
    }
};

// Judges an encoded move that proves. Requires: a place that a game can be at (Game::apply and Game::decode see to it); the move's bytes may
// come from anybody.
// Returns: convicted when the solver's own commitments contradict each other or the program there, otherwise upheld.
// Errors: limit_exceeded (its size), those of decoding, wrong_history (another game's move, or another's turn), wrong_move (it does not prove),
// nothing_selected, invalid_proof when the evidence is not of the kind that this place demands, and those of the openings in it: then nothing
// was shown, for or against. Cost: at most evidence_bytes of hashing, twice, and one scalar operation. Spec: DISPUTE-14.
Result<Verdict, Refusal> judge(const Place& place, ByteView move, hash::HashFunction function = hash::sha256);

// The digest that a host keeps of a place. Spec: DISPUTE-31.
Digest digest_of(const Place& place, hash::HashFunction function = hash::sha256);

// The same verdict from `place`, the encoding of the place with this digest: both byte strings may come from anybody. Requires: the digest is
// one of a place that a game was at. Errors: commitment_mismatch, and as above. Spec: DISPUTE-31.
Result<Verdict, Refusal> judge(const Digest& commitment, ByteView place, ByteView move, hash::HashFunction function = hash::sha256);

} // namespace assay::dispute
