// The numbers behind the functions against GMP's: what a function's samples cannot show, because errors of the last words stay below its
// rounding.
#include <doctest/doctest.h>

#include <random>

#include <gmp.h>

#include "arith/fixed.hpp"

using namespace assay;
using arith::Fixed;

namespace {

// An integer of any size: a Fixed in units of 2^-128.
class Integer {
public:
    Integer() { mpz_init(m_value); }
    explicit Integer(std::uint64_t value) : Integer() { mpz_import(m_value, 1, -1, sizeof value, 0, 0, &value); }
    explicit Integer(const Fixed& a) : Integer() { mpz_import(m_value, a.words.size(), -1, sizeof a.words[0], 0, 0, a.words.data()); }
    Integer(const Integer&) = delete;
    Integer& operator=(const Integer&) = delete;
    ~Integer() { mpz_clear(m_value); }
    operator mpz_ptr() { return m_value; }

    // The lowest 160 bits; of a negative number, its complement's.
    Fixed fixed()
    {
        mpz_fdiv_r_2exp(m_value, m_value, 160);
        Fixed a;
        mpz_export(a.words.data(), nullptr, -1, sizeof a.words[0], 0, 0, m_value);
        return a;
    }

private:
    mpz_t m_value;
};

// Words of which many are all zeros or all ones, where carries run.
Fixed next(std::mt19937& random)
{
    Fixed a;
    for (std::uint32_t& word : a.words) word = random() % 4 == 0 ? 0 : random() % 4 == 0 ? ~0U : static_cast<std::uint32_t>(random());
    return a;
}

} // namespace

TEST_CASE("NUMERICS-13 sums, differences, products and quotients in fixed point are those of integers, cut off at 2^-128")
{
    CHECK(arith::is_zero(Fixed{}));
    for (const Fixed& one_bit : {Fixed{{1, 0, 0, 0, 0}}, Fixed{{0, 0, 0, 0, 1U << 31}}}) CHECK(!arith::is_zero(one_bit));
    std::mt19937 random{10};
    for (int i = 0; i < 20'000; ++i) {
        const Fixed a = next(random), b = next(random);
        const std::uint32_t factor = next(random).words[0], divisor = next(random).words[0] | 1;
        Integer result;
        mpz_add(result, Integer{a}, Integer{b});
        CHECK((a + b).words == result.fixed().words);
        mpz_sub(result, Integer{a}, Integer{b});
        CHECK((a - b).words == result.fixed().words);
        mpz_mul(result, Integer{a}, Integer{b});
        mpz_fdiv_q_2exp(result, result, 128);
        CHECK((a * b).words == result.fixed().words);
        mpz_mul_ui(result, Integer{a}, factor);
        CHECK((a * factor).words == result.fixed().words);
        mpz_fdiv_q_ui(result, Integer{a}, divisor);
        CHECK((a / divisor).words == result.fixed().words);
    }
}

TEST_CASE("NUMERICS-13 a significand and an exponent become fixed point wherever the words are cut")
{
    for (const std::uint32_t significand : {1U, 0x800000U, 0xffffffU, 0xabcdefU, ~0U})
        for (int exponent = -170; exponent + static_cast<int>(std::bit_width(significand)) <= 32; ++exponent) {
            CAPTURE(exponent);
            Integer result{significand};
            const int shift = exponent + Fixed::fraction_bits;
            if (shift >= 0) mpz_mul_2exp(result, result, static_cast<mp_bitcnt_t>(shift));
            else mpz_fdiv_q_2exp(result, result, static_cast<mp_bitcnt_t>(-shift));
            CHECK(arith::fixed_from(significand, exponent).words == result.fixed().words);
        }
}

TEST_CASE("NUMERICS-13 a reciprocal is wrong by a few units of 2^-128")
{
    std::mt19937 random{11};
    for (int i = 0; i < 2000; ++i) {
        Fixed a = next(random);
        a.words[4] = 1;
        Integer product, one{std::uint64_t{1}};
        mpz_mul(product, Integer{a}, Integer{arith::reciprocal(a)});
        mpz_mul_2exp(one, one, 256);
        mpz_sub(product, one, product);
        mpz_fdiv_q_2exp(product, product, 128);
        CHECK(mpz_cmpabs_ui(product, 16) < 0);
    }
}

TEST_CASE("NUMERICS-4 the integer root is the largest integer whose square is not above, squares and their neighbours included")
{
    std::mt19937_64 random{12};
    for (int i = 0; i < 20'000; ++i) {
        const std::uint64_t root = random() >> (32 + i % 32), square = root * root;
        CHECK(arith::integer_square_root(square) == root);
        if (square > 0) CHECK(arith::integer_square_root(square - 1) == root - 1);
        CHECK(arith::integer_square_root(square + root) == root);
        CHECK(arith::integer_square_root(square + 2 * root) == root);
    }
}
