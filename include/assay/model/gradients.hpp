// Reverse mode: gradients as further nodes of the same program. Spec: spec/model.md, MODEL-4 to MODEL-7.
#pragma once

#include <assay/model/builder.hpp>

namespace assay::model {

// The gradients of `loss` with respect to each of `inputs`, each of its input's type; zeros where the loss does not depend on one.
// Requires: loss is a binary32 scalar, inputs are binary32. Errors (recorded in the builder): wrong_type.
// Cost: at most about three nodes for each node between inputs and loss.
std::vector<Value> gradients(Builder& builder, Value loss, std::span<const Value> inputs);

// The sum of `value` over the axes along which `shape` broadcasts to it; has `shape`. Spec: MODEL-6.
Value sum_to_shape(Builder& builder, Value value, const program::Shape& shape);

// The sum of all elements, a scalar: row reductions of row reductions. Spec: MODEL-6.
Value sum_of_elements(Builder& builder, Value value);

} // namespace assay::model
