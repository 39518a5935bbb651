// Maps of one shape, and reductions of their rows, are computed together where their operands allow it.
#include <algorithm>
#include <map>

#include "exec/plan/draft.hpp"

namespace assay::exec {

using program::NodeIndex;
using program::Primitive;

namespace {

// More maps than this are divided into groups, so that the memory that one goes through is little at a time.
constexpr std::size_t group_maps_max = 96;
constexpr std::size_t row_length_max = 1 << 16; // so that a few slots stay in a second-level cache
constexpr std::size_t waiting_depth_max = 64;   // how deep scheduling calls itself

class Grouping {
public:
    explicit Grouping(Draft& draft) : m_draft(draft) {}

    void find()
    {
        find_waiting();
        for (std::uint32_t i = 0; i < m_draft.nodes(); ++i)
            if (!m_waits[i]) {
                m_floors.clear();
                schedule({i}, floor_of({i}));
            }
    }

private:
    [[nodiscard]] const program::Shape& shape(NodeIndex node) const { return m_draft.program.type(node).shape; }

    // Whether a group may compute each row of the operand with its maps.
    [[nodiscard]] bool is_reduction(NodeIndex node) const
    {
        const program::Node& of = m_draft.program.node(node);
        if (!m_draft.grouped || (of.primitive != Primitive::reduce_sum && of.primitive != Primitive::reduce_maximum)) return false;
        const std::uint32_t length = shape(of.operands[0]).last();
        return length > 1 && length <= row_length_max;
    }

    // The shape of the group that the node can begin.
    [[nodiscard]] const program::Shape& group_shape(NodeIndex node) const
    {
        return is_reduction(node) ? shape(m_draft.program.node(node).operands[0]) : shape(node);
    }

    // What the node is in group `place`, where its operands allow that: they are there when the group begins, or are computed by it, each
    // element from the element of the same index, or from its row.
    [[nodiscard]] std::optional<GroupedMap> member(NodeIndex node, std::size_t place) const
    {
        const Instruction& group = m_draft.plan.instructions[place];
        if (group.maps.empty() || group.maps.size() >= group_maps_max) return {};
        const program::Shape& of_group = m_shapes[place];
        GroupedMap step{node};
        if (is_reduction(node)) step.kind = GroupedMap::Kind::reduction;
        if (group_shape(node) != of_group) {
            if (step.kind == GroupedMap::Kind::reduction || !has_rows(of_group) ||
                shape(node).elements() != group.elements / of_group.last())
                return {};
            step.of_rows = true;
        }
        for (const NodeIndex operand : m_draft.program.node(node).operands) {
            const NodeIndex value = m_draft.root(operand);
            if (m_draft.is_given(value) || m_draft.instruction_of[value.value] < place) continue;
            if (m_draft.instruction_of[value.value] > place || !reads_own_row(step, operand, of_group)) return {};
        }
        step.of_rows = step.of_rows || step.kind == GroupedMap::Kind::reduction;
        return step;
    }
    [[nodiscard]] static bool has_rows(const program::Shape& shape)
    {
        return shape.rank() > 0 && shape.last() > 1 && shape.last() <= row_length_max;
    }

    [[nodiscard]] bool reads_own_row(const GroupedMap& step, NodeIndex operand, const program::Shape& of_group) const
    {
        const std::uint64_t elements = m_draft.program.type(m_draft.root(operand)).elements();
        if (step.kind == GroupedMap::Kind::reduction || (!step.of_rows && elements == of_group.elements()))
            return shape(operand) == of_group;
        if (step.of_rows) return shape(operand) == shape(step.node) && elements == shape(step.node).elements();
        return has_rows(of_group) && elements == of_group.elements() / of_group.last() &&
               broadcast_view(shape(operand), of_group).is_spread(elements, of_group.last());
    }

    [[nodiscard]] bool is_permute(NodeIndex node) const { return m_draft.program.node(node).primitive == Primitive::permute; }

    // Whether the reader may be in one group, or chain, with the operand's maker.
    [[nodiscard]] bool may_be_together(NodeIndex reader, NodeIndex operand) const
    {
        if (is_permute(operand) && m_draft.program.node(reader).primitive == Primitive::contract) return true;
        if (is_reduction(reader)) return true;
        return m_draft.is_groupable(reader) && (is_permute(operand) || shape(reader) == shape(operand));
    }

