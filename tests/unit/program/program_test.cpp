// Programs: encoding, strict decoding, what is checked, limits.
#include <doctest/doctest.h>

#include <assay/commit/program_commitment.hpp>
#include <assay/program/scalar.hpp>

#include "tests/unit/program/random_nodes.hpp"
#include "tests/vectors.hpp"

using namespace assay;
using namespace assay::program;
using test::all_primitives;
using test::PrimitiveFacts;

namespace {

Program worked_example()
{
    return *Program::decode(test::read_vectors("program/programs.txt").front().bytes("bytes"));
}

// What a referee would do with a node that was accepted: the ends of some elements' lists.
void visit_nodes(const Program& program)
{
    for (std::uint32_t i = 0; i < program.nodes().size(); ++i) {
        const Descriptor node = program.descriptor({i});
        if (family_of(node.primitive) == Family::source) continue;
        for (const std::uint64_t element : {std::uint64_t{0}, node.output.elements() - 1})
            for (const std::uint64_t step : {std::uint64_t{0}, step_count(node, element) - 1})
                for (const Input& input : scalar_step(node, element, step).inputs)
                    if (input.kind == Input::Kind::operand) CHECK(input.value < node.operands[input.slot].type.elements());
    }
}

// Decodes bytes that may be anything: what is accepted is a program of exactly these bytes.
bool decodes(ByteView bytes)
{
    const auto program = Program::decode(bytes);
    if (!program) return false;
    CHECK(program->encode() == Bytes(bytes.begin(), bytes.end()));
    visit_nodes(*program);
    return true;
}

ProgramParts fills(std::size_t count)
{
    ProgramParts parts;
    parts.nodes.resize(count, {Primitive::fill, FillAttributes{{DataType::unsigned8, Shape{}}, 1}, {}, ""});
    parts.outputs.push_back({"result", {0}});
    return parts;
}

} // namespace

TEST_CASE("PROGRAM-7 PROGRAM-8 PROGRAM-9 the worked example has the bytes of its page")
{
    const test::Record record = test::read_vectors("program/programs.txt").front();
    ProgramParts parts;
    const TensorType w{DataType::binary32, Shape{1, 3}}, x{DataType::binary32, Shape{3, 1}};
    parts.states = {{"w", w}};
    parts.data = {{"x", x}};
    parts.nodes = {{Primitive::state, SourceAttributes{0, w}, {}, "w"},
                   {Primitive::data, SourceAttributes{0, x}, {}, "x"},
                   {Primitive::contract, ContractionAttributes{false, false, 2, Limit::none}, {{0}, {1}}, "y"}};
    parts.outputs = {{"y", {2}}};
    const auto program = Program::from_parts(parts);
    REQUIRE(program);
    CHECK(to_hex(program->encode()) == record.text("bytes"));
    CHECK(to_hex(encode(program->descriptor({2}))) == record.text("descriptor"));
    CHECK(digest_of(commit::CommittedProgram{*program}.commitment()) == record.digest("identity"));
    CHECK(worked_example() == *program);
    CHECK(!program->is_iterable());
}

TEST_CASE("PROGRAM-9 ill-formed programs are refused by the names of the vectors")
{
    std::size_t refused = 0;
    for (const test::Record& record : test::read_vectors("program/programs.txt")) {
        if (record.all("error").empty()) continue;
        CAPTURE(record.text("name"));
        const auto program = Program::decode(record.bytes("bytes"));
        REQUIRE(!program);
        CHECK(name_of(program.error()) == record.text("error"));
        ++refused;
    }
    CHECK(refused > 20);
}

TEST_CASE("PROGRAM-9 the detail of a refusal names the node")
{
    ProgramParts parts = worked_example().parts();
    parts.nodes[2].operands[1] = {2};
    CHECK(Program::from_parts(parts).failure().message() ==
          "invalid_program: node 2 (y): invalid_program: operand 2 does not stand before its node");
    parts.nodes[2].operands[1] = {0};
    CHECK(Program::from_parts(parts).failure().message() == "invalid_shape: node 2 (y): invalid_shape: contract sums over 3 and 1 terms");
    parts = worked_example().parts();
    std::get<SourceAttributes>(parts.nodes[1].attributes).index = 1;
    CHECK(Program::from_parts(parts).failure().message() ==
          "invalid_program: node 1 (x): invalid_program: no tensor of this type is declared at index 1");
    parts = worked_example().parts();
    parts.outputs[0].node = {3};
    CHECK(Program::from_parts(parts).failure().message() == "invalid_program: output y names no node");
}

TEST_CASE("PROGRAM-7 programs of every primitive come back from their bytes, and no part of the bytes is a program")
{
    for (const PrimitiveFacts& facts : all_primitives()) {
        CAPTURE(facts.name);
        for (const Program& program : test::awkward_programs(facts)) CHECK(decodes(program.encode()));
        const Bytes bytes = test::awkward_programs(facts).front().encode();
        for (std::size_t length = 0; length < bytes.size(); ++length)
            CHECK(Program::decode(ByteView{bytes}.first(length)).error() == Error::truncated_input);
        Bytes longer = bytes;
        longer.push_back(0);
        CHECK(Program::decode(longer).error() == Error::trailing_bytes);
    }
}

