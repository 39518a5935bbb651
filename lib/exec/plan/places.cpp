// Where values lie: outputs first, then all others in the order in which they arise.
#include <algorithm>
#include <map>
#include <new>

#include "exec/plan/arena.hpp"
#include "exec/plan/draft.hpp"

namespace assay::exec {

using program::NodeIndex;
using program::Primitive;

namespace {

class Placing {
public:
    explicit Placing(Draft& draft) : m_draft(draft) {}

    void place()
    {
        find_last_uses();
        place_outputs();
        if (m_draft.grouped) place_values();
        else place_shown();
        m_draft.plan.arena_bytes = m_arena.bytes();
    }

private:
    void find_last_uses()
    {
        m_last_use.assign(m_draft.nodes(), 0);
        for (std::uint32_t i = 0; i < m_draft.nodes(); ++i) {
            if (!m_draft.is_scheduled({i})) continue;
            m_last_use[i] = std::max(m_last_use[i], m_draft.instruction_of[i]);
            for (const NodeIndex operand : m_draft.program.node({i}).operands) {
                std::size_t& last = m_last_use[m_draft.root(operand).value];
                last = std::max(last, m_draft.instruction_of[i]);
            }
        }
        for (const auto& output : m_draft.program.outputs()) m_last_use[m_draft.root(output.node).value] = m_draft.plan.instructions.size();
    }

    // Whether output `index` may be written over the state that it follows: nothing reads the state later, and maps of the same group
    // read of it the element that they write.
    [[nodiscard]] bool may_update_in_place(std::size_t index, NodeIndex value) const
    {
        const std::size_t now = m_draft.instruction_of[value.value];
        if (!m_draft.grouped || !m_draft.program.is_iterable() || m_draft.plan.instructions[now].maps.empty()) return false;
        if (m_state_is_output[index]) return false;
        const auto& maps = m_draft.plan.instructions[now].maps;
        const auto place_in_group = [&](NodeIndex node) {
            return std::find_if(maps.begin(), maps.end(), [&](const GroupedMap& map) { return map.node == node; }) - maps.begin();
        };
        return std::all_of(m_state_readers[index].begin(), m_state_readers[index].end(), [&](NodeIndex reader) {
            if (m_draft.instruction_of[reader.value] != now) return m_draft.instruction_of[reader.value] < now;
            return m_draft.program.type(reader).elements() == m_draft.program.type(value).elements() &&
                   place_in_group(reader) <= place_in_group(value);
        });
    }

    void find_state_readers()
    {
        m_state_readers.resize(m_draft.program.states().size());
        m_state_is_output.resize(m_draft.program.states().size());
        m_state_nodes.resize(m_draft.program.states().size());
        const auto state_of = [&](NodeIndex node) -> std::optional<std::uint32_t> {
            if (m_draft.program.node(m_draft.root(node)).primitive != Primitive::state) return {};
            return std::get<program::SourceAttributes>(m_draft.program.node(m_draft.root(node)).attributes).index;
        };
        for (std::uint32_t i = 0; i < m_draft.nodes(); ++i) {
            if (m_draft.program.node({i}).primitive == Primitive::state) ++m_state_nodes[*state_of({i})];
            if (!m_draft.is_work({i}) || !m_draft.is_scheduled({i})) continue;
            for (const NodeIndex operand : m_draft.program.node({i}).operands)
                if (const auto state = state_of(operand)) m_state_readers[*state].push_back({i});
        }
        for (const auto& output : m_draft.program.outputs())
            if (const auto state = state_of(output.node)) m_state_is_output[*state] = true;
    }

    // A value that is an output arises in the output's memory, the first output's if there are several; the others are copied.
    void place_outputs()
    {
        find_state_readers();
        m_draft.plan.updated_in_place.resize(m_draft.program.outputs().size());
        m_is_placed.assign(m_draft.nodes(), false);
        m_draft.plan.copied_outputs.resize(m_draft.program.outputs().size());
        for (std::size_t i = 0; i < m_draft.program.outputs().size(); ++i) {
            const NodeIndex value = m_draft.root(m_draft.program.outputs()[i].node);
            if (m_is_placed[value.value] || m_draft.is_given(value)) {
                m_draft.plan.copied_outputs[i] = value;
                continue;
            }
            m_is_placed[value.value] = true;
            m_draft.plan.updated_in_place[i] = may_update_in_place(i, value);
            m_draft.plan.places[value.value] = {m_draft.plan.updated_in_place[i] ? Place::Kind::state : Place::Kind::output, i};
        }
    }

    void place_values()
    {
        std::vector<std::vector<std::uint32_t>> made(m_draft.plan.instructions.size()), ended(m_draft.plan.instructions.size() + 1);
        for (std::uint32_t i = 0; i < m_draft.nodes(); ++i) {
            if (!m_draft.is_work({i})) {
                if (m_draft.is_given({i})) place_given({i});
                continue;
            }
            if (!m_is_placed[i] && m_draft.is_scheduled({i})) made[m_draft.instruction_of[i]].push_back(i);
        }
        std::size_t batch_bytes = 0;
        for (std::size_t now = 0; now < m_draft.plan.instructions.size(); ++now) {
            Instruction& instruction = m_draft.plan.instructions[now];
            place_in_tile(instruction, now);
            if (now == 0 || !m_draft.are_chained(now - 1, now)) batch_bytes = 0;
            for (const std::uint32_t node : made[now]) {
                if (m_draft.plan.places[node].kind == Place::Kind::tile) continue;
                if (instruction.batches > 1 && m_draft.are_chained(now, m_last_use[node])) {
                    m_draft.plan.places[node] = {Place::Kind::batch, batch_bytes};
                    batch_bytes += (m_draft.bytes_of({node}) / instruction.batches + alignment - 1) / alignment * alignment;
                    continue;
                }
                m_draft.plan.places[node] = {Place::Kind::arena, m_arena.allocate(m_draft.bytes_of({node}))};
                ended[m_draft.chain_end[m_last_use[node]]].push_back(node);
            }
            m_draft.plan.batch_bytes = std::max(m_draft.plan.batch_bytes, batch_bytes);
            for (const std::uint32_t node : ended[now]) m_arena.release(m_draft.plan.places[node].index, m_draft.bytes_of({node}));
        }
        for (std::uint32_t i = 0; i < m_draft.nodes(); ++i) m_draft.plan.places[i] = m_draft.plan.places[m_draft.root({i}).value];
    }

