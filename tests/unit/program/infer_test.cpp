// The output type of every primitive, and the refusals of what is not a node.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "tests/unit/exec/awkward.hpp"

using namespace assay;
using namespace assay::program;
using test::all_primitives;
using test::PrimitiveFacts;

namespace {

TensorType numbers(std::initializer_list<std::uint32_t> shape)
{
    return {DataType::binary32, Shape(shape)};
}
TensorType integers(std::initializer_list<std::uint32_t> shape)
{
    return {DataType::unsigned32, Shape(shape)};
}
TensorType bytes(std::initializer_list<std::uint32_t> shape)
{
    return {DataType::unsigned8, Shape(shape)};
}

struct Case {
    Primitive primitive;
    Attributes attributes;
    std::vector<TensorType> operands;
    std::string expected; // the output type, or the refusal with its detail
};

void check(const std::vector<Case>& cases)
{
    for (const Case& c : cases) {
        const auto type = infer_type(c.primitive, c.attributes, c.operands);
        CHECK((type ? to_string(*type) : type.failure().message()) == c.expected);
    }
}

const NoAttributes none;

} // namespace

TEST_CASE("PROGRAM-6 the page's table of primitives is the code's")
{
    std::ifstream page(ASSAY_SOURCE_DIR "/spec/program.md");
    REQUIRE(page);
    std::size_t rows = 0;
    const auto& table = all_primitives();
    CHECK(table.size() == enumerator_limit(Primitive{}));
    for (std::string line; std::getline(page, line);) {
        if (rows == table.size()) break;
        const PrimitiveFacts& facts = table[rows];
        const std::string arity = facts.arity == 255 ? "1 to 16" : std::to_string(facts.arity);
        if (line.starts_with("| " + std::to_string(rows) + " | `" + std::string{facts.name} + "` | " + arity + " |")) ++rows;
    }
    CHECK(rows == table.size());
    for (const PrimitiveFacts& facts : table) {
        CHECK(name_of(facts.primitive) == facts.name);
        CHECK(family_of(facts.primitive) == facts.family);
    }
}

TEST_CASE("PROGRAM-6 a wrong number of operands, foreign attributes and impossible operand shapes are refused, for every primitive")
{
    for (const PrimitiveFacts& facts : all_primitives()) {
        CAPTURE(facts.name);
        const Program program = test::awkward_programs(facts).front();
        const Descriptor node = program.descriptor({static_cast<std::uint32_t>(program.nodes().size() - 1)});
        std::vector<TensorType> operands;
        for (const Operand& operand : node.operands) operands.push_back(operand.type);
        REQUIRE(infer_type(facts.primitive, node.attributes, operands));
        CHECK(*infer_type(facts.primitive, node.attributes, operands) == node.output);

        auto more = operands;
        more.resize(facts.arity == 255 ? 17 : operands.size() + 1, numbers({1}));
        const auto refused = infer_type(facts.primitive, node.attributes, more);
        CHECK(refused.failure().message() ==
              "invalid_node: " + std::string{facts.name} + " does not take " + std::to_string(more.size()) + " operands");
        if (!operands.empty()) {
            const auto fewer = std::span{operands}.first(operands.size() - 1);
            CHECK(infer_type(facts.primitive, node.attributes, fewer).error() == Error::invalid_node);
        }
        const std::vector<Attributes> every_kind{NoAttributes{},        SourceAttributes{},      FillAttributes{},  GeneratorAttributes{},
                                                 ContractionAttributes{}, ReductionAttributes{}, ShapeAttributes{}, PermutationAttributes{},
                                                 SliceAttributes{},     NumberAttributes{}};
        for (const Attributes& attributes : every_kind)
            if (attributes.index() != node.attributes.index())
                CHECK(infer_type(facts.primitive, attributes, operands).error() == Error::invalid_node);
        for (TensorType& operand : operands) {
            const Shape own = std::exchange(operand.shape, Shape{3, 0});
            CHECK(infer_type(facts.primitive, node.attributes, operands).error() == Error::invalid_shape);
            operand.shape = own;
        }
    }
}

