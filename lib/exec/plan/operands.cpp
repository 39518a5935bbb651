// Views that moves read, and which operands of a group are copied into slots.
#include <algorithm>
#include <map>

#include "exec/kernels/contraction.hpp"
#include "exec/kernels/rows.hpp"
#include "exec/plan/draft.hpp"
#include <assay/program/scalar.hpp>

namespace assay::exec {

using program::DataType;
using program::Descriptor;
using program::NodeIndex;
using program::Primitive;

namespace {

constexpr std::size_t tile_alignment = 16; // words of a cache line

class Resolution {
public:
    explicit Resolution(Draft& draft) : m_draft(draft) {}

    void resolve_node(const Descriptor& node, Instruction& instruction)
    {
        switch (node.primitive) {
        case Primitive::contract: {
            Contraction contraction = contraction_of(node);
            contraction.batches /= instruction.batches;
            const std::size_t words = packed_words(contraction, instruction.batches > 1 ? 1 : m_draft.threads);
            m_draft.plan.packed_words = std::max(m_draft.plan.packed_words, words);
            break;
        }
        case Primitive::scatter_add: {
            const std::size_t numbers = scatter_numbers(node.output.shape[0], node.operands[1].type.elements());
            m_draft.plan.scatter_memory = std::max(m_draft.plan.scatter_memory, numbers);
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

    // With all places known: which operands of a group's steps are copied, and into which slot.
    void resolve(Instruction& instruction, std::size_t now)
    {
        resolve_node(m_draft.program.descriptor(instruction.node), instruction);
        m_slots.clear();
        instruction.rows_of_tile = std::max<std::size_t>(1, tile_elements / instruction.row_length);
        instruction.words_of_tile =
            (instruction.rows_of_tile * instruction.row_length + tile_alignment - 1) / tile_alignment * tile_alignment;
        std::vector<GroupedMap> steps;
        for (GroupedMap& step : instruction.maps) {
            const Descriptor node = m_draft.program.descriptor(step.node);
            if (step.kind == GroupedMap::Kind::map) step.operation = program::scalar_step(node, 0, 0).operation;
            for (const program::Operand& operand : node.operands)
                resolve_operand(step, operand, node.output.shape, instruction, now, steps);
            if (step.kind == GroupedMap::Kind::map && !step.of_rows) stream(step.node, instruction);
            steps.push_back(std::move(step));
        }
        instruction.maps = std::move(steps);
        m_draft.plan.tile_words = std::max(m_draft.plan.tile_words, instruction.slots * instruction.words_of_tile);
    }

private:
    void resolve_operand(GroupedMap& step, const program::Operand& operand, const program::Shape& shape, Instruction& instruction,
                         std::size_t now, std::vector<GroupedMap>& steps)
    {
        const NodeIndex value = m_draft.root(operand.node);
        if (step.kind == GroupedMap::Kind::reduction) return read_in_place(step, value, instruction, false);
        View view = broadcast_view(operand.type.shape, shape);
        if (view.is_identity() && operand.type.type != DataType::unsigned8) return read_in_place(step, value, instruction, step.of_rows);
        std::vector<std::uint32_t> key = operand.type.shape.extents; // by the extents that it is read with, by whom, and the value
        key.insert(key.end(), {step.of_rows, value.value});
        const auto [known, is_new] = m_slots.insert({std::move(key), instruction.slots});
        step.operands.push_back({value, known->second});
        if (!is_new) return;
        const std::size_t slot = instruction.slots++;
        if (m_draft.is_scheduled(value) && m_draft.instruction_of[value.value] == now) {
            GroupedMap spread{value, GroupedMap::Kind::spread};
            spread.operands.push_back({value, {}, true});
            spread.slot = slot;
            return steps.push_back(std::move(spread));
        }
        const bool is_of_chain =
            instruction.batches > 1 && m_draft.is_scheduled(value) && m_draft.are_chained(m_draft.instruction_of[value.value], now);
        instruction.viewed.push_back({value, std::move(view), slot, is_of_chain, step.of_rows});
    }

    void read_in_place(GroupedMap& step, NodeIndex value, Instruction& instruction, bool of_rows)
    {
        step.operands.push_back({value, {}, of_rows});
        if (!of_rows) stream(value, instruction);
    }

    void stream(NodeIndex value, Instruction& instruction)
    {
        const Place::Kind kind = m_draft.plan.places[value.value].kind;
        std::vector<NodeIndex>& streamed = instruction.streamed;
        if (kind != Place::Kind::tile && kind != Place::Kind::batch && std::ranges::find(streamed, value) == streamed.end())
            streamed.push_back(value);
    }

    Draft& m_draft;
    std::map<std::vector<std::uint32_t>, std::size_t, WordOrder> m_slots; // of the instruction
};

} // namespace

void resolve_operands(Draft& draft)
{
    Resolution resolution{draft};
    for (std::size_t i = 0; i < draft.plan.instructions.size(); ++i) resolution.resolve(draft.plan.instructions[i], i);
}

} // namespace assay::exec
