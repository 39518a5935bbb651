// What the elementary functions must return, from MPFR (correctly rounded, https://www.mpfr.org).
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string_view>

#include <mpfr.h>

#include <assay/arith/functions.hpp>

namespace assay::test {

struct FunctionRow {
    std::string_view name;
    std::uint32_t (*integer)(std::uint32_t);
    int (*exact)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
    double (*near)(double); // wrong by a few units of the 53rd bit at most
};

inline constexpr std::array<FunctionRow, 7> function_rows{{
    {"exponential", arith::exponential, mpfr_exp, [](double x) { return std::exp(x); }},
    {"logarithm", arith::logarithm, mpfr_log, [](double x) { return std::log(x); }},
    {"hyperbolic_tangent", arith::hyperbolic_tangent, mpfr_tanh, [](double x) { return std::tanh(x); }},
    {"error_function", arith::error_function, mpfr_erf, [](double x) { return std::erf(x); }},
    {"sine", arith::sine, mpfr_sin, [](double x) { return std::sin(x); }},
    {"cosine", arith::cosine, mpfr_cos, [](double x) { return std::cos(x); }},
    {"reciprocal_square_root", arith::reciprocal_square_root, mpfr_rec_sqrt, [](double x) { return 1 / std::sqrt(x); }},
}};

// One per thread: owns two numbers and sets the thread's exponent range to that of binary32.
class FunctionsOracle {
public:
    FunctionsOracle()
    {
        mpfr_set_emin(-148);
        mpfr_set_emax(128);
        mpfr_init2(m_argument, 24);
        mpfr_init2(m_value, 24);
    }
    FunctionsOracle(const FunctionsOracle&) = delete;
    FunctionsOracle& operator=(const FunctionsOracle&) = delete;
    ~FunctionsOracle()
    {
        mpfr_clear(m_argument);
        mpfr_clear(m_value);
        mpfr_free_cache();
    }

    // The value by MPFR alone.
    std::uint32_t exact(const FunctionRow& row, std::uint32_t a)
    {
        ++m_exact_calls;
        if (row.exact == mpfr_rec_sqrt && a == arith::sign_bit) return arith::sign_bit | arith::infinity; // MPFR has +inf here
        mpfr_set_flt(m_argument, std::bit_cast<float>(a), MPFR_RNDN);
        const int direction = row.exact(m_value, m_argument, MPFR_RNDN);
        mpfr_subnormalize(m_value, direction, MPFR_RNDN);
        return arith::canonical(std::bit_cast<std::uint32_t>(mpfr_get_flt(m_value, MPFR_RNDN)));
    }

    // The same value, faster: the C library's double decides unless it lies within 2^-46 of its size of a border between two roundings,
    // where it might be on the wrong side; glibc's errors are below 2^-50.
    std::uint32_t expected(const FunctionRow& row, std::uint32_t a)
    {
        const double value = row.near(static_cast<double>(std::bit_cast<float>(a)));
        if (std::isnan(value)) return arith::canonical_nan;
        if (value > 0x1p129) return arith::infinity;
        if (!(std::abs(value) > 0 && std::abs(value) < 1e38)) return exact(row, a);
        const auto low = static_cast<float>(value * (1 - 0x1p-46)), high = static_cast<float>(value * (1 + 0x1p-46));
        return low == high ? std::bit_cast<std::uint32_t>(low) : exact(row, a);
    }

    [[nodiscard]] std::uint64_t exact_calls() const { return m_exact_calls; }

private:
    mpfr_t m_argument, m_value;
    std::uint64_t m_exact_calls = 0;
};

} // namespace assay::test
