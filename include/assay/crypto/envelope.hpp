// What a signature is over: never bare bytes, always a digest that names the place that it was made for. A signature made for one
// network, purpose, game or position says nothing anywhere else. Spec: spec/identity.md, IDENTITY-6 to IDENTITY-8.
#pragma once

#include <assay/crypto/keys.hpp>
#include <assay/dispute/moves.hpp>

namespace assay::crypto {

enum class Purpose : std::uint8_t {
    transaction,  // subject: the account; position: its count of transactions
    progress,     // subject: the task; position: the checkpoint's index
    dispute_move, // subject: the game; position: the move's number
    transcript,   // subject: the game; position: the number of its moves
};
constexpr std::uint8_t enumerator_limit(Purpose)
{
    return 4;
}

// Where a signature counts.
struct Place {
    Digest network;
    Purpose purpose = Purpose::transaction;
    Digest subject;
    std::uint64_t position = 0;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.network, self.purpose, self.subject, self.position);
    }
    friend bool operator==(const Place&, const Place&) = default;
};

// The 32 bytes that are signed: the tagged digest of the place and of the content's own digest. Spec: IDENTITY-6.
Digest signing_digest(const Place& place, const Digest& content);

Signature sign(const KeyPair& keys, const Place& place, const Digest& content);

// Errors: as verify() of bytes. Spec: IDENTITY-6.
Status verify(const PublicKey& key, const Place& place, const Digest& content, const Signature& signature);

// A move of a dispute with its author's signature. Spec: IDENTITY-7.
struct SignedMove {
    dispute::Move move;
    PublicKey signer;
    Signature signature;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.move, self.signer, self.signature);
    }
    friend bool operator==(const SignedMove&, const SignedMove&) = default;
};

Place place_of(const Digest& network, const dispute::Move& move);
SignedMove sign(const KeyPair& keys, const Digest& network, dispute::Move move);

// Succeeds when `party` signed the move for its game on this network. Whether it may make it now is the game's to say.
// Errors: wrong_signer, and those of verify. Spec: IDENTITY-7.
Status verify(const SignedMove& move, const Digest& network, const Digest& party);

} // namespace assay::crypto
