// Three passes over the nodes: units of work, the last use of each value, and places.
#include "exec/plan.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <new>

#include "exec/kernels/contraction.hpp"
#include "exec/kernels/rows.hpp"

namespace assay::exec {

using program::DataType;
using program::Descriptor;
using program::Family;
using program::NodeIndex;
using program::Primitive;

namespace {

// More maps than this are divided into groups, so that the memory that one goes through is little at a time.
constexpr std::size_t group_maps_max = 96;
constexpr std::size_t waiting_depth_max = 64; // how deep scheduling calls itself
constexpr std::size_t alignment = 64;
constexpr std::size_t chained_max = 32;
constexpr std::size_t batch_bytes_max = std::size_t{4} << 20; // some second-level caches
constexpr std::size_t never = static_cast<std::size_t>(-1);

// The words are compared one by one. The order that std::vector has of itself is not used, because on big-endian processors libstdc++ 12
// compares as many bytes as there are words.
struct WordOrder {
    bool operator()(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) const
    {
        return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](std::uint32_t x, std::uint32_t y) { return x < y; });
    }
};

class Planner {
public:
    Planner(const program::Program& program, Plan::Mode mode, std::size_t threads)
        : m_program(program), m_threads(threads), m_grouped(mode == Plan::Mode::grouped), m_count(program.nodes().size())
    {
    }

    Plan make()
    {
        m_plan.places.resize(m_count);
        m_instruction.assign(m_count, never);
        find_waiting();
        for (std::uint32_t i = 0; i < m_count; ++i)
            if (!m_waits[i]) schedule({i});
        find_chains();
        find_last_uses();
        place_outputs();
        place_values();
        for (Instruction& instruction : m_plan.instructions) resolve_operands(instruction);
        return std::move(m_plan);
    }

private:
    // The node whose value this one's is: itself, or what a reshape shows under other axes.
    [[nodiscard]] NodeIndex root(NodeIndex node) const
    {
        while (m_grouped && m_program.node(node).primitive == Primitive::reshape) node = m_program.node(node).operands[0];
        return node;
    }
    [[nodiscard]] bool is_constant(NodeIndex node) const
    {
        const Primitive primitive = m_program.node(node).primitive;
        return primitive == Primitive::fill || primitive == Primitive::iota;
    }
    // Whether the value is there before the step begins.
    [[nodiscard]] bool is_given(NodeIndex node) const
    {
        return m_grouped && (is_constant(node) || family_of(m_program.node(node).primitive) == Family::source);
    }
    // What is given is read where it lies, and reshapes are no work, unless every node is wanted.
    [[nodiscard]] bool is_work(NodeIndex node) const { return !is_given(node) && root(node) == node; }
    [[nodiscard]] bool is_groupable(NodeIndex node) const
    {
        return family_of(m_program.node(node).primitive) == Family::map && m_program.type(node).type != DataType::unsigned8;
    }

    // Whether the values that the node reads are there when instruction `place` begins, or are computed by it, element for element.
    [[nodiscard]] bool can_join(NodeIndex node, std::size_t place) const
    {
        for (const NodeIndex operand : m_program.node(node).operands) {
            const NodeIndex value = root(operand);
            if (is_given(value) || m_instruction[value.value] < place) continue;
            if (m_instruction[value.value] > place || m_program.type(operand).shape != m_program.type(node).shape) return false;
        }
        return m_plan.instructions[place].maps.size() < group_maps_max;
    }

    [[nodiscard]] bool is_permute(NodeIndex node) const { return m_program.node(node).primitive == Primitive::permute; }

    // A map that is read by maps of its shape alone waits for the first of them, so that it is computed in the same group. A permutation
    // that is read by maps and contractions alone waits too, so that it can be in a chain with them.
    void find_waiting()
    {
        m_waits.assign(m_count, false);
        if (!m_grouped) return;
        std::vector<bool> is_read(m_count), is_kept(m_count);
        for (std::uint32_t i = 0; i < m_count; ++i)
            for (const NodeIndex operand : m_program.node({i}).operands) {
                is_read[operand.value] = true;
                if (is_permute(operand) && (is_groupable({i}) || m_program.node({i}).primitive == Primitive::contract)) continue;
                if (!is_groupable({i}) || m_program.type({i}).shape != m_program.type(operand).shape) is_kept[operand.value] = true;
            }
        for (const auto& output : m_program.outputs()) is_kept[output.node.value] = true;
        std::vector<std::size_t> depth(m_count);
        for (std::uint32_t i = 0; i < m_count; ++i) {
            for (const NodeIndex operand : m_program.node({i}).operands)
                if (m_waits[operand.value]) depth[i] = std::max(depth[i], depth[operand.value] + 1);
            m_waits[i] = (is_groupable({i}) || is_permute({i})) && is_read[i] && !is_kept[i] && depth[i] < waiting_depth_max;
        }
    }

