// Checkpoints of runs in a chunk store: the state's tensors cut into the chunks of their commitments, so that what two checkpoints have in
// common is stored once, and whatever is read back is checked against the digests that were committed. Spec: STORE-9 to STORE-12, STORE-18.
#pragma once

#include <assay/commit/state_commitment.hpp>
#include <assay/program/program.hpp>
#include <assay/store/chunk_store.hpp>

namespace assay::store {

// Digests of chunks that one page holds. Spec: STORE-9.
inline constexpr std::uint64_t page_digests_max = 4096;

// Stores the state after segment `index` - 1 of the task's run; index 0 is the state that the run begins with. A crash or a failure
// leaves the checkpoint that was there before under this index, or none. Requires: as many declarations as tensors, of their types.
// Errors: storage_failed, naming the checkpoint. Cost: one pass of hashing, and a few disk synchronisations for every 256 MiB.
Status save_checkpoint(ChunkStore& store, const Digest& task, std::uint64_t index, std::span<const program::Declaration> declarations,
                       std::span<const program::Tensor> state);

// The same of a state that was committed to, without hashing it again; chunks that it has in common with the state committed to before are
// not written again. Requires: the store has these. Spec: STORE-18.
Status save_checkpoint(ChunkStore& store, const Digest& task, std::uint64_t index, std::span<const program::Declaration> declarations,
                       const commit::StateCommitment& state);

// Reads it back; every chunk is checked. Errors: not_available where there is no such checkpoint; chunk_missing, chunk_damaged,
// storage_failed, and what decoding refuses. All name the checkpoint, and the tensor and chunk as far as they are known.
Result<std::vector<program::Tensor>> load_checkpoint(const ChunkStore& store, const Digest& task, std::uint64_t index);

// The state of a checkpoint without its name: the chunk that lists its tensors. Returns: the list's address. Requires and Errors: as
// save_checkpoint. Spec: STORE-9, STORE-10.
Result<Digest> save_list(ChunkStore& store, std::span<const program::Declaration> declarations, std::span<const program::Tensor> state);
// Errors: as load_checkpoint.
Result<std::vector<program::Tensor>> load_list(const ChunkStore& store, const Digest& list);
// One of its tensors, by its place among them. Errors: as load_checkpoint; index_out_of_range; wrong_type where it is listed as another type.
Result<program::Tensor> load_tensor(const ChunkStore& store, const Digest& list, std::size_t place, const program::TensorType& type);
// The address of a checkpoint's list. Errors: not_available.
Result<Digest> list_of_checkpoint(const ChunkStore& store, const Digest& task, std::uint64_t index);

// A list names at most this many chunks, 4 GiB of state: whoever reads a stranger's list does so in bounded time.
inline constexpr std::uint64_t listed_chunks_max = std::uint64_t{1} << 22;

// What a list and its pages say, without the chunks.
struct ListedState {
    std::vector<program::Declaration> tensors;
    std::vector<Digest> chunks; // of all tensors, in order
    Digest state;               // the digest of what is listed
};
// Reads list and pages. Errors: as load_checkpoint; limit_exceeded above listed_chunks_max.
Result<ListedState> read_list(const ChunkStore& store, const Digest& list);

// The pages that a list names, so that they can be fetched. Errors: what decoding refuses; state_mismatch where its tensors are not of the
// types that are declared; limit_exceeded as above.
Result<std::vector<Digest>> pages_of_list(ByteView list, std::span<const program::Declaration> declarations);
// The names and types of its tensors. Errors: what decoding refuses; limit_exceeded as above.
Result<std::vector<program::Declaration>> declarations_of_list(ByteView list);

// The indices of the checkpoints that there are, ascending. Errors: storage_failed.
Result<std::vector<std::uint64_t>> list_checkpoints(const ChunkStore& store, const Digest& task);

// The tasks of all runs that have checkpoints here, in the order of their digests. Errors: storage_failed.
Result<std::vector<Digest>> list_runs(const ChunkStore& store);

} // namespace assay::store
