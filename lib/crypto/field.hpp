// Integers modulo 2^255 - 19, for the one map that libsodium does not offer with RFC 9380's choice of sign. Values are always fully
// reduced, and nothing secret passes through, so that plain code will do. Spec: spec/identity.md, IDENTITY-10.
#pragma once

#include <assay/base/bytes.hpp>

namespace assay::crypto {

class Field {
public:
    constexpr Field() = default;
    constexpr explicit Field(std::uint64_t small) : m_limbs{small, 0, 0, 0} {}

    // The 48 bytes, highest first, modulo the prime. Spec: RFC 9380, section 5.2.
    static Field from_uniform(std::span<const std::uint8_t, 48> bytes);
    [[nodiscard]] std::array<std::uint8_t, 32> to_bytes() const; // lowest first

    [[nodiscard]] bool is_zero() const { return *this == Field{}; }
    [[nodiscard]] bool is_odd() const { return (m_limbs[0] & 1) != 0; }
    [[nodiscard]] bool is_square() const;
    [[nodiscard]] Field inverse() const; // 0 of 0
    // Requires: is_square(). Returns: the root that is odd, or the one that is even.
    [[nodiscard]] Field root(bool odd) const;

    friend Field operator+(const Field& a, const Field& b);
    friend Field operator-(const Field& a, const Field& b);
    friend Field operator*(const Field& a, const Field& b);
    friend bool operator==(const Field&, const Field&) = default;

private:
    using Limbs = std::array<std::uint64_t, 4>; // lowest first

    [[nodiscard]] Field power(const Limbs& exponent) const;
    void reduce_once();

    Limbs m_limbs{};
};

} // namespace assay::crypto
