// The derivative of each primitive; private to gradients.cpp.
#pragma once

#include <assay/model/builder.hpp>

namespace assay::model {

// What a gradient rule works on: `output` is the node's value, `gradient` the loss's gradient with respect to it. The node is
// passed by value because the rules add nodes.
struct Site {
    Builder& builder;
    program::Node node;
    Value output;
    Value gradient;

    [[nodiscard]] Value operand(std::size_t slot) const { return {node.operands[slot]}; }
    [[nodiscard]] const program::Shape& operand_shape(std::size_t slot) const { return builder.shape(operand(slot)); }
};

// The gradient with respect to the binary32 operand in `slot`, with that operand's shape; nothing where the derivative is zero
// everywhere (comparisons and casts).
Value operand_gradient(const Site& site, std::size_t slot);

} // namespace assay::model
