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

    // With all places known: which operands of a group's maps are copied, and into which slot.
    void resolve_operands(Instruction& instruction)
    {
        const Descriptor first = m_draft.program.descriptor(instruction.node);
        resolve_node(first, instruction);
        std::map<std::vector<std::uint32_t>, std::size_t, WordOrder> slots; // by the extents that it is read with, and the value
        for (GroupedMap& map : instruction.maps) {
            const Descriptor node = m_draft.program.descriptor(map.node);
            instruction.elements = node.output.elements();
            map.operation = program::scalar_step(node, 0, 0).operation;
            for (const program::Operand& operand : node.operands) {
                const NodeIndex value = m_draft.root(operand.node);
                View view = broadcast_view(operand.type.shape, node.output.shape);
                if (view.is_identity() && operand.type.type != DataType::unsigned8) {
                    map.operands.push_back({value, {}});
                    continue;
                }
                std::vector<std::uint32_t> key = operand.type.shape.extents;
                key.push_back(value.value);
                const auto [known, is_new] = slots.insert({std::move(key), instruction.slots});
                const bool is_of_chain = instruction.batches > 1 && m_draft.is_scheduled(value) &&
                                         m_draft.are_chained(m_draft.instruction_of[value.value], m_draft.instruction_of[map.node.value]);
                if (is_new) instruction.viewed.push_back({value, std::move(view), instruction.slots++, is_of_chain});
                map.operands.push_back({value, known->second});
            }
        }
        m_draft.plan.slots = std::max(m_draft.plan.slots, instruction.slots);
    }

private:
    Draft& m_draft;
};

} // namespace

void resolve_operands(Draft& draft)
{
    for (Instruction& instruction : draft.plan.instructions) Resolution{draft}.resolve_operands(instruction);
}

} // namespace assay::exec
