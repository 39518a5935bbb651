#include "sim/pattern.hpp"

#include <bit>

namespace assay::sim {

using namespace program;

namespace {

bool is_pattern(std::uint64_t count, std::uint64_t limit)
{
    return count >= 1 && count <= limit && (count <= pattern || count % pattern == 0);
}

std::uint32_t width_for(std::uint64_t count)
{
    return static_cast<std::uint32_t>(std::min(count, pattern));
}

// The nodes that others read.
std::vector<Node> head_nodes(const SyntheticSizes& sizes)
{
    const TensorType word{DataType::unsigned32, Shape{1}};
    const std::uint32_t width = width_for(sizes.elements);
    const std::uint32_t term_width = width_for(sizes.terms);
    const auto rows = static_cast<std::uint32_t>(sizes.elements / width);
    const TensorType letters{DataType::unsigned32, Shape{1, width}};
    const TensorType signs{DataType::binary32, Shape{1, term_width}};
    const TensorType column{DataType::binary32, Shape{sizes.terms, 1}};
    constexpr std::uint32_t one = 0x3f800000;
    return {
        {Primitive::state, SourceAttributes{0, word}, {}, "counter"},
        {Primitive::state, SourceAttributes{sizes.states - 1, word}, {}, "last state"},
        {Primitive::data, SourceAttributes{0, letters}, {}, "letters"},
        {Primitive::data, SourceAttributes{1, signs}, {}, "signs"},
        {Primitive::fill, FillAttributes{word, 1}, {}, "one"},
        {Primitive::fill, FillAttributes{word, sizes.period}, {}, "period"},
        {Primitive::add, NoAttributes{}, {{0}, {4}}, "counted"},
        {Primitive::less, NoAttributes{}, {{6}, {5}}, "goes on"},
        {Primitive::multiply, NoAttributes{}, {{6}, {7}}, "next counter"},
        {Primitive::broadcast, ShapeAttributes{Shape{rows, width}}, {{2}}, "alphabet"},
        {Primitive::broadcast, ShapeAttributes{Shape{sizes.terms / term_width, term_width}}, {{3}}, "sign rows"},
        {Primitive::reshape, ShapeAttributes{Shape{1, sizes.terms}}, {{10}}, "terms"},
        {Primitive::fill, FillAttributes{column, one}, {}, "ones"},
        {Primitive::to_binary32, NoAttributes{}, {{8}}, "number"},
        {Primitive::multiply, NoAttributes{}, {{11}, {13}}, "scaled terms"},
        {Primitive::gather, NoAttributes{}, {{9}, {8}}, "row"},
    };
}

// What is repeated: one node of every kind that can be regular. None reads another of them.
std::vector<Node> body_nodes(const SyntheticSizes& sizes)
{
    const std::uint32_t width = width_for(sizes.elements);
    const auto rows = static_cast<std::uint32_t>(sizes.elements / width);
    const Shape wide{rows, width};
    return {
        {Primitive::add, NoAttributes{}, {{9}, {8}}, "shifted"},
        {Primitive::multiply, NoAttributes{}, {{9}, {8}}, "multiplied"},
        {Primitive::to_binary32, NoAttributes{}, {{9}}, "numbers"},
        {Primitive::reduce_sum, ReductionAttributes{16, false}, {{14}}, "sum"},
        {Primitive::contract, ContractionAttributes{false, false, 0, Limit::none}, {{14}, {12}}, "product"},
        {Primitive::reduce_maximum, ReductionAttributes{8, false}, {{14}}, "largest"},
        {Primitive::iota, GeneratorAttributes{wide, 1}, {}, "columns"},
        {Primitive::fill, FillAttributes{{DataType::unsigned32, wide}, 7}, {}, "sevens"},
        {Primitive::reshape, ShapeAttributes{Shape{width, rows}}, {{9}}, "other shape"},
        {Primitive::slice, SliceAttributes{{rows / 2, 0}, Shape{rows - rows / 2, width}}, {{9}}, "lower half"},
        {Primitive::select, NoAttributes{}, {{7}, {9}, {8}}, "chosen"},
        {Primitive::less, NoAttributes{}, {{9}, {8}}, "small"},
        {Primitive::add, NoAttributes{}, {{14}, {13}}, "raised terms"},
        {Primitive::absolute, NoAttributes{}, {{14}}, "magnitudes"},
        {Primitive::divide, NoAttributes{}, {{14}, {13}}, "ratios"},
        {Primitive::gather, NoAttributes{}, {{9}, {8}}, "row again"},
    };
}

} // namespace

Status validate(const SyntheticSizes& sizes)
{
    if (sizes.steps < 1 || sizes.steps > dispute::steps_max) return failure(Error::invalid_statement, "steps is from 1 to 2^40");
    if (sizes.nodes < head || sizes.nodes > nodes_max) return failure(Error::invalid_statement, "nodes is from 16 to 2^20");
    if (!is_pattern(sizes.elements, elements_max))
        return failure(Error::invalid_statement, "elements is at most 1,024 or a multiple of it");
    if (!is_pattern(sizes.terms, std::uint64_t{1} << 31))
        return failure(Error::invalid_statement, "terms is at most 1,024 or a multiple of it");
    if (sizes.states < 1 || sizes.states > nodes_max) return failure(Error::invalid_statement, "states is from 1 to 2^20");
    if (!std::has_single_bit(sizes.period) || sizes.period > 64)
        return failure(Error::invalid_statement, "period is a power of two up to 64");
    return {};
}

Result<Program> synthetic_program(const SyntheticSizes& sizes)
{
    const TensorType word{DataType::unsigned32, Shape{1}};
    ProgramParts parts;
    parts.nodes = head_nodes(sizes);
    const std::vector<Node> body = body_nodes(sizes);
    parts.nodes.reserve(sizes.nodes);
    while (parts.nodes.size() < sizes.nodes) parts.nodes.push_back(body[parts.nodes.size() % head]);
    for (std::uint32_t i = 0; i < sizes.states; ++i) {
        parts.states.push_back({"s" + std::to_string(i), word});
        parts.outputs.push_back({"s" + std::to_string(i), {8}});
    }
    const TensorType& letters = std::get<SourceAttributes>(parts.nodes[2].attributes).type;
    const TensorType& signs = std::get<SourceAttributes>(parts.nodes[3].attributes).type;
    parts.data = {{"letters", letters}, {"signs", signs}};
    return Program::from_parts(std::move(parts));
}

std::vector<Tensor> synthetic_data(const SyntheticSizes& sizes)
{
    Tensor letters{{DataType::unsigned32, Shape{1, width_for(sizes.elements)}}};
    for (std::uint32_t i = 0; i < letters.type().elements(); ++i) letters.set_element(i, i * 5 % 101);
    Tensor signs{{DataType::binary32, Shape{1, width_for(sizes.terms)}}};
    // Sixteen numbers, then the same ones negative: every partial sum comes back to zero.
    for (std::uint32_t i = 0; i < signs.type().elements(); ++i)
        signs.set_element(i, arith::from_unsigned(1 + i % 16) | (i / 16 % 2 == 0 ? 0 : 0x80000000U));
    return {std::move(letters), std::move(signs)};
}

Values::Values(const SyntheticSizes& sizes, const Program& program)
    : m_sizes(sizes), m_data(synthetic_data(sizes)), m_sums(std::size_t{sizes.period} * 2 * head)
{
    for (std::uint32_t node = 0; node < std::min(sizes.nodes, 2 * head); ++node) m_descriptors.push_back(program.descriptor({node}));
}

std::uint32_t Values::element(std::uint32_t counter, std::uint32_t kind, std::uint64_t index)
{
    const Descriptor& node = m_descriptors[kind];
    if (node.output.elements() > pattern) index %= pattern;
    if (node.primitive == Primitive::state) return counter;
    if (node.primitive == Primitive::data) return m_data[std::get<SourceAttributes>(node.attributes).index].element(index);
    const std::uint64_t records = step_count(node, index);
    if (records > 1) return record(counter, kind, records - 1).result;
    return compute(counter, kind, index, 0).result;
}

StepRecord Values::compute(std::uint32_t counter, std::uint32_t kind, std::uint64_t index, std::uint64_t at)
{
    const Descriptor& node = m_descriptors[kind];
    const ScalarStep step = scalar_step(node, index, at);
    const auto read = [&](std::uint8_t slot, std::uint64_t element) {
        return this->element(counter, kind_of(node.operands[slot].node.value), element);
    };
    const auto in = resolve_inputs(node, step, read, [&](std::uint64_t earlier) { return record(counter, kind, earlier).result; });
    return {in, program::compute<IntegerArithmetic>(step, in[0], in[1], in[2], synthetic_seed)};
}

StepRecord Values::record(std::uint32_t counter, std::uint32_t kind, std::uint64_t index)
{
    Sum& kept = sum(counter, kind);
    std::vector<std::optional<StepRecord>>* part = &kept.first;
    std::uint64_t place = index;
    std::uint64_t representative = index;
    if (index >= m_sizes.terms && index >= records_apart) {
        part = &kept.last;
        place = index - m_sizes.terms;
    } else if (index >= records_apart) {
        place = representative = record_period + index % record_period;
    }
    if (part->size() <= place) part->resize(place + 1);
    if (!(*part)[place]) {
        const StepRecord computed = compute(counter, kind, 0, representative);
        (*part)[place] = computed;
    }
    return *(*part)[place];
}

} // namespace assay::sim
