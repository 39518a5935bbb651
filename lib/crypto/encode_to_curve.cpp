// Try and increment (RFC 9381, section 5.4.1.1), and the Elligator map (RFC 9380, section 6.8.2) behind section 5.4.1.2.
#include "crypto/encode_to_curve.hpp"

#include <sodium.h>

#include "crypto/field.hpp"

namespace assay::crypto {

namespace {

PointBytes try_and_increment(const PublicKey& key, ByteView input)
{
    const std::array<std::uint8_t, 2> front{octet_of(VrfSuite::try_and_increment), 0x01};
    for (unsigned counter = 0; counter < 256; ++counter) {
        const std::array<std::uint8_t, 2> back{static_cast<std::uint8_t>(counter), 0x00};
        const auto hash = sha512({front, key.bytes, input, back});
        PointBytes candidate;
        std::copy_n(hash.begin(), candidate.size(), candidate.begin());
        PointBytes doubled;
        // Adding decodes; points of small order would give the neutral element, which does not count as found.
        if (!is_canonical_point(candidate) || has_small_order(candidate)) continue;
        if (crypto_core_ed25519_add(doubled.data(), candidate.data(), candidate.data()) == 0) return times_cofactor(candidate);
    }
    ASSAY_CHECK(false); // half of all strings are points: 256 failures in a row have probability 2^-256
    return {};
}

// RFC 9380, section 5.3.1, for one block of SHA-512.
std::array<std::uint8_t, 48> expand_message(ByteView salt, ByteView input)
{
    static constexpr std::string_view domain = "ECVRF_edwards25519_XMD:SHA-512_ELL2_NU_\x04";
    static constexpr std::uint8_t domain_length = domain.size();
    constexpr std::array<std::uint8_t, 128> padding{};
    constexpr std::array<std::uint8_t, 3> length_and_zero{0, 48, 0};
    constexpr std::uint8_t one = 1;
    const auto first = sha512({padding, salt, input, length_and_zero, view_of(domain), {&domain_length, 1}});
    const auto block = sha512({first, {&one, 1}, view_of(domain), {&domain_length, 1}});
    std::array<std::uint8_t, 48> uniform;
    std::copy_n(block.begin(), uniform.size(), uniform.begin());
    return uniform;
}

// RFC 9380, section 6.7.1 with J = 486662, K = 1, Z = 2, and the map of section 6.8.2 to the Edwards form.
PointBytes elligator(const Field& u)
{
    const Field one{1}, j{486662};
    Field x1 = (Field{} - j) * (one + Field{2} * u * u).inverse();
    if (x1.is_zero()) x1 = Field{} - j;
    const auto curve = [&](const Field& x) { return x * x * x + j * x * x + x; };
    const bool first = curve(x1).is_square();
    const Field s = first ? x1 : Field{} - x1 - j;
    const Field t = curve(s).root(first);
    Field x{}, y{1};
    if (!t.is_zero() && !(s + one).is_zero()) {
        x = (Field{} - Field{486664}).root(false) * s * t.inverse();
        y = (s - one) * (s + one).inverse();
    }
    PointBytes point = y.to_bytes();
    if (x.is_odd()) point[31] |= 0x80;
    return point;
}

} // namespace

std::uint8_t octet_of(VrfSuite suite)
{
    return suite == VrfSuite::try_and_increment ? 0x03 : 0x04;
}

PointBytes encode_to_curve(const PublicKey& key, VrfSuite suite, ByteView input)
{
    if (suite == VrfSuite::try_and_increment) return try_and_increment(key, input);
    return times_cofactor(elligator(Field::from_uniform(expand_message(key.bytes, input))));
}

PointBytes times_cofactor(PointBytes point)
{
    for (int i = 0; i < 3; ++i) {
        const int done = crypto_core_ed25519_add(point.data(), point.data(), point.data());
        ASSAY_CHECK(done == 0);
    }
    return point;
}

std::array<std::uint8_t, 64> sha512(std::initializer_list<ByteView> parts)
{
    crypto_hash_sha512_state state;
    crypto_hash_sha512_init(&state);
    for (const ByteView part : parts) crypto_hash_sha512_update(&state, part.data(), part.size());
    std::array<std::uint8_t, 64> digest;
    crypto_hash_sha512_final(&state, digest.data());
    return digest;
}

} // namespace assay::crypto
