// The lists of scalar steps, family by family. Index arithmetic only.
#include <assay/program/scalar.hpp>

#include <algorithm>

namespace assay::program {

namespace {

constexpr std::uint32_t minus_infinity = 0xff800000;

// A descriptor's attributes are of its primitive's kind: infer_type has seen to that. std::get would throw, and so allocate.
template <class T>
const T& attributes_of(const Descriptor& node)
{
    const T* attributes = std::get_if<T>(&node.attributes);
    ASSAY_CHECK(attributes != nullptr);
    return *attributes;
}

Input immediate(std::uint32_t bits)
{
    return {Input::Kind::immediate, 0, bits};
}

Input operand(std::size_t slot, std::uint64_t element)
{
    return {Input::Kind::operand, static_cast<std::uint8_t>(slot), element};
}

Input accumulator(std::uint64_t step)
{
    return {Input::Kind::accumulator, 0, step};
}

// The element of an operand of shape `from` that element `element` of shape `to` reads; axes of extent 1 repeat.
std::uint64_t broadcast_element(const Shape& to, const Shape& from, std::uint64_t element)
{
    std::uint64_t source = 0;
    std::uint64_t stride = 1;
    for (std::size_t i = 0; i < from.rank(); ++i) {
        const std::size_t to_axis = to.rank() - 1 - i;
        const std::uint32_t extent = from[from.rank() - 1 - i];
        const std::uint64_t coordinate = element % to[to_axis];
        element /= to[to_axis];
        if (extent != 1) source += coordinate * stride;
        stride *= extent;
    }
    return source;
}

Operation map_operation(Primitive primitive, DataType operand_type)
{
    const bool integer = operand_type != DataType::binary32;
    switch (primitive) {
    case Primitive::add: return integer ? Operation::integer_add : Operation::add;
    case Primitive::subtract: return integer ? Operation::integer_subtract : Operation::subtract;
    case Primitive::multiply: return integer ? Operation::integer_multiply : Operation::multiply;
    case Primitive::multiply_high: return Operation::integer_multiply_high;
    case Primitive::divide: return Operation::divide;
    case Primitive::minimum: return Operation::minimum;
    case Primitive::maximum: return Operation::maximum;
    case Primitive::negate: return Operation::negate;
    case Primitive::absolute: return Operation::absolute;
    case Primitive::square_root: return Operation::square_root;
    case Primitive::exponential: return Operation::exponential;
    case Primitive::logarithm: return Operation::logarithm;
    case Primitive::hyperbolic_tangent: return Operation::hyperbolic_tangent;
    case Primitive::error_function: return Operation::error_function;
    case Primitive::sine: return Operation::sine;
    case Primitive::cosine: return Operation::cosine;
    case Primitive::reciprocal_square_root: return Operation::reciprocal_square_root;
    case Primitive::less: return integer ? Operation::integer_less : Operation::less;
    case Primitive::equal: return integer ? Operation::integer_equal : Operation::equal;
    case Primitive::select: return Operation::select;
    case Primitive::to_binary32: return Operation::from_unsigned;
    case Primitive::to_unsigned32: return integer ? Operation::copy : Operation::to_unsigned;
    default: ASSAY_CHECK(false); return Operation::copy;
    }
}

// Spec: PROGRAM-15.
ScalarStep map_step(const Descriptor& node, std::uint64_t element)
{
    ScalarStep step{map_operation(node.primitive, node.operands[0].type.type), {}, 0};
    for (std::size_t slot = 0; slot < node.operands.size(); ++slot)
        step.inputs[slot] = operand(slot, broadcast_element(node.output.shape, node.operands[slot].type.shape, element));
    return step;
}

// Spec: PROGRAM-14.
ScalarStep generator_step(const Descriptor& node, std::uint64_t element)
{
    if (node.primitive == Primitive::fill) return {Operation::copy, {immediate(attributes_of<FillAttributes>(node).bits)}, 0};
    const auto& generator = attributes_of<GeneratorAttributes>(node);
    if (node.primitive == Primitive::iota) {
        const std::uint64_t inner = generator.shape.elements_from(generator.parameter + 1);
        return {Operation::copy, {immediate(static_cast<std::uint32_t>(element / inner % generator.shape[generator.parameter]))}, 0};
    }
    return {Operation::random_word,
            {operand(0, 0), immediate(static_cast<std::uint32_t>(element)), immediate(static_cast<std::uint32_t>(element >> 32))},
            generator.parameter};
}

std::uint64_t permuted_element(const Descriptor& node, std::uint64_t element)
{
    const auto& axes = attributes_of<PermutationAttributes>(node).axes;
    const Shape& from = node.operands[0].type.shape;
    std::uint64_t source = 0;
    for (std::size_t i = axes.size(); i-- > 0;) {
        source += element % node.output.shape[i] * from.elements_from(axes[i] + 1);
        element /= node.output.shape[i];
    }
    return source;
}

std::uint64_t sliced_element(const Descriptor& node, std::uint64_t element)
{
    const auto& starts = attributes_of<SliceAttributes>(node).starts;
    const Shape& from = node.operands[0].type.shape;
    std::uint64_t source = 0;
    for (std::size_t i = starts.size(); i-- > 0;) {
        source += (starts[i] + element % node.output.shape[i]) * from.elements_from(i + 1);
        element /= node.output.shape[i];
    }
    return source;
}

Input concatenated_input(const Descriptor& node, std::uint64_t element)
{
    const std::uint32_t axis = attributes_of<NumberAttributes>(node).value;
    const std::uint64_t inner = node.output.shape.elements_from(axis + 1);
    const std::uint64_t outer = element / (inner * node.output.shape[axis]);
    std::uint64_t along = element / inner % node.output.shape[axis];
    std::size_t slot = 0;
    while (along >= node.operands[slot].type.shape[axis]) along -= node.operands[slot++].type.shape[axis];
    return operand(slot, (outer * node.operands[slot].type.shape[axis] + along) * inner + element % inner);
}

// Spec: PROGRAM-16.
Input move_input(const Descriptor& node, std::uint64_t element)
{
    switch (node.primitive) {
    case Primitive::reshape: return operand(0, element);
    case Primitive::permute: return operand(0, permuted_element(node, element));
    case Primitive::slice: return operand(0, sliced_element(node, element));
    case Primitive::concatenate: return concatenated_input(node, element);
    default: return operand(0, broadcast_element(node.output.shape, node.operands[0].type.shape, element));
    }
}

// The sum behind one output of a contraction: terms k of [first, last), cut at multiples of `block`.
// Spec: PROGRAM-17.
//
//     terms of block 0 | terms of block 1, add | terms of block 2, add | ...
struct ContractionSum {
    std::uint64_t batch, row, column;
    std::uint64_t rows, columns, depth;
    std::uint64_t first = 0, last = 0;
    std::uint64_t block;
    std::uint64_t first_block_terms = 0;

