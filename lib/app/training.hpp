// The solver's side of the demonstration: a task, its run, and what was committed on the way.
#pragma once

#include <assay/commit/task.hpp>
#include <assay/exec/parallel_hasher.hpp>
#include <assay/replay/run_trace.hpp>
#include <assay/store/chunk_store.hpp>

#include "app/problem.hpp"

namespace assay::app {

// What all parties know of a task.
struct Setting {
    commit::Task task;
    std::shared_ptr<const commit::CommittedProgram> program;
    exec::DataSet data;
    std::vector<program::Tensor> initial;
    std::shared_ptr<const exec::ParallelHasher> hasher; // of this many threads
    unsigned threads = 1;

    [[nodiscard]] replay::ExecutorFactory factory() const;
    // A party's trace of one segment, from its checkpoint. Requires: the setting outlives it.
    [[nodiscard]] replay::RunTrace trace(std::uint64_t segment, std::vector<program::Tensor> checkpoint,
                                         replay::Deviation deviation = {}) const;
};

Setting make_setting(const program::Program& program, exec::DataSet data, std::vector<program::Tensor> initial, std::uint64_t seed,
                     std::uint64_t steps, std::uint64_t interval, unsigned threads);

// The outputs of one pass from `states`. Errors: those of executors.
Result<std::vector<program::Tensor>> run_once(const program::Program& program, exec::DataSet data, std::span<const program::Tensor> states,
                                              std::uint64_t seed, unsigned threads);

struct Run {
    std::vector<double> losses;          // after each step
    std::vector<Digest> log;             // the digest of every checkpoint, the initial one first
    std::vector<program::Tensor> result; // the last state
    double seconds = 0;
};

// Trains with a progress bar, and stores a checkpoint after every interval. Errors: those of executors and of storage.
Result<Run> train(const Setting& setting, store::ChunkStore& checkpoints);

struct Evaluation {
    double loss = 0;     // mean over all predictions
    double accuracy = 0; // share of predictions whose largest logit is the target's
};

// The model of `state` on everything that was held out.
Result<Evaluation> evaluate(const Problem& problem, std::span<const program::Tensor> state, unsigned threads);

} // namespace assay::app
