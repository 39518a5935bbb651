// A dispute's trace made by replaying the disputed segment. Spec: spec/dispute.md, DISPUTE-21.
//
// The segment is replayed once, when the first question comes; a step is traced, with all of its nodes' outputs, when a question
// reaches it. Both are kept: the states after every step, and the outputs of the step that was asked for last.
#pragma once

#include <assay/dispute/trace.hpp>
#include <assay/exec/executor.hpp>

namespace assay::replay {

// How a cheat departs from the program. Everything that follows from a change follows honestly; what is empty changes nothing.
struct Deviation {
    // Changes the output of a node in a step; returns whether it did.
    std::function<bool(std::uint64_t step, program::NodeIndex node, program::Tensor& output)> node;
    // Changes the state after a step.
    std::function<void(std::uint64_t step, std::span<const program::Tensor> before, std::vector<program::Tensor>& after)> state;
    // Changes the records of an element, before the last one is made to end in the committed element.
    std::function<void(std::uint64_t step, program::NodeIndex node, std::uint64_t element, std::vector<program::StepRecord>& records)> records;
};

// Makes the executor that replays. Errors are passed on to whoever asks the trace.
using ExecutorFactory = std::function<Result<std::unique_ptr<exec::Executor>>()>;

struct Segment {
    std::shared_ptr<const commit::CommittedProgram> program;
    exec::DataSet data;
    std::uint64_t seed = 0;
    std::vector<program::Tensor> before; // the state that the segment starts from
    std::uint64_t steps = 1;             // more than one only for an iterable program
};

// One thread may use it at a time. Memory: the states after all steps, and one step's node outputs.
class RunTrace final : public dispute::Trace {
public:
    // Requires: a program in `segment`, and a segment whose steps its program can make.
    RunTrace(Segment segment, ExecutorFactory factory, Deviation deviation = {}, hash::HashFunction function = hash::sha256);

    Result<Digest> hash(const dispute::TreeAddress& tree, merkle::Range node) override;
    Result<Bytes> leaf(const dispute::TreeAddress& tree, std::uint64_t index) override;
    [[nodiscard]] const commit::CommittedProgram& program() const override { return *m_segment.program; }

    // The digest of the state before the segment, and after its last step. Errors: those of the factory and of loading.
    [[nodiscard]] Digest before() const;
    Result<Digest> after();

    // What this run claims, as a dispute's statement. Errors: as after().
    Result<dispute::Statement> statement(const Digest& task, std::uint64_t segment_index);

    // The state after the segment. Errors: as after().
    Result<std::vector<program::Tensor>> final_state();

private:
    struct State {
        std::vector<program::Tensor> tensors;
        std::vector<Digest> digests;
        merkle::Tree tree;
    };
    struct TracedStep {
        std::uint64_t step = 0;
        std::vector<program::Tensor> outputs;
        std::vector<std::optional<merkle::Tree>> chunks;
        std::vector<Digest> digests; // of the outputs, then of the state
        merkle::Tree tree;
    };
    struct ElementRecords {
        dispute::TreeAddress address;
        std::vector<program::StepRecord> records;
        merkle::Tree tree;
    };

    [[nodiscard]] State commit_state(std::vector<program::Tensor> tensors) const;
    Status replay();
    Status trace(std::uint64_t step);
    Status evaluate(const dispute::TreeAddress& address);
    // Makes what `address` asks for; afterwards its tree is there.
    Result<const merkle::Tree*> tree_of(const dispute::TreeAddress& address);
    [[nodiscard]] const State& state_before(std::uint64_t step) const { return step == 0 ? m_before : m_after[step - 1]; }
    const merkle::Tree& chunks_of(program::NodeIndex node);

    Segment m_segment;
    ExecutorFactory m_factory;
    Deviation m_deviation;
    hash::HashFunction m_function;
    State m_before;
    State m_data;
    std::unique_ptr<exec::Executor> m_executor;
    std::vector<State> m_after;
    std::vector<Digest> m_state_digests;
    merkle::Tree m_segment_tree;
    std::optional<TracedStep> m_step;
    std::optional<ElementRecords> m_element;
};

} // namespace assay::replay
