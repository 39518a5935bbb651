// Checking a program's parts.
#include <assay/program/program.hpp>

namespace assay::program {

namespace {

Failure about_node(std::size_t index, const Node& node, const Failure& cause)
{
    return failure(cause.error, "node " + std::to_string(index) + " (" + node.name + "): " + cause.message());
}

Status check_declarations(const std::vector<Declaration>& declarations)
{
    for (const Declaration& declaration : declarations) {
        ASSAY_TRY(validate(declaration.type.shape));
        if (declaration.name.size() > name_length_max)
            return failure(Error::limit_exceeded, "a declaration's name is longer than 120 bytes");
    }
    return {};
}

Status check_source(const Node& node, const ProgramParts& parts)
{
    if (family_of(node.primitive) != Family::source) return {};
    const auto& source = std::get<SourceAttributes>(node.attributes);
    const auto& declared = node.primitive == Primitive::state ? parts.states : parts.data;
    if (source.index >= declared.size() || declared[source.index].type != source.type)
        return failure(Error::invalid_program, "no tensor of this type is declared at index " + std::to_string(source.index));
    return {};
}

Result<TensorType> check_node(std::size_t index, const ProgramParts& parts, const std::vector<TensorType>& types)
{
    const Node& node = parts.nodes[index];
    if (node.name.size() > name_length_max) return failure(Error::limit_exceeded, "the name is longer than 120 bytes");
    if (node.operands.size() > operands_max) return failure(Error::limit_exceeded, "more than 16 operands");
    std::vector<TensorType> operands;
    for (const NodeIndex operand : node.operands) {
        if (operand.value >= index)
            return failure(Error::invalid_program, "operand " + std::to_string(operand.value) + " does not stand before its node");
        operands.push_back(types[operand.value]);
    }
    ASSAY_TRY_ASSIGN(TensorType type, infer_type(node.primitive, node.attributes, operands));
    ASSAY_TRY(check_source(node, parts));
    return type;
}

} // namespace

Status validate_counts(std::uint64_t nodes, std::uint64_t outputs, std::uint64_t states, std::uint64_t data)
{
    if (nodes > nodes_max || states > nodes_max || data > nodes_max || outputs > nodes_max)
        return failure(Error::limit_exceeded, "a program has at most 2^23 nodes, states, data tensors and outputs");
    if (nodes == 0 || outputs == 0) return failure(Error::invalid_program, "a program has at least one node and one output");
    return {};
}

Result<Program> Program::from_parts(ProgramParts parts)
{
    ASSAY_TRY(validate_counts(parts.nodes.size(), parts.outputs.size(), parts.states.size(), parts.data.size()));
    ASSAY_TRY(check_declarations(parts.states));
    ASSAY_TRY(check_declarations(parts.data));
    Program program;
    program.m_types.reserve(parts.nodes.size());
    for (std::size_t i = 0; i < parts.nodes.size(); ++i) {
        auto type = check_node(i, parts, program.m_types);
        if (!type) return about_node(i, parts.nodes[i], type.failure());
        program.m_types.push_back(std::move(*type));
    }
    for (const Output& output : parts.outputs) {
        if (output.name.size() > name_length_max) return failure(Error::limit_exceeded, "an output's name is longer than 120 bytes");
        if (output.node.value >= parts.nodes.size()) return failure(Error::invalid_program, "output " + output.name + " names no node");
    }
    program.m_parts = std::move(parts);
    return program;
}

Result<Program> Program::decode(ByteView bytes)
{
    ASSAY_TRY_ASSIGN(ProgramParts parts, assay::decode<ProgramParts>(bytes));
    return from_parts(std::move(parts));
}

Descriptor Program::descriptor(NodeIndex index) const
{
    const Node& own = node(index);
    Descriptor descriptor{own.primitive, own.attributes, {}, type(index), own.name};
    for (const NodeIndex operand : own.operands) descriptor.operands.push_back({operand, type(operand)});
    return descriptor;
}

bool Program::is_iterable() const
{
    if (outputs().size() != states().size()) return false;
    for (std::size_t i = 0; i < states().size(); ++i)
        if (outputs()[i].name != states()[i].name || type(outputs()[i].node) != states()[i].type) return false;
    return true;
}

} // namespace assay::program