TEST_CASE("PROGRAM-9 flipped bits and random bytes are refused or are another program, and what is accepted can be evaluated")
{
    test::RandomNodes nodes{9};
    std::size_t accepted = 0;
    for (const PrimitiveFacts& facts : all_primitives())
        for (int round = 0; round < 4; ++round) {
            const Program program = nodes.next(facts);
            CAPTURE(test::description(program));
            Bytes bytes = program.encode();
            for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
                bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
                accepted += decodes(bytes);
                bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
            }
            for (int change = 0; change < 200; ++change) {
                Bytes changed = bytes;
                for (std::uint32_t count = 1 + nodes.below(4); count > 0; --count)
                    changed[nodes.below(static_cast<std::uint32_t>(bytes.size()))] =
                        static_cast<std::uint8_t>(nodes.below(2) == 0 ? nodes.below(9) : nodes.below(256));
                accepted += decodes(changed);
            }
        }
    CHECK(accepted > 1000); // names and constants at least
    for (int round = 0; round < 2000; ++round) {
        Bytes bytes(nodes.below(80));
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(nodes.below(4) == 0 ? nodes.below(256) : nodes.below(3));
        decodes(bytes);
    }
}

TEST_CASE("PROGRAM-8 a descriptor shows a node with its operands' types")
{
    const Descriptor descriptor = worked_example().descriptor({2});
    CHECK(descriptor.primitive == Primitive::contract);
    CHECK(std::get<ContractionAttributes>(descriptor.attributes).block == 2);
    REQUIRE(descriptor.operands.size() == 2);
    CHECK(descriptor.operands[1] == Operand{{1}, {DataType::binary32, Shape{3, 1}}});
    CHECK(to_string(descriptor.output) == "binary32 [1, 1]");
    CHECK(*decode<Descriptor>(encode(descriptor)) == descriptor);
}

TEST_CASE("PROGRAM-10 a program is iterable when its outputs are its states, name by name and type by type")
{
    const TensorType pair{DataType::unsigned32, Shape{2}}, scalar{DataType::unsigned32, Shape{}};
    ProgramParts parts;
    parts.states = {{"a", pair}, {"b", scalar}};
    parts.nodes = {{Primitive::state, SourceAttributes{0, pair}, {}, "a"},
                   {Primitive::state, SourceAttributes{1, scalar}, {}, "b"},
                   {Primitive::add, NoAttributes{}, {{0}, {1}}, "sum"}};
    parts.outputs = {{"a", {2}}, {"b", {1}}};
    const auto iterable = [&] { return Program::from_parts(parts)->is_iterable(); };
    CHECK(iterable());
    std::swap(parts.outputs[0], parts.outputs[1]);
    CHECK(!iterable());
    parts.outputs = {{"a", {2}}, {"b", {0}}};
    CHECK(!iterable());
    parts.outputs = {{"a", {2}}, {"c", {1}}};
    CHECK(!iterable());
    parts.outputs = {{"a", {2}}};
    CHECK(!iterable());
    parts.outputs = {{"a", {2}}, {"b", {1}}, {"b", {1}}};
    CHECK(!iterable());
}

TEST_CASE("PROGRAM-11 programs are limited in nodes, declarations, outputs, operands and names")
{
    CHECK(validate_counts(nodes_max, nodes_max, nodes_max, nodes_max));
    for (std::size_t above = 0; above < 4; ++above) {
        std::array<std::uint64_t, 4> counts{1, 1, 0, 0};
        counts[above] = nodes_max + 1;
        CHECK(validate_counts(counts[0], counts[1], counts[2], counts[3]).error() == Error::limit_exceeded);
    }
    CHECK(validate_counts(0, 1, 0, 0).error() == Error::invalid_program);
    CHECK(validate_counts(1, 0, 0, 0).error() == Error::invalid_program);
    ProgramParts parts = fills(1);
    parts.outputs.resize(nodes_max + 1);
    CHECK(Program::from_parts(parts).error() == Error::limit_exceeded);

    const std::string longest(name_length_max, 'n'), too_long(name_length_max + 1, 'n');
    parts = fills(1);
    parts.states = parts.data = {{longest, {}}};
    parts.nodes[0].name = parts.outputs[0].name = longest;
    CHECK(Program::from_parts(parts));
    for (std::string* name : {&parts.states[0].name, &parts.data[0].name, &parts.nodes[0].name, &parts.outputs[0].name}) {
        *name = too_long;
        CHECK(Program::from_parts(parts).error() == Error::limit_exceeded);
        *name = longest;
    }

    parts = fills(1);
    parts.nodes.push_back({Primitive::reshape, ShapeAttributes{Shape{1}}, {{0}}, ""});
    parts.nodes.push_back({Primitive::concatenate, NumberAttributes{0}, std::vector<NodeIndex>(operands_max, {1}), ""});
    CHECK(Program::from_parts(parts));
    parts.nodes[2].operands.push_back({1});
    CHECK(Program::from_parts(parts).error() == Error::limit_exceeded);
}
