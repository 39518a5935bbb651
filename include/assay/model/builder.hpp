// The builder: writes a program node by node, with names that people understand, and computes nothing. Spec: spec/model.md.
//
// A mistake of the model's author (shapes that do not fit, a name used twice) does not stop the building: the first one is kept,
// what depends on it is nothing (`Value{}`), and `finish` returns it with the name of the node.
#pragma once

#include <deque>
#include <functional>
#include <map>

#include <assay/program/program.hpp>

namespace assay::model {

// The output of a node of one builder, or nothing.
struct Value {
    static constexpr std::uint32_t none = 0xffffffff;
    program::NodeIndex node{none};
    friend bool operator==(const Value&, const Value&) = default;
};

// Not copyable, because values belong to one builder; one thread may use it at a time.
class Builder {
public:
    Builder() = default;
    Builder(const Builder&) = delete;
    Builder& operator=(const Builder&) = delete;

    // The program of everything that an output depends on; sources keep their declarations. Spec: MODEL-2, MODEL-3.
    // Errors: the first mistake, with the node's name; those of Program::from_parts.
    [[nodiscard]] Result<program::Program> finish() const;

    // Records a mistake, if it is the first, under the current name. Returns nothing, for `return builder.fail(...)`.
    Value fail(Error error, std::string why);
    [[nodiscard]] bool failed() const { return m_failure.has_value(); }

    // A scope adds a part to the names of the nodes made while it lives: "block 2/attention/" + "scores".
    class [[nodiscard]] Scope {
    public:
        Scope(Builder& builder, std::string_view part);
        ~Scope() { m_builder.m_path.resize(m_length); }
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;

    private:
        Builder& m_builder;
        std::size_t m_length;
    };
    // Gives the node the current scope and `part` as its name, in place of the primitive's name. Returns `value`.
    Value name(Value value, std::string_view part);

    // The type of a value; a binary32 scalar for nothing. References live as long as the builder.
    [[nodiscard]] const program::TensorType& type(Value value) const;
    [[nodiscard]] const program::Shape& shape(Value value) const { return type(value).shape; }
    // An extent of a value, counted from the last axis (0) outwards. Where there is no such axis: fails, and returns 1.
    std::uint32_t extent_from_last(Value value, std::size_t axis);
    [[nodiscard]] const program::Node& node(Value value) const;
    [[nodiscard]] std::uint32_t node_count() const { return static_cast<std::uint32_t>(m_nodes.size()); }

    // Sources and results. Declarations stand in the order of these calls; a name is declared once.
    Value state(std::string name, program::TensorType type);
    Value data(std::string name, program::TensorType type);
    void output(std::string name, Value value);

    // Any node; nothing when an operand is nothing or the node is refused. An equal node that is already there is used again.
    // Spec: MODEL-2.
    Value apply(program::Primitive primitive, program::Attributes attributes, std::vector<Value> operands);

    // Constants and generators. `number` and `integer` are scalars.
    Value fill(program::TensorType type, std::uint32_t bits);
    Value number(double value);
    Value number_from_bits(std::uint32_t bits) { return fill({}, bits); }
    Value integer(std::uint32_t value);
    Value zeros(program::Shape shape) { return fill({program::DataType::binary32, std::move(shape)}, 0); }
    Value iota(program::Shape shape, std::uint32_t axis);
    Value random(program::Shape shape, std::uint32_t stream, Value counter);

