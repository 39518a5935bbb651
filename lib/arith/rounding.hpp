// Numbers on their way into and out of binary32: sign, exponent and an integer significand.
#pragma once

#include <bit>

#include <assay/arith/binary32.hpp>

namespace assay::arith {

// significand * 2^exponent with the sign of `sign` (0 or sign_bit).
struct Unpacked {
    std::uint32_t sign = 0;
    int exponent = 0;
    std::uint64_t significand = 0;
};

// The number that `a` stands for; a significand that is not zero has 24 bits, also for subnormal numbers. Requires: `a` is finite.
constexpr Unpacked unpack(std::uint32_t a)
{
    const std::uint32_t field = a >> 23 & 255, fraction = a & 0x7fffff;
    if (field != 0) return {a & sign_bit, static_cast<int>(field) - 150, fraction | 0x800000u};
    if (fraction == 0) return {a & sign_bit, -149, 0};
    const int shift = std::countl_zero(fraction) - 8;
    return {a & sign_bit, -149 - shift, std::uint64_t{fraction} << shift};
}

// The number rounded to nearest even, to an infinity from 2^128 - 2^103 up. The significand's lowest bit may stand for everything below
// it that is not zero (a sticky bit) where 26 bits or more are significant.
constexpr std::uint32_t rounded(const Unpacked& number)
{
    if (number.significand == 0) return number.sign;
    const int shift = std::countl_zero(number.significand);
    const std::uint64_t significand = number.significand << shift;
    int field = number.exponent - shift + 63 + 127;
    int dropped = 40;
    if (field < 1) {
        dropped += 1 - field;
        field = 1;
    }
    if (field > 254) return number.sign | infinity;
    if (dropped > 64) return number.sign;
    const std::uint64_t kept = dropped == 64 ? 0 : significand >> dropped;
    const std::uint64_t rest = significand << (64 - dropped), half = std::uint64_t{1} << 63;
    const std::uint64_t up = rest > half || (rest == half && (kept & 1) != 0) ? 1 : 0;
    // A normal number's 24th bit, or a carry, adds one to the exponent field.
    return number.sign | static_cast<std::uint32_t>((static_cast<std::uint64_t>(field - 1) << 23) + kept + up);
}

// The largest integer whose square is not above n.
constexpr std::uint64_t integer_square_root(std::uint64_t n)
{
    std::uint64_t root = 0;
    for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1)
        if ((root | bit) * (root | bit) <= n) root |= bit;
    return root;
}

} // namespace assay::arith
