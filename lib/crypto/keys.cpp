// The strict rule is checked here, before libsodium is asked, so that it doesn't depend on how a libsodium was built.
//
// sodium_init is never called: it opens the system's source of entropy, and nothing that is used here needs it.
#include <assay/crypto/keys.hpp>

#include <sodium.h>

#include <assay/hash/openssl.hpp>

#include "crypto/points.hpp"

namespace assay::crypto {

Digest identity_of(const PublicKey& key)
{
    return hash::tagged_digest("assay.identity", key, hash::sha256_openssl);
}

Status validate(const PublicKey& key)
{
    if (!is_canonical_point(key.bytes)) return failure(Error::invalid_key, "the key's y is not below 2^255 - 19");
    if (has_small_order(key.bytes)) return failure(Error::invalid_key, "the key has small order");
    if (crypto_core_ed25519_is_valid_point(key.bytes.data()) != 1)
        return failure(Error::invalid_key, "the key is no point of the subgroup of prime order");
    return {};
}

Status verify(const PublicKey& key, ByteView message, const Signature& signature)
{
    const std::span<const std::uint8_t, 64> bytes{signature.bytes};
    const auto r = bytes.first<32>();
    if (!is_canonical_point(key.bytes) || has_small_order(key.bytes))
        return failure(Error::invalid_key, "the key is not canonical, or has small order");
    if (!is_canonical_scalar(bytes.last<32>())) return failure(Error::invalid_signature, "S is not below the group's order");
    if (!is_canonical_point(r) || has_small_order(r)) return failure(Error::invalid_signature, "R is not canonical, or has small order");
    if (crypto_sign_ed25519_verify_detached(signature.bytes.data(), message.data(), message.size(), key.bytes.data()) != 0)
        return failure(Error::invalid_signature);
    return {};
}

KeyPair::KeyPair(const Seed& seed)
{
    const int done = crypto_sign_ed25519_seed_keypair(m_public.bytes.data(), m_secret.data(), seed.bytes.data());
    ASSAY_CHECK(done == 0);
    m_identity = identity_of(m_public);
}

KeyPair::~KeyPair()
{
    sodium_memzero(m_secret.data(), m_secret.size());
}

Signature KeyPair::sign(ByteView message) const
{
    Signature signature;
    const int done = crypto_sign_ed25519_detached(signature.bytes.data(), nullptr, message.data(), message.size(), m_secret.data());
    ASSAY_CHECK(done == 0);
    return signature;
}

} // namespace assay::crypto
