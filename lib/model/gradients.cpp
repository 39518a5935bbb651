// The walk from the loss back to its inputs.
#include <assay/model/gradients.hpp>

#include "model/gradient_rules.hpp"
#include <assay/arith/binary32.hpp>

namespace assay::model {

using program::DataType;
using program::Shape;

namespace {

class Backward {
public:
    Backward(Builder& builder, Value loss, std::span<const Value> inputs)
        : m_builder(builder), m_last(loss.node.value), m_wanted(m_last + 1), m_gradients(m_last + 1)
    {
        for (const Value input : inputs)
            if (input.node.value <= m_last) m_wanted[input.node.value] = true;
        for (std::uint32_t i = 0; i <= m_last; ++i)
            for (const program::NodeIndex operand : builder.node({{i}}).operands)
                if (m_wanted[operand.value] && builder.type({{i}}).type == DataType::binary32) m_wanted[i] = true;
        m_gradients[m_last] = builder.number(1);
    }

    void run()
    {
        for (std::uint32_t i = m_last + 1; i-- > 0;) {
            if (!m_wanted[i] || m_gradients[i] == Value{}) continue;
            const Builder::Scope scope(m_builder, "gradient/" + m_builder.node({{i}}).name);
            visit({{i}});
        }
    }

    [[nodiscard]] Value gradient(Value input) const
    {
        const Value found = input.node.value <= m_last ? m_gradients[input.node.value] : Value{};
        return found != Value{} ? found : m_builder.zeros(m_builder.shape(input));
    }

private:
    void visit(Value value)
    {
        const Value gradient = m_gradients[value.node.value];
        if (const auto* own = m_builder.own_gradient(value)) {
            const std::vector<Value> inputs = own->inputs;
            const std::vector<Value> results = own->rule(m_builder, gradient);
            ASSAY_CHECK(results.size() == inputs.size());
            for (std::size_t i = 0; i < inputs.size(); ++i) accumulate(inputs[i], results[i]);
            return;
        }
        const Site site{m_builder, m_builder.node(value), value, gradient};
        for (std::size_t slot = 0; slot < site.node.operands.size(); ++slot)
            if (m_wanted[site.node.operands[slot].value]) accumulate(site.operand(slot), operand_gradient(site, slot));
    }

    void accumulate(Value input, Value contribution)
    {
        if (!m_wanted[input.node.value] || contribution == Value{}) return;
        Value& sum = m_gradients[input.node.value];
        sum = sum == Value{} ? contribution : m_builder.add(sum, contribution);
    }

    Builder& m_builder;
    std::uint32_t m_last;
    std::vector<bool> m_wanted; // depends on an input through binary32 values
    std::vector<Value> m_gradients;
};

// Sums over axes [first, last) of a value and leaves them with extent 1: row by row where nothing follows them, otherwise by a product
// with a row of ones, which sums in the canonical order across whole rows at once.
Value sum_axes(Builder& builder, Value value, std::size_t first, std::size_t last)
{
    const Shape shape = builder.shape(value);
    Shape result = shape;
    for (std::size_t axis = first; axis < last; ++axis) result.extents[axis] = 1;
    const auto extent = [&](std::size_t from, std::size_t to) {
        return static_cast<std::uint32_t>(shape.elements_from(from) / shape.elements_from(to));
    };
    const std::uint32_t inner = extent(last, shape.rank());
    if (inner != 1) {
        const std::uint32_t outer = extent(0, first);
        const std::uint32_t summed = extent(first, last);
        const Value ones = builder.fill({DataType::binary32, {outer, 1, summed}}, arith::one);
        return builder.reshape(builder.contract(ones, builder.reshape(value, {outer, summed, inner})), std::move(result));
    }
    Shape rows = shape;
    rows.extents.resize(last);
    for (; rows.rank() > first; rows.extents.pop_back()) value = builder.reduce_sum(builder.reshape(value, rows));
    return builder.reshape(value, std::move(result));
}

} // namespace

std::vector<Value> gradients(Builder& builder, Value loss, std::span<const Value> inputs)
{
    if (builder.failed()) return std::vector<Value>(inputs.size());
    bool numbers = builder.type(loss) == program::TensorType{};
    for (const Value input : inputs) numbers = numbers && builder.type(input).type == DataType::binary32;
    if (!numbers) {
        builder.fail(Error::wrong_type, "gradients are of a binary32 scalar, with respect to binary32 tensors");
        return std::vector<Value>(inputs.size());
    }
    Backward backward(builder, loss, inputs);
    backward.run();
    std::vector<Value> results;
    for (const Value input : inputs) results.push_back(backward.gradient(input));
    return results;
}

Value sum_to_shape(Builder& builder, Value value, const Shape& shape)
{
    if (builder.failed()) return {};
    const std::size_t added = builder.shape(value).rank() - shape.rank();
    const auto repeated = [&](std::size_t axis) {
        const std::uint32_t extent = builder.shape(value)[axis];
        return extent != 1 && (axis < added || shape[axis - added] == 1);
    };
    // From the last axis outwards, so that the axes still to come keep their numbers.
    for (std::size_t last = builder.shape(value).rank(); last > 0; --last) {
        if (!repeated(last - 1)) continue;
        std::size_t first = last - 1;
        while (first > 0 && repeated(first - 1)) --first;
        value = sum_axes(builder, value, first, last);
        last = first + 1;
    }
    return builder.reshape(value, shape);
}

Value sum_of_elements(Builder& builder, Value value)
{
    return sum_to_shape(builder, value, {});
}

} // namespace assay::model
