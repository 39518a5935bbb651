// binary32 arithmetic with the processor's instructions, on bit patterns. The counterpart of program::IntegerArithmetic.
#pragma once

#include <bit>

#include <assay/arith/binary32.hpp>
#include <assay/arith/functions.hpp>

#include "exec/strict.hpp"

namespace assay::exec {

struct NativeArithmetic {
    static float number(std::uint32_t bits) { return std::bit_cast<float>(bits); }
    static std::uint32_t bits(float value) { return arith::canonical(std::bit_cast<std::uint32_t>(value)); }

    static std::uint32_t add(std::uint32_t a, std::uint32_t b) { return bits(number(a) + number(b)); }
    static std::uint32_t subtract(std::uint32_t a, std::uint32_t b) { return bits(number(a) - number(b)); }
    static std::uint32_t multiply(std::uint32_t a, std::uint32_t b) { return bits(number(a) * number(b)); }
    static std::uint32_t divide(std::uint32_t a, std::uint32_t b) { return bits(number(a) / number(b)); }
    static std::uint32_t fused_multiply_add(std::uint32_t a, std::uint32_t b, std::uint32_t c);
    static std::uint32_t square_root(std::uint32_t a) { return arith::square_root(a); }
    static std::uint32_t from_unsigned(std::uint32_t a) { return bits(static_cast<float>(a)); }

    // The functions are correctly rounded, so that there is one result; the fast executor has its own way to it.
    static std::uint32_t exponential(std::uint32_t a) { return arith::exponential(a); }
    static std::uint32_t logarithm(std::uint32_t a) { return arith::logarithm(a); }
    static std::uint32_t hyperbolic_tangent(std::uint32_t a) { return arith::hyperbolic_tangent(a); }
    static std::uint32_t error_function(std::uint32_t a) { return arith::error_function(a); }
    static std::uint32_t sine(std::uint32_t a) { return arith::sine(a); }
    static std::uint32_t cosine(std::uint32_t a) { return arith::cosine(a); }
    static std::uint32_t reciprocal_square_root(std::uint32_t a) { return arith::reciprocal_square_root(a); }
};

// x * y + z rounded once, without a library call: the product of two binary32 is exact in binary64, and a sum in binary64 that is
// rounded to odd rounds to binary32 as if it had been exact (53 >= 2 * 24 + 2 bits; Boldo and Melquiond, "Emulation of FMA and
// correctly rounded sums", IEEE Transactions on Computers 57, 2008).
inline std::uint32_t NativeArithmetic::fused_multiply_add(std::uint32_t a, std::uint32_t b, std::uint32_t c)
{
    const double product = static_cast<double>(number(a)) * static_cast<double>(number(b));
    const double addend = static_cast<double>(number(c));
    const double sum = product + addend;
    const double addend_part = sum - product;
    const double error = (product - (sum - addend_part)) + (addend - addend_part);
    std::uint64_t sum_bits = std::bit_cast<std::uint64_t>(sum);
    // An inexact sum whose last bit is even moves by one towards the error; NaN and infinities have no error that compares.
    const bool inexact = error > 0 || error < 0;
    const bool finite = (sum_bits >> 52 & 0x7ff) != 0x7ff;
    if (inexact && finite && (sum_bits & 1) == 0) sum_bits += (error > 0) == (sum > 0) ? 1 : std::uint64_t(-1);
    return bits(static_cast<float>(std::bit_cast<double>(sum_bits)));
}

} // namespace assay::exec
