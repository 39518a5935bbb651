// What the traces of one synthetic task share: the trees of its honest run, and of the runs that are false from some step on.
#pragma once

#include <map>

#include <assay/commit/tensors.hpp>

#include "sim/pattern.hpp"
#include "sim/regular_tree.hpp"

namespace assay::sim {

struct SyntheticTask::Parts {
    SyntheticSizes sizes;
    hash::HashFunction function;
    commit::CommittedProgram committed;
    Values values;
    RegularTree segment;
    RegularTree data;
    std::vector<std::unique_ptr<RegularTree>> states;   // by counter
    std::vector<std::unique_ptr<RegularTree>> steps;    // by the counter before the step
    std::vector<std::unique_ptr<RegularTree>> tensors;  // by counter before the step and kind
    std::vector<std::unique_ptr<RegularTree>> elements; // the same
    std::vector<std::optional<Digest>> digests;         // of node outputs, the same
    std::vector<std::optional<Digest>> state_digests;   // by counter
    std::vector<std::array<Bytes, 4>> chunks;           // the same
    // What a run looks like from its first false state on, by the tensor that is false.
    struct FalseRun {
        std::unique_ptr<RegularTree> segment;
        std::optional<Seams> seams; // from the honest segment to that one
        std::vector<std::unique_ptr<PatchedTree>> states;
        std::vector<std::optional<Digest>> digests;
        std::vector<std::unique_ptr<RegularTree>> steps;
    };
    std::map<std::uint32_t, FalseRun> false_runs; // by output

    Parts(const SyntheticSizes& all, hash::HashFunction hash_function, program::Program program);
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    [[nodiscard]] std::uint32_t before(std::uint64_t step) const { return static_cast<std::uint32_t>(step % sizes.period); }
    [[nodiscard]] std::uint32_t after(std::uint64_t step) const { return static_cast<std::uint32_t>((step + 1) % sizes.period); }
    [[nodiscard]] std::size_t slot(std::uint32_t counter, std::uint32_t kind) const { return std::size_t{counter} * 2 * head + kind; }

    Digest state_tensor(std::uint32_t counter) { return node_digest(counter, 0); }
    Digest state(std::uint32_t counter);
    // The tensor that stands in a false state in place of the true one.
    Digest false_tensor(std::uint32_t counter);
    Digest false_state(std::uint32_t counter, std::uint32_t output);
    Digest data_tensor(std::uint64_t index) { return node_digest(0, static_cast<std::uint32_t>(2 + index)); }
    Digest node_digest(std::uint32_t counter, std::uint32_t kind);
    const Bytes& chunk(std::uint32_t counter, std::uint32_t kind, std::uint64_t index);

    RegularTree& state_tree(std::uint32_t counter);
    RegularTree& step_tree(std::uint32_t counter);
    RegularTree& tensor_tree(std::uint32_t counter, std::uint32_t kind);
    RegularTree& element_tree(std::uint32_t counter, std::uint32_t kind);
    FalseRun& false_run(std::uint32_t output);
    PatchedTree& false_state_tree(std::uint32_t counter, std::uint32_t output);
    RegularTree& false_step_tree(std::uint32_t counter, std::uint32_t output);

private:
    std::unique_ptr<RegularTree> make_step_tree(std::uint32_t counter, std::function<Digest()> state_after);
};

} // namespace assay::sim