    // Maps: element-wise, operands broadcast.
    Value add(Value a, Value b) { return apply(program::Primitive::add, {}, {a, b}); }
    Value subtract(Value a, Value b) { return apply(program::Primitive::subtract, {}, {a, b}); }
    Value multiply(Value a, Value b) { return apply(program::Primitive::multiply, {}, {a, b}); }
    Value multiply_high(Value a, Value b) { return apply(program::Primitive::multiply_high, {}, {a, b}); }
    Value divide(Value a, Value b) { return apply(program::Primitive::divide, {}, {a, b}); }
    Value minimum(Value a, Value b) { return apply(program::Primitive::minimum, {}, {a, b}); }
    Value maximum(Value a, Value b) { return apply(program::Primitive::maximum, {}, {a, b}); }
    Value negate(Value a) { return apply(program::Primitive::negate, {}, {a}); }
    Value absolute(Value a) { return apply(program::Primitive::absolute, {}, {a}); }
    Value square_root(Value a) { return apply(program::Primitive::square_root, {}, {a}); }
    Value exponential(Value a) { return apply(program::Primitive::exponential, {}, {a}); }
    Value logarithm(Value a) { return apply(program::Primitive::logarithm, {}, {a}); }
    Value hyperbolic_tangent(Value a) { return apply(program::Primitive::hyperbolic_tangent, {}, {a}); }
    Value error_function(Value a) { return apply(program::Primitive::error_function, {}, {a}); }
    Value sine(Value a) { return apply(program::Primitive::sine, {}, {a}); }
    Value cosine(Value a) { return apply(program::Primitive::cosine, {}, {a}); }
    Value reciprocal_square_root(Value a) { return apply(program::Primitive::reciprocal_square_root, {}, {a}); }
    Value less(Value a, Value b) { return apply(program::Primitive::less, {}, {a, b}); }
    Value equal(Value a, Value b) { return apply(program::Primitive::equal, {}, {a, b}); }
    Value select(Value condition, Value a, Value b) { return apply(program::Primitive::select, {}, {condition, a, b}); }
    Value to_binary32(Value a) { return apply(program::Primitive::to_binary32, {}, {a}); }
    Value to_unsigned32(Value a) { return apply(program::Primitive::to_unsigned32, {}, {a}); }

    // Sums.
    Value contract(Value left, Value right, program::ContractionAttributes attributes = {});
    Value reduce_sum(Value a, program::ReductionAttributes attributes = {})
    {
        return apply(program::Primitive::reduce_sum, attributes, {a});
    }
    Value reduce_maximum(Value a, program::ReductionAttributes attributes = {});
    Value gather(Value table, Value indices) { return apply(program::Primitive::gather, {}, {table, indices}); }
    Value scatter_add(Value source, Value indices, std::uint32_t rows);

    // Moves. Those that would change nothing return their operand.
    Value reshape(Value a, program::Shape shape);
    Value permute(Value a, std::vector<std::uint32_t> axes);
    Value slice(Value a, std::vector<std::uint32_t> starts, program::Shape shape);
    Value concatenate(std::vector<Value> operands, std::uint32_t axis);
    Value broadcast(Value a, program::Shape shape);

    // The gradients of `inputs`, made from the gradient of a value that is a function of them.
    using GradientRule = std::function<std::vector<Value>(Builder&, Value gradient)>;
    struct OwnGradient {
        std::vector<Value> inputs;
        GradientRule rule;
    };
    // Replaces what reverse mode would do between `value` and `inputs`, which must stand before it. Spec: MODEL-7.
    void set_gradient(Value value, std::vector<Value> inputs, GradientRule rule);
    [[nodiscard]] const OwnGradient* own_gradient(Value value) const;

private:
    Value source(program::Primitive primitive, std::vector<program::Declaration>& declared, std::string name, program::TensorType type);
    [[nodiscard]] bool exists(Value value) const { return value.node.value < m_nodes.size(); }

    // Queues, so that references to nodes and types stay valid while nodes are added.
    std::deque<program::Node> m_nodes;
    std::deque<program::TensorType> m_types;
    std::vector<program::Declaration> m_states;
    std::vector<program::Declaration> m_data;
    std::vector<program::Output> m_outputs;
    std::map<std::string, Value> m_known; // by the encoding of the node without its name
    std::map<program::NodeIndex, OwnGradient> m_gradients;
    std::optional<Failure> m_failure;
    std::string m_path; // ends with '/' unless it is empty
};

} // namespace assay::model
