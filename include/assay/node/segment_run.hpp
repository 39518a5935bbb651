// Makes the steps of a segment one after another and commits to the state after each: how a solver trains and how a verifier replays.
// Spec: spec/node.md, PARTY-4; COMMIT-8.
#pragma once

#include <assay/replay/run_trace.hpp>

namespace assay::node {

// Can be put aside after any step. What has been computed is lost with the object: a party that is restarted begins the segment again.
class SegmentRun {
public:
    // Errors: those of the factory and of loading.
    static Result<SegmentRun> start(replay::Segment segment, const replay::ExecutorFactory& factory, replay::Deviation deviation = {});

    [[nodiscard]] bool is_done() const { return m_digests.size() == m_segment.steps; }
    [[nodiscard]] std::uint64_t steps_done() const { return m_digests.size(); }
    [[nodiscard]] std::uint64_t steps() const { return m_segment.steps; }
    // Requires: not is_done(). Errors: those of loading. Cost: a step, and one hash of the state.
    Status step();

    // The state after the last step that was made, at least one.
    [[nodiscard]] const std::vector<program::Tensor>& state() const { return m_state; }
    [[nodiscard]] const Digest& state_digest() const { return m_digests.back(); }
    // The segment's root. Requires: is_done().
    [[nodiscard]] Digest root() const;

private:
    SegmentRun(replay::Segment segment, std::unique_ptr<exec::Executor> executor, replay::Deviation deviation);

    replay::Segment m_segment;
    std::unique_ptr<exec::Executor> m_executor;
    replay::Deviation m_deviation;
    std::vector<program::Tensor> m_state;
    std::vector<Digest> m_digests;
};

} // namespace assay::node
