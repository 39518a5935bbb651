#include "exec/plan/recomputing.hpp"

#include <algorithm>
#include <map>

#include "exec/plan/draft.hpp"

namespace assay::exec {

using program::NodeIndex;
using program::Primitive;

namespace {

constexpr std::size_t small_part = 16; // an operand of at most so small a part of the result costs nothing to read
constexpr std::size_t depth_max = 8;   // maps of maps

// Whether the operation takes less time than memory does for an element.
bool is_cheap(Primitive primitive)
{
    switch (primitive) {
    case Primitive::add:
    case Primitive::subtract:
    case Primitive::multiply:
    case Primitive::divide:
    case Primitive::minimum:
    case Primitive::maximum:
    case Primitive::negate:
    case Primitive::absolute:
    case Primitive::less:
    case Primitive::equal:
    case Primitive::select:
    case Primitive::to_binary32: return true;
    default: return false;
    }
}

class Recomputing {
public:
    explicit Recomputing(Draft& draft) : m_draft(draft), m_is_kept(draft.nodes()), m_leaves(draft.nodes()), m_may_be_repeated(draft.nodes())
    {
    }

    program::Program make()
    {
        find_kept();
        for (std::uint32_t i = 0; i < m_draft.nodes(); ++i) m_may_be_repeated[i] = may_be_repeated({i});
        program::ProgramParts parts;
        parts.states = m_draft.program.states();
        parts.data = m_draft.program.data();
        std::vector<NodeIndex> moved(m_draft.nodes());
        for (std::uint32_t i = 0; i < m_draft.nodes(); ++i) {
            program::Node node = m_draft.program.node({i});
            for (NodeIndex& operand : node.operands)
                operand = m_may_be_repeated[operand.value] && is_elsewhere(operand, {i})
                              ? repeat(operand, {i}, parts.nodes, moved, depth_max)
                              : moved[operand.value];
            moved[i] = {static_cast<std::uint32_t>(parts.nodes.size())};
            parts.nodes.push_back(std::move(node));
        }
        for (const program::Output& output : m_draft.program.outputs()) parts.outputs.push_back({output.name, moved[output.node.value]});
        Result<program::Program> program = program::Program::from_parts(std::move(parts));
        return program ? *std::move(program) : m_draft.program; // refused: more nodes than there may be
    }

private:
    [[nodiscard]] std::size_t instruction_of(NodeIndex node) const { return m_draft.instruction_of[m_draft.root(node).value]; }
    [[nodiscard]] bool is_elsewhere(NodeIndex value, NodeIndex reader) const
    {
        return m_draft.is_scheduled(reader) && m_draft.instruction_of[reader.value] != m_draft.instruction_of[value.value];
    }
    [[nodiscard]] bool is_alone(std::size_t instruction) const
    {
        return m_draft.chain_end[instruction] == instruction && (instruction == 0 || m_draft.chain_end[instruction - 1] != instruction);
    }

    // Values that something else than a map of their shape reads, or a chain, and so are in memory whatever maps do.
    void find_kept()
    {
        for (const auto& output : m_draft.program.outputs()) m_is_kept[m_draft.root(output.node).value] = true;
        for (std::uint32_t i = 0; i < m_draft.nodes(); ++i)
            for (const NodeIndex operand : m_draft.program.node({i}).operands) {
                const NodeIndex value = m_draft.root(operand);
                if (!m_draft.is_groupable({i}) || m_draft.program.type({i}).shape != m_draft.program.type(operand).shape ||
                    !is_alone_or_given({i}))
                    m_is_kept[value.value] = true;
                if (is_elsewhere(value, {i})) m_leaves[value.value] = true;
            }
        for (std::size_t i = 0; i < m_draft.nodes(); ++i) m_leaves[i] = m_leaves[i] || m_is_kept[i];
    }
    [[nodiscard]] bool is_alone_or_given(NodeIndex node) const
    {
        return !m_draft.is_scheduled(node) || is_alone(m_draft.instruction_of[node.value]);
    }

    // Operands come first: a map of a map that may be repeated may be so too.
    [[nodiscard]] bool may_be_repeated(NodeIndex node) const
    {
        const program::Node& map = m_draft.program.node(node);
        if (!m_draft.is_scheduled(node) || !m_draft.is_groupable(node) || !is_cheap(map.primitive) || m_is_kept[node.value]) return false;
        const std::size_t own = m_draft.instruction_of[node.value];
        const std::uint64_t elements = m_draft.program.type(node).elements();
        if (!is_alone(own)) return false;
        std::size_t large = 0;
        for (const NodeIndex operand : map.operands) {
            const NodeIndex value = m_draft.root(operand);
            if (m_draft.program.node(value).primitive == Primitive::state) return false; // it may be overwritten
            if (m_draft.is_constant(value) || m_draft.program.type(value).elements() <= elements / small_part) continue;
            ++large;
            if (m_draft.is_scheduled(value) && m_draft.instruction_of[value.value] == own && !m_may_be_repeated[operand.value] &&
                !m_leaves[value.value])
                return false;
        }
        return large <= 1;
    }

    // The map once more, for readers in the reader's group.
    NodeIndex repeat(NodeIndex node, NodeIndex reader, std::vector<program::Node>& nodes, const std::vector<NodeIndex>& moved,
                     std::size_t depth)
    {
        const std::pair key{node.value, m_draft.instruction_of[reader.value]};
        if (const auto known = m_repeated.find(key); known != m_repeated.end()) return known->second;
        program::Node map = m_draft.program.node(node);
        for (NodeIndex& operand : map.operands)
            operand = depth > 0 && m_may_be_repeated[operand.value] && is_elsewhere(operand, reader)
                          ? repeat(operand, reader, nodes, moved, depth - 1)
                          : moved[operand.value];
        nodes.push_back(std::move(map));
        return m_repeated[key] = {static_cast<std::uint32_t>(nodes.size() - 1)};
    }

    Draft& m_draft;
    std::vector<bool> m_is_kept;                                           // by node
    std::vector<bool> m_leaves;                                            // by node: whether another instruction reads it, too
    std::vector<bool> m_may_be_repeated;                                   // by node
    std::map<std::pair<std::uint32_t, std::size_t>, NodeIndex> m_repeated; // by node and the group that reads it
};

} // namespace

program::Program with_recomputed_maps(const program::Program& program, std::size_t threads)
{
    Draft draft{program, Plan::Mode::grouped, threads};
    find_groups(draft);
    find_chains(draft);
    return Recomputing{draft}.make();
}

} // namespace assay::exec
