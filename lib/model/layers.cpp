// Softmax, the normalisation and the cross-entropy bring their own gradients: shorter than what reverse mode would make of them, and for
// the causal softmax the only right ones, because reverse mode would add up what the limits leave out.
#include <assay/model/layers.hpp>

#include <assay/arith/binary32.hpp>

namespace assay::model {

using program::DataType;
using program::Limit;
using program::Shape;

namespace {

Value mean_of_rows(Builder& builder, Value input)
{
    const std::uint32_t count = builder.shape(input).last();
    return builder.multiply(builder.reduce_sum(input), builder.number_from_bits(arith::divide(arith::one, arith::from_unsigned(count))));
}

Value normalise(Builder& builder, Value input)
{
    const Value centred = builder.subtract(input, mean_of_rows(builder, input));
    const Value variance = mean_of_rows(builder, builder.multiply(centred, centred));
    const Value scale = builder.reciprocal_square_root(builder.add(variance, builder.number(1e-5)));
    const Value result = builder.name(builder.multiply(centred, scale), "normalised");
    builder.set_gradient(result, {input}, [result, scale](Builder& b, Value gradient) -> std::vector<Value> {
        const Value along = b.multiply(result, mean_of_rows(b, b.multiply(gradient, result)));
        return {b.multiply(b.subtract(b.subtract(gradient, mean_of_rows(b, gradient)), along), scale)};
    });
    return result;
}

} // namespace

Value linear(Builder& builder, Value input, Value weight, Value bias)
{
    const Value product = builder.contract(input, weight);
    return bias == Value{} ? product : builder.add(product, bias);
}

Value layer_norm(Builder& builder, Value input, Value weight, Value bias)
{
    const Value scaled = builder.multiply(normalise(builder, input), weight);
    return bias == Value{} ? scaled : builder.add(scaled, bias);
}

Value activate(Builder& builder, Activation activation, Value input)
{
    if (activation == Activation::rectifier) return builder.maximum(input, builder.number(0));
    constexpr double root_half = 0.7071067811865476;
    constexpr double root_two_over_pi = 0.7978845608028654;
    Value bend;
    if (activation == Activation::gelu) {
        bend = builder.error_function(builder.multiply(input, builder.number(root_half)));
    } else {
        const Value cube = builder.multiply(builder.multiply(input, input), input);
        const Value inner = builder.add(input, builder.multiply(cube, builder.number(0.044715)));
        bend = builder.hyperbolic_tangent(builder.multiply(inner, builder.number(root_two_over_pi)));
    }
    return builder.multiply(builder.multiply(input, builder.number(0.5)), builder.add(bend, builder.number(1)));
}

Value softmax(Builder& builder, Value input, bool causal)
{
    const program::ReductionAttributes rows{program::default_lanes, causal};
    const Value powers = builder.exponential(builder.subtract(input, builder.reduce_maximum(input, rows)));
    const Value result = builder.name(builder.divide(powers, builder.reduce_sum(powers, rows)), "probabilities");
    builder.set_gradient(result, {input}, [result, rows](Builder& b, Value gradient) -> std::vector<Value> {
        const Value mean = b.reduce_sum(b.multiply(gradient, result), rows);
        return {b.multiply(result, b.subtract(gradient, mean))};
    });
    return result;
}

Value causal_attention(Builder& builder, Value query, Value key, Value value, Dropout& dropout)
{
    const std::uint32_t width = builder.shape(query).last();
    const Value scale = builder.number_from_bits(arith::divide(arith::one, arith::square_root(arith::from_unsigned(width))));
    const Value scaled = builder.name(builder.multiply(query, scale), "scaled query");
    const Value scores = builder.name(builder.contract(scaled, key, {false, true, program::default_block, Limit::output_lower}), "scores");
    const Value attention = dropout(builder, softmax(builder, scores, true));
    return builder.name(builder.contract(attention, value, {false, false, program::default_block, Limit::sum_up_to_row}), "mix");
}

Classification classify(Builder& builder, Value logits, Value targets)
{
    const Shape shape = builder.shape(logits);
    if (builder.failed()) return {};
    const Builder::Scope scope(builder, "cross-entropy");
    if (shape.rank() != 2 || shape.elements() > 0xffff'ffffU ||
        builder.type(targets) != program::TensorType{DataType::unsigned32, {shape[0]}}) {
        builder.fail(Error::invalid_shape, "logits have [rows, classes] and at most 2^32 elements, targets are unsigned32 [rows]");
        return {};
    }
    const std::uint32_t rows = shape[0];
    const std::uint32_t classes = shape[1];
    const Value shifted = builder.subtract(logits, builder.reduce_maximum(logits));
    const Value powers = builder.exponential(shifted);
    const Value sums = builder.reduce_sum(powers);
    const Value place = builder.add(builder.multiply(builder.iota({rows}, 0), builder.integer(classes)), targets);
    const Value chosen = builder.gather(builder.reshape(shifted, {rows * classes}), place);
    const Value losses = builder.name(builder.subtract(builder.logarithm(builder.reshape(sums, {rows})), chosen), "losses");
    builder.set_gradient(losses, {logits}, [=](Builder& b, Value gradient) -> std::vector<Value> {
        const Value target = b.equal(b.iota({1, classes}, 1), b.reshape(targets, {rows, 1}));
        const Value difference = b.subtract(b.divide(powers, sums), b.to_binary32(target));
        return {b.multiply(difference, b.reshape(gradient, {rows, 1}))};
    });
    return {losses, builder.to_binary32(builder.equal(chosen, builder.number(0)))};
}

} // namespace assay::model
