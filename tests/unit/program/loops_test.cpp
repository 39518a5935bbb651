// Every primitive against loops that are written as a reader of the page would write them, knowing nothing of scalar steps.
#include <doctest/doctest.h>

#include <ios>

#include <assay/program/scalar.hpp>

#include "tests/unit/program/random_nodes.hpp"

using namespace assay;
using namespace assay::program;
using test::all_primitives;
using test::PrimitiveFacts;

namespace {

constexpr std::uint64_t key = 0xfedcba9876543210;

using Indices = std::vector<std::uint64_t>;
using Patterns = std::vector<std::uint32_t>;

Indices indices_of(const Shape& shape, std::uint64_t element)
{
    Indices indices(shape.rank());
    for (std::size_t axis = shape.rank(); axis-- > 0; element /= shape[axis]) indices[axis] = element % shape[axis];
    return indices;
}

std::uint64_t element_at(const Shape& shape, const Indices& indices)
{
    std::uint64_t element = 0;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) element = element * shape[axis] + indices[axis];
    return element;
}

struct Case {
    Descriptor node;
    std::vector<Tensor> operands;

    [[nodiscard]] const Shape& shape(std::size_t slot) const { return operands[slot].type().shape; }
    [[nodiscard]] std::uint32_t at(std::size_t slot, const Indices& indices) const { return operands[slot].element(element_at(shape(slot), indices)); }
    [[nodiscard]] std::uint32_t broadcast_at(std::size_t slot, const Indices& output) const
    {
        Indices own(output.end() - static_cast<std::ptrdiff_t>(shape(slot).rank()), output.end());
        for (std::size_t axis = 0; axis < own.size(); ++axis)
            if (shape(slot)[axis] == 1) own[axis] = 0;
        return at(slot, own);
    }
};

std::uint32_t mapped(Primitive primitive, DataType type, const std::array<std::uint32_t, 3>& in)
{
    const auto [a, b, c] = in;
    const bool number = type == DataType::binary32;
    switch (primitive) {
    case Primitive::add: return number ? arith::add(a, b) : a + b;
    case Primitive::subtract: return number ? arith::subtract(a, b) : a - b;
    case Primitive::multiply: return number ? arith::multiply(a, b) : a * b;
    case Primitive::multiply_high: return static_cast<std::uint32_t>(std::uint64_t{a} * b >> 32);
    case Primitive::divide: return arith::divide(a, b);
    case Primitive::minimum: return arith::minimum(a, b);
    case Primitive::maximum: return arith::maximum(a, b);
    case Primitive::negate: return arith::negate(a);
    case Primitive::absolute: return arith::absolute(a);
    case Primitive::square_root: return arith::square_root(a);
    case Primitive::exponential: return arith::exponential(a);
    case Primitive::logarithm: return arith::logarithm(a);
    case Primitive::hyperbolic_tangent: return arith::hyperbolic_tangent(a);
    case Primitive::error_function: return arith::error_function(a);
    case Primitive::sine: return arith::sine(a);
    case Primitive::cosine: return arith::cosine(a);
    case Primitive::reciprocal_square_root: return arith::reciprocal_square_root(a);
    case Primitive::less: return number ? arith::less(a, b) : a < b;
    case Primitive::equal: return number ? arith::equal(a, b) : a == b;
    case Primitive::select: return a == 0 ? c : b;
    case Primitive::to_binary32: return arith::from_unsigned(a);
    case Primitive::to_unsigned32: return number ? arith::to_unsigned(a) : a;
    default: FAIL("not a map"); return 0;
    }
}

