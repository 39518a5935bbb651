// Ed25519 keys and signatures (RFC 8032) under one strict rule. Spec: spec/identity.md, IDENTITY-1 to IDENTITY-5.
//
// RFC 8032 leaves verifiers free where keys or points are odd, and published verifiers differ there: what one accepts, another
// refuses. A ledger that anyone replays can't afford that, so the rule is written out, and tested at every edge.
//
// Nothing here draws entropy: a seed is an argument, and signatures are deterministic. All functions may be called from several
// threads at once.
#pragma once

#include <memory>

#include <assay/hash/sha256.hpp>

namespace assay::crypto {

// The encoding of a curve point, as it came in: not every value is an acceptable key (see validate).
struct PublicKey {
    std::array<std::uint8_t, 32> bytes{};
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.bytes);
    }
    friend bool operator==(const PublicKey&, const PublicKey&) = default;
    friend auto operator<=>(const PublicKey&, const PublicKey&) = default;
};

// R and S, 32 bytes each.
struct Signature {
    std::array<std::uint8_t, 64> bytes{};
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.bytes);
    }
    friend bool operator==(const Signature&, const Signature&) = default;
};

// What a key pair follows from: 32 bytes that nobody else can know.
struct Seed {
    std::array<std::uint8_t, 32> bytes{};
};

// The name of a key's holder: the digest of the key. It is what dispute::Parties, accounts and records hold. Spec: IDENTITY-1.
Digest identity_of(const PublicKey& key);

// Succeeds when `key` is acceptable: canonical, a point of the curve, in the subgroup of prime order, not its neutral element.
// Errors: invalid_key. Cost: one multiplication of a point. Spec: IDENTITY-2.
Status validate(const PublicKey& key);

// Succeeds when `signature` is the key's over exactly these bytes. Refused besides wrong signatures: S not below the group's order; a
// key or R that is not canonical or has small order. The equation is checked without the cofactor.
// Errors: invalid_key, invalid_signature. Cost: about 50 microseconds. Spec: IDENTITY-3, IDENTITY-4.
Status verify(const PublicKey& key, ByteView message, const Signature& signature);

// A secret key with its public key. Its memory is wiped when it goes. Copies are independent.
class KeyPair {
public:
    explicit KeyPair(const Seed& seed);
    ~KeyPair();
    KeyPair(const KeyPair&) = default;
    KeyPair& operator=(const KeyPair&) = default;

    [[nodiscard]] const PublicKey& public_key() const { return m_public; }
    [[nodiscard]] const Digest& identity() const { return m_identity; }

    // The one signature over these bytes (RFC 8032 is deterministic). Spec: IDENTITY-5.
    [[nodiscard]] Signature sign(ByteView message) const;

private:
    PublicKey m_public;
    Digest m_identity;
    std::array<std::uint8_t, 64> m_secret{}; // seed and public key, as libsodium wants it
};

} // namespace assay::crypto
