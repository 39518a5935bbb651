// Awkward programs and values for executors: single nodes of every primitive over shapes that leave remainders (extents of 1, primes,
// broadcast axes, scalars) and over patterns that a wrong order or a wrong mode shows in. An executor passes if, for every program of
// awkward_programs() and every seed below awkward_seeds, its output has the bits of the interpreter's:
//
//     for (const program::Program& program : awkward_programs())
//         for (std::uint64_t seed = 0; seed < awkward_seeds; ++seed) {
//             const auto states = awkward_states(program, seed);
//             const auto data = awkward_data(program, seed);
//             ...
//         }
//
// The node under test is the program's last, its operands are the states in order, its output is called "result".
#pragma once

#include <doctest/doctest.h>

#include <random>

#include <assay/arith/binary32.hpp>
#include <assay/program/program.hpp>

#include "tests/unit/arith/samples.hpp"

namespace assay::test {

using program::DataType;
using program::Primitive;
using program::Shape;
using program::TensorType;

struct PrimitiveFacts {
    Primitive primitive;
    std::string_view name;
    std::size_t arity; // 255: one to sixteen
    program::Family family;
};

inline const std::vector<PrimitiveFacts>& all_primitives()
{
    static const std::vector<PrimitiveFacts> facts{
#define ASSAY_PRIMITIVE(name, arity, family, meaning) {Primitive::name, #name, arity, program::Family::family},
#include <assay/program/primitives.def>
#undef ASSAY_PRIMITIVE
    };
    return facts;
}

// A program of one node behind its operands. A node that is refused fails the test at once.
inline program::Program single_node(Primitive primitive, program::Attributes attributes, const std::vector<TensorType>& operands)
{
    program::ProgramParts parts;
    std::vector<program::NodeIndex> indices;
    for (std::uint32_t i = 0; i < operands.size(); ++i) {
        const std::string name = "operand " + std::to_string(i);
        parts.states.push_back({name, operands[i]});
        parts.nodes.push_back({Primitive::state, program::SourceAttributes{i, operands[i]}, {}, name});
        indices.push_back({i});
    }
    if (primitive == Primitive::data) parts.data.push_back({"data", std::get<program::SourceAttributes>(attributes).type});
    if (primitive == Primitive::state) parts.states.push_back({"state", std::get<program::SourceAttributes>(attributes).type});
    parts.nodes.push_back({primitive, std::move(attributes), std::move(indices), "node under test"});
    parts.outputs.push_back({"result", {static_cast<std::uint32_t>(operands.size())}});
    auto checked = program::Program::from_parts(std::move(parts));
    REQUIRE_MESSAGE(checked, (checked ? "" : checked.failure().message()));
    return *checked;
}

// "contract binary32 [5, 7], binary32 [7, 3] -> binary32 [5, 3]": to CAPTURE.
inline std::string description(const program::Program& program)
{
    const program::NodeIndex last{static_cast<std::uint32_t>(program.nodes().size() - 1)};
    std::string text{name_of(program.node(last).primitive)};
    for (const program::NodeIndex operand : program.node(last).operands)
        text += (operand.value == 0 ? " " : ", ") + to_string(program.type(operand));
    return text + " -> " + to_string(program.type(last));
}

// The operand types that a map takes.
inline std::vector<std::vector<DataType>> map_operand_types(const PrimitiveFacts& facts)
{
    constexpr auto number = DataType::binary32, integer = DataType::unsigned32, byte = DataType::unsigned8;
    switch (facts.primitive) {
    case Primitive::add:
    case Primitive::subtract:
    case Primitive::multiply:
    case Primitive::less:
    case Primitive::equal: return {{number, number}, {integer, integer}};
    case Primitive::multiply_high: return {{integer, integer}};
    case Primitive::select: return {{integer, number, number}, {integer, integer, integer}, {integer, byte, byte}};
    case Primitive::to_binary32: return {{integer}, {byte}};
    case Primitive::to_unsigned32: return {{number}, {byte}};
    default: return {std::vector<DataType>(facts.arity, number)};
    }
}

namespace awkward_detail {

using Programs = std::vector<program::Program>;

inline void add_maps(const PrimitiveFacts& facts, Programs& programs)
{
    // One list of shapes an arity; the last ones are longer than any vector and no multiple of one.
    static const std::vector<std::vector<std::vector<Shape>>> shapes_by_arity{
        {},
        {{Shape{}}, {Shape{1}}, {Shape{7}}, {Shape{5, 1, 3}}, {Shape{1031}}},
        {{Shape{}, Shape{}},
         {Shape{7}, Shape{1}},
         {Shape{}, Shape{2, 3}},
         {Shape{5, 3}, Shape{3}},
         {Shape{5, 1}, Shape{1, 7}},
         {Shape{3, 1, 5}, Shape{4, 1}},
         {Shape{1, 1}, Shape{3, 1, 1, 2}},
         {Shape{2, 1, 3, 1, 2}, Shape{5, 1, 7, 1}},
         {Shape{17, 67}, Shape{17, 67}},
         {Shape{17, 67}, Shape{67}},
         {Shape{1, 67}, Shape{17, 1}},
         {Shape{1031}, Shape{}}},
        {{Shape{}, Shape{}, Shape{}},
         {Shape{1}, Shape{7}, Shape{}},
         {Shape{5, 1}, Shape{3}, Shape{1, 1}},
         {Shape{2, 3, 1}, Shape{1, 5}, Shape{3, 5}},
         {Shape{17, 67}, Shape{17, 67}, Shape{17, 67}},
         {Shape{67}, Shape{17, 1}, Shape{}}},
    };
    for (const auto& types : map_operand_types(facts))
        for (const auto& shapes : shapes_by_arity[facts.arity]) {
            std::vector<TensorType> operands;
            for (std::size_t i = 0; i < types.size(); ++i) operands.push_back({types[i], shapes[i]});
            programs.push_back(single_node(facts.primitive, program::NoAttributes{}, operands));
        }
}

inline program::Program contraction(std::vector<std::uint32_t> batch, std::uint32_t rows, std::uint32_t depth, std::uint32_t columns,
                                    program::ContractionAttributes attributes)
{
    Shape left{batch}, right{std::move(batch)};
    for (const std::uint32_t extent : {attributes.transpose_left ? depth : rows, attributes.transpose_left ? rows : depth})
        left.extents.push_back(extent);
    for (const std::uint32_t extent : {attributes.transpose_right ? columns : depth, attributes.transpose_right ? depth : columns})
        right.extents.push_back(extent);
    return single_node(Primitive::contract, attributes, {{DataType::binary32, left}, {DataType::binary32, right}});
}

inline void add_contractions(Programs& programs)
{
    using program::Limit;
    struct Extents {
        std::vector<std::uint32_t> batch;
        std::uint32_t rows, depth, columns;
    };
    // Small ones with every attribute; then sizes beside the tiles and blocks that executors like, with attributes in turn.
    for (const Extents& e : {Extents{{}, 1, 1, 1}, Extents{{}, 5, 7, 3}, Extents{{2}, 7, 5, 7}, Extents{{2, 1, 3}, 3, 5, 1}})
        for (const bool transpose_left : {false, true})
            for (const bool transpose_right : {false, true})
                for (const Limit limit : {Limit::none, Limit::output_lower, Limit::sum_up_to_row, Limit::sum_from_row})
                    for (const std::uint32_t block : {0U, 1U, 3U})
                        programs.push_back(
                            contraction(e.batch, e.rows, e.depth, e.columns, {transpose_left, transpose_right, block, limit}));
    for (const Extents& e : {Extents{{2}, 1, 301, 1070}, Extents{{2}, 1070, 301, 1}}) // a matrix and a vector
        for (const bool transpose_left : {false, true})
            for (const bool transpose_right : {false, true})
                programs.push_back(contraction(e.batch, e.rows, e.depth, e.columns, {transpose_left, transpose_right, 64, Limit::none}));
    std::uint32_t turn = 0;
    for (const Extents& e : {Extents{{}, 15, 300, 33}, Extents{{}, 1, 601, 33}, Extents{{}, 33, 601, 1}, Extents{{3}, 29, 17, 65},
                             Extents{{}, 13, 257, 31}, Extents{{5}, 37, 37, 37}, Extents{{}, 2, 1031, 2}})
        for (const Limit limit : {Limit::none, Limit::output_lower, Limit::sum_up_to_row, Limit::sum_from_row})
            for (const std::uint32_t block : {256U, turn % 2 == 0 ? 64U : 0U}) {
                programs.push_back(contraction(e.batch, e.rows, e.depth, e.columns, {turn % 2 == 1, turn / 2 % 2 == 1, block, limit}));
                ++turn;
            }
}

inline void add_reductions(Primitive primitive, Programs& programs)
{
    for (const std::uint32_t lanes : {1U, 2U, 4U, 8U, 16U, 32U, 64U}) {
        for (const Shape& shape : {Shape{1}, Shape{3}, Shape{17}, Shape{2, 1}, Shape{7, 16}, Shape{3, 5, 31}, Shape{2, 67}, Shape{1031}})
            programs.push_back(single_node(primitive, program::ReductionAttributes{lanes, false}, {{DataType::binary32, shape}}));
        for (const Shape& shape : {Shape{1, 1}, Shape{5, 7}, Shape{7, 5}, Shape{2, 3, 37, 37}, Shape{67, 67}})
            programs.push_back(single_node(primitive, program::ReductionAttributes{lanes, true}, {{DataType::binary32, shape}}));
    }
}

inline void add_gathers(Programs& programs)
{
    for (const DataType type : {DataType::binary32, DataType::unsigned32, DataType::unsigned8})
        for (const Shape& table : {Shape{1}, Shape{7}, Shape{5, 3}, Shape{3, 1, 67}})
            for (const Shape& indices : {Shape{}, Shape{1}, Shape{13}, Shape{3, 1, 5}})
                programs.push_back(
                    single_node(Primitive::gather, program::NoAttributes{}, {{type, table}, {DataType::unsigned32, indices}}));
}

inline void add_scatters(Programs& programs)
{
    for (const std::uint32_t rows : {1U, 5U, 11U})
        for (const Shape& indices : {Shape{}, Shape{1}, Shape{23}, Shape{3, 1, 5}})
            for (const std::vector<std::uint32_t>& row : {std::vector<std::uint32_t>{}, {1}, {3, 1}, {67}}) {
                Shape source = indices;
                source.extents.insert(source.extents.end(), row.begin(), row.end());
                programs.push_back(single_node(Primitive::scatter_add, program::NumberAttributes{rows},
                                               {{DataType::binary32, source}, {DataType::unsigned32, indices}}));
            }
}

inline void add_sources_and_generators(Primitive primitive, Programs& programs)
{
    const std::vector<Shape> shapes{Shape{}, Shape{1}, Shape{7}, Shape{3, 1, 5}, Shape{263}};
    for (const Shape& shape : shapes)
        if (primitive == Primitive::iota) {
            for (std::uint32_t axis = 0; axis < shape.rank(); ++axis)
                programs.push_back(single_node(primitive, program::GeneratorAttributes{shape, axis}, {}));
        } else if (primitive == Primitive::random) {
            for (const std::uint32_t stream : {0U, 0xffffffffU})
                programs.push_back(single_node(primitive, program::GeneratorAttributes{shape, stream}, {{DataType::unsigned32, Shape{}}}));
        } else if (primitive == Primitive::fill) {
            for (const std::uint32_t bits : {0x00000000U, 0x80000000U, 0x00000001U, 0x7fc00000U, 0xff800000U})
                programs.push_back(single_node(primitive, program::FillAttributes{{DataType::binary32, shape}, bits}, {}));
            programs.push_back(single_node(primitive, program::FillAttributes{{DataType::unsigned32, shape}, 0xffffffff}, {}));
            programs.push_back(single_node(primitive, program::FillAttributes{{DataType::unsigned8, shape}, 255}, {}));
        } else
            for (const DataType type : {DataType::binary32, DataType::unsigned32, DataType::unsigned8})
                programs.push_back(single_node(primitive, program::SourceAttributes{0, {type, shape}}, {}));
}

inline void add_moves(Primitive primitive, DataType type, Programs& programs)
{
    const auto add = [&](program::Attributes attributes, const std::vector<Shape>& shapes) {
        std::vector<TensorType> operands;
        for (const Shape& shape : shapes) operands.push_back({type, shape});
        programs.push_back(single_node(primitive, std::move(attributes), operands));
    };
    if (primitive == Primitive::reshape) {
        for (const Shape& to : {Shape{105}, Shape{3, 1, 35}, Shape{7, 5, 3}}) add(program::ShapeAttributes{to}, {Shape{3, 5, 7}});
        add(program::ShapeAttributes{Shape{1, 1}}, {Shape{}});
        add(program::ShapeAttributes{Shape{}}, {Shape{1}});
    } else if (primitive == Primitive::permute) {
        add(program::PermutationAttributes{{}}, {Shape{}});
        add(program::PermutationAttributes{{1, 0}}, {Shape{37, 67}});
        for (const std::vector<std::uint32_t>& axes : {std::vector<std::uint32_t>{0, 1, 2}, {0, 2, 1}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}})
            add(program::PermutationAttributes{axes}, {Shape{3, 5, 7}});
        add(program::PermutationAttributes{{3, 0, 2, 1, 4}}, {Shape{2, 1, 3, 5, 1}});
        add(program::PermutationAttributes{{0, 2, 1, 3}}, {Shape{2, 17, 3, 16}});
    } else if (primitive == Primitive::slice) {
        add(program::SliceAttributes{{}, Shape{}}, {Shape{}});
        add(program::SliceAttributes{{0, 0}, Shape{5, 7}}, {Shape{5, 7}});
        add(program::SliceAttributes{{4, 6}, Shape{1, 1}}, {Shape{5, 7}});
        add(program::SliceAttributes{{1, 0, 2}, Shape{2, 5, 3}}, {Shape{3, 5, 7}});
        add(program::SliceAttributes{{3}, Shape{521}}, {Shape{1031}});
    } else if (primitive == Primitive::concatenate) {
        add(program::NumberAttributes{0}, {Shape{1}});
        add(program::NumberAttributes{0}, {Shape{3, 5}, Shape{1, 5}, Shape{7, 5}});
        add(program::NumberAttributes{1}, {Shape{3, 2, 5}, Shape{3, 1, 5}});
        add(program::NumberAttributes{2}, {Shape{3, 1, 5}, Shape{3, 1, 67}, Shape{3, 1, 1}});
        add(program::NumberAttributes{0}, std::vector<Shape>(16, Shape{7}));
    } else {
        add(program::ShapeAttributes{Shape{}}, {Shape{}});
        add(program::ShapeAttributes{Shape{3, 5}}, {Shape{}});
        add(program::ShapeAttributes{Shape{2, 3, 5, 7}}, {Shape{3, 1, 7}});
        add(program::ShapeAttributes{Shape{17, 67}}, {Shape{17, 1}});
        add(program::ShapeAttributes{Shape{17, 67}}, {Shape{67}});
    }
}

} // namespace awkward_detail

