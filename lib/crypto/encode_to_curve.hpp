// The two ways of RFC 9381 to turn a key and an input into a point of the prime-order subgroup. Spec: spec/identity.md, IDENTITY-10.
#pragma once

#include <assay/crypto/vrf.hpp>

#include "crypto/points.hpp"

namespace assay::crypto {

// RFC 9381, section 5.5: the octet that names the suite.
std::uint8_t octet_of(VrfSuite suite);

// RFC 9381, section 5.4.1, with the key as salt.
PointBytes encode_to_curve(const PublicKey& key, VrfSuite suite, ByteView input);

// Three doublings. Requires: a point of the curve.
PointBytes times_cofactor(PointBytes point);

// SHA-512 of the parts, one after another.
std::array<std::uint8_t, 64> sha512(std::initializer_list<ByteView> parts);

} // namespace assay::crypto
