// What is odd about an encoded point or scalar of edwards25519, decided on the bytes. Spec: spec/identity.md, IDENTITY-2 to IDENTITY-4.
#pragma once

#include <assay/base/bytes.hpp>

namespace assay::crypto {

using PointBytes = std::array<std::uint8_t, 32>;
using ScalarBytes = std::array<std::uint8_t, 32>;

// Whether the y coordinate, the lower 255 bits, is below 2^255 - 19.
bool is_canonical_point(std::span<const std::uint8_t, 32> point);

// Whether the canonical encoding is that of one of the eight points whose order divides eight, with either sign bit.
bool has_small_order(std::span<const std::uint8_t, 32> point);

// Whether the scalar is below the group's order 2^252 + 27742317777372353535851937790883648493.
bool is_canonical_scalar(std::span<const std::uint8_t, 32> scalar);

} // namespace assay::crypto
