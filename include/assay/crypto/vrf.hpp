// Verifiable random functions: ECVRF-EDWARDS25519-SHA512-TAI and -ELL2 of RFC 9381. Spec: spec/identity.md, IDENTITY-10 to IDENTITY-13.
//
// The holder of a key maps an input to 64 bytes that nobody else can predict, that the holder cannot choose, and that everybody can
// check. A key that evaluates here must sign nothing: `vrf_seed` derives one that is kept apart.
#pragma once

#include <assay/crypto/keys.hpp>

namespace assay::crypto {

enum class VrfSuite : std::uint8_t { try_and_increment, elligator };
constexpr std::uint8_t enumerator_limit(VrfSuite)
{
    return 2;
}

// Gamma (32 bytes), c (16) and s (32).
struct VrfProof {
    std::array<std::uint8_t, 80> bytes{};
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.bytes);
    }
    friend bool operator==(const VrfProof&, const VrfProof&) = default;
};

using VrfOutput = std::array<std::uint8_t, 64>;

// The seed of the key for random functions that belongs to a signing key's seed. Spec: IDENTITY-13.
Seed vrf_seed(const Seed& signing_seed);

// Evaluates and proves. Time depends on `input` only where TAI tries again, never on the secret.
// Cost: about a quarter of a millisecond.
class VrfKey {
public:
    explicit VrfKey(const Seed& seed);
    ~VrfKey();
    VrfKey(const VrfKey&) = default;
    VrfKey& operator=(const VrfKey&) = default;

    [[nodiscard]] const PublicKey& public_key() const { return m_public; }
    // Spec: IDENTITY-10.
    [[nodiscard]] VrfProof prove(VrfSuite suite, ByteView input) const;

private:
    PublicKey m_public;
    std::array<std::uint8_t, 32> m_scalar{};
    std::array<std::uint8_t, 32> m_nonce_key{};
};

// The output that `proof` shows to be the key's for `input`. Key and Gamma must be in the subgroup of prime order, which is
// stricter than the RFC and changes nothing for keys that were made as it says: no proof has a twin.
// Errors: invalid_key, invalid_randomness. Cost: about a third of a millisecond. Spec: IDENTITY-11, IDENTITY-12.
Result<VrfOutput> verify(const PublicKey& key, VrfSuite suite, ByteView input, const VrfProof& proof);

} // namespace assay::crypto