    void schedule(NodeIndex node)
    {
        if (!is_work(node) || m_instruction[node.value] != never) return;
        for (const NodeIndex operand : m_program.node(node).operands)
            if (m_waits[operand.value]) schedule(operand);
        const bool groupable = is_groupable(node);
        if (groupable && m_grouped) {
            const auto latest = m_latest_group.find(m_program.type(node).shape.extents);
            if (latest != m_latest_group.end() && can_join(node, latest->second)) {
                m_instruction[node.value] = latest->second;
                m_plan.instructions[latest->second].maps.push_back({node});
                return;
            }
        }
        m_instruction[node.value] = m_plan.instructions.size();
        Instruction instruction{node};
        if (groupable) {
            instruction.maps.push_back({node});
            m_latest_group[m_program.type(node).shape.extents] = m_plan.instructions.size();
        }
        m_plan.instructions.push_back(std::move(instruction));
    }

    [[nodiscard]] bool is_scheduled(NodeIndex node) const { return m_instruction[node.value] != never; }

    [[nodiscard]] std::vector<NodeIndex> nodes_of(const Instruction& instruction) const
    {
        if (instruction.maps.empty()) return {instruction.node};
        std::vector<NodeIndex> nodes;
        for (const GroupedMap& map : instruction.maps) nodes.push_back(map.node);
        return nodes;
    }

    // Whether batch b of the operand is what batch b of the result reads, where the operand is broadcast to the result's shape.
    static bool is_batched(const program::Shape& operand, const program::Shape& result, std::size_t batches)
    {
        if (operand.rank() != result.rank()) return false;
        std::size_t leading = 1;
        for (std::size_t axis = 0; axis < result.rank() && leading < batches; leading *= result[axis++])
            if (operand[axis] != result[axis]) return false;
        return leading == batches;
    }

    // Whether instruction `i` divides into batches, those that it reads of instructions `chain` being its own.
    [[nodiscard]] bool has_batches(std::size_t i, Range chain, std::size_t batches) const
    {
        const Instruction& instruction = m_plan.instructions[i];
        for (const NodeIndex node : nodes_of(instruction)) {
            const program::TensorType& type = m_program.type(node);
            if (type.elements() % batches != 0 || type.type == DataType::unsigned8 || m_is_output[node.value]) return false;
            if (instruction.maps.empty()) continue;
            for (const NodeIndex operand : m_program.node(node).operands) {
                const program::Shape& shape = m_program.type(operand).shape;
                const std::size_t made = m_instruction[root(operand).value];
                if (made != i && contains(chain, made) && shape != type.shape && !is_batched(shape, type.shape, batches)) return false;
            }
        }
        if (!instruction.maps.empty()) return true;
        const Descriptor node = m_program.descriptor(instruction.node);
        switch (node.primitive) {
        case Primitive::contract: {
            const Contraction contraction = contraction_of(node);
            return contraction.batches % batches == 0 && contraction.rows > 1 && contraction.columns > 1;
        }
        case Primitive::reduce_sum:
        case Primitive::reduce_maximum: {
            const program::Shape& shape = node.operands[0].type.shape;
            return !std::get<program::ReductionAttributes>(node.attributes).causal ||
                   node.output.elements() / batches % shape[shape.rank() - 2] == 0;
        }
        case Primitive::permute: return !contains(chain, m_instruction[root(node.operands[0].node).value]);
        default: return false;
        }
    }
    static bool contains(Range range, std::size_t i) { return i >= range.begin && i < range.end; }

    [[nodiscard]] bool reads(std::size_t reader, std::size_t made) const
    {
        for (const NodeIndex node : nodes_of(m_plan.instructions[reader]))
            for (const NodeIndex operand : m_program.node(node).operands)
                if (m_instruction[root(operand).value] == made) return true;
        return false;
    }

    [[nodiscard]] bool is_chain(Range chain, std::size_t batches) const
    {
        std::size_t bytes = 0;
        for (std::size_t i = chain.begin; i < chain.end; ++i) {
            if (!has_batches(i, chain, batches)) return false;
            bool is_linked = m_program.node(m_plan.instructions[i].node).primitive == Primitive::contract;
            for (std::size_t other = chain.begin; other < chain.end && !is_linked; ++other)
                is_linked = other < i ? reads(i, other) : other > i && reads(other, i);
            if (!is_linked) return false;
            for (const NodeIndex node : nodes_of(m_plan.instructions[i])) bytes += bytes_of(node) / batches;
        }
        return bytes <= batch_bytes_max && chain.size() <= chained_max;
    }

