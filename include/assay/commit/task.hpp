// A training task and the log of its run. Spec: spec/commitments.md, COMMIT-10 and COMMIT-11.
#pragma once

#include <assay/commit/program_commitment.hpp>
#include <assay/merkle/compact.hpp>

namespace assay::commit {

// Everything that the result of a run depends on.
struct Task {
    Digest program;  // the program's identity
    Digest data;     // state_digest of the data set
    std::uint64_t seed = 0;
    std::uint64_t steps = 0;
    std::uint64_t interval = 0; // steps from one checkpoint to the next; the last segment is shorter where it does not divide
    Digest initial;  // state_digest of the first state

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.program, self.data, self.seed, self.steps, self.interval, self.initial);
    }
    friend bool operator==(const Task&, const Task&) = default;
};

// The task's identity. Spec: COMMIT-10.
Digest digest_of(const Task& task);

// How many segments a run of the task has, and how many steps are in one of them. Requires: interval at least 1; segment below the count.
std::uint64_t segment_count(const Task& task);
std::uint64_t segment_steps(const Task& task, std::uint64_t segment);

// Adds the next checkpoint to a run's log, whose leaf i is the digest of the state after segment i - 1, and leaf 0 the task's initial
// state. Spec: COMMIT-11.
void append_checkpoint(merkle::CompactRange& log, const Digest& state);

} // namespace assay::commit
