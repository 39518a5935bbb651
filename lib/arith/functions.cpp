// Power series in fixed point with 128 fractional bits, after the classical reductions of the argument.
//
// Why one evaluation is enough: the errors below are at most 2^-101 absolute where values are at least 2^-31, so relative errors are
// below 2^-70. Among the binary32 arguments no function value that is not exactly on a border between two roundings comes
// nearer than 2^-64 of its size to one (about 2^32 values scattered over borders 2^-24 apart; the program check_functions compares
// all arguments). Exact values and arguments so small that the value hugs a border are returned before.
#include <assay/arith/functions.hpp>

#include "arith/fixed.hpp"

namespace assay::arith {

namespace {

// floor(c * 2^128), lowest word first.
constexpr Fixed ln_2{{0x03f2f6af, 0xc9e3b398, 0xd1cf79ab, 0xb17217f7, 0}};
constexpr Fixed half_pi{{0x01b839a2, 0x898cc517, 0x42d18469, 0x921fb544, 1}};
constexpr Fixed two_by_root_pi{{0xd7fd8688, 0xe3a914fe, 0x29b6d11a, 0x20dd7504, 1}};
// floor(2^32 / ln 2) / 2^32: counts multiples of ln 2, where one too few does no harm.
constexpr Fixed by_ln_2{{0, 0, 0, 0x71547652, 1}};
// The first 256 bits of 2/pi, highest word first.
constexpr std::array<std::uint32_t, 8> two_by_pi{0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0,
                                                 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561};

constexpr std::uint32_t power_of_two(int exponent)
{
    return static_cast<std::uint32_t>(exponent + 127) << 23;
}

// Whether |a| < 2^exponent. False for NaN and infinities.
constexpr bool is_below(std::uint32_t a, int exponent)
{
    return (a & ~sign_bit) < power_of_two(exponent);
}

// value * 2^exponent.
struct Scaled {
    Fixed value;
    int exponent = 0;
};

// e^x or e^-x for 0 <= x < 2^7, as e^(+-r) * 2^(+-k) with x = k ln 2 + r and r in [0, 0.6932). ln_2 is low by one unit at most, so r
// is wrong by less than 2^-120; the series has 35 terms at most, each wrong by less than 3 units. Error of the value: below 2^-119.
Scaled exponential_of(const Fixed& x, bool negative)
{
    const std::uint32_t k = integer_part(x * by_ln_2);
    const Fixed r = x - ln_2 * k;
    Fixed sum, term = fixed_from(1, 0);
    for (std::uint32_t n = 1; !is_zero(term); ++n) {
        sum = negative && n % 2 == 0 ? sum - term : sum + term;
        term = term * r / n;
    }
    return {sum, negative ? -static_cast<int>(k) : static_cast<int>(k)};
}

// x - x^3/6 + x^5/120 - ... from `term` = x, `n` = 1: the sine; or 1 - x^2/2 + x^4/24 - ... from 1, 0: the cosine. For x in [0, pi/2] the
// series has 20 terms at most, each wrong by less than 4 units.
Fixed alternating_series(const Fixed& x, Fixed term, std::uint32_t n)
{
    const Fixed square = x * x;
    Fixed sum;
    for (bool negative = false; !is_zero(term); negative = !negative, n += 2) {
        sum = negative ? sum - term : sum + term;
        term = term * square / ((n + 1) * (n + 2));
    }
    return sum;
}

// The sine of |a| + quarters * pi/2 times the sign of `sign`, for |a| of at least 2^-12. In units of pi/2 the argument s * 2^e is s times
// the bits of 2/pi that are worth 2^31 to 2^-128 after the shift by e; those above make multiples of 2^32 quarter turns, those below less
// than s < 2^24 units. Error: below 2^-103.
std::uint32_t sine_of_sum(std::uint32_t a, std::uint32_t quarters, std::uint32_t sign)
{
    const Unpacked x = unpack(a);
    Fixed turned;
    for (int i = 0; i < 5; ++i) {
        const int first = x.exponent - 32 + 32 * i; // the number of bits of 2/pi before this word
        std::uint64_t pair = 0;
        for (int word = first >> 5; word <= (first >> 5) + 1; ++word)
            pair = pair << 32 | (word >= 0 && word < 8 ? two_by_pi[static_cast<std::size_t>(word)] : 0);
        turned.words[static_cast<std::size_t>(4 - i)] = static_cast<std::uint32_t>(pair << (first & 31) >> 32);
    }
    turned = turned * static_cast<std::uint32_t>(x.significand);
    const std::uint32_t quadrant = integer_part(turned) + quarters;
    turned.words[4] = 0;
    const Fixed angle = turned * half_pi;
    const Fixed value = quadrant % 2 == 0 ? alternating_series(angle, angle, 1) : alternating_series(angle, fixed_from(1, 0), 0);
    return rounded(sign ^ (quadrant & 2) << 30, 0, value);
}

} // namespace

std::uint32_t exponential(std::uint32_t a)
{
    if (is_nan(a)) return canonical_nan;
    const bool negative = (a & sign_bit) != 0;
    if (is_below(a, -25)) return one; // nearer to 1 than half the distance to its neighbours
    if (!is_below(a, 7)) return negative ? 0 : infinity;
    const Scaled power = exponential_of(fixed_from(unpack(a)), negative);
    return rounded(0, power.exponent, power.value);
}

std::uint32_t logarithm(std::uint32_t a)
{
    if ((a & ~sign_bit) == 0) return sign_bit | infinity;
    if (is_nan(a) || (a & sign_bit) != 0) return canonical_nan;
    if (a == infinity) return a;
    if (a == one) return 0;
    // a = m * 2^e with m in [1, 2); ln m = 2 (z + z^3/3 + z^5/5 + ...) with z = (m - 1)/(m + 1) in [0, 1/3): 40 terms at most, each wrong
    // by less than 4 units. Below 1 the value is -(|e| ln 2 - ln m), at least 2^-25. Error: below 2^-119.
    const Unpacked x = unpack(a);
    const auto m = static_cast<std::uint32_t>(x.significand);
    const int e = x.exponent + 23;
    const Fixed z = fixed_from(m - 0x800000, 0) / (m + 0x800000), square = z * z;
    Fixed sum, power = z + z;
    for (std::uint32_t n = 1; !is_zero(power); n += 2) {
        sum = sum + power / n;
        power = power * square;
    }
    const Fixed shift = ln_2 * static_cast<std::uint32_t>(e < 0 ? -e : e);
    return e < 0 ? rounded(sign_bit, 0, shift - sum) : rounded(0, 0, shift + sum);
}

std::uint32_t hyperbolic_tangent(std::uint32_t a)
{
    if (is_nan(a)) return canonical_nan;
    if (is_below(a, -12)) return a; // |a| - |a|^3/3 is nearer to |a| than half the distance to its neighbours
    const std::uint32_t sign = a & sign_bit;
    if (!is_below(a, 4)) return sign | one;
    // (1 - q)/(1 + q) with q = e^(-2|a|); the numerator is at least 2^-12. Error: below 2^-117.
    const Fixed x = fixed_from(unpack(a));
    const Scaled power = exponential_of(x + x, true);
    const Fixed q = power.value * fixed_from(1, power.exponent), unit = fixed_from(1, 0);
    return rounded(sign, 0, (unit - q) * reciprocal(unit + q));
}

std::uint32_t error_function(std::uint32_t a)
{
    if (is_nan(a)) return canonical_nan;
    const std::uint32_t sign = a & sign_bit;
    if ((a & ~sign_bit) == 0) return a;
    if (!is_below(a, 2)) return sign | one;
    // erf x = x * 2/sqrt(pi) * e^(-x^2) * (1 + t/3 + t^2/(3*5) + ...) with t = 2x^2 < 32: terms below 2^20, and 120 at most. They grow only
    // by factors t/n, their errors with them, so the sum is wrong by less than 2^-120 of its size. x is multiplied last, exactly.
    const Unpacked x = unpack(a);
    const Fixed root = fixed_from(x), square = root * root, t = square + square;
    const Scaled power = exponential_of(square, true);
    Fixed sum, term = fixed_from(1, 0);
    for (std::uint32_t n = 3; !is_zero(term); n += 2) {
        sum = sum + term;
        term = term * t / n;
    }
    const Fixed ratio = power.value * sum * two_by_root_pi;
    return rounded(sign, power.exponent + x.exponent + 24, ratio * fixed_from(static_cast<std::uint32_t>(x.significand), -24));
}

std::uint32_t sine(std::uint32_t a)
{
    if (is_nan(a) || (a & ~sign_bit) == infinity) return canonical_nan;
    if (is_below(a, -12)) return a; // |a| - |a|^3/6 is nearer to |a| than half the distance to its neighbours
    return sine_of_sum(a, 0, a & sign_bit);
}

std::uint32_t cosine(std::uint32_t a)
{
    if (is_nan(a) || (a & ~sign_bit) == infinity) return canonical_nan;
    if (is_below(a, -12)) return one; // 1 - a^2/2 is nearer to 1 than half the distance to its neighbour
    return sine_of_sum(a, 1, 0);
}

std::uint32_t reciprocal_square_root(std::uint32_t a)
{
    if ((a & ~sign_bit) == 0) return a | infinity;
    if (is_nan(a) || (a & sign_bit) != 0) return canonical_nan;
    if (a == infinity) return 0;
    // For a = m * 2^e with even e and m below 2^25: the root of floor(2^76 / m), which is at least 2^51; the root of the exact quotient has
    // the same integer part. It is exact only if nothing was left anywhere.
    const Unpacked x = unpack(a);
    const std::uint64_t m = x.significand << (x.exponent & 1), top = std::uint64_t{1} << 63;
    const int e = x.exponent - (x.exponent & 1);
    const std::uint64_t rest = top % m << 13, quotient = (top / m << 13) + rest / m, root = integer_square_root(quotient);
    const bool exact = rest % m == 0 && root * root == quotient;
    return rounded({0, -38 - e / 2, root | (exact ? 0 : 1)});
}

} // namespace assay::arith