std::uint32_t contracted(const Case& c, const Indices& output)
{
    const auto& attributes = std::get<ContractionAttributes>(c.node.attributes);
    const std::size_t row_axis = output.size() - 2;
    const std::uint64_t row = output[row_axis], column = output[row_axis + 1];
    const std::uint64_t depth = c.shape(0)[row_axis + (attributes.transpose_left ? 0 : 1)];
    const auto is_term = [&](std::uint64_t k) {
        switch (attributes.limit) {
        case Limit::none: return true;
        case Limit::output_lower: return column <= row;
        case Limit::sum_up_to_row: return k <= row;
        case Limit::sum_from_row: return k >= row;
        }
        return false;
    };
    const auto indices = [&](bool swapped, std::uint64_t first, std::uint64_t second) {
        Indices own(output.begin(), output.begin() + static_cast<std::ptrdiff_t>(row_axis));
        own.push_back(swapped ? second : first);
        own.push_back(swapped ? first : second);
        return own;
    };
    Patterns block_sums;
    const std::uint64_t block = attributes.block == 0 ? depth : attributes.block;
    for (std::uint64_t begin = 0; begin < depth; begin += block) {
        std::optional<std::uint32_t> sum;
        for (std::uint64_t k = begin; k < std::min(begin + block, depth); ++k)
            if (is_term(k))
                sum = arith::fused_multiply_add(c.at(0, indices(attributes.transpose_left, row, k)), c.at(1, indices(attributes.transpose_right, k, column)),
                                                sum.value_or(0));
        if (sum) block_sums.push_back(*sum);
    }
    if (block_sums.empty()) return 0;
    std::uint32_t total = block_sums.front();
    for (std::size_t i = 1; i < block_sums.size(); ++i) total = arith::add(total, block_sums[i]);
    return total;
}

std::uint32_t reduced(const Case& c, const Indices& output)
{
    const auto& attributes = std::get<ReductionAttributes>(c.node.attributes);
    const bool sum = c.node.primitive == Primitive::reduce_sum;
    const auto combine = [&](std::uint32_t a, std::uint32_t b) { return sum ? arith::add(a, b) : arith::maximum(a, b); };
    Patterns lanes(attributes.lanes, sum ? 0 : arith::infinity | arith::sign_bit);
    for (std::uint64_t i = 0; i < c.shape(0).last(); ++i) {
        if (attributes.causal && i > output[output.size() - 2]) break;
        Indices own = output;
        own.back() = i;
        lanes[i % lanes.size()] = combine(lanes[i % lanes.size()], c.at(0, own));
    }
    while (lanes.size() > 1) {
        const std::size_t half = lanes.size() / 2;
        for (std::size_t l = 0; l < half; ++l) lanes[l] = combine(lanes[l], lanes[l + half]);
        lanes.resize(half);
    }
    return lanes[0];
}

std::uint32_t gathered(const Case& c, const Indices& output)
{
    const auto split = output.begin() + static_cast<std::ptrdiff_t>(c.shape(1).rank());
    const std::uint32_t row = c.at(1, Indices(output.begin(), split));
    Indices own{std::min<std::uint64_t>(row, c.shape(0)[0] - 1)};
    own.insert(own.end(), split, output.end());
    return c.at(0, own);
}

std::uint32_t scattered(const Case& c, const Indices& output)
{
    const std::uint64_t rows = c.node.output.shape[0];
    std::uint32_t sum = 0;
    for (std::uint64_t i = 0; i < c.operands[1].type().elements(); ++i) {
        if (std::min<std::uint64_t>(c.operands[1].element(i), rows - 1) != output[0]) continue;
        Indices own = indices_of(c.shape(1), i);
        own.insert(own.end(), output.begin() + 1, output.end());
        sum = arith::add(sum, c.at(0, own));
    }
    return sum;
}