    // Around contractions of several matrices.
    void find_chains()
    {
        const std::size_t count = m_plan.instructions.size();
        m_chain_end.resize(count);
        for (std::size_t i = 0; i < count; ++i) m_chain_end[i] = i;
        if (!m_grouped) return;
        m_is_output.assign(m_count, false);
        for (const auto& output : m_program.outputs()) m_is_output[root(output.node).value] = true;
        std::size_t free = 0; // instructions from here on are in no chain yet
        for (std::size_t i = 0; i < count; ++i) {
            const NodeIndex node = m_plan.instructions[i].node;
            if (i < free || m_program.node(node).primitive != Primitive::contract) continue;
            const std::size_t batches = contraction_of(m_program.descriptor(node)).batches;
            Range chain{i, i + 1};
            if (batches < 2 * m_threads || batches == 1 || !is_chain(chain, batches)) continue;
            while (chain.end < count && is_chain({chain.begin, chain.end + 1}, batches)) ++chain.end;
            while (chain.begin > free && is_chain({chain.begin - 1, chain.end}, batches)) --chain.begin;
            free = chain.end;
            if (chain.size() == 1) continue;
            m_plan.instructions[chain.begin].chained = chain.size();
            m_plan.instructions[chain.begin].batches = batches;
            for (std::size_t member = chain.begin; member < chain.end; ++member) {
                m_chain_end[member] = chain.end - 1;
                m_plan.instructions[member].batches = batches;
            }
        }
    }
    // Whether both are in one chain, or the same.
    [[nodiscard]] bool are_chained(std::size_t i, std::size_t j) const { return m_chain_end[i] == m_chain_end[j]; }

    void find_last_uses()
    {
        m_last_use.assign(m_count, 0);
        for (std::uint32_t i = 0; i < m_count; ++i) {
            if (!is_scheduled({i})) continue;
            m_last_use[i] = std::max(m_last_use[i], m_instruction[i]);
            for (const NodeIndex operand : m_program.node({i}).operands) {
                std::size_t& last = m_last_use[root(operand).value];
                last = std::max(last, m_instruction[i]);
            }
        }
        for (const auto& output : m_program.outputs()) m_last_use[root(output.node).value] = m_plan.instructions.size();
    }

    // Whether output `index` may be written over the state that it follows: nothing reads the state later, and maps of the same group
    // read of it the element that they write.
    [[nodiscard]] bool may_update_in_place(std::size_t index, NodeIndex value) const
    {
        const std::size_t now = m_instruction[value.value];
        if (!m_grouped || !m_program.is_iterable() || m_plan.instructions[now].maps.empty()) return false;
        if (m_state_is_output[index]) return false;
        const auto& maps = m_plan.instructions[now].maps;
        const auto place_in_group = [&](NodeIndex node) {
            return std::find_if(maps.begin(), maps.end(), [&](const GroupedMap& map) { return map.node == node; }) - maps.begin();
        };
        return std::all_of(m_state_readers[index].begin(), m_state_readers[index].end(), [&](NodeIndex reader) {
            if (m_instruction[reader.value] != now) return m_instruction[reader.value] < now;
            return m_program.type(reader).elements() == m_program.type(value).elements() && place_in_group(reader) <= place_in_group(value);
        });
    }

    void find_state_readers()
    {
        m_state_readers.resize(m_program.states().size());
        m_state_is_output.resize(m_program.states().size());
        const auto state_of = [&](NodeIndex node) -> std::optional<std::uint32_t> {
            if (m_program.node(root(node)).primitive != Primitive::state) return {};
            return std::get<program::SourceAttributes>(m_program.node(root(node)).attributes).index;
        };
        for (std::uint32_t i = 0; i < m_count; ++i) {
            if (!is_work({i}) || !is_scheduled({i})) continue;
            for (const NodeIndex operand : m_program.node({i}).operands)
                if (const auto state = state_of(operand)) m_state_readers[*state].push_back({i});
        }
        for (const auto& output : m_program.outputs())
            if (const auto state = state_of(output.node)) m_state_is_output[*state] = true;
    }