    // Each node's value is in a tensor as long as it is read; a map may be written over an operand of its type, which it reads element by
    // element.
    void place_shown()
    {
        std::vector<std::vector<std::size_t>> ended(m_draft.plan.instructions.size() + 1);
        const auto release = [&](std::size_t now) {
            m_free_shown.insert(m_free_shown.end(), ended[now].begin(), ended[now].end());
            ended[now].clear();
        };
        for (std::size_t now = 0; now < m_draft.plan.instructions.size(); ++now) {
            const NodeIndex node = m_draft.plan.instructions[now].node;
            if (m_draft.is_groupable(node)) release(now);
            const std::size_t tensor = take_shown(node);
            m_draft.plan.shown_in.push_back(tensor);
            const bool is_copy = m_is_placed[node.value] || may_stay_in_state(node);
            ended[is_copy ? now : m_last_use[node.value]].push_back(tensor);
            if (!is_copy) m_draft.plan.places[node.value] = {Place::Kind::shown, tensor};
            else if (!m_is_placed[node.value]) place_given(node);
            release(now);
        }
    }
    // A tensor of the node's type: the one that became free last, of which most is in a cache.
    std::size_t take_shown(NodeIndex node)
    {
        std::vector<program::TensorType>& shown = m_draft.plan.shown;
        const auto free =
            std::find_if(m_free_shown.rbegin(), m_free_shown.rend(), [&](std::size_t i) { return shown[i] == m_draft.program.type(node); });
        if (free != m_free_shown.rend()) {
            const std::size_t tensor = *free;
            m_free_shown.erase(std::prev(free.base()));
            return tensor;
        }
        const std::size_t bytes = m_draft.bytes_of(node);
        if (bytes > std::numeric_limits<std::size_t>::max() / 2 - m_draft.plan.shown_bytes) throw std::bad_alloc();
        m_draft.plan.shown_bytes += bytes;
        shown.push_back(m_draft.program.type(node));
        return shown.size() - 1;
    }

    // Values that only the group reads. A slot is taken again after the last map that reads it, by that map's own result at the earliest.
    void place_in_tile(Instruction& group, std::size_t now)
    {
        std::map<std::uint32_t, std::size_t> last_reader; // by node: which map of the group
        for (std::size_t i = 0; i < group.maps.size(); ++i)
            for (const NodeIndex operand : m_draft.program.node(group.maps[i].node).operands) last_reader[m_draft.root(operand).value] = i;
        std::map<std::size_t, std::vector<std::size_t>> ended; // slots, by the last map that reads them
        std::vector<std::size_t> free;
        for (std::size_t i = 0; i < group.maps.size(); ++i) {
            free.insert(free.end(), ended[i].begin(), ended[i].end());
            const std::uint32_t node = group.maps[i].node.value;
            if (m_is_placed[node] || m_last_use[node] != now) continue;
            if (free.empty()) free.push_back(group.slots++);
            m_draft.plan.places[node] = {Place::Kind::tile, free.back()};
            free.pop_back();
            const auto reader = last_reader.find(node);
            ended[reader == last_reader.end() ? i + 1 : reader->second].push_back(m_draft.plan.places[node].index);
        }
    }

    // Whether the node is shown, and perhaps changed, where the state lies: nothing is left of that after the step, and no other node shows
    // it.
    [[nodiscard]] bool may_stay_in_state(NodeIndex node) const
    {
        const program::Node& state = m_draft.program.node(node);
        return state.primitive == Primitive::state && m_draft.program.is_iterable() &&
               m_state_nodes[std::get<program::SourceAttributes>(state.attributes).index] == 1;
    }

    void place_given(NodeIndex node)
    {
        if (m_draft.is_constant(node)) {
            m_draft.plan.constants.push_back(node);
            m_draft.plan.places[node.value] = {Place::Kind::constant, m_draft.plan.constant_bytes};
            if (m_draft.bytes_of(node) > std::numeric_limits<std::size_t>::max() / 2 - m_draft.plan.constant_bytes) throw std::bad_alloc();
            m_draft.plan.constant_bytes += m_draft.bytes_of(node);
            return;
        }
        const std::uint32_t index = std::get<program::SourceAttributes>(m_draft.program.node(node).attributes).index;
        m_draft.plan.places[node.value] = {
            m_draft.program.node(node).primitive == Primitive::state ? Place::Kind::state : Place::Kind::data, index};
    }

    Draft& m_draft;
    std::vector<std::size_t> m_last_use; // by node: the last instruction that reads its value
    std::vector<std::vector<NodeIndex>> m_state_readers;
    std::vector<bool> m_state_is_output;
    std::vector<std::size_t> m_state_nodes; // by state: how many there are
    std::vector<bool> m_is_placed;
    std::vector<std::size_t> m_free_shown;
    Arena m_arena;
};

} // namespace

void place_values(Draft& draft)
{
    Placing{draft}.place();
}

} // namespace assay::exec