TEST_CASE("PROGRAM-6 maps take exactly their data types")
{
    const std::array types{DataType::binary32, DataType::unsigned32, DataType::unsigned8};
    for (const PrimitiveFacts& facts : all_primitives()) {
        if (facts.family != Family::map) continue;
        CAPTURE(facts.name);
        const auto taken = test::map_operand_types(facts);
        auto accepted = taken;
        if (facts.primitive == Primitive::to_binary32 || facts.primitive == Primitive::to_unsigned32) CHECK(taken.size() == 2);
        std::size_t combinations = 1;
        for (std::size_t i = 0; i < facts.arity; ++i) combinations *= 3;
        for (std::size_t number = 0; number < combinations; ++number) {
            std::vector<DataType> combination;
            std::vector<TensorType> operands;
            for (std::size_t i = 0, rest = number; i < facts.arity; ++i, rest /= 3) {
                combination.push_back(types[rest % 3]);
                operands.push_back({combination.back(), Shape{2}});
            }
            const auto inferred = infer_type(facts.primitive, none, operands);
            const bool expected = std::find(taken.begin(), taken.end(), combination) != taken.end();
            CHECK(inferred.has_value() == expected);
            if (!inferred) CHECK(inferred.error() == Error::wrong_type);
        }
    }
}

TEST_CASE("PROGRAM-6 maps broadcast their operands and have the result type of their row")
{
    check({{Primitive::add, none, {numbers({}), numbers({})}, "binary32 []"},
           {Primitive::multiply, none, {integers({5, 1}), integers({1, 7})}, "unsigned32 [5, 7]"},
           {Primitive::divide, none, {numbers({3, 1, 5}), numbers({4, 1})}, "binary32 [3, 4, 5]"},
           {Primitive::subtract, none, {numbers({}), numbers({2, 3})}, "binary32 [2, 3]"},
           {Primitive::less, none, {numbers({7}), numbers({1})}, "unsigned32 [7]"},
           {Primitive::select, none, {integers({2, 1}), bytes({3}), bytes({})}, "unsigned8 [2, 3]"},
           {Primitive::to_binary32, none, {bytes({2})}, "binary32 [2]"},
           {Primitive::to_unsigned32, none, {numbers({2})}, "unsigned32 [2]"},
           {Primitive::add, none, {numbers({3}), numbers({2})}, "invalid_shape: [2] does not broadcast to [3]"},
           {Primitive::add, none, {numbers({3, 1}), numbers({2, 5})}, "invalid_shape: [2, 5] does not broadcast to [3, 1]"},
           {Primitive::add, none, {numbers({1 << 20, 1}), numbers({1 << 21})}, "invalid_shape: more than 2^40 elements in [1048576, 2097152]"},
           {Primitive::add, none, {numbers({2}), integers({3})}, "wrong_type: add does not take binary32 [2], unsigned32 [3]"},
           {Primitive::exponential, none, {bytes({2})}, "wrong_type: exponential does not take unsigned8 [2]"}});
}

TEST_CASE("PROGRAM-6 sources and generators")
{
    const std::uint32_t nan = 0x7fc00000;
    check({{Primitive::state, SourceAttributes{0, bytes({2, 3})}, {}, "unsigned8 [2, 3]"},
           {Primitive::data, SourceAttributes{0, bytes({2, 0})}, {}, "invalid_shape: an extent of 0 in [2, 0]"},
           {Primitive::fill, FillAttributes{numbers({2}), nan}, {}, "binary32 [2]"},
           {Primitive::fill, FillAttributes{integers({2}), 0xffffffff}, {}, "unsigned32 [2]"},
           {Primitive::fill, FillAttributes{bytes({}), 255}, {}, "unsigned8 []"},
           {Primitive::fill, FillAttributes{bytes({}), 256}, {}, "invalid_node: fill: the bits do not fit unsigned8"},
           {Primitive::fill, FillAttributes{numbers({}), nan + 1}, {}, "invalid_node: fill: a NaN other than 0x7fc00000"},
           {Primitive::fill, FillAttributes{numbers({}), 0xffc00000}, {}, "invalid_node: fill: a NaN other than 0x7fc00000"},
           {Primitive::iota, GeneratorAttributes{Shape{2, 3}, 1}, {}, "unsigned32 [2, 3]"},
           {Primitive::iota, GeneratorAttributes{Shape{2, 3}, 2}, {}, "invalid_node: iota: the shape has no such axis"},
           {Primitive::iota, GeneratorAttributes{Shape{}, 0}, {}, "invalid_node: iota: the shape has no such axis"},
           {Primitive::iota, GeneratorAttributes{Shape{0}, 0}, {}, "invalid_shape: an extent of 0 in [0]"},
           {Primitive::random, GeneratorAttributes{Shape{2, 3}, 0xffffffff}, {integers({})}, "unsigned32 [2, 3]"},
           {Primitive::random, GeneratorAttributes{Shape{2}, 0}, {integers({1})}, "wrong_type: random wants an unsigned32 scalar as counter, not unsigned32 [1]"},
           {Primitive::random, GeneratorAttributes{Shape{2}, 0}, {numbers({})}, "wrong_type: random wants an unsigned32 scalar as counter, not binary32 []"}});
}

