// First values.
#include <assay/model/variables.hpp>

#include <assay/model/random.hpp>

namespace assay::model {

Value initial_value(Builder& builder, const Variable& variable, std::uint32_t position)
{
    const Builder::Scope scope(builder, variable.name);
    if (variable.initial.kind == Initial::Kind::constant) return builder.fill(variable.type, variable.initial.bits);
    return normal(builder, variable.type.shape, initial_stream + position, builder.integer(0), variable.initial.bits);
}

} // namespace assay::model