    // A value that is an output arises in the output's memory, the first output's if there are several; the others are copied.
    void place_outputs()
    {
        find_state_readers();
        m_plan.updated_in_place.resize(m_program.outputs().size());
        m_is_placed.assign(m_count, false);
        m_plan.copied_outputs.resize(m_program.outputs().size());
        for (std::size_t i = 0; i < m_program.outputs().size(); ++i) {
            const NodeIndex value = root(m_program.outputs()[i].node);
            if (m_is_placed[value.value] || is_given(value)) {
                m_plan.copied_outputs[i] = value;
                continue;
            }
            m_is_placed[value.value] = true;
            m_plan.updated_in_place[i] = may_update_in_place(i, value);
            m_plan.places[value.value] = {m_plan.updated_in_place[i] ? Place::Kind::state : Place::Kind::output, i};
        }
    }

    void place_values()
    {
        std::vector<std::vector<std::uint32_t>> made(m_plan.instructions.size()), ended(m_plan.instructions.size() + 1);
        for (std::uint32_t i = 0; i < m_count; ++i) {
            if (!is_work({i})) {
                if (is_given({i})) place_given({i});
                continue;
            }
            if (!m_is_placed[i] && is_scheduled({i})) made[m_instruction[i]].push_back(i);
        }
        std::size_t batch_bytes = 0;
        for (std::size_t now = 0; now < m_plan.instructions.size(); ++now) {
            Instruction& instruction = m_plan.instructions[now];
            if (m_grouped) place_in_tile(instruction, now);
            if (now == 0 || !are_chained(now - 1, now)) batch_bytes = 0;
            for (const std::uint32_t node : made[now]) {
                if (m_plan.places[node].kind == Place::Kind::tile) continue;
                if (instruction.batches > 1 && are_chained(now, m_last_use[node])) {
                    m_plan.places[node] = {Place::Kind::batch, batch_bytes};
                    batch_bytes += (bytes_of({node}) / instruction.batches + alignment - 1) / alignment * alignment;
                    continue;
                }
                m_plan.places[node] = {Place::Kind::arena, allocate(bytes_of({node}))};
                ended[m_chain_end[m_last_use[node]]].push_back(node);
            }
            m_plan.batch_bytes = std::max(m_plan.batch_bytes, batch_bytes);
            for (const std::uint32_t node : ended[now]) release(m_plan.places[node].index, bytes_of({node}));
        }
        for (std::uint32_t i = 0; i < m_count; ++i) m_plan.places[i] = m_plan.places[root({i}).value];
    }

    // Values that only the group reads. A slot is taken again after the last map that reads it, by that map's own result at the earliest.
    void place_in_tile(Instruction& group, std::size_t now)
    {
        std::map<std::uint32_t, std::size_t> last_reader; // by node: which map of the group
        for (std::size_t i = 0; i < group.maps.size(); ++i)
            for (const NodeIndex operand : m_program.node(group.maps[i].node).operands) last_reader[root(operand).value] = i;
        std::map<std::size_t, std::vector<std::size_t>> ended; // slots, by the last map that reads them
        std::vector<std::size_t> free;
        for (std::size_t i = 0; i < group.maps.size(); ++i) {
            free.insert(free.end(), ended[i].begin(), ended[i].end());
            const std::uint32_t node = group.maps[i].node.value;
            if (m_is_placed[node] || m_last_use[node] != now) continue;
            if (free.empty()) free.push_back(group.slots++);
            m_plan.places[node] = {Place::Kind::tile, free.back()};
            free.pop_back();
            const auto reader = last_reader.find(node);
            ended[reader == last_reader.end() ? i + 1 : reader->second].push_back(m_plan.places[node].index);
        }
    }

    void place_given(NodeIndex node)
    {
        if (is_constant(node)) {
            m_plan.constants.push_back(node);
            m_plan.places[node.value] = {Place::Kind::constant, m_plan.constant_bytes};
            if (bytes_of(node) > std::numeric_limits<std::size_t>::max() / 2 - m_plan.constant_bytes) throw std::bad_alloc();
            m_plan.constant_bytes += bytes_of(node);
            return;
        }
        const std::uint32_t index = std::get<program::SourceAttributes>(m_program.node(node).attributes).index;
        m_plan.places[node.value] = {m_program.node(node).primitive == Primitive::state ? Place::Kind::state : Place::Kind::data, index};
    }

    [[nodiscard]] std::size_t bytes_of(NodeIndex node) const
    {
        const std::uint64_t bytes = (m_program.type(node).bytes() + alignment - 1) / alignment * alignment;
        if (bytes > std::numeric_limits<std::size_t>::max() / 2) throw std::bad_alloc();
        return static_cast<std::size_t>(bytes);
    }