std::uint32_t moved(const Case& c, const Indices& output)
{
    Indices own = output;
    switch (c.node.primitive) {
    case Primitive::reshape: return c.operands[0].element(element_at(c.node.output.shape, output));
    case Primitive::permute:
        for (std::size_t i = 0; i < own.size(); ++i) own[std::get<PermutationAttributes>(c.node.attributes).axes[i]] = output[i];
        return c.at(0, own);
    case Primitive::slice:
        for (std::size_t i = 0; i < own.size(); ++i) own[i] += std::get<SliceAttributes>(c.node.attributes).starts[i];
        return c.at(0, own);
    case Primitive::concatenate: {
        const std::uint32_t axis = std::get<NumberAttributes>(c.node.attributes).value;
        for (std::size_t slot = 0; slot < c.operands.size(); ++slot) {
            if (own[axis] < c.shape(slot)[axis]) return c.at(slot, own);
            own[axis] -= c.shape(slot)[axis];
        }
        FAIL("past the last operand");
        return 0;
    }
    default: return c.broadcast_at(0, output);
    }
}

std::uint32_t generated(const Case& c, const Indices& output)
{
    if (c.node.primitive == Primitive::fill) return std::get<FillAttributes>(c.node.attributes).bits;
    const auto& generator = std::get<GeneratorAttributes>(c.node.attributes);
    if (c.node.primitive == Primitive::iota) return static_cast<std::uint32_t>(output[generator.parameter]);
    const auto element = static_cast<std::uint32_t>(element_at(generator.shape, output));
    return arith::philox4x32_10({element / 4, 0, c.operands[0].element(0), generator.parameter}, {0x76543210, 0xfedcba98})[element % 4];
}

std::uint32_t straight(const Case& c, std::uint64_t element)
{
    const Indices output = indices_of(c.node.output.shape, element);
    switch (family_of(c.node.primitive)) {
    case Family::generator: return generated(c, output);
    case Family::map: {
        std::array<std::uint32_t, 3> in{};
        for (std::size_t slot = 0; slot < c.operands.size(); ++slot) in[slot] = c.broadcast_at(slot, output);
        return mapped(c.node.primitive, c.operands[0].type().type, in);
    }
    case Family::move: return moved(c, output);
    case Family::contraction: return contracted(c, output);
    case Family::reduction: return reduced(c, output);
    case Family::gather: return gathered(c, output);
    case Family::scatter: return scattered(c, output);
    case Family::source: break;
    }
    FAIL("a source has no elements of its own");
    return 0;
}

void check(const Program& program, std::uint64_t seed)
{
    CAPTURE(test::description(program));
    CAPTURE(seed);
    const Case c{program.descriptor({static_cast<std::uint32_t>(program.nodes().size() - 1)}), test::awkward_states(program, seed)};
    const auto read = [&](std::uint8_t slot, std::uint64_t element) { return c.operands[slot].element(element); };
    for (std::uint64_t element = 0; element < c.node.output.elements(); ++element) {
        const std::uint32_t ours = evaluate_steps<IntegerArithmetic>(c.node, element, key, read).back().result;
        if (const std::uint32_t expected = straight(c, element); ours != expected)
            FAIL_CHECK("element " << element << ": " << std::hex << ours << " for " << expected);
    }
}

void check_family(Family family)
{
    test::RandomNodes nodes{14};
    for (const PrimitiveFacts& facts : all_primitives()) {
        if (facts.family != family) continue;
        const auto programs = test::awkward_programs(facts);
        REQUIRE(!programs.empty());
        for (const Program& program : programs) check(program, 0);
        for (std::uint64_t seed = 0; seed < 50; ++seed) check(nodes.next(facts), seed);
    }
}

} // namespace

TEST_CASE("PROGRAM-14 generators are what straightforward loops make")
{
    check_family(Family::generator);
}
TEST_CASE("PROGRAM-15 maps are what straightforward loops make")
{
    check_family(Family::map);
}
TEST_CASE("PROGRAM-16 moves are what straightforward loops make")
{
    check_family(Family::move);
}
TEST_CASE("PROGRAM-17 contractions are what straightforward loops make")
{
    check_family(Family::contraction);
}
TEST_CASE("PROGRAM-18 reductions are what straightforward loops make")
{
    check_family(Family::reduction);
}
TEST_CASE("PROGRAM-19 gather and scatter_add are what straightforward loops make")
{
    check_family(Family::gather);
    check_family(Family::scatter);
}
