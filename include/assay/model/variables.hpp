// Variables: the tensors that a training state consists of, each with the value that it begins with. Spec: spec/model.md, MODEL-14.
#pragma once

#include <assay/model/builder.hpp>

namespace assay::model {

// How a variable begins: every element with the same bits, or normal with mean 0 and this standard deviation (binary32 bits).
struct Initial {
    enum class Kind : std::uint8_t { constant, normal };
    Kind kind = Kind::constant;
    std::uint32_t bits = 0;
};

struct Variable {
    std::string name;
    program::TensorType type;
    Initial initial;
    bool decays = false; // whether weight decay applies to it
};

// Values by the name of their variable.
using NamedValues = std::map<std::string, Value, std::less<>>;

// The first value of the variable at `position` of the state. Spec: MODEL-10.
Value initial_value(Builder& builder, const Variable& variable, std::uint32_t position);

} // namespace assay::model
