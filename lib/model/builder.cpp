// Collecting nodes, sharing equal ones, keeping the first mistake.
#include <assay/model/builder.hpp>

#include <algorithm>

#include <assay/model/number.hpp>

namespace assay::model {

using program::Attributes;
using program::DataType;
using program::Declaration;
using program::NodeIndex;
using program::Primitive;
using program::Shape;
using program::TensorType;

namespace {

// Which nodes an output depends on.
std::vector<bool> reached_nodes(const std::deque<program::Node>& nodes, const std::vector<program::Output>& outputs)
{
    std::vector<bool> reached(nodes.size());
    for (const auto& output : outputs) reached[output.node.value] = true;
    for (std::size_t i = nodes.size(); i-- > 0;)
        if (reached[i])
            for (const NodeIndex operand : nodes[i].operands) reached[operand.value] = true;
    return reached;
}

} // namespace

Builder::Scope::Scope(Builder& builder, std::string_view part) : m_builder(builder), m_length(builder.m_path.size())
{
    m_builder.m_path.append(part).push_back('/');
}

Result<program::Program> Builder::finish() const
{
    if (m_failure) return *m_failure;
    const std::vector<bool> reached = reached_nodes(m_nodes, m_outputs);
    std::vector<NodeIndex> renumbered(m_nodes.size());
    program::ProgramParts parts{m_states, m_data, {}, m_outputs};
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        if (!reached[i]) continue;
        renumbered[i] = {static_cast<std::uint32_t>(parts.nodes.size())};
        program::Node node = m_nodes[i];
        for (NodeIndex& operand : node.operands) operand = renumbered[operand.value];
        parts.nodes.push_back(std::move(node));
    }
    for (auto& output : parts.outputs) output.node = renumbered[output.node.value];
    return program::Program::from_parts(std::move(parts));
}

Value Builder::fail(Error error, std::string why)
{
    if (!m_failure) m_failure = failure(error, m_path + ": " + std::move(why));
    return {};
}

Value Builder::name(Value value, std::string_view part)
{
    if (exists(value)) m_nodes[value.node.value].name = m_path + std::string{part};
    return value;
}

const TensorType& Builder::type(Value value) const
{
    static const TensorType scalar;
    return exists(value) ? m_types[value.node.value] : scalar;
}

std::uint32_t Builder::extent_from_last(Value value, std::size_t axis)
{
    const Shape& of = shape(value);
    if (axis < of.rank()) return of[of.rank() - 1 - axis];
    fail(Error::invalid_shape, to_string(of) + " has too few axes");
    return 1;
}

const program::Node& Builder::node(Value value) const
{
    ASSAY_CHECK(exists(value));
    return m_nodes[value.node.value];
}

Value Builder::source(Primitive primitive, std::vector<Declaration>& declared, std::string name, TensorType type)
{
    const auto same = [&](const Declaration& d) { return d.name == name; };
    if (std::any_of(declared.begin(), declared.end(), same)) return fail(Error::invalid_program, name + " is declared twice");
    const auto index = static_cast<std::uint32_t>(declared.size());
    const Value value = apply(primitive, program::SourceAttributes{index, type}, {});
    if (exists(value)) m_nodes[value.node.value].name = name;
    declared.push_back({std::move(name), std::move(type)});
    return value;
}

Value Builder::state(std::string name, TensorType type)
{
    return source(Primitive::state, m_states, std::move(name), std::move(type));
}

Value Builder::data(std::string name, TensorType type)
{
    return source(Primitive::data, m_data, std::move(name), std::move(type));
}

void Builder::output(std::string name, Value value)
{
    if (!exists(value)) fail(Error::invalid_program, "output " + name + " is nothing");
    else m_outputs.push_back({std::move(name), value.node});
}

