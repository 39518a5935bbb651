// Shape inference: one function per family. A node that passes here can be evaluated at every element without a further check.
#include <assay/program/node.hpp>

#include <algorithm>
#include <bit>

namespace assay::program {

namespace {

Failure wrong_attributes(Primitive primitive, std::string_view why)
{
    return failure(Error::invalid_node, std::string{name_of(primitive)} + ": " + std::string{why});
}

// The attributes of the kind that the primitive takes, or null.
template <class T>
const T* attributes_as(const Attributes& attributes)
{
    return std::get_if<T>(&attributes);
}

Result<TensorType> valid(TensorType type)
{
    ASSAY_TRY(validate(type.shape));
    return type;
}

Result<Shape> broadcast_shape(std::span<const TensorType> operands)
{
    std::size_t rank = 0;
    for (const TensorType& operand : operands) rank = std::max(rank, operand.shape.rank());
    Shape shape;
    shape.extents.assign(rank, 1);
    for (const TensorType& operand : operands) {
        const std::size_t offset = rank - operand.shape.rank();
        for (std::size_t axis = 0; axis < operand.shape.rank(); ++axis) {
            std::uint32_t& extent = shape.extents[offset + axis];
            const std::uint32_t own = operand.shape[axis];
            if (extent == 1) extent = own;
            else if (own != 1 && own != extent)
                return failure(Error::invalid_shape, to_string(operand.shape) + " does not broadcast to " + to_string(shape));
        }
    }
    return shape;
}

Result<DataType> map_result_type(Primitive primitive, std::span<const TensorType> operands)
{
    const auto all_are = [&](DataType type) { return std::all_of(operands.begin(), operands.end(), [&](const TensorType& o) { return o.type == type; }); };
    const bool numbers = all_are(DataType::binary32);
    const bool integers = all_are(DataType::unsigned32);
    switch (primitive) {
    case Primitive::add:
    case Primitive::subtract:
    case Primitive::multiply:
        if (numbers) return DataType::binary32;
        if (integers) return DataType::unsigned32;
        break;
    case Primitive::multiply_high:
        if (integers) return DataType::unsigned32;
        break;
    case Primitive::less:
    case Primitive::equal:
        if (numbers || integers) return DataType::unsigned32;
        break;
    case Primitive::select:
        if (operands[0].type == DataType::unsigned32 && operands[1].type == operands[2].type) return operands[1].type;
        break;
    case Primitive::to_binary32:
        if (!numbers) return DataType::binary32;
        break;
    case Primitive::to_unsigned32:
        if (!integers) return DataType::unsigned32;
        break;
    default:
        if (numbers) return DataType::binary32;
    }
    std::string given;
    for (const TensorType& operand : operands) given += (given.empty() ? "" : ", ") + to_string(operand);
    return failure(Error::wrong_type, std::string{name_of(primitive)} + " does not take " + given);
}

Result<TensorType> infer_map(Primitive primitive, std::span<const TensorType> operands)
{
    ASSAY_TRY_ASSIGN(const DataType type, map_result_type(primitive, operands));
    ASSAY_TRY_ASSIGN(Shape shape, broadcast_shape(operands));
    return valid({type, std::move(shape)});
}

Result<TensorType> infer_source(Primitive primitive, const Attributes& attributes, std::span<const TensorType>)
{
    const auto* source = attributes_as<SourceAttributes>(attributes);
    if (source == nullptr) return wrong_attributes(primitive, "wants the index and type of its tensor");
    return valid(source->type);
}

Result<TensorType> infer_generator(Primitive primitive, const Attributes& attributes, std::span<const TensorType> operands)
{
    if (primitive == Primitive::fill) {
        const auto* fill = attributes_as<FillAttributes>(attributes);
        if (fill == nullptr) return wrong_attributes(primitive, "wants a type and the bits of an element");
        if (fill->type.type == DataType::unsigned8 && fill->bits > 255) return wrong_attributes(primitive, "the bits do not fit unsigned8");
        const bool nan = (fill->bits & 0x7fffffff) > 0x7f800000;
        if (fill->type.type == DataType::binary32 && nan && fill->bits != 0x7fc00000) return wrong_attributes(primitive, "a NaN other than 0x7fc00000");
        return valid(fill->type);
    }
    const auto* generator = attributes_as<GeneratorAttributes>(attributes);
    if (generator == nullptr) return wrong_attributes(primitive, "wants a shape and a number");
    if (primitive == Primitive::iota && generator->parameter >= generator->shape.rank()) return wrong_attributes(primitive, "the shape has no such axis");
    if (primitive == Primitive::random && operands[0] != TensorType{DataType::unsigned32, {}})
        return failure(Error::wrong_type, "random wants an unsigned32 scalar as counter, not " + to_string(operands[0]));
    return valid({DataType::unsigned32, generator->shape});
}

Result<TensorType> infer_contraction(Primitive primitive, const Attributes& attributes, std::span<const TensorType> operands)
{
    const auto* contraction = attributes_as<ContractionAttributes>(attributes);
    if (contraction == nullptr) return wrong_attributes(primitive, "wants transpositions, block and limit");
    const Shape& left = operands[0].shape;
    const Shape& right = operands[1].shape;
    if (operands[0].type != DataType::binary32 || operands[1].type != DataType::binary32) return failure(Error::wrong_type, "contract wants binary32");
    if (left.rank() < 2 || left.rank() != right.rank()) return failure(Error::invalid_shape, "contract wants two operands of equal rank, at least 2");
    const std::size_t batch_rank = left.rank() - 2;
    for (std::size_t axis = 0; axis < batch_rank; ++axis)
        if (left[axis] != right[axis]) return failure(Error::invalid_shape, "batch extents differ: " + to_string(left) + " and " + to_string(right));
    const std::uint32_t rows = left[batch_rank + (contraction->transpose_left ? 1 : 0)];
    const std::uint32_t depth = left[batch_rank + (contraction->transpose_left ? 0 : 1)];
    const std::uint32_t right_depth = right[batch_rank + (contraction->transpose_right ? 1 : 0)];
    const std::uint32_t columns = right[batch_rank + (contraction->transpose_right ? 0 : 1)];
    if (depth != right_depth)
        return failure(Error::invalid_shape, "contract sums over " + std::to_string(depth) + " and " + std::to_string(right_depth) + " terms");
    Shape shape = left;
    shape.extents[batch_rank] = rows;
    shape.extents[batch_rank + 1] = columns;
    return valid({DataType::binary32, shape});
}

Result<TensorType> infer_reduction(Primitive primitive, const Attributes& attributes, std::span<const TensorType> operands)
{
    const auto* reduction = attributes_as<ReductionAttributes>(attributes);
    if (reduction == nullptr) return wrong_attributes(primitive, "wants lanes and limit");
    if (!std::has_single_bit(reduction->lanes) || reduction->lanes > lanes_max) return wrong_attributes(primitive, "lanes are a power of two up to 64");
    if (operands[0].type != DataType::binary32) return failure(Error::wrong_type, "reductions want binary32");
    Shape shape = operands[0].shape;
    if (shape.rank() == 0) return failure(Error::invalid_shape, "a scalar has no last axis");
    if (reduction->causal && shape.rank() < 2) return failure(Error::invalid_shape, "a causal reduction wants two axes");
    shape.extents.back() = 1;
    return valid({DataType::binary32, std::move(shape)});
}

// The type with the extents of `rows` from `axis` on behind its own.
Result<TensorType> rows_of(TensorType type, const Shape& rows, std::size_t axis)
{
    const std::size_t rank = type.shape.rank() + rows.rank() - axis;
    if (rank > rank_max) return failure(Error::invalid_shape, "rank " + std::to_string(rank) + " is above 8");
    type.shape.extents.insert(type.shape.extents.end(), rows.extents.begin() + axis, rows.extents.end());
    return valid(std::move(type));
}

Result<TensorType> infer_gather(Primitive, const Attributes&, std::span<const TensorType> operands)
{
    const TensorType& table = operands[0];
    if (operands[1].type != DataType::unsigned32) return failure(Error::wrong_type, "gather wants unsigned32 indices");
    if (table.shape.rank() == 0) return failure(Error::invalid_shape, "gather wants a table with rows");
    return rows_of({table.type, operands[1].shape}, table.shape, 1);
}

Result<TensorType> infer_scatter(Primitive primitive, const Attributes& attributes, std::span<const TensorType> operands)
{
    const auto* rows = attributes_as<NumberAttributes>(attributes);
    if (rows == nullptr) return wrong_attributes(primitive, "wants the number of output rows");
    const Shape& source = operands[0].shape;
    const Shape& indices = operands[1].shape;
    if (operands[0].type != DataType::binary32 || operands[1].type != DataType::unsigned32)
        return failure(Error::wrong_type, "scatter_add wants binary32 rows and unsigned32 indices");
    if (indices.rank() > source.rank() || !std::equal(indices.extents.begin(), indices.extents.end(), source.extents.begin()))
        return failure(Error::invalid_shape, "the source does not begin with the extents of the indices");
    return rows_of({DataType::binary32, Shape{rows->value}}, source, indices.rank());
}

Result<TensorType> infer_permute(const Attributes& attributes, const TensorType& operand)
{
    const auto* permutation = attributes_as<PermutationAttributes>(attributes);
    if (permutation == nullptr) return wrong_attributes(Primitive::permute, "wants the order of the axes");
    FixedVector<std::uint32_t, rank_max> sorted = permutation->axes;
    std::sort(sorted.begin(), sorted.end());
    Shape shape;
    for (std::uint32_t axis = 0; axis < sorted.size(); ++axis)
        if (sorted[axis] != axis) return wrong_attributes(Primitive::permute, "an axis is missing or named twice");
    if (sorted.size() != operand.shape.rank()) return wrong_attributes(Primitive::permute, "names another number of axes than the operand has");
    for (const std::uint32_t axis : permutation->axes) shape.extents.push_back(operand.shape[axis]);
    return valid({operand.type, std::move(shape)});
}

Result<TensorType> infer_slice(const Attributes& attributes, const TensorType& operand)
{
    const auto* slice = attributes_as<SliceAttributes>(attributes);
    const std::size_t rank = operand.shape.rank();
    if (slice == nullptr || slice->starts.size() != rank || slice->shape.rank() != rank)
        return wrong_attributes(Primitive::slice, "wants a start and an extent for each axis");
    for (std::size_t axis = 0; axis < rank; ++axis)
        if (std::uint64_t{slice->starts[axis]} + slice->shape[axis] > operand.shape[axis])
            return failure(Error::invalid_shape, "the slice ends outside of axis " + std::to_string(axis) + " of " + to_string(operand.shape));
    return valid({operand.type, slice->shape});
}

Result<TensorType> infer_concatenate(const Attributes& attributes, std::span<const TensorType> operands)
{
    const auto* axis = attributes_as<NumberAttributes>(attributes);
    if (axis == nullptr || axis->value >= operands[0].shape.rank()) return wrong_attributes(Primitive::concatenate, "wants an axis of its operands");
    TensorType result = operands[0];
    std::uint64_t extent = operands[0].shape[axis->value];
    for (const TensorType& operand : operands)
        if (operand.type != result.type) return failure(Error::wrong_type, to_string(operand) + " does not continue " + to_string(operands[0]));
    for (const TensorType& operand : operands.subspan(1)) {
        TensorType same = operand;
        if (same.shape.rank() == result.shape.rank()) same.shape.extents[axis->value] = result.shape[axis->value];
        if (same != result) return failure(Error::invalid_shape, to_string(operand) + " does not continue " + to_string(operands[0]));
        extent += operand.shape[axis->value];
    }
    if (extent > 0xffff'ffffU) return failure(Error::invalid_shape, "the concatenated axis is too long");
    result.shape.extents[axis->value] = static_cast<std::uint32_t>(extent);
    return valid(std::move(result));
}

Result<TensorType> infer_move(Primitive primitive, const Attributes& attributes, std::span<const TensorType> operands)
{
    if (primitive == Primitive::permute) return infer_permute(attributes, operands[0]);
    if (primitive == Primitive::slice) return infer_slice(attributes, operands[0]);
    if (primitive == Primitive::concatenate) return infer_concatenate(attributes, operands);
    const auto* target = attributes_as<ShapeAttributes>(attributes);
    if (target == nullptr) return wrong_attributes(primitive, "wants a shape");
    ASSAY_TRY(validate(target->shape));
    if (primitive == Primitive::reshape && target->shape.elements() != operands[0].elements())
        return failure(Error::invalid_shape, to_string(operands[0].shape) + " has not the elements of " + to_string(target->shape));
    if (primitive == Primitive::broadcast) {
        const std::array both{operands[0], TensorType{operands[0].type, target->shape}};
        ASSAY_TRY_ASSIGN(const Shape shape, broadcast_shape(both));
        if (shape != target->shape) return failure(Error::invalid_shape, to_string(operands[0].shape) + " does not broadcast to " + to_string(target->shape));
    }
    return TensorType{operands[0].type, target->shape};
}

} // namespace

Result<TensorType> infer_type(Primitive primitive, const Attributes& attributes, std::span<const TensorType> operands)
{
    const std::uint8_t arity = arity_of(primitive);
    const Family family = family_of(primitive);
    const bool right_count = arity == any_arity ? !operands.empty() && operands.size() <= operands_max : operands.size() == arity;
    if (!right_count) return failure(Error::invalid_node, std::string{name_of(primitive)} + " does not take " + std::to_string(operands.size()) + " operands");
    for (const TensorType& operand : operands) ASSAY_TRY(validate(operand.shape));
    const bool plain = family == Family::map || family == Family::gather;
    if (plain && attributes_as<NoAttributes>(attributes) == nullptr) return wrong_attributes(primitive, "takes no attributes");
    switch (family) {
    case Family::source: return infer_source(primitive, attributes, operands);
    case Family::generator: return infer_generator(primitive, attributes, operands);
    case Family::map: return infer_map(primitive, operands);
    case Family::move: return infer_move(primitive, attributes, operands);
    case Family::contraction: return infer_contraction(primitive, attributes, operands);
    case Family::reduction: return infer_reduction(primitive, attributes, operands);
    case Family::gather: return infer_gather(primitive, attributes, operands);
    case Family::scatter: return infer_scatter(primitive, attributes, operands);
    }
    ASSAY_CHECK(false);
    return failure(Error::invalid_node);
}

} // namespace assay::program
