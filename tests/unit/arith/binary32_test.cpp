// The integer arithmetic against the processor's, and against vectors.
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <ios>

#include <assay/arith/binary32.hpp>

#include "samples.hpp"

using namespace assay;

namespace {

float number(std::uint32_t a)
{
    return std::bit_cast<float>(a);
}

std::uint32_t pattern(float x)
{
    return arith::canonical(std::bit_cast<std::uint32_t>(x));
}

struct Binary {
    const char* name;
    std::uint32_t (*ours)(std::uint32_t, std::uint32_t);
    float (*processor)(float, float);
};

constexpr Binary binary_operations[]{
    {"add", arith::add, [](float x, float y) { return x + y; }},
    {"subtract", arith::subtract, [](float x, float y) { return x - y; }},
    {"multiply", arith::multiply, [](float x, float y) { return x * y; }},
    {"divide", arith::divide, [](float x, float y) { return x / y; }},
};

// A pattern near a's: the same exponent or a few away, where sums cancel and alignments matter.
std::uint32_t neighbour(std::uint32_t a, std::uint32_t r)
{
    return (a + ((r & 63) << 23) - (32u << 23)) ^ (r & 0x80000000) ^ (r >> 6 & (r & 64 ? 0x7fffff : 3));
}

void check_binary(const Binary& operation, std::uint32_t a, std::uint32_t b)
{
    const std::uint32_t ours = operation.ours(a, b), processor = pattern(operation.processor(number(a), number(b)));
    if (ours != processor) FAIL(operation.name << " " << std::hex << a << " " << b << ": " << ours << " for " << processor);
}

void check_fused(std::uint32_t a, std::uint32_t b, std::uint32_t c)
{
    const std::uint32_t ours = arith::fused_multiply_add(a, b, c), processor = pattern(std::fma(number(a), number(b), number(c)));
    if (ours != processor) FAIL("fma " << std::hex << a << " " << b << " " << c << ": " << ours << " for " << processor);
}

void check_square_root(std::uint32_t a)
{
    const std::uint32_t ours = arith::square_root(a), processor = pattern(std::sqrt(number(a)));
    if (ours != processor) FAIL("square_root " << std::hex << a << ": " << ours << " for " << processor);
}

} // namespace

TEST_CASE("NUMERICS-1 NUMERICS-2 every NaN has one pattern, everything else keeps its own")
{
    for (const std::uint32_t a : test::special_patterns()) {
        CHECK(arith::is_nan(a) == std::isnan(number(a)));
        CHECK(arith::canonical(a) == (std::isnan(number(a)) ? arith::canonical_nan : a));
        CHECK(arith::add(a, arith::sign_bit) == arith::canonical(a));
    }
}

TEST_CASE("NUMERICS-11 a product and a sum are two roundings, a fused multiply-add is one")
{
    const std::uint32_t a = 0x3f800001, c = 0xbf800002;
    CHECK(arith::add(arith::multiply(a, a), c) == 0);
    CHECK(arith::fused_multiply_add(a, a, c) == 0x28800000);
}

TEST_CASE("NUMERICS-3 sum, difference, product and quotient are the processor's")
{
    const auto specials = test::special_patterns();
    std::mt19937 random{3};
    for (const Binary& operation : binary_operations) {
        for (const std::uint32_t a : specials)
            for (const std::uint32_t b : specials) check_binary(operation, a, b);
        for (int i = 0; i < 500'000; ++i) {
            const auto a = static_cast<std::uint32_t>(random()), b = static_cast<std::uint32_t>(random());
            check_binary(operation, a, b);
            check_binary(operation, a, neighbour(a, b));
            check_binary(operation, a & 0x80ffffff, b & 0x80ffffff); // mostly subnormal
        }
    }
}

TEST_CASE("NUMERICS-4 the square root is the processor's")
{
    for (const std::uint32_t a : test::special_patterns()) check_square_root(a);
    for (const std::uint32_t a : test::exponent_patterns()) check_square_root(a);
    std::mt19937 random{4};
    for (int i = 0; i < 500'000; ++i) check_square_root(static_cast<std::uint32_t>(random()));
}

TEST_CASE("NUMERICS-5 the fused multiply-add is the processor's")
{
    const auto specials = test::special_patterns();
    for (const std::uint32_t a : specials)
        for (const std::uint32_t b : specials)
            for (const std::uint32_t c : specials) check_fused(a, b, c);
    std::mt19937 random{5};
    for (int i = 0; i < 500'000; ++i) {
        const auto a = static_cast<std::uint32_t>(random()), b = static_cast<std::uint32_t>(random()),
                   c = static_cast<std::uint32_t>(random());
        check_fused(a, b, c);
        check_fused(a, b, neighbour(arith::multiply(a, b), c));
        check_fused(a, b, arith::negate(arith::multiply(a, b))); // what the rounded product lost
    }
}

TEST_CASE("NUMERICS-6 NUMERICS-7 NUMERICS-8 signs, order and comparisons are those of the numbers")
{
    const auto specials = test::special_patterns();
    std::mt19937 random{6};
    const auto check = [](std::uint32_t a, std::uint32_t b) {
        const float x = number(a), y = number(b);
        CHECK(arith::less(a, b) == (x < y));
        CHECK(arith::equal(a, b) == (x == y));
        const bool unordered = std::isnan(x) || std::isnan(y);
        const bool a_first = x < y || (x == y && std::signbit(x));
        CHECK(arith::minimum(a, b) == (unordered ? arith::canonical_nan : a_first ? a : b));
        CHECK(arith::maximum(a, b) == (unordered ? arith::canonical_nan : a_first ? b : a));
    };
    for (const std::uint32_t a : specials) {
        CHECK(arith::negate(a) == pattern(-number(a)));
        CHECK(arith::absolute(a) == pattern(std::abs(number(a))));
        for (const std::uint32_t b : specials) check(a, b);
    }
    for (int i = 0; i < 20'000; ++i) {
        const auto a = static_cast<std::uint32_t>(random()), b = static_cast<std::uint32_t>(random());
        check(a, b);
        check(a, neighbour(a, b));
    }
}

TEST_CASE("NUMERICS-9 integers become binary32 as the processor converts them")
{
    std::mt19937 random{7};
    for (std::uint32_t value : {0u, 1u, 0xffffffu, 0x1000000u, 0x1000001u, 0x1000003u, 0xffffff7fu, 0xffffff80u, 0xffffffffu})
        CHECK(arith::from_unsigned(value) == pattern(static_cast<float>(value)));
    for (int i = 0; i < 100'000; ++i) {
        const std::uint32_t value = static_cast<std::uint32_t>(random()) >> i % 32;
        if (arith::from_unsigned(value) != pattern(static_cast<float>(value))) FAIL(value);
    }
}

TEST_CASE("NUMERICS-10 binary32 becomes an integer towards zero, within the integer's range")
{
    const auto check = [](std::uint32_t a) {
        const float x = number(a);
        const std::uint32_t expected = !(x > 0) ? 0 : x >= 0x1p32f ? 0xffffffff : static_cast<std::uint32_t>(x);
        if (arith::to_unsigned(a) != expected) FAIL(std::hex << a);
    };
    for (const std::uint32_t a : test::special_patterns()) check(a);
    for (const std::uint32_t a : test::exponent_patterns()) check(a);
    std::mt19937 random{8};
    for (int i = 0; i < 100'000; ++i) check(static_cast<std::uint32_t>(random()));
}
