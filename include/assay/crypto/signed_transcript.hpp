// The record of a game from which anyone finds the verdict again, and who made which move. Spec: spec/identity.md, IDENTITY-9.
//
// A verdict by proof rests on the parties' signatures alone. A verdict by clock rests on the ticks too, and those are the word of
// whoever kept the time: its signature covers the whole record.
#pragma once

#include <assay/crypto/envelope.hpp>
#include <assay/dispute/transcript.hpp>

namespace assay::crypto {

struct SignedTranscript {
    Digest network;
    dispute::Transcript transcript;
    PublicKey solver;
    PublicKey challenger;
    std::vector<Signature> signatures; // one for each move, by the side that the move belongs to
    PublicKey timekeeper;
    Signature attestation; // the timekeeper's, over the network and the transcript
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.network, self.transcript, self.solver, self.challenger, self.signatures, self.timekeeper, self.attestation);
    }
    friend bool operator==(const SignedTranscript&, const SignedTranscript&) = default;
};

// The side that a move's kind belongs to.
dispute::Side side_of(const dispute::MoveBody& body);

// Signs a record with all three keys: for tests, demonstrations and hosts that hold them. Requires: the keys are those of the
// transcript's parties.
SignedTranscript sign(const Digest& network, dispute::Transcript transcript, const KeyPair& solver, const KeyPair& challenger,
                      const KeyPair& timekeeper);

// Plays the record from its start, checking every signature. Returns: the game as it stands at the end.
// Errors: wrong_signer (a key is not the party's), wrong_proof_length (not one signature a move), those of verify and those of
// dispute::replay. Spec: IDENTITY-9.
Result<dispute::Game> replay(const SignedTranscript& record);

} // namespace assay::crypto