Value Builder::apply(Primitive primitive, Attributes attributes, std::vector<Value> operands)
{
    program::Node node{primitive, std::move(attributes), {}, {}};
    std::vector<TensorType> types;
    for (const Value operand : operands) {
        if (!exists(operand)) return fail(Error::invalid_node, std::string{name_of(primitive)} + ": an operand is nothing");
        node.operands.push_back(operand.node);
        types.push_back(type(operand));
    }
    const Bytes key = assay::encode(node);
    const auto [known, is_new] = m_known.try_emplace(std::string(key.begin(), key.end()), Value{{node_count()}});
    if (!is_new) return known->second;
    auto inferred = infer_type(primitive, node.attributes, types);
    if (!inferred) {
        m_known.erase(known);
        return fail(inferred.error(), std::string{name_of(primitive)} + ": " + inferred.failure().detail);
    }
    node.name = m_path + std::string{name_of(primitive)};
    m_nodes.push_back(std::move(node));
    m_types.push_back(std::move(*inferred));
    return known->second;
}

Value Builder::fill(TensorType type, std::uint32_t bits)
{
    return apply(Primitive::fill, program::FillAttributes{std::move(type), bits}, {});
}

Value Builder::number(double value)
{
    return number_from_bits(binary32_bits(value));
}

Value Builder::integer(std::uint32_t value)
{
    return fill({DataType::unsigned32, {}}, value);
}

Value Builder::iota(Shape shape, std::uint32_t axis)
{
    return apply(Primitive::iota, program::GeneratorAttributes{std::move(shape), axis}, {});
}

Value Builder::random(Shape shape, std::uint32_t stream, Value counter)
{
    return apply(Primitive::random, program::GeneratorAttributes{std::move(shape), stream}, {counter});
}

Value Builder::contract(Value left, Value right, program::ContractionAttributes attributes)
{
    return apply(Primitive::contract, attributes, {left, right});
}

Value Builder::reduce_maximum(Value a, program::ReductionAttributes attributes)
{
    return apply(Primitive::reduce_maximum, attributes, {a});
}

Value Builder::scatter_add(Value source, Value indices, std::uint32_t rows)
{
    return apply(Primitive::scatter_add, program::NumberAttributes{rows}, {source, indices});
}

Value Builder::reshape(Value a, Shape shape)
{
    while (exists(a) && node(a).primitive == Primitive::reshape) a = {node(a).operands[0]};
    if (exists(a) && type(a).shape == shape) return a;
    return apply(Primitive::reshape, program::ShapeAttributes{std::move(shape)}, {a});
}

Value Builder::permute(Value a, std::vector<std::uint32_t> axes)
{
    return apply(Primitive::permute, program::PermutationAttributes{std::move(axes)}, {a});
}

Value Builder::slice(Value a, std::vector<std::uint32_t> starts, Shape shape)
{
    if (exists(a) && type(a).shape == shape && starts == std::vector<std::uint32_t>(shape.rank())) return a;
    return apply(Primitive::slice, program::SliceAttributes{std::move(starts), std::move(shape)}, {a});
}

Value Builder::concatenate(std::vector<Value> operands, std::uint32_t axis)
{
    if (operands.size() == 1) return operands.front();
    return apply(Primitive::concatenate, program::NumberAttributes{axis}, std::move(operands));
}

Value Builder::broadcast(Value a, Shape shape)
{
    if (exists(a) && type(a).shape == shape) return a;
    return apply(Primitive::broadcast, program::ShapeAttributes{std::move(shape)}, {a});
}

void Builder::set_gradient(Value value, std::vector<Value> inputs, GradientRule rule)
{
    if (!exists(value)) return;
    for (const Value input : inputs) ASSAY_CHECK(input.node < value.node);
    m_gradients[value.node] = {std::move(inputs), std::move(rule)};
}

const Builder::OwnGradient* Builder::own_gradient(Value value) const
{
    const auto found = m_gradients.find(value.node);
    return found == m_gradients.end() ? nullptr : &found->second;
}

} // namespace assay::model