TEST_CASE("PROGRAM-6 contractions in every transposition")
{
    const ContractionAttributes plain, left{true, false, 0, Limit::none}, right{false, true, 1, Limit::none}, both{true, true, 7, Limit::output_lower};
    check({{Primitive::contract, plain, {numbers({5, 7}), numbers({7, 3})}, "binary32 [5, 3]"},
           {Primitive::contract, left, {numbers({7, 5}), numbers({7, 3})}, "binary32 [5, 3]"},
           {Primitive::contract, right, {numbers({5, 7}), numbers({3, 7})}, "binary32 [5, 3]"},
           {Primitive::contract, both, {numbers({7, 5}), numbers({3, 7})}, "binary32 [5, 3]"},
           {Primitive::contract, plain, {numbers({2, 1, 5, 7}), numbers({2, 1, 7, 3})}, "binary32 [2, 1, 5, 3]"},
           {Primitive::contract, left, {numbers({5, 7}), numbers({7, 3})}, "invalid_shape: contract sums over 5 and 7 terms"},
           {Primitive::contract, plain, {numbers({5, 7}), numbers({3, 7})}, "invalid_shape: contract sums over 7 and 3 terms"},
           {Primitive::contract, plain, {numbers({2, 5, 7}), numbers({3, 7, 3})}, "invalid_shape: batch extents differ: [2, 5, 7] and [3, 7, 3]"},
           {Primitive::contract, plain, {numbers({1, 5, 7}), numbers({7, 3})}, "invalid_shape: contract wants two operands of equal rank, at least 2"},
           {Primitive::contract, plain, {numbers({7}), numbers({7})}, "invalid_shape: contract wants two operands of equal rank, at least 2"},
           {Primitive::contract, plain, {numbers({5, 7}), integers({7, 3})}, "wrong_type: contract wants binary32"}});
}

TEST_CASE("PROGRAM-6 reductions, gather and scatter_add")
{
    const auto reduction = [](std::uint32_t lanes, bool causal) { return ReductionAttributes{lanes, causal}; };
    const std::string lanes = ": lanes are a power of two up to 64";
    check({{Primitive::reduce_sum, reduction(64, false), {numbers({7})}, "binary32 [1]"},
           {Primitive::reduce_maximum, reduction(1, true), {numbers({2, 5, 7})}, "binary32 [2, 5, 1]"},
           {Primitive::reduce_sum, reduction(0, false), {numbers({7})}, "invalid_node: reduce_sum" + lanes},
           {Primitive::reduce_sum, reduction(3, false), {numbers({7})}, "invalid_node: reduce_sum" + lanes},
           {Primitive::reduce_maximum, reduction(128, false), {numbers({7})}, "invalid_node: reduce_maximum" + lanes},
           {Primitive::reduce_sum, reduction(16, false), {integers({7})}, "wrong_type: reductions want binary32"},
           {Primitive::reduce_sum, reduction(16, false), {numbers({})}, "invalid_shape: a scalar has no last axis"},
           {Primitive::reduce_sum, reduction(16, true), {numbers({7})}, "invalid_shape: a causal reduction wants two axes"},
           {Primitive::gather, none, {bytes({7, 3, 2}), integers({5, 1})}, "unsigned8 [5, 1, 3, 2]"},
           {Primitive::gather, none, {numbers({7}), integers({})}, "binary32 []"},
           {Primitive::gather, none, {numbers({}), integers({5})}, "invalid_shape: gather wants a table with rows"},
           {Primitive::gather, none, {numbers({7}), numbers({5})}, "wrong_type: gather wants unsigned32 indices"},
           {Primitive::gather, none, {numbers({2, 1, 1, 1, 1}), integers({1, 1, 1, 1, 1})}, "invalid_shape: rank 9 is above 8"},
           {Primitive::scatter_add, NumberAttributes{11}, {numbers({5, 1, 3}), integers({5, 1})}, "binary32 [11, 3]"},
           {Primitive::scatter_add, NumberAttributes{1}, {numbers({5}), integers({5})}, "binary32 [1]"},
           {Primitive::scatter_add, NumberAttributes{2}, {numbers({3}), integers({})}, "binary32 [2, 3]"},
           {Primitive::scatter_add, NumberAttributes{0}, {numbers({5, 3}), integers({5})}, "invalid_shape: an extent of 0 in [0, 3]"},
           {Primitive::scatter_add, NumberAttributes{2}, {integers({5, 3}), integers({5})}, "wrong_type: scatter_add wants binary32 rows and unsigned32 indices"},
           {Primitive::scatter_add, NumberAttributes{2}, {numbers({5, 3}), numbers({5})}, "wrong_type: scatter_add wants binary32 rows and unsigned32 indices"},
           {Primitive::scatter_add, NumberAttributes{2}, {numbers({5, 3}), integers({3})}, "invalid_shape: the source does not begin with the extents of the indices"},
           {Primitive::scatter_add, NumberAttributes{2}, {numbers({5}), integers({5, 1})}, "invalid_shape: the source does not begin with the extents of the indices"}});
}