    ContractionSum(const Descriptor& node, std::uint64_t element)
    {
        const auto& attributes = attributes_of<ContractionAttributes>(node);
        const Shape& left = node.operands[0].type.shape;
        const Shape& out = node.output.shape;
        rows = out[out.rank() - 2];
        columns = out.last();
        depth = left[left.rank() - (attributes.transpose_left ? 2 : 1)];
        column = element % columns;
        row = element / columns % rows;
        batch = element / (columns * rows);
        last = depth;
        if (attributes.limit == Limit::output_lower && column > row) last = 0;
        if (attributes.limit == Limit::sum_up_to_row) last = std::min(row + 1, depth);
        if (attributes.limit == Limit::sum_from_row) first = std::min(row, depth);
        block = attributes.block == 0 ? depth : attributes.block;
        first_block_terms = std::min((first / block + 1) * block, last) - std::min(first, last);
    }

    [[nodiscard]] bool empty() const { return first >= last; }
    [[nodiscard]] std::uint64_t steps() const
    {
        if (empty()) return 1;
        const std::uint64_t later_terms = last - first - first_block_terms;
        return first_block_terms + later_terms + (later_terms + block - 1) / block;
    }
};

ScalarStep contraction_step(const Descriptor& node, std::uint64_t element, std::uint64_t step)
{
    const ContractionSum sum{node, element};
    if (sum.empty()) return {Operation::copy, {immediate(0)}, 0};
    const std::uint64_t head = sum.first_block_terms;
    std::uint64_t term = sum.first + step;
    bool starts_block = step == 0;
    if (step >= head) {
        const std::uint64_t later = (step - head) / (sum.block + 1);
        const std::uint64_t within = (step - head) % (sum.block + 1);
        const std::uint64_t block_first = sum.first + head + later * sum.block;
        if (within == std::min(sum.block, sum.last - block_first)) {
            const std::uint64_t total_before = later == 0 ? head - 1 : head + later * (sum.block + 1) - 1;
            return {Operation::add, {accumulator(total_before), accumulator(step - 1)}, 0};
        }
        term = block_first + within;
        starts_block = within == 0;
    }
    const auto& attributes = attributes_of<ContractionAttributes>(node);
    const std::uint64_t left = sum.batch * sum.rows * sum.depth + (attributes.transpose_left ? term * sum.rows + sum.row : sum.row * sum.depth + term);
    const std::uint64_t right =
        sum.batch * sum.columns * sum.depth + (attributes.transpose_right ? sum.column * sum.depth + term : term * sum.columns + sum.column);
    return {Operation::fused_multiply_add, {operand(0, left), operand(1, right), starts_block ? immediate(0) : accumulator(step - 1)}, 0};
}

// How many elements of its row a reduction takes.
std::uint64_t reduced_elements(const Descriptor& node, std::uint64_t row)
{
    const Shape& shape = node.operands[0].type.shape;
    if (!attributes_of<ReductionAttributes>(node).causal) return shape.last();
    return std::min<std::uint64_t>(shape.last(), row % shape[shape.rank() - 2] + 1);
}

// Spec: PROGRAM-18.
ScalarStep reduction_step(const Descriptor& node, std::uint64_t row, std::uint64_t step)
{
    const bool sum = node.primitive == Primitive::reduce_sum;
    const Operation operation = sum ? Operation::add : Operation::maximum;
    const Input identity = immediate(sum ? 0 : minus_infinity);
    const std::uint64_t lanes = attributes_of<ReductionAttributes>(node).lanes;
    const std::uint64_t count = reduced_elements(node, row);
    if (step < count) {
        const std::uint64_t row_length = node.operands[0].type.shape.last();
        return {operation, {step < lanes ? identity : accumulator(step - lanes), operand(0, row * row_length + step)}, 0};
    }
    // Folds of width lanes/2, lanes/4, ..., 1: the fold of width w begins after lanes - 2w others.
    std::uint64_t width = lanes / 2;
    while (step - count >= lanes - width) width /= 2;
    const std::uint64_t lane = step - count - (lanes - 2 * width);
    const auto current = [&](std::uint64_t l) -> Input {
        if (2 * width < lanes) return accumulator(count + lanes - 4 * width + l);
        if (l >= count) return identity;
        return accumulator(l + (count - 1 - l) / lanes * lanes);
    };
    return {operation, {current(lane), current(lane + width)}, 0};
}

// Spec: PROGRAM-19.
ScalarStep scatter_step(const Descriptor& node, std::uint64_t element, std::uint64_t step)
{
    const std::uint32_t rows = attributes_of<NumberAttributes>(node).value;
    const std::uint64_t row_length = node.output.shape.elements_from(1);
    const auto row = static_cast<std::uint32_t>(element / row_length);
    // Indices past the end belong to the last row, as in gather.
    const Operation operation = row + 1 == rows ? Operation::add_where_not_below : Operation::add_where_equal;
    return {operation, {step == 0 ? immediate(0) : accumulator(step - 1), operand(0, step * row_length + element % row_length), operand(1, step)}, row};
}

} // namespace

std::uint64_t step_count(const Descriptor& node, std::uint64_t element)
{
    switch (family_of(node.primitive)) {
    case Family::contraction: return ContractionSum{node, element}.steps();
    case Family::reduction: return reduced_elements(node, element) + attributes_of<ReductionAttributes>(node).lanes - 1;
    case Family::scatter: return node.operands[1].type.elements();
    default: return 1;
    }
}

ScalarStep scalar_step(const Descriptor& node, std::uint64_t element, std::uint64_t step)
{
    switch (family_of(node.primitive)) {
    case Family::generator: return generator_step(node, element);
    case Family::map: return map_step(node, element);
    case Family::move: return {Operation::copy, {move_input(node, element)}, 0};
    case Family::contraction: return contraction_step(node, element, step);
    case Family::reduction: return reduction_step(node, element, step);
    case Family::gather: {
        const std::uint64_t row_length = node.operands[0].type.shape.elements_from(1);
        return {Operation::copy, {Input{Input::Kind::gathered, 0, element % row_length}, operand(1, element / row_length)}, 0};
    }
    case Family::scatter: return scatter_step(node, element, step);
    case Family::source: break;
    }
    ASSAY_CHECK(false);
    return {};
}

std::uint64_t gathered_element(const Descriptor& node, std::uint64_t column, std::uint32_t row)
{
    const Shape& table = node.operands[0].type.shape;
    return std::min<std::uint64_t>(row, table[0] - 1) * table.elements_from(1) + column;
}

} // namespace assay::program
