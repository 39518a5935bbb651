// Fixed point with 32 integer and 128 fractional bits: wide enough that one evaluation decides the rounding of every binary32
// function value, and words of 32 bits, so that any machine can carry it.
#pragma once

#include "arith/rounding.hpp"

#include <array>

namespace assay::arith {

// The sum of words[i] * 2^(32*i - 128). Sums and differences are modulo 2^32, products and quotients are truncated:
// each of these is below the exact value by less than 2^-128 (one unit).
struct Fixed {
    static constexpr int fraction_bits = 128;
    std::array<std::uint32_t, 5> words{};
};

constexpr std::uint32_t integer_part(const Fixed& a)
{
    return a.words[4];
}

constexpr bool is_zero(const Fixed& a)
{
    return a.words == Fixed{}.words;
}

// significand * 2^exponent, truncated. Requires: the value is below 2^32.
constexpr Fixed fixed_from(std::uint32_t significand, int exponent)
{
    Fixed a;
    for (int i = 0; i < 5; ++i) {
        const int shift = exponent + Fixed::fraction_bits - 32 * i;
        if (shift > -32 && shift < 32) {
            const std::uint64_t wide = std::uint64_t{significand} << 32;
            a.words[static_cast<std::size_t>(i)] = static_cast<std::uint32_t>(shift >= 0 ? wide << shift >> 32 : wide >> -shift >> 32);
        }
    }
    return a;
}

// The magnitude of a finite binary32.
constexpr Fixed fixed_from(const Unpacked& number)
{
    return fixed_from(static_cast<std::uint32_t>(number.significand), number.exponent);
}

constexpr Fixed operator+(Fixed a, const Fixed& b)
{
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < 5; ++i) {
        carry += std::uint64_t{a.words[i]} + b.words[i];
        a.words[i] = static_cast<std::uint32_t>(carry);
        carry >>= 32;
    }
    return a;
}

constexpr Fixed operator-(Fixed a, const Fixed& b)
{
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < 5; ++i) {
        const std::uint64_t difference = std::uint64_t{a.words[i]} - b.words[i] - borrow;
        a.words[i] = static_cast<std::uint32_t>(difference);
        borrow = difference >> 63;
    }
    return a;
}

constexpr Fixed operator*(Fixed a, std::uint32_t factor)
{
    std::uint64_t carry = 0;
    for (std::uint32_t& word : a.words) {
        carry += std::uint64_t{word} * factor;
        word = static_cast<std::uint32_t>(carry);
        carry >>= 32;
    }
    return a;
}

constexpr Fixed operator/(Fixed a, std::uint32_t divisor)
{
    std::uint64_t rest = 0;
    for (std::size_t i = 5; i-- > 0;) {
        rest = rest << 32 | a.words[i];
        a.words[i] = static_cast<std::uint32_t>(rest / divisor);
        rest %= divisor;
    }
    return a;
}

constexpr Fixed operator*(const Fixed& a, const Fixed& b)
{
    std::array<std::uint32_t, 10> product{};
    for (std::size_t i = 0; i < 5; ++i) {
        std::uint64_t carry = 0;
        for (std::size_t j = 0; j < 5; ++j) {
            carry += std::uint64_t{a.words[i]} * b.words[j] + product[i + j];
            product[i + j] = static_cast<std::uint32_t>(carry);
            carry >>= 32;
        }
        product[i + 5] = static_cast<std::uint32_t>(carry);
    }
    return {{product[4], product[5], product[6], product[7], product[8]}};
}

// 1/a by Newton's iteration from 2/3: the relative error, at most 1/3 at first, is squared by each of the rounds, and the last ones leave
// a few units. Requires: 1 <= a <= 2.
constexpr Fixed reciprocal(const Fixed& a)
{
    const Fixed two = fixed_from(2, 0);
    Fixed result = two / 3;
    for (int round = 0; round < 7; ++round) result = result * (two - a * result);
    return result;
}

// a * 2^exponent with a sign, rounded to binary32. Requires: a is at least 2^-96 and so far from the border between two roundings that its
// error does not matter.
constexpr std::uint32_t rounded(std::uint32_t sign, int exponent, const Fixed& a)
{
    std::size_t top = 4;
    while (top > 1 && a.words[top] == 0) --top;
    std::uint64_t significand = std::uint64_t{a.words[top]} << 32 | a.words[top - 1];
    for (std::size_t i = 0; i + 1 < top; ++i)
        if (a.words[i] != 0) significand |= 1;
    return rounded({sign, exponent + 32 * static_cast<int>(top - 1) - Fixed::fraction_bits, significand});
}

} // namespace assay::arith
