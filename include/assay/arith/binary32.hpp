// IEEE 754 binary32 arithmetic by integer operations only: what a referee computes one disputed step with, on any machine that has
// 32-bit words. Spec: spec/numerics.md, NUMERICS-1 to NUMERICS-11.
//
// A value is its bit pattern in a std::uint32_t. Every function takes every bit pattern and has one result for it: rounding is to
// nearest, ties to even, subnormal numbers are kept, overflow gives an infinity, and a NaN result is always `canonical_nan`,
// whatever the operands' payloads were. There are no flags, no modes and no allocation; all functions are pure.
#pragma once

#include <cstdint>

namespace assay::arith {

inline constexpr std::uint32_t canonical_nan = 0x7fc00000;
inline constexpr std::uint32_t sign_bit = 0x80000000;
inline constexpr std::uint32_t infinity = 0x7f800000;
inline constexpr std::uint32_t one = 0x3f800000;

// Spec: NUMERICS-2.
constexpr bool is_nan(std::uint32_t a)
{
    return (a & ~sign_bit) > infinity;
}

// `a`, or `canonical_nan` for every NaN. Spec: NUMERICS-2.
constexpr std::uint32_t canonical(std::uint32_t a)
{
    return is_nan(a) ? canonical_nan : a;
}

// The four operations, rounded once. An exact zero sum is +0 unless both terms are zeros of negative sign. 0/0, inf/inf, 0*inf and
// inf-inf are NaN; a finite number divided by zero is an infinity. Spec: NUMERICS-3.
std::uint32_t add(std::uint32_t a, std::uint32_t b);
std::uint32_t subtract(std::uint32_t a, std::uint32_t b);
std::uint32_t multiply(std::uint32_t a, std::uint32_t b);
std::uint32_t divide(std::uint32_t a, std::uint32_t b);

// The square root, rounded once; -0 for -0, NaN below zero. Spec: NUMERICS-4.
std::uint32_t square_root(std::uint32_t a);

// a * b + c, rounded once. NaN for 0 * inf, also where c is a NaN. Spec: NUMERICS-5.
std::uint32_t fused_multiply_add(std::uint32_t a, std::uint32_t b, std::uint32_t c);

// The sign flipped, or cleared. Spec: NUMERICS-6.
constexpr std::uint32_t negate(std::uint32_t a)
{
    return is_nan(a) ? canonical_nan : a ^ sign_bit;
}
constexpr std::uint32_t absolute(std::uint32_t a)
{
    return is_nan(a) ? canonical_nan : a & ~sign_bit;
}

// A key whose order as an integer is the order of the numbers, with -0 just below +0. Requires: not a NaN.
constexpr std::uint32_t order_key(std::uint32_t a)
{
    return (a & sign_bit) != 0 ? ~a : a | sign_bit;
}

// NaN where either operand is a NaN; -0 counts as below +0. Spec: NUMERICS-7.
constexpr std::uint32_t minimum(std::uint32_t a, std::uint32_t b)
{
    if (is_nan(a) || is_nan(b)) return canonical_nan;
    return order_key(a) < order_key(b) ? a : b;
}
constexpr std::uint32_t maximum(std::uint32_t a, std::uint32_t b)
{
    if (is_nan(a) || is_nan(b)) return canonical_nan;
    return order_key(a) < order_key(b) ? b : a;
}

// Comparisons of the numbers: -0 equals +0, and every comparison with a NaN is false. Spec: NUMERICS-8.
constexpr bool equal(std::uint32_t a, std::uint32_t b)
{
    return !is_nan(a) && !is_nan(b) && (a == b || ((a | b) & ~sign_bit) == 0);
}
constexpr bool less(std::uint32_t a, std::uint32_t b)
{
    return !is_nan(a) && !is_nan(b) && order_key(a) < order_key(b) && ((a | b) & ~sign_bit) != 0;
}

// The integer as a binary32, rounded. Spec: NUMERICS-9.
std::uint32_t from_unsigned(std::uint32_t value);

// The integer part of a binary32, towards zero: 0 for a NaN and for everything below zero, 0xffffffff from 2^32 up. Spec: NUMERICS-10.
constexpr std::uint32_t to_unsigned(std::uint32_t a)
{
    if (is_nan(a) || (a & sign_bit) != 0 || a < one) return 0;
    const std::uint32_t exponent = (a >> 23) - 127;
    if (exponent > 31) return 0xffffffff;
    const std::uint64_t significand = (a & 0x7fffff) | 0x800000;
    return static_cast<std::uint32_t>(significand << exponent >> 23);
}

} // namespace assay::arith
