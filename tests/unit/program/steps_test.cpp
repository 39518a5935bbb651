// The lists of scalar steps: their form, whatever the node.
#include <doctest/doctest.h>

#include <assay/program/scalar.hpp>

#include "tests/unit/program/random_nodes.hpp"
#include "tests/vectors.hpp"

using namespace assay;
using namespace assay::program;
using test::all_primitives;
using test::PrimitiveFacts;

namespace {

Descriptor last_node(const Program& program)
{
    return program.descriptor({static_cast<std::uint32_t>(program.nodes().size() - 1)});
}

// What is wrong with step `index` of an element's list; empty where nothing is. `uses` counts how often each result is an input.
std::string fault_of(const Descriptor& node, const ScalarStep& step, std::uint64_t index, std::vector<std::uint32_t>& uses)
{
    for (const Input& input : step.inputs) {
        switch (input.kind) {
        case Input::Kind::immediate:
            if (input.value > 0xffffffff) return "a constant of more than 32 bits";
            break;
        case Input::Kind::operand:
            if (input.slot >= node.operands.size()) return "no such operand";
            if (input.value >= node.operands[input.slot].type.elements()) return "an element outside of its operand";
            break;
        case Input::Kind::accumulator:
            if (input.value >= index) return "a result that is not there yet";
            ++uses[input.value];
            break;
        case Input::Kind::gathered:
            for (const std::uint32_t row : {0U, 1U, 0xffffffffU})
                if (gathered_element(node, input.value, row) >= node.operands[0].type.elements()) return "a row outside of its table";
            break;
        }
    }
    return {};
}

void check_list(const Descriptor& node, std::uint64_t element)
{
    CAPTURE(element);
    const std::uint64_t count = step_count(node, element);
    REQUIRE(count >= 1);
    std::vector<std::uint32_t> uses(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string fault = fault_of(node, scalar_step(node, element, i), i, uses);
        CHECK(fault == "");
    }
    // A sum is a tree: every result goes into one later step, and the last is the element.
    CHECK(uses.back() == 0);
    CHECK(std::count(uses.begin(), uses.end(), 1U) == static_cast<std::ptrdiff_t>(count - 1));
}

} // namespace

TEST_CASE("PROGRAM-12 steps read earlier steps and operands' elements only, and every result but the last is used once")
{
    test::RandomNodes nodes{12};
    for (const PrimitiveFacts& facts : all_primitives()) {
        if (facts.family == Family::source) continue;
        for (int round = 0; round < 60; ++round) {
            const Program program = nodes.next(facts);
            CAPTURE(test::description(program));
            CAPTURE(round);
            const Descriptor node = last_node(program);
            for (std::uint64_t element = 0; element < node.output.elements(); ++element) check_list(node, element);
        }
    }
}

TEST_CASE("PROGRAM-12 the same holds of tensors at the limits of their size")
{
    constexpr std::uint32_t million = 1U << 20;
    const auto number = [](std::initializer_list<std::uint32_t> shape) { return TensorType{DataType::binary32, Shape(shape)}; };
    const std::vector<Program> huge{
        test::single_node(Primitive::contract, ContractionAttributes{false, true, 256, Limit::sum_from_row}, {number({million, million}), number({million, million})}),
        test::single_node(Primitive::contract, ContractionAttributes{true, false, 0xffffffff, Limit::none}, {number({0xffffffff, 256}), number({0xffffffff, 256})}),
        test::single_node(Primitive::reduce_sum, ReductionAttributes{64, true}, {number({256, 0xffffffff})}),
        test::single_node(Primitive::scatter_add, NumberAttributes{0xffffffff}, {number({million, million}), {DataType::unsigned32, Shape{million, million}}}),
        test::single_node(Primitive::permute, PermutationAttributes{{1, 0}}, {number({million, million})}),
        test::single_node(Primitive::random, GeneratorAttributes{Shape{million, million}, 0}, {{DataType::unsigned32, Shape{}}}),
        test::single_node(Primitive::gather, NoAttributes{}, {number({million, 1024}), {DataType::unsigned32, Shape{1024, million}}})};
    for (const Program& program : huge) {
        CAPTURE(test::description(program));
        const Descriptor node = last_node(program);
        for (const std::uint64_t element : {std::uint64_t{0}, node.output.elements() / 2, node.output.elements() - 1}) {
            const std::uint64_t count = step_count(node, element);
            for (const std::uint64_t step : {std::uint64_t{0}, count / 3, count - 1}) {
                const ScalarStep scalar = scalar_step(node, element, step);
                for (const Input& input : scalar.inputs) {
                    if (input.kind == Input::Kind::operand) CHECK(input.value < node.operands[input.slot].type.elements());
                    if (input.kind == Input::Kind::accumulator) CHECK(input.value < step);
                }
            }
        }
    }
}

