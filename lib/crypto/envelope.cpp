// Signing a place and a content, and what the two are for a move.
#include <assay/crypto/envelope.hpp>

#include <assay/hash/openssl.hpp>

namespace assay::crypto {

namespace {

struct Signed {
    const Place& place;
    const Digest& content;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.place, self.content);
    }
};

} // namespace

Digest signing_digest(const Place& place, const Digest& content)
{
    return hash::tagged_digest("assay.signed", Signed{place, content}, hash::sha256_openssl);
}

Signature sign(const KeyPair& keys, const Place& place, const Digest& content)
{
    return keys.sign(view_of(signing_digest(place, content)));
}

Status verify(const PublicKey& key, const Place& place, const Digest& content, const Signature& signature)
{
    return verify(key, view_of(signing_digest(place, content)), signature);
}

Place place_of(const Digest& network, const dispute::Move& move)
{
    return {network, Purpose::dispute_move, move.game, move.number};
}

SignedMove sign(const KeyPair& keys, const Digest& network, dispute::Move move)
{
    const Signature signature = sign(keys, place_of(network, move), digest_of(move, hash::sha256_openssl));
    return {std::move(move), keys.public_key(), signature};
}

Status verify(const SignedMove& move, const Digest& network, const Digest& party)
{
    if (identity_of(move.signer) != party) return failure(Error::wrong_signer, "the key is that of " + short_hex(identity_of(move.signer)));
    return verify(move.signer, place_of(network, move.move), digest_of(move.move, hash::sha256_openssl), move.signature);
}

} // namespace assay::crypto
