// How many bytes the parts of moves take when they are encoded. Private to the module: the game sizes deadlines with it, and the bounds
// add it up. Spec: spec/dispute.md, DISPUTE-26.
#pragma once

#include <assay/dispute/game.hpp>

namespace assay::dispute {

inline constexpr std::uint64_t move_header_bytes = 32 + 4 + 32 + 1;

// The longest inclusion proof in a tree of `size` leaves; none where a tree may be empty.
inline std::uint64_t proof_bytes_max(std::uint64_t size)
{
    return 4 + (size == 0 ? 0 : 32 * std::uint64_t{merkle::height(size)});
}

// A front whose entries are `digests` digests and `records` records.
constexpr std::uint64_t front_bytes(std::uint64_t digests, std::uint64_t records)
{
    return 4 + 32 * digests + 4 + 16 * records;
}

// A selection that opens no descriptor, and one that does.
inline constexpr std::uint64_t selection_bytes = 4 + 1;
inline std::uint64_t node_selection_bytes_max(const commit::ProgramCommitment& program)
{
    return selection_bytes + program::descriptor_bytes_max + proof_bytes_max(program.node_count);
}

// Each kind of evidence, without the selection.
std::uint64_t source_evidence_bytes_max(const commit::ProgramCommitment& program, std::uint64_t steps);
std::uint64_t output_evidence_bytes_max(const commit::ProgramCommitment& program);
std::uint64_t operand_bytes_max(const commit::ProgramCommitment& program, std::uint64_t chunks, std::uint64_t chunk_bytes);
// About an element with one scalar step, or a record of an element with several.
std::uint64_t element_evidence_bytes_max(const commit::ProgramCommitment& program, const program::Descriptor& node);
std::uint64_t record_evidence_bytes_max(const commit::ProgramCommitment& program, const program::Descriptor& node, std::uint64_t records);

// granted_time where move_bytes_max is known.
Tick granted_time(const GameState& state, std::uint64_t bytes_max);

} // namespace assay::dispute
