// Layers of neural networks, written with the builder. Spec: spec/model.md, MODEL-7 and MODEL-11 to MODEL-13.
//
// Values are binary32 unless something else is said. Absent biases are `Value{}`.
#pragma once

#include <assay/model/random.hpp>

namespace assay::model {

// x W + b: [rows, in] with [in, out] gives [rows, out]; the bias has [out].
Value linear(Builder& builder, Value input, Value weight, Value bias = {});

// Rows brought to mean 0 and variance 1 (plus 1e-5), times the weight, plus the bias; both have the row's length.
Value layer_norm(Builder& builder, Value input, Value weight, Value bias = {});

enum class Activation : std::uint8_t {
    rectifier,    // max(x, 0)
    gelu,         // x (1 + erf(x / sqrt 2)) / 2
    gelu_by_tanh, // x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2
};
Value activate(Builder& builder, Activation activation, Value input);

// The softmax of each row. Causal: row r of the last two axes takes part with its elements 0 to r; the others are not probabilities, and
// only causally limited primitives may read them.
Value softmax(Builder& builder, Value input, bool causal = false);

// Attention of each position to itself and those before: softmax(Q K' / sqrt width) V. All three have [batch, heads, positions, width].
Value causal_attention(Builder& builder, Value query, Value key, Value value, Dropout& dropout);

// What a classifier's outputs say about known targets.
struct Classification {
    Value losses; // [rows]: the cross-entropy of each row
    Value hits;   // [rows]: 1 where the target has the largest logit, otherwise 0
};
// From logits [rows, classes] and targets, unsigned32 [rows]. Errors: invalid_shape.
Classification classify(Builder& builder, Value logits, Value targets);

} // namespace assay::model