// Programs of one node of this primitive.
inline std::vector<program::Program> awkward_programs(const PrimitiveFacts& facts)
{
    using namespace awkward_detail;
    using program::Family;
    Programs programs;
    switch (facts.family) {
    case Family::source:
    case Family::generator: add_sources_and_generators(facts.primitive, programs); break;
    case Family::map: add_maps(facts, programs); break;
    case Family::contraction: add_contractions(programs); break;
    case Family::reduction: add_reductions(facts.primitive, programs); break;
    case Family::gather: add_gathers(programs); break;
    case Family::scatter: add_scatters(programs); break;
    case Family::move:
        for (const DataType type : {DataType::binary32, DataType::unsigned32, DataType::unsigned8})
            add_moves(facts.primitive, type, programs);
        break;
    }
    return programs;
}

// The same for all primitives, in the order of the table.
inline std::vector<program::Program> awkward_programs()
{
    std::vector<program::Program> programs;
    for (const PrimitiveFacts& facts : all_primitives())
        for (program::Program& program : awkward_programs(facts)) programs.push_back(std::move(program));
    return programs;
}

// What binary32 elements are like.
enum class Values {
    ordinary, // from -2 to 2, so that sums round; some zeros of both signs
    special,  // every kind of pattern: most sums of several end as NaN
    extreme,  // finite, huge and tiny and subnormal: sums overflow and cancel
    small,    // subnormal or nearly so, of both signs: products and sums that an environment with flush to zero gets wrong
    random,   // any 32 bits
};
inline constexpr std::uint64_t awkward_seeds = 5; // seeds from 0 on choose the kinds of values in turn

