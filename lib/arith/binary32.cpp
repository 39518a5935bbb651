// Every operation is done exactly on integer significands, with a sticky bit for what falls off the end, and rounded once.
#include <utility>

#include "arith/rounding.hpp"

namespace assay::arith {

namespace {

constexpr bool is_infinite(std::uint32_t a)
{
    return (a & ~sign_bit) == infinity;
}

constexpr bool is_zero(std::uint32_t a)
{
    return (a & ~sign_bit) == 0;
}

// n / 2^shift, with bit 0 set where a bit that is not zero was lost.
constexpr std::uint64_t shifted_right_sticky(std::uint64_t n, int shift)
{
    if (shift == 0) return n;
    if (shift > 63) return n != 0 ? 1 : 0;
    return n >> shift | (n << (64 - shift) != 0 ? 1 : 0);
}

// The same number with 63 significant bits: one bit is left for the carry of a sum.
constexpr Unpacked widened(Unpacked number)
{
    const int shift = std::countl_zero(number.significand) - 1;
    return {number.sign, number.exponent - shift, number.significand << shift};
}

// The sum, rounded once. Terms have at most 48 significant bits: where the exponents are so close that leading bits may cancel (a
// distance of at most 1), aligning loses no bit; otherwise the sticky bit stays far below the rounded ones.
std::uint32_t rounded_sum(Unpacked a, Unpacked b)
{
    if (a.significand == 0 && b.significand == 0) return a.sign & b.sign;
    if (a.significand == 0) return rounded(b);
    if (b.significand == 0) return rounded(a);
    a = widened(a);
    b = widened(b);
    if (std::pair{a.exponent, a.significand} < std::pair{b.exponent, b.significand}) std::swap(a, b);
    const std::uint64_t aligned = shifted_right_sticky(b.significand, a.exponent - b.exponent);
    if (a.sign == b.sign) return rounded({a.sign, a.exponent, a.significand + aligned});
    if (a.significand == aligned) return 0;
    return rounded({a.sign, a.exponent, a.significand - aligned});
}

} // namespace

std::uint32_t add(std::uint32_t a, std::uint32_t b)
{
    if (is_nan(a) || is_nan(b)) return canonical_nan;
    if (is_infinite(a)) return is_infinite(b) && a != b ? canonical_nan : a;
    if (is_infinite(b)) return b;
    return rounded_sum(unpack(a), unpack(b));
}

std::uint32_t subtract(std::uint32_t a, std::uint32_t b)
{
    return add(a, negate(b));
}

std::uint32_t multiply(std::uint32_t a, std::uint32_t b)
{
    // The sign of -0 is that of the product's zero, whichever sign that has: adding it changes nothing.
    return fused_multiply_add(a, b, (a ^ b) & sign_bit);
}

std::uint32_t divide(std::uint32_t a, std::uint32_t b)
{
    const std::uint32_t sign = (a ^ b) & sign_bit;
    if (is_nan(a) || is_nan(b) || (is_zero(a) && is_zero(b)) || (is_infinite(a) && is_infinite(b))) return canonical_nan;
    if (is_infinite(a) || is_zero(b)) return sign | infinity;
    if (is_zero(a) || is_infinite(b)) return sign;
    const Unpacked x = unpack(a), y = unpack(b);
    const std::uint64_t scaled = x.significand << 38, quotient = scaled / y.significand;
    return rounded({sign, x.exponent - 38 - y.exponent, quotient | (scaled % y.significand != 0 ? 1 : 0)});
}

std::uint32_t square_root(std::uint32_t a)
{
    if (is_zero(a)) return a;
    if (is_nan(a) || (a & sign_bit) != 0) return canonical_nan;
    if (is_infinite(a)) return a;
    const Unpacked x = unpack(a);
    const int shift = 38 + (x.exponent & 1);
    const std::uint64_t scaled = x.significand << shift, root = integer_square_root(scaled);
    return rounded({0, (x.exponent - shift) / 2, root | (root * root != scaled ? 1 : 0)});
}

std::uint32_t fused_multiply_add(std::uint32_t a, std::uint32_t b, std::uint32_t c)
{
    const std::uint32_t sign = (a ^ b) & sign_bit;
    if (is_nan(a) || is_nan(b) || is_nan(c)) return canonical_nan;
    if (is_infinite(a) || is_infinite(b)) {
        if (is_zero(a) || is_zero(b) || c == (infinity | (sign ^ sign_bit))) return canonical_nan;
        return sign | infinity;
    }
    if (is_infinite(c)) return c;
    const Unpacked x = unpack(a), y = unpack(b);
    return rounded_sum({sign, x.exponent + y.exponent, x.significand * y.significand}, unpack(c));
}

std::uint32_t from_unsigned(std::uint32_t value)
{
    return rounded({0, 0, value});
}

} // namespace assay::arith
