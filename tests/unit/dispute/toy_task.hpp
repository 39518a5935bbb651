// A toy task: a program of every family of primitives that takes microseconds.
#pragma once

#include <assay/dispute/match.hpp>
#include <assay/dispute/players.hpp>
#include <assay/dispute/transcript.hpp>
#include <assay/replay/run_trace.hpp>

namespace assay::toy {

using namespace dispute;
using program::DataType;
using program::NodeIndex;
using program::Primitive;
using program::Shape;
using program::Tensor;

inline const program::TensorType counts{DataType::unsigned32, Shape{5}};
inline const program::TensorType total{DataType::binary32, Shape{1}};
inline const program::TensorType noise{DataType::unsigned32, Shape{300}};

// Each step adds the data to the counters, sums them in two ways, and draws random words: two chunks of them.
inline program::Program toy_program()
{
    using namespace program;
    ProgramParts parts;
    parts.states = {{"counts", counts}, {"total", total}, {"noise", noise}};
    parts.data = {{"increments", counts}};
    const auto node = [&](Primitive primitive, Attributes attributes, std::vector<NodeIndex> operands, std::string name) {
        parts.nodes.push_back({primitive, std::move(attributes), std::move(operands), std::move(name)});
        return NodeIndex{static_cast<std::uint32_t>(parts.nodes.size() - 1)};
    };
    const NodeIndex before = node(Primitive::state, SourceAttributes{0, counts}, {}, "counts before");
    const NodeIndex total_before = node(Primitive::state, SourceAttributes{1, total}, {}, "total before");
    const NodeIndex increments = node(Primitive::data, SourceAttributes{0, counts}, {}, "increments");
    const NodeIndex after = node(Primitive::add, NoAttributes{}, {before, increments}, "counts after");
    const NodeIndex numbers = node(Primitive::to_binary32, NoAttributes{}, {after}, "numbers");
    const NodeIndex sum = node(Primitive::reduce_sum, ReductionAttributes{2, false}, {numbers}, "sum");
    const NodeIndex row = node(Primitive::reshape, ShapeAttributes{Shape{1, 5}}, {numbers}, "row");
    const NodeIndex column = node(Primitive::permute, PermutationAttributes{{1, 0}}, {row}, "column");
    const NodeIndex squares = node(Primitive::contract, ContractionAttributes{false, false, 2, Limit::none}, {row, column}, "squares");
    const NodeIndex flat = node(Primitive::reshape, ShapeAttributes{Shape{1}}, {squares}, "flat squares");
    const NodeIndex both = node(Primitive::add, NoAttributes{}, {sum, flat}, "sum and squares");
    const NodeIndex total_after = node(Primitive::add, NoAttributes{}, {both, total_before}, "total after");
    const NodeIndex first = node(Primitive::slice, SliceAttributes{{0}, Shape{1}}, {after}, "first");
    const NodeIndex counter = node(Primitive::reshape, ShapeAttributes{Shape{}}, {first}, "counter");
    const NodeIndex words = node(Primitive::random, GeneratorAttributes{Shape{300}, 7}, {counter}, "words");
    const NodeIndex picked = node(Primitive::gather, NoAttributes{}, {words, after}, "picked");
    const NodeIndex largest = node(Primitive::fill, FillAttributes{counts, 0xffff}, {}, "mask");
    const NodeIndex high = node(Primitive::multiply_high, NoAttributes{}, {picked, largest}, "high");
    const NodeIndex sixty = node(Primitive::concatenate, NumberAttributes{0}, std::vector<NodeIndex>(12, high), "sixty");
    const NodeIndex wide = node(Primitive::concatenate, NumberAttributes{0}, std::vector<NodeIndex>(5, sixty), "wide");
    const NodeIndex mixed = node(Primitive::add, NoAttributes{}, {words, wide}, "noise after");
    parts.outputs = {{"counts", after}, {"total", total_after}, {"noise", mixed}};
    auto checked = Program::from_parts(std::move(parts));
    return *checked;
}

inline replay::Segment segment(std::uint64_t steps)
{
    static const auto committed = std::make_shared<const commit::CommittedProgram>(toy_program());
    const std::array<std::uint32_t, 5> increments{1, 2, 3, 5, 400};
    auto data = std::make_shared<const std::vector<Tensor>>(std::vector<Tensor>{Tensor::from_elements(counts, increments)});
    return {committed, data, 42, {Tensor{counts}, Tensor{total}, Tensor{noise}}, steps};
}

inline replay::RunTrace trace(std::uint64_t steps, replay::Deviation deviation = {})
{
    replay::Segment own = segment(steps);
    const auto factory = [program = own.program->program(), data = own.data, seed = own.seed] {
        return exec::make_interpreter(program, data, seed);
    };
    return replay::RunTrace{std::move(own), factory, std::move(deviation)};
}

inline Terms terms(std::uint8_t levels)
{
    Terms agreed;
    agreed.reveal_levels = agreed.segment_levels = levels;
    agreed.solver_clock = agreed.challenger_clock = Tick{1000};
    agreed.latency = Tick{3};
    agreed.bytes_per_tick = 100;
    return agreed;
}

inline Parties parties()
{
    Parties both;
    both.challenger.bytes[0] = 1;
    return both;
}

} // namespace assay::toy
