// Commits to a run's checkpoints, and stores them beside the training: on a thread of its own, and only what changed. Spec: STORE-18.
#pragma once

#include <memory>

#include <assay/store/checkpoints.hpp>

namespace assay::store {

// One thread may use it at a time. Memory: two states beside the trainer's.
class RunRecorder {
public:
    // The store must outlive it. Chunks are hashed by `function`, while the caller waits: let it have as many threads as the training, which
    // has none to give beside a step.
    RunRecorder(ChunkStore& store, const Digest& task, std::vector<program::Declaration> declarations, hash::HashFunction function);
    // Waits until what was handed over is stored, or has failed.
    ~RunRecorder();
    RunRecorder(const RunRecorder&) = delete;
    RunRecorder& operator=(const RunRecorder&) = delete;

    // Commits to the next checkpoint's state, the initial one first, and hands it over to be stored; waits for the one before it to be.
    // Leaves the state before in its place, so that its memory can serve again: see Executor::read_outputs.
    // Requires: as many tensors as declarations, of their types. Errors: those of save_checkpoint for an earlier checkpoint; nothing is
    // stored after a failure, so that no checkpoint names a chunk that is not there.
    Status record(std::vector<program::Tensor>& state);

    // Waits, and returns the digests of all checkpoints in order: the run's log (COMMIT-11). Errors: as above.
    Result<std::vector<Digest>> finish();

private:
    struct Work;
    std::unique_ptr<Work> m_work;
};

} // namespace assay::store
