// The bulk functions have the bits of the integer ones, on every vector target that this machine has.
#include <doctest/doctest.h>

#include <bit>
#include <ios>
#include <string>

#include <assay/arith/functions.hpp>

#include "exec/kernels/functions.hpp"
#include "tests/unit/arith/samples.hpp"
#include "tests/unit/exec/targets.hpp"

using namespace assay;

namespace {

struct Pair {
    std::string name;
    void (*bulk)(std::span<const float>, std::span<float>);
    std::uint32_t (*integer)(std::uint32_t);
};

const Pair pairs[]{
    {"exponential", exec::exponential, arith::exponential},
    {"logarithm", exec::logarithm, arith::logarithm},
    {"hyperbolic_tangent", exec::hyperbolic_tangent, arith::hyperbolic_tangent},
    {"error_function", exec::error_function, arith::error_function},
    {"sine", exec::sine, arith::sine},
    {"cosine", exec::cosine, arith::cosine},
    {"reciprocal_square_root", exec::reciprocal_square_root, arith::reciprocal_square_root},
};

std::vector<float> sampled_arguments()
{
    std::vector<std::uint32_t> patterns = test::special_patterns();
    const auto more = test::exponent_patterns();
    patterns.insert(patterns.end(), more.begin(), more.end());
    std::mt19937 random{10};
    for (int i = 0; i < 30'000; ++i) {
        const auto a = static_cast<std::uint32_t>(random());
        patterns.push_back(a);
        patterns.push_back((a & 0x87ffffff) + 0x39000000); // 2^-13 to 8
    }
    std::vector<float> arguments;
    for (const std::uint32_t a : patterns) arguments.push_back(std::bit_cast<float>(a));
    return arguments;
}

std::vector<std::uint32_t> patterns_of(const std::vector<float>& values)
{
    std::vector<std::uint32_t> patterns;
    for (const float value : values) patterns.push_back(std::bit_cast<std::uint32_t>(value));
    return patterns;
}

} // namespace

TEST_CASE("NUMERICS-15 the bulk functions are the integer functions, on every target")
{
    const std::vector<float> in = sampled_arguments();
    for (const Pair& pair : pairs) {
        CAPTURE(pair.name);
        std::vector<std::uint32_t> expected = patterns_of(in);
        for (std::uint32_t& a : expected) a = pair.integer(a);
        test::on_every_target([&] {
            std::vector<float> out(in.size());
            pair.bulk(in, out);
            for (std::size_t i = 0; i < in.size(); ++i) {
                const auto ours = std::bit_cast<std::uint32_t>(out[i]);
                if (ours != expected[i])
                    FAIL_CHECK("at " << std::hex << std::bit_cast<std::uint32_t>(in[i]) << ": " << ours << " for " << expected[i]);
            }
        });
    }
}

TEST_CASE("NUMERICS-15 length, position and working in place do not show")
{
    const std::vector<float> in = sampled_arguments();
    for (const Pair& pair : pairs) {
        CAPTURE(pair.name);
        test::on_every_target([&] {
            for (std::size_t length = 0; length < 70; ++length) {
                const std::span<const float> part{in.data() + 37 * length, length};
                std::vector<float> in_place(part.begin(), part.end()), expected(length + 1, 1.0f);
                for (std::size_t i = 0; i < length; ++i)
                    expected[i] = std::bit_cast<float>(pair.integer(std::bit_cast<std::uint32_t>(part[i])));
                in_place.push_back(1.0f); // must be left alone
                pair.bulk(std::span{in_place}.first(length), std::span{in_place}.first(length));
                CHECK(patterns_of(in_place) == patterns_of(expected));
            }
        });
    }
}
