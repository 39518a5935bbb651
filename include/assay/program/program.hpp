// A program: a static graph of primitive nodes in topological order. One run of it is one training step (the outputs are the
// next state) or one inference pass (the outputs are results). Spec: spec/program.md, PROGRAM-6 to PROGRAM-11.
#pragma once

#include <assay/program/node.hpp>

namespace assay::program {

inline constexpr std::size_t nodes_max = 1U << 23;

// Whether a program may have this many of each. Errors: invalid_program without nodes or outputs; limit_exceeded above nodes_max.
// Spec: PROGRAM-11.
Status validate_counts(std::uint64_t nodes, std::uint64_t outputs, std::uint64_t states, std::uint64_t data);

// A tensor that a program reads or writes, by name.
struct Declaration {
    std::string name;
    TensorType type;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.name, self.type);
    }
    friend bool operator==(const Declaration&, const Declaration&) = default;
};

struct Output {
    std::string name;
    NodeIndex node;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.name, self.node);
    }
    friend bool operator==(const Output&, const Output&) = default;
};

// The parts of a program, as they are encoded. Anybody can write one down; `Program` is one that was checked.
struct ProgramParts {
    std::vector<Declaration> states;
    std::vector<Declaration> data;
    std::vector<Node> nodes;
    std::vector<Output> outputs;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.states, self.data, self.nodes, self.outputs);
    }
    friend bool operator==(const ProgramParts&, const ProgramParts&) = default;
};

// A checked program: every node's type is inferred, every operand stands before its node, every source fits its declaration.
// A value: copying copies everything.
class Program {
public:
    // Errors: invalid_program, invalid_node, invalid_shape, wrong_type, limit_exceeded; the detail names the node.
    static Result<Program> from_parts(ProgramParts parts);
    // Decodes and checks. Errors: also those of decoding.
    static Result<Program> decode(ByteView bytes);
    [[nodiscard]] Bytes encode() const { return assay::encode(m_parts); }

    [[nodiscard]] const std::vector<Declaration>& states() const { return m_parts.states; }
    [[nodiscard]] const std::vector<Declaration>& data() const { return m_parts.data; }
    [[nodiscard]] const std::vector<Node>& nodes() const { return m_parts.nodes; }
    [[nodiscard]] const std::vector<Output>& outputs() const { return m_parts.outputs; }
    [[nodiscard]] const ProgramParts& parts() const { return m_parts; }

    [[nodiscard]] const Node& node(NodeIndex index) const { return m_parts.nodes[index.value]; }
    [[nodiscard]] const TensorType& type(NodeIndex index) const { return m_types[index.value]; }
    [[nodiscard]] Descriptor descriptor(NodeIndex index) const;

    // Whether the outputs are the states again, name by name, so that a step can follow a step. Spec: PROGRAM-10.
    [[nodiscard]] bool is_iterable() const;

    friend bool operator==(const Program& a, const Program& b) { return a.m_parts == b.m_parts; }

private:
    Program() = default;

    ProgramParts m_parts;
    std::vector<TensorType> m_types;
};

} // namespace assay::program