TEST_CASE("PROGRAM-14 a random word is drawn for both halves of its element's index")
{
    constexpr std::uint32_t million = 1U << 20;
    const Descriptor node =
        last_node(test::single_node(Primitive::random, GeneratorAttributes{Shape{million, million}, 0}, {{DataType::unsigned32, Shape{}}}));
    const ScalarStep step = scalar_step(node, 0x3'80000007, 0);
    CHECK(step.inputs[1] == Input{Input::Kind::immediate, 0, 0x80000007});
    CHECK(step.inputs[2] == Input{Input::Kind::immediate, 0, 3});
}

TEST_CASE("PROGRAM-13 operations that are no arithmetic of binary32")
{
    const auto computed = [](Operation operation, std::uint32_t x, std::uint32_t y, std::uint32_t z = 0, std::uint32_t parameter = 0) {
        return compute<IntegerArithmetic>({operation, {}, parameter}, x, y, z, 0);
    };
    CHECK(computed(Operation::copy, 7, 1, 2) == 7);
    CHECK(computed(Operation::integer_add, 0xffffffff, 2) == 1);
    CHECK(computed(Operation::integer_subtract, 1, 2) == 0xffffffff);
    CHECK(computed(Operation::integer_multiply, 0x10001, 0x10001) == 0x20001);
    CHECK(computed(Operation::integer_multiply_high, 0xffffffff, 0xffffffff) == 0xfffffffe);
    CHECK(computed(Operation::integer_less, 0x80000000, 1) == 0); // as binary32, -0 is less than a subnormal number
    CHECK(computed(Operation::less, 0x80000000, 1) == 1);
    CHECK(computed(Operation::integer_equal, 0x80000000, 0) == 0);
    CHECK(computed(Operation::equal, 0x80000000, 0) == 1);
    CHECK(computed(Operation::equal, arith::canonical_nan, arith::canonical_nan) == 0);
    CHECK(computed(Operation::select, 0x80000000, 5, 6) == 5);
    CHECK(computed(Operation::select, 0, 5, 6) == 6);
    CHECK(computed(Operation::add_where_equal, arith::one, arith::one, 3, 3) == 0x40000000);
    CHECK(computed(Operation::add_where_equal, arith::one, arith::one, 4, 3) == arith::one);
    CHECK(computed(Operation::add_where_not_below, arith::one, arith::one, 0xffffffff, 3) == 0x40000000);
    CHECK(computed(Operation::add_where_not_below, arith::one, arith::one, 2, 3) == arith::one);
    CHECK(computed(Operation::add_where_equal, arith::sign_bit, 0, 4, 3) == arith::sign_bit); // left alone, not added to a zero
}

TEST_CASE("PROGRAM-13 random words are Philox's, in the order of their counters")
{
    const std::uint64_t seed = 0x0123456789abcdef, element = (std::uint64_t{5} << 34) + 7; // word 3 of block 2^32 * 5 + 1
    const ScalarStep step{Operation::random_word, {}, 99};
    const auto word = compute<IntegerArithmetic>(step, 42, static_cast<std::uint32_t>(element), static_cast<std::uint32_t>(element >> 32), seed);
    CHECK(word == arith::philox4x32_10({1, 5, 42, 99}, {0x89abcdef, 0x01234567})[3]);
}

TEST_CASE("PROGRAM-17 the worked example has the records of its page")
{
    const test::Record record = test::read_vectors("program/programs.txt").front();
    const auto program = Program::decode(record.bytes("bytes"));
    REQUIRE(program);
    const std::array operands{*Tensor::from_bytes(program->type({0}), record.bytes("w")), *Tensor::from_bytes(program->type({1}), record.bytes("x"))};
    const auto read = [&](std::uint8_t slot, std::uint64_t element) { return operands[slot].element(element); };
    std::vector<std::string> records;
    for (const StepRecord& step : evaluate_steps<IntegerArithmetic>(program->descriptor({2}), 0, 0, read)) records.push_back(to_hex(encode(step)));
    CHECK(records == record.all("record"));

    Descriptor one_block = program->descriptor({2});
    std::get<ContractionAttributes>(one_block.attributes).block = 0;
    CHECK(evaluate_steps<IntegerArithmetic>(one_block, 0, 0, read).back().result == 0x28800000);
}