TEST_CASE("PROGRAM-6 moves")
{
    const auto permutation = [](std::vector<std::uint32_t> axes) { return PermutationAttributes{std::move(axes)}; };
    const auto slice = [](std::vector<std::uint32_t> starts, Shape shape) { return SliceAttributes{std::move(starts), std::move(shape)}; };
    const std::string starts = "invalid_node: slice: wants a start and an extent for each axis";
    check({{Primitive::reshape, ShapeAttributes{Shape{3, 2}}, {bytes({6})}, "unsigned8 [3, 2]"},
           {Primitive::reshape, ShapeAttributes{Shape{}}, {bytes({1, 1})}, "unsigned8 []"},
           {Primitive::reshape, ShapeAttributes{Shape{5}}, {bytes({6})}, "invalid_shape: [6] has not the elements of [5]"},
           {Primitive::reshape, ShapeAttributes{Shape{0}}, {bytes({6})}, "invalid_shape: an extent of 0 in [0]"},
           {Primitive::permute, permutation({2, 0, 1}), {numbers({2, 3, 5})}, "binary32 [5, 2, 3]"},
           {Primitive::permute, permutation({}), {numbers({})}, "binary32 []"},
           {Primitive::permute, permutation({0, 0}), {numbers({2, 3})}, "invalid_node: permute: an axis is missing or named twice"},
           {Primitive::permute, permutation({0, 2}), {numbers({2, 3})}, "invalid_node: permute: an axis is missing or named twice"},
           {Primitive::permute, permutation({0}), {numbers({2, 3})}, "invalid_node: permute: names another number of axes than the operand has"},
           {Primitive::slice, slice({1, 2}, Shape{2, 1}), {integers({3, 3})}, "unsigned32 [2, 1]"},
           {Primitive::slice, slice({1, 2}, Shape{2, 2}), {integers({3, 3})}, "invalid_shape: the slice ends outside of axis 1 of [3, 3]"},
           {Primitive::slice, slice({0xffffffff, 0}, Shape{1, 1}), {integers({3, 3})}, "invalid_shape: the slice ends outside of axis 0 of [3, 3]"},
           {Primitive::slice, slice({3, 0}, Shape{0, 1}), {integers({3, 3})}, "invalid_shape: an extent of 0 in [0, 1]"},
           {Primitive::slice, slice({1}, Shape{2, 1}), {integers({3, 3})}, starts},
           {Primitive::slice, slice({1, 1}, Shape{2}), {integers({3, 3})}, starts},
           {Primitive::concatenate, NumberAttributes{1}, {numbers({2, 3}), numbers({2, 1}), numbers({2, 5})}, "binary32 [2, 9]"},
           {Primitive::concatenate, NumberAttributes{2}, {numbers({2, 3})}, "invalid_node: concatenate: wants an axis of its operands"},
           {Primitive::concatenate, NumberAttributes{0}, {numbers({})}, "invalid_node: concatenate: wants an axis of its operands"},
           {Primitive::concatenate, NumberAttributes{1}, {numbers({2, 3}), numbers({3, 3})}, "invalid_shape: binary32 [3, 3] does not continue binary32 [2, 3]"},
           {Primitive::concatenate, NumberAttributes{0}, {numbers({2, 3}), numbers({2})}, "invalid_shape: binary32 [2] does not continue binary32 [2, 3]"},
           {Primitive::concatenate, NumberAttributes{0}, {numbers({2}), integers({2})}, "wrong_type: unsigned32 [2] does not continue binary32 [2]"},
           {Primitive::concatenate, NumberAttributes{0}, {bytes({0xffffffff}), bytes({1})}, "invalid_shape: the concatenated axis is too long"},
           {Primitive::broadcast, ShapeAttributes{Shape{2, 3, 5}}, {bytes({3, 1})}, "unsigned8 [2, 3, 5]"},
           {Primitive::broadcast, ShapeAttributes{Shape{3, 2}}, {bytes({3, 3})}, "invalid_shape: [3, 2] does not broadcast to [3, 3]"},
           {Primitive::broadcast, ShapeAttributes{Shape{3}}, {bytes({1, 3})}, "invalid_shape: [1, 3] does not broadcast to [3]"},
           {Primitive::broadcast, ShapeAttributes{Shape{1}}, {bytes({3})}, "invalid_shape: [3] does not broadcast to [1]"}});
}