    // First fit among the free pieces, by address.
    std::size_t allocate(std::size_t bytes)
    {
        for (auto piece = m_free.begin(); piece != m_free.end(); ++piece) {
            if (piece->second < bytes) continue;
            const auto [begin, size] = *piece;
            m_free.erase(piece);
            if (size > bytes) m_free[begin + bytes] = size - bytes;
            return begin;
        }
        const std::size_t begin = m_plan.arena_bytes;
        if (bytes > std::numeric_limits<std::size_t>::max() / 2 - begin) throw std::bad_alloc();
        m_plan.arena_bytes += bytes;
        return begin;
    }

    void release(std::size_t begin, std::size_t bytes)
    {
        auto piece = m_free.emplace(begin, bytes).first;
        const auto next = std::next(piece);
        if (next != m_free.end() && begin + bytes == next->first) {
            piece->second += next->second;
            m_free.erase(next);
        }
        if (piece == m_free.begin()) return;
        const auto before = std::prev(piece);
        if (before->first + before->second != begin) return;
        before->second += piece->second;
        m_free.erase(piece);
    }

    void resolve_node(const Descriptor& node, Instruction& instruction)
    {
        switch (node.primitive) {
        case Primitive::contract: {
            Contraction contraction = contraction_of(node);
            contraction.batches /= instruction.batches;
            const std::size_t words = packed_words(contraction, instruction.batches > 1 ? 1 : m_threads);
            m_plan.packed_words = std::max(m_plan.packed_words, words);
            break;
        }
        case Primitive::scatter_add: {
            const std::size_t numbers = scatter_numbers(node.output.shape[0], node.operands[1].type.elements());
            m_plan.scatter_memory = std::max(m_plan.scatter_memory, numbers);
            break;
        }
        case Primitive::permute:
            instruction.moved = permuted_view(node.operands[0].type.shape, std::get<program::PermutationAttributes>(node.attributes).axes);
            break;
        case Primitive::slice:
            instruction.moved =
                sliced_view(node.operands[0].type.shape, std::get<program::SliceAttributes>(node.attributes).starts, node.output.shape);
            break;
        case Primitive::broadcast: instruction.moved = broadcast_view(node.operands[0].type.shape, node.output.shape); break;
        default: break;
        }
    }

    // With all places known: which operands of a group's maps are copied, and into which slot.
    void resolve_operands(Instruction& instruction)
    {
        const Descriptor first = m_program.descriptor(instruction.node);
        resolve_node(first, instruction);
        std::map<std::vector<std::uint32_t>, std::size_t, WordOrder> slots; // by the extents that it is read with, and the value
        for (GroupedMap& map : instruction.maps) {
            const Descriptor node = m_program.descriptor(map.node);
            instruction.elements = node.output.elements();
            map.operation = program::scalar_step(node, 0, 0).operation;
            for (const program::Operand& operand : node.operands) {
                const NodeIndex value = root(operand.node);
                View view = broadcast_view(operand.type.shape, node.output.shape);
                if (view.is_identity() && operand.type.type != DataType::unsigned8) {
                    map.operands.push_back({value, {}});
                    continue;
                }
                std::vector<std::uint32_t> key = operand.type.shape.extents;
                key.push_back(value.value);
                const auto [known, is_new] = slots.insert({std::move(key), instruction.slots});
                const bool is_of_chain = instruction.batches > 1 && is_scheduled(value) &&
                                         are_chained(m_instruction[value.value], m_instruction[map.node.value]);
                if (is_new) instruction.viewed.push_back({value, std::move(view), instruction.slots++, is_of_chain});
                map.operands.push_back({value, known->second});
            }
        }
        m_plan.slots = std::max(m_plan.slots, instruction.slots);
    }

    const program::Program& m_program;
    std::size_t m_threads;
    bool m_grouped;
    std::size_t m_count;
    Plan m_plan;
    std::vector<std::size_t> m_instruction; // by node
    std::vector<std::size_t> m_last_use;    // by node: the last instruction that reads its value
    std::vector<bool> m_waits;              // by node: whether it is scheduled when it is first read
    std::vector<std::vector<NodeIndex>> m_state_readers;
    std::vector<bool> m_state_is_output;
    std::vector<bool> m_is_output;        // by node
    std::vector<std::size_t> m_chain_end; // by instruction: the last one of its chain
    std::vector<bool> m_is_placed;
    std::map<std::vector<std::uint32_t>, std::size_t, WordOrder> m_latest_group; // by extents
    std::map<std::size_t, std::size_t> m_free;                                   // begin and size
};

} // namespace

Plan make_plan(const program::Program& program, Plan::Mode mode, std::size_t threads)
{
    return Planner{program, mode, threads}.make();
}

} // namespace assay::exec
