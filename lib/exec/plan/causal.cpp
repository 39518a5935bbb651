// Whose readers read no more of row r of a matrix than its first r + 1 elements: these alone are computed then, where rows are taken as
// wholes.
#include "exec/plan/draft.hpp"

namespace assay::exec {

using program::Limit;
using program::NodeIndex;
using program::Primitive;

namespace {

constexpr std::uint32_t row_length_min = 128; // shorter rows are computed as fast as parts of them

// Whether the node reads so little of its operand, when its own readers do that of it.
bool reads_causally(const Draft& draft, NodeIndex reader, std::size_t slot, bool is_causal)
{
    const program::Node& node = draft.program.node(reader);
    if (const auto* reduction = std::get_if<program::ReductionAttributes>(&node.attributes)) return reduction->causal;
    if (const auto* product = std::get_if<program::ContractionAttributes>(&node.attributes))
        return slot == 0 && product->limit == (product->transpose_left ? Limit::sum_from_row : Limit::sum_up_to_row);
    return is_causal && draft.is_groupable(reader) && draft.program.type(reader).shape == draft.program.type(node.operands[slot]).shape;
}

} // namespace

void find_causal(Draft& draft)
{
    if (!draft.grouped) return;
    std::vector<bool> is_read(draft.nodes()), is_read_whole(draft.nodes());
    for (const auto& output : draft.program.outputs()) is_read_whole[output.node.value] = true;
    for (auto i = static_cast<std::uint32_t>(draft.nodes()); i-- > 0;) {
        const std::vector<NodeIndex>& operands = draft.program.node({i}).operands;
        for (std::size_t slot = 0; slot < operands.size(); ++slot) {
            is_read[operands[slot].value] = true;
            if (!reads_causally(draft, {i}, slot, is_read[i] && !is_read_whole[i])) is_read_whole[operands[slot].value] = true;
        }
    }
    for (Instruction& instruction : draft.plan.instructions)
        for (GroupedMap& step : instruction.maps) {
            const program::Shape& shape = draft.program.type(step.node).shape;
            if (instruction.row_length < row_length_min || step.kind != GroupedMap::Kind::map || step.of_rows || shape.rank() < 2) continue;
            if (is_read[step.node.value] && !is_read_whole[step.node.value]) step.causal_rows = shape[shape.rank() - 2];
        }
}

} // namespace assay::exec
