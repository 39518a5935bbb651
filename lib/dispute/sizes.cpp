// The size of a move, from the place that it is made at.
#include "dispute/sizes.hpp"

#include <assay/commit/tensors.hpp>

#include "dispute/descent.hpp"

namespace assay::dispute {

namespace {

constexpr std::uint64_t record_bytes = 16;

std::uint64_t opened_operand_bytes(const commit::ProgramCommitment& program, const program::Operand& operand)
{
    return operand_bytes_max(program, commit::chunk_count(operand.type), commit::chunk_bytes(operand.type, 0));
}

std::uint64_t next_front_bytes(const GameState& state)
{
    const merkle::Range node = state.tree(state.layer).node;
    const unsigned levels = levels_below(state.terms, state.layer, node);
    const std::uint64_t size = merkle::front_size(node, levels);
    const std::uint64_t records = state.layer == Layer::element ? merkle::front_leaves(node, levels) : 0;
    return front_bytes(size - records, records);
}

std::uint64_t open_bytes_max(const GameState& state)
{
    const bool pinned = state.layer != Layer::state && state.layer != Layer::tensor;
    const std::uint64_t record = state.layer == Layer::element ? record_bytes : 0;
    return 32 + proof_bytes_max(pinned ? state.tree(state.layer).size : 1) + 1 + record + next_front_bytes(state);
}

// Of the challenger's move where it selects from a front: it selects, or it selects and proves.
std::uint64_t selection_bytes_max(const GameState& state)
{
    const commit::ProgramCommitment& program = state.statement.program;
    switch (state.layer) {
    case Layer::segment:
    case Layer::tensor: break;
    case Layer::step: return node_selection_bytes_max(program) + 1 + source_evidence_bytes_max(program, state.statement.steps);
    case Layer::state: return selection_bytes + 1 + output_evidence_bytes_max(program);
    case Layer::element:
        return selection_bytes + 1 + record_evidence_bytes_max(program, *state.descriptor, state.tree(Layer::element).size);
    }
    return selection_bytes;
}

} // namespace

std::uint64_t source_evidence_bytes_max(const commit::ProgramCommitment& program, std::uint64_t steps)
{
    return 1 + 32 + proof_bytes_max(steps) + 32 + 32 + proof_bytes_max(std::max(program.state_count, program.data_count));
}

std::uint64_t output_evidence_bytes_max(const commit::ProgramCommitment& program)
{
    return 4 + proof_bytes_max(program.output_count) + 32 + proof_bytes_max(std::uint64_t{program.node_count} + 1);
}

std::uint64_t operand_bytes_max(const commit::ProgramCommitment& program, std::uint64_t chunks, std::uint64_t chunk_bytes)
{
    return 32 + proof_bytes_max(std::uint64_t{program.node_count} + 1) + 4 + chunk_bytes + proof_bytes_max(chunks);
}

std::uint64_t element_evidence_bytes_max(const commit::ProgramCommitment& program, const program::Descriptor& node)
{
    // A scalar step reads each operand once; of a concatenation it reads one, of at most operands_max.
    std::uint64_t all = 0;
    std::uint64_t largest = 0;
    for (const program::Operand& operand : node.operands) {
        const std::uint64_t bytes = opened_operand_bytes(program, operand);
        all += bytes;
        largest = std::max(largest, bytes);
    }
    return 4 + (program::family_of(node.primitive) == program::Family::move ? largest : all);
}

std::uint64_t record_evidence_bytes_max(const commit::ProgramCommitment& program, const program::Descriptor& node, std::uint64_t records)
{
    std::uint64_t most = 1 + record_bytes + proof_bytes_max(records);
    for (const program::Operand& operand : node.operands) most = std::max(most, 1 + opened_operand_bytes(program, operand));
    return most;
}

std::uint64_t move_bytes_max(const GameState& state)
{
    ASSAY_CHECK(state.phase != Phase::settled);
    switch (state.phase) {
    case Phase::opening: return move_header_bytes + open_bytes_max(state);
    case Phase::revealing: return move_header_bytes + next_front_bytes(state);
    case Phase::revealing_chunk:
        return move_header_bytes + 4 + commit::chunk_bytes(state.descriptor->output, state.tree(Layer::tensor).node.begin);
    case Phase::selecting: return move_header_bytes + selection_bytes_max(state);
    case Phase::selecting_element:
    case Phase::settled: break;
    }
    return move_header_bytes + selection_bytes + 1 + element_evidence_bytes_max(state.statement.program, *state.descriptor);
}

Tick granted_time(const GameState& state)
{
    return granted_time(state, move_bytes_max(state));
}

Tick granted_time(const GameState& state, std::uint64_t bytes_max)
{
    // At most a few megabytes, so that nothing wraps.
    const std::uint64_t bytes = state.received_bytes + bytes_max;
    return {state.terms.latency.value + (bytes + state.terms.bytes_per_tick - 1) / state.terms.bytes_per_tick};
}

} // namespace assay::dispute