inline std::uint32_t awkward_binary32(Values values, std::mt19937_64& random)
{
    static const std::vector<std::uint32_t> specials = special_patterns();
    const auto word = static_cast<std::uint32_t>(random());
    const std::uint32_t sign_and_fraction = word & 0x807fffff;
    const auto choice = static_cast<std::uint32_t>(random());
    switch (values) {
    case Values::ordinary: return choice % 16 == 0 ? word & arith::sign_bit : sign_and_fraction | (120 + choice % 8) << 23;
    case Values::special: return arith::canonical(specials[choice % specials.size()]);
    case Values::extreme:
        return sign_and_fraction | (choice % 4 == 0 ? 253 - choice / 4 % 3 : choice % 4 == 1 ? choice / 4 % 3 : 127) << 23;
    case Values::small: return sign_and_fraction | (choice % 4 == 0 ? 127U : choice / 4 % 12) << 23;
    case Values::random: return arith::canonical(word);
    }
    return 0;
}

// Elements of a tensor. Integers are mostly below 12, so that as indices many name a row and some do not, and otherwise any.
inline program::Tensor awkward_tensor(const TensorType& type, Values values, std::mt19937_64& random)
{
    static const std::vector<std::uint32_t> borders{0x7fffffff, 0x80000000, 0xffffffff, 0x00ffffff, 0x01000001, 0xffffff80, 0xffffff7f};
    std::vector<std::uint32_t> elements(type.elements());
    for (std::uint32_t& element : elements) {
        const auto choice = static_cast<std::uint32_t>(random());
        if (type.type == DataType::binary32) element = awkward_binary32(values, random);
        else if (type.type == DataType::unsigned8) element = choice % 4 == 0 ? choice >> 31 : choice >> 24;
        else
            element = choice % 8 == 0   ? borders[choice / 8 % borders.size()]
                      : choice % 8 == 1 ? static_cast<std::uint32_t>(random())
                                        : choice / 8 % 12;
    }
    return program::Tensor::from_elements(type, elements);
}

inline std::vector<program::Tensor> awkward_tensors(const std::vector<program::Declaration>& declared, std::uint64_t seed)
{
    std::mt19937_64 random{seed};
    std::vector<program::Tensor> tensors;
    for (const program::Declaration& declaration : declared)
        tensors.push_back(awkward_tensor(declaration.type, static_cast<Values>(seed % awkward_seeds), random));
    return tensors;
}

// The states to load into an executor of `program`, and its data set.
inline std::vector<program::Tensor> awkward_states(const program::Program& program, std::uint64_t seed)
{
    return awkward_tensors(program.states(), seed);
}
inline std::vector<program::Tensor> awkward_data(const program::Program& program, std::uint64_t seed)
{
    return awkward_tensors(program.data(), seed);
}

} // namespace assay::test
