// The vectors that other implementations of spec/numerics.md read.
#include <doctest/doctest.h>

#include <functional>
#include <sstream>

#include <assay/arith/functions.hpp>

#include "tests/vectors.hpp"

using namespace assay;

namespace {

using Operands = std::vector<std::uint32_t>;
using Operation = std::function<std::uint32_t(const Operands&)>;

Operation unary(std::uint32_t (*function)(std::uint32_t))
{
    return [function](const Operands& operands) { return function(operands.at(0)); };
}

template <class Result>
Operation binary(Result (*function)(std::uint32_t, std::uint32_t))
{
    return [function](const Operands& operands) { return std::uint32_t{function(operands.at(0), operands.at(1))}; };
}

const std::map<std::string, Operation> operations{
    {"add", binary(arith::add)},
    {"subtract", binary(arith::subtract)},
    {"multiply", binary(arith::multiply)},
    {"divide", binary(arith::divide)},
    {"square_root", unary(arith::square_root)},
    {"fused_multiply_add", [](const Operands& o) { return arith::fused_multiply_add(o.at(0), o.at(1), o.at(2)); }},
    {"negate", unary(arith::negate)},
    {"absolute", unary(arith::absolute)},
    {"minimum", binary(arith::minimum)},
    {"maximum", binary(arith::maximum)},
    {"less", binary(arith::less)},
    {"equal", binary(arith::equal)},
    {"from_unsigned", unary(arith::from_unsigned)},
    {"to_unsigned", unary(arith::to_unsigned)},
    {"exponential", unary(arith::exponential)},
    {"logarithm", unary(arith::logarithm)},
    {"hyperbolic_tangent", unary(arith::hyperbolic_tangent)},
    {"error_function", unary(arith::error_function)},
    {"sine", unary(arith::sine)},
    {"cosine", unary(arith::cosine)},
    {"reciprocal_square_root", unary(arith::reciprocal_square_root)},
};

} // namespace

TEST_CASE("NUMERICS-3 NUMERICS-13 every vector's operands give its result")
{
    for (const char* file : {"arith/operations.txt", "arith/functions.txt"}) {
        const auto records = test::read_vectors(file);
        CHECK(records.size() > 20);
        for (const auto& record : records) {
            CAPTURE(record.text("name"));
            std::istringstream words(record.text("operands"));
            Operands operands;
            for (std::string word; words >> word;) operands.push_back(static_cast<std::uint32_t>(std::stoul(word, nullptr, 16)));
            CHECK(operations.at(record.text("operation"))(operands) == std::stoul(record.text("result"), nullptr, 16));
        }
    }
}