    // A map that is read by maps of its shape and reductions alone waits for the first of them, so that it is computed in the same group. A
    // permutation that is read by maps and contractions alone waits too, so that it can be in a chain with them.
    void find_waiting()
    {
        m_waits.assign(m_draft.nodes(), false);
        if (!m_draft.grouped) return;
        std::vector<bool> is_read(m_draft.nodes()), is_kept(m_draft.nodes());
        for (std::uint32_t i = 0; i < m_draft.nodes(); ++i)
            for (const NodeIndex operand : m_draft.program.node({i}).operands) {
                is_read[operand.value] = true;
                if (!may_be_together({i}, operand)) is_kept[operand.value] = true;
            }
        for (const auto& output : m_draft.program.outputs()) is_kept[output.node.value] = true;
        std::vector<std::size_t> depth(m_draft.nodes());
        for (std::uint32_t i = 0; i < m_draft.nodes(); ++i) {
            for (const NodeIndex operand : m_draft.program.node({i}).operands)
                if (m_waits[operand.value]) depth[i] = std::max(depth[i], depth[operand.value] + 1);
            m_waits[i] = (m_draft.is_groupable({i}) || is_permute({i})) && is_read[i] && !is_kept[i] && depth[i] < waiting_depth_max;
        }
    }

    // The last instruction that makes what the node reads, or what those read that wait for it.
    std::size_t floor_of(NodeIndex node)
    {
        if (const auto known = m_floors.find(node.value); known != m_floors.end()) return known->second;
        std::size_t floor = 0;
        for (const NodeIndex operand : m_draft.program.node(node).operands) {
            const NodeIndex value = m_draft.root(operand);
            if (m_draft.is_scheduled(value)) floor = std::max(floor, m_draft.instruction_of[value.value]);
            else if (m_waits[operand.value]) floor = std::max(floor, floor_of(operand));
        }
        return m_floors[node.value] = floor;
    }

    // Not before instruction `floor`, so that what is only read there is not made long before, and kept.
    void schedule(NodeIndex node, std::size_t floor)
    {
        if (!m_draft.is_work(node) || m_draft.instruction_of[node.value] != never) return;
        for (const NodeIndex operand : m_draft.program.node(node).operands)
            if (m_waits[operand.value]) schedule(operand, floor);
        const bool begins_group = m_draft.is_groupable(node) || is_reduction(node);
        if (m_draft.grouped && begins_group && join_group(node, floor)) return;
        const std::size_t place = m_draft.plan.instructions.size();
        m_draft.instruction_of[node.value] = place;
        m_shapes.push_back(begins_group ? group_shape(node) : program::Shape{});
        Instruction instruction{node};
        m_draft.plan.instructions.push_back(std::move(instruction));
        if (!begins_group) return;
        m_draft.plan.instructions[place].elements = m_shapes[place].elements();
        m_latest_group[m_shapes[place].extents] = place;
        GroupedMap step{node};
        if (is_reduction(node)) step.kind = GroupedMap::Kind::reduction, step.of_rows = true;
        add(step, place);
    }

    // The group that made the last of the operands, or else the latest one of the shape.
    bool join_group(NodeIndex node, std::size_t floor)
    {
        std::size_t last = 0;
        for (const NodeIndex operand : m_draft.program.node(node).operands)
            if (const std::size_t made = m_draft.instruction_of[m_draft.root(operand).value]; made != never) last = std::max(last, made);
        const auto latest = m_latest_group.find(group_shape(node).extents);
        for (const std::size_t place : {last, latest == m_latest_group.end() ? never : latest->second}) {
            if (place < floor || place >= m_draft.plan.instructions.size()) continue;
            const std::optional<GroupedMap> step = member(node, place);
            if (!step) continue;
            m_draft.instruction_of[node.value] = place;
            add(*step, place);
            return true;
        }
        return false;
    }

    void add(const GroupedMap& step, std::size_t place)
    {
        if (step.of_rows) m_draft.plan.instructions[place].row_length = m_shapes[place].last();
        m_draft.plan.instructions[place].maps.push_back(step);
    }

    Draft& m_draft;
    std::vector<bool> m_waits;                                                   // by node: whether it is scheduled when it is first read
    std::vector<program::Shape> m_shapes;                                        // by instruction: of a group
    std::map<std::uint32_t, std::size_t> m_floors;                               // of nodes that wait, while one is scheduled
    std::map<std::vector<std::uint32_t>, std::size_t, WordOrder> m_latest_group; // by extents
};

} // namespace

void find_groups(Draft& draft)
{
    Grouping{draft}.find();
}

} // namespace assay::exec
