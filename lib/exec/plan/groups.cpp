// Maps of one shape are computed together where their operands allow it.
#include <algorithm>
#include <map>

#include "exec/plan/draft.hpp"

namespace assay::exec {

using program::NodeIndex;
using program::Primitive;

namespace {

// More maps than this are divided into groups, so that the memory that one goes through is little at a time.
constexpr std::size_t group_maps_max = 96;
constexpr std::size_t waiting_depth_max = 64; // how deep scheduling calls itself

class Grouping {
public:
    explicit Grouping(Draft& draft) : m_draft(draft) {}

    void find()
    {
        find_waiting();
        for (std::uint32_t i = 0; i < m_draft.nodes(); ++i)
            if (!m_waits[i]) schedule({i});
    }

private:
    // Whether the values that the node reads are there when instruction `place` begins, or are computed by it, element for element.
    [[nodiscard]] bool can_join(NodeIndex node, std::size_t place) const
    {
        for (const NodeIndex operand : m_draft.program.node(node).operands) {
            const NodeIndex value = m_draft.root(operand);
            if (m_draft.is_given(value) || m_draft.instruction_of[value.value] < place) continue;
            if (m_draft.instruction_of[value.value] > place || m_draft.program.type(operand).shape != m_draft.program.type(node).shape)
                return false;
        }
        return m_draft.plan.instructions[place].maps.size() < group_maps_max;
    }

    [[nodiscard]] bool is_permute(NodeIndex node) const { return m_draft.program.node(node).primitive == Primitive::permute; }

    // A map that is read by maps of its shape alone waits for the first of them, so that it is computed in the same group. A permutation
    // that is read by maps and contractions alone waits too, so that it can be in a chain with them.
    void find_waiting()
    {
        m_waits.assign(m_draft.nodes(), false);
        if (!m_draft.grouped) return;
        std::vector<bool> is_read(m_draft.nodes()), is_kept(m_draft.nodes());
        for (std::uint32_t i = 0; i < m_draft.nodes(); ++i)
            for (const NodeIndex operand : m_draft.program.node({i}).operands) {
                is_read[operand.value] = true;
                if (is_permute(operand) && (m_draft.is_groupable({i}) || m_draft.program.node({i}).primitive == Primitive::contract))
                    continue;
                if (!m_draft.is_groupable({i}) || m_draft.program.type({i}).shape != m_draft.program.type(operand).shape)
                    is_kept[operand.value] = true;
            }
        for (const auto& output : m_draft.program.outputs()) is_kept[output.node.value] = true;
        std::vector<std::size_t> depth(m_draft.nodes());
        for (std::uint32_t i = 0; i < m_draft.nodes(); ++i) {
            for (const NodeIndex operand : m_draft.program.node({i}).operands)
                if (m_waits[operand.value]) depth[i] = std::max(depth[i], depth[operand.value] + 1);
            m_waits[i] = (m_draft.is_groupable({i}) || is_permute({i})) && is_read[i] && !is_kept[i] && depth[i] < waiting_depth_max;
        }
    }

    void schedule(NodeIndex node)
    {
        if (!m_draft.is_work(node) || m_draft.instruction_of[node.value] != never) return;
        for (const NodeIndex operand : m_draft.program.node(node).operands)
            if (m_waits[operand.value]) schedule(operand);
        const bool groupable = m_draft.is_groupable(node);
        if (groupable && m_draft.grouped) {
            const auto latest = m_latest_group.find(m_draft.program.type(node).shape.extents);
            if (latest != m_latest_group.end() && can_join(node, latest->second)) {
                m_draft.instruction_of[node.value] = latest->second;
                m_draft.plan.instructions[latest->second].maps.push_back({node});
                return;
            }
        }
        m_draft.instruction_of[node.value] = m_draft.plan.instructions.size();
        Instruction instruction{node};
        if (groupable) {
            instruction.maps.push_back({node});
            m_latest_group[m_draft.program.type(node).shape.extents] = m_draft.plan.instructions.size();
        }
        m_draft.plan.instructions.push_back(std::move(instruction));
    }

    Draft& m_draft;
    std::vector<bool> m_waits;                                                   // by node: whether it is scheduled when it is first read
    std::map<std::vector<std::uint32_t>, std::size_t, WordOrder> m_latest_group; // by extents
};

} // namespace

void find_groups(Draft& draft)
{
    Grouping{draft}.find();
}

} // namespace assay::exec
