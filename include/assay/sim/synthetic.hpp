// Runs of any size that nobody computed: up to 2^40 steps of programs of 2^20 nodes over tensors of 2^40 elements that are sums of 2^31
// terms. Disputes about them are played through the real game and judged by the real referee, because the program is a valid one and
// every commitment is what replaying it would give. Library: assay::testing. Spec: spec/dispute.md, DISPUTE-21.
//
// The program counts: its state is a counter that starts again after `period` steps, and every tensor of a step is a pattern of 1,024
// elements, repeated. So a run has few different steps, a step few different nodes, a node few different chunks, and a sum few different
// records, and the hash of any node of any tree is found with a logarithmic number of hashes, once.
#pragma once

#include <memory>

#include <assay/dispute/trace.hpp>
#include <assay/replay/run_trace.hpp>

namespace assay::sim {

class PatchedTree;

struct SyntheticSizes {
    std::uint64_t steps = 1;       // of the disputed segment, 1 to 2^40
    std::uint32_t nodes = 32;      // of the program, 16 to 2^20
    std::uint64_t elements = 1024; // of its large tensors: 1 to 1,024, or a multiple of 1,024 up to 2^40
    std::uint32_t terms = 64;      // of its sums: 1 to 1,024, or a multiple of 1,024 up to 2^31
    std::uint32_t states = 3;      // tensors of the state, 1 to 2^20
    std::uint32_t period = 16;     // steps after which the state is the first one again: a power of two up to 64
};

// Where a trace departs from the truth. The state after `step`, and all that follow it, are always false, so that there is something to
// dispute; `where` says what the first wrong commitment inside of the step is.
struct Lie {
    enum class Where : std::uint8_t {
        nothing, // the truth
        output,  // the state is not made of the step's outputs
        node,    // element `element` of node `node`
        record,  // `part` of record `record` of that element (0 to 2: an input, 3: the result), and so the element
    };
    Where where = Where::nothing;
    std::uint64_t step = 0;
    std::uint32_t output = 0; // the tensor of the state that is false
    std::uint32_t node = 0;
    std::uint64_t element = 0;
    std::uint64_t record = 0;
    std::uint8_t part = 3;
    friend bool operator==(const Lie&, const Lie&) = default;
};
constexpr std::uint8_t enumerator_limit(Lie::Where)
{
    return 4;
}

// The program, and everything about its honest run that traces share. One thread may use it, and all traces of it, at a time.
class SyntheticTask {
public:
    // Errors: invalid_statement where a size is not one of those above, and those of Program::from_parts.
    static Result<std::shared_ptr<SyntheticTask>> make(const SyntheticSizes& sizes, hash::HashFunction function = hash::sha256);
    ~SyntheticTask();

    [[nodiscard]] const SyntheticSizes& sizes() const;
    [[nodiscard]] const commit::CommittedProgram& program() const;
    // How many elements a node has, and how many scalar steps are behind each. Requires: a node of the program.
    [[nodiscard]] std::uint64_t elements_of(std::uint32_t node) const;
    [[nodiscard]] std::uint64_t records_of(std::uint32_t node) const;

    // The same run for replay, to compare with: only for sizes that fit into memory.
    [[nodiscard]] replay::Segment segment() const;

    struct Parts; // the caches behind; not for users
    [[nodiscard]] Parts& parts() const { return *m_parts; }

private:
    explicit SyntheticTask(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> m_parts;
};

class SyntheticTrace final : public dispute::Trace {
public:
    // Requires: a lie about what the task has.
    explicit SyntheticTrace(std::shared_ptr<SyntheticTask> task, Lie lie = {});
    ~SyntheticTrace() override;
    SyntheticTrace(SyntheticTrace&&) noexcept;

    Result<Digest> hash(const dispute::TreeAddress& tree, merkle::Range node) override;
    Status hashes(const dispute::TreeAddress& tree, const merkle::FrontRow& row, std::span<Digest> hashes) override;
    Result<Bytes> leaf(const dispute::TreeAddress& tree, std::uint64_t index) override;
    Result<Digest> digest(const dispute::TreeAddress& tree, std::uint64_t index) override;
    [[nodiscard]] const commit::CommittedProgram& program() const override { return m_task->program(); }

    // What this run claims.
    [[nodiscard]] dispute::Statement statement(const Digest& task, std::uint64_t segment_index) const;

private:
    struct Patches;
    [[nodiscard]] bool is_false_after(std::uint64_t step) const;
    [[nodiscard]] bool is_false_node(const dispute::TreeAddress& tree) const;
    [[nodiscard]] std::uint64_t size_of(const dispute::TreeAddress& tree) const;
    [[nodiscard]] std::uint32_t false_element() const;
    [[nodiscard]] Digest state_after(std::uint64_t step) const;
    [[nodiscard]] Digest state_tensor(std::uint32_t counter, bool is_false, std::uint64_t index) const;
    const Bytes& false_chunk();
    const Digest& false_node_digest();
    program::StepRecord record(std::uint64_t index);
    PatchedTree& false_segment_tree();
    PatchedTree& false_step_tree();
    PatchedTree& false_tensor_tree();
    PatchedTree& false_element_tree();
    template <class Use>
    auto with_tree(const dispute::TreeAddress& tree, Use use);

    std::shared_ptr<SyntheticTask> m_task;
    Lie m_lie;
    std::unique_ptr<Patches> m_patches;
};

} // namespace assay::sim
