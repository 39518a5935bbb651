// RFC 9381, sections 5.1 to 5.4, on libsodium's group operations. Points stay in their encoded form.
#include <assay/crypto/vrf.hpp>

#include <sodium.h>

#include <assay/hash/openssl.hpp>

#include "crypto/encode_to_curve.hpp"

namespace assay::crypto {

namespace {

ScalarBytes reduced(const std::array<std::uint8_t, 64>& wide)
{
    ScalarBytes scalar;
    crypto_core_ed25519_scalar_reduce(scalar.data(), wide.data());
    return scalar;
}

ScalarBytes scalar_from_challenge(std::span<const std::uint8_t, 16> challenge)
{
    ScalarBytes scalar{};
    std::copy(challenge.begin(), challenge.end(), scalar.begin());
    return scalar;
}

// RFC 9381, section 5.4.3: 16 bytes.
std::array<std::uint8_t, 16> challenge_of(VrfSuite suite, const PublicKey& key, const PointBytes& h, const PointBytes& gamma,
                                          const PointBytes& u, const PointBytes& v)
{
    const std::array<std::uint8_t, 2> front{octet_of(suite), 0x02};
    const std::array<std::uint8_t, 1> back{0x00};
    const auto hash = sha512({front, key.bytes, h, gamma, u, v, back});
    std::array<std::uint8_t, 16> challenge;
    std::copy_n(hash.begin(), challenge.size(), challenge.begin());
    return challenge;
}

// RFC 9381, section 5.2. Requires: gamma is a point.
VrfOutput output_of(VrfSuite suite, const PointBytes& gamma)
{
    const std::array<std::uint8_t, 2> front{octet_of(suite), 0x03};
    const std::array<std::uint8_t, 1> back{0x00};
    return sha512({front, times_cofactor(gamma), back});
}

// a P - b Q. Nothing where a scalar or a result is zero: an honest proof meets that with probability 2^-128.
std::optional<PointBytes> difference(const std::optional<PointBytes>& p, const ScalarBytes& a, const PointBytes& q, const ScalarBytes& b)
{
    PointBytes left, right, result;
    const int multiplied = p ? crypto_scalarmult_ed25519_noclamp(left.data(), a.data(), p->data())
                             : crypto_scalarmult_ed25519_base_noclamp(left.data(), a.data());
    if (multiplied != 0 || crypto_scalarmult_ed25519_noclamp(right.data(), b.data(), q.data()) != 0) return std::nullopt;
    if (crypto_core_ed25519_sub(result.data(), left.data(), right.data()) != 0) return std::nullopt;
    return result;
}

} // namespace

Seed vrf_seed(const Seed& signing_seed)
{
    return {hash::tagged_digest("assay.vrf-seed", signing_seed.bytes, hash::sha256_openssl).bytes};
}

VrfKey::VrfKey(const Seed& seed)
{
    // RFC 8032, section 5.1.5: the scalar is the clamped first half of the seed's hash.
    auto hash = sha512({seed.bytes});
    hash[0] &= 0xf8;
    hash[31] = static_cast<std::uint8_t>((hash[31] & 0x7f) | 0x40);
    std::copy_n(hash.begin(), 32, m_scalar.begin());
    std::copy_n(hash.begin() + 32, 32, m_nonce_key.begin());
    const int done = crypto_scalarmult_ed25519_base_noclamp(m_public.bytes.data(), m_scalar.data());
    ASSAY_CHECK(done == 0);
    sodium_memzero(hash.data(), hash.size());
}

VrfKey::~VrfKey()
{
    sodium_memzero(m_scalar.data(), m_scalar.size());
    sodium_memzero(m_nonce_key.data(), m_nonce_key.size());
}

VrfProof VrfKey::prove(VrfSuite suite, ByteView input) const
{
    const PointBytes h = encode_to_curve(m_public, suite, input);
    const ScalarBytes k = reduced(sha512({m_nonce_key, h})); // RFC 9381, section 5.4.2.2
    PointBytes gamma, u, v;
    const bool done = crypto_scalarmult_ed25519_noclamp(gamma.data(), m_scalar.data(), h.data()) == 0 &&
                      crypto_scalarmult_ed25519_base_noclamp(u.data(), k.data()) == 0 &&
                      crypto_scalarmult_ed25519_noclamp(v.data(), k.data(), h.data()) == 0;
    ASSAY_CHECK(done);
    const auto challenge = challenge_of(suite, m_public, h, gamma, u, v);
    ScalarBytes product, s;
    crypto_core_ed25519_scalar_mul(product.data(), scalar_from_challenge(challenge).data(), m_scalar.data());
    crypto_core_ed25519_scalar_add(s.data(), k.data(), product.data());
    VrfProof proof;
    auto end = std::copy(gamma.begin(), gamma.end(), proof.bytes.begin());
    end = std::copy(challenge.begin(), challenge.end(), end);
    std::copy(s.begin(), s.end(), end);
    return proof;
}

Result<VrfOutput> verify(const PublicKey& key, VrfSuite suite, ByteView input, const VrfProof& proof)
{
    ASSAY_TRY(validate(key));
    const std::span<const std::uint8_t, 80> bytes{proof.bytes};
    PublicKey gamma;
    std::copy_n(bytes.begin(), 32, gamma.bytes.begin());
    if (!validate(gamma)) return failure(Error::invalid_randomness, "Gamma is no point of the subgroup of prime order");
    if (!is_canonical_scalar(bytes.last<32>())) return failure(Error::invalid_randomness, "s is not below the group's order");
    ScalarBytes s;
    std::copy_n(bytes.begin() + 48, 32, s.begin());
    const ScalarBytes c = scalar_from_challenge(bytes.subspan<32, 16>());
    const PointBytes h = encode_to_curve(key, suite, input);
    const auto u = difference(std::nullopt, s, key.bytes, c);
    const auto v = difference(h, s, gamma.bytes, c);
    if (!u || !v) return failure(Error::invalid_randomness, "a scalar or point of the proof is zero");
    const auto challenge = challenge_of(suite, key, h, gamma.bytes, *u, *v);
    if (!std::equal(challenge.begin(), challenge.end(), bytes.begin() + 32))
        return failure(Error::invalid_randomness, "the proof is not the key's for this input");
    return output_of(suite, gamma.bytes);
}

} // namespace assay::crypto
