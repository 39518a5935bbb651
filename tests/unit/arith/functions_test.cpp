// The integer functions against MPFR.
#include <doctest/doctest.h>

#include <ios>

#include "tests/functions_oracle.hpp"

#include "samples.hpp"

using namespace assay;

TEST_CASE("NUMERICS-13 NUMERICS-14 each function is the correctly rounded value")
{
    test::FunctionsOracle oracle;
    for (const test::FunctionRow& row : test::function_rows) {
        const auto check = [&](std::uint32_t a, std::uint32_t expected) {
            const std::uint32_t ours = row.integer(a);
            if (ours != expected) FAIL(row.name << " " << std::hex << a << ": " << ours << " for " << expected);
        };
        for (const std::uint32_t a : test::special_patterns()) check(a, oracle.exact(row, a));
        for (const std::uint32_t a : test::exponent_patterns()) check(a, oracle.exact(row, a));
        // Reciprocal roots that lie next to a border: of all 2^24 fractions, 110 are decided by the last bits of the quotient.
        for (const std::uint32_t a : {0x3f82f294u, 0x3f83fd98u, 0x3f867f03u, 0x3f86d777u, 0x3f88c0d3u, 0x3f8a5c86u})
            check(a, oracle.exact(row, a));
        std::mt19937 random{9};
        for (int i = 0; i < 50'000; ++i) {
            const auto a = static_cast<std::uint32_t>(random());
            check(a, oracle.expected(row, a));
            const std::uint32_t usual = (a & 0x87ffffff) + 0x39000000; // 2^-13 to 8: where nothing is decided by size alone
            check(usual, oracle.expected(row, usual));
        }
    }
}
