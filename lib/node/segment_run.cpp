// Spec: PARTY-4.
#include <assay/node/segment_run.hpp>

#include <assay/commit/tensors.hpp>
#include <assay/hash/openssl.hpp>

namespace assay::node {

using program::Tensor;

SegmentRun::SegmentRun(replay::Segment segment, std::unique_ptr<exec::Executor> executor, replay::Deviation deviation)
    : m_segment(std::move(segment)), m_executor(std::move(executor)), m_deviation(std::move(deviation)), m_state(m_segment.before)
{
}

Result<SegmentRun> SegmentRun::start(replay::Segment segment, const replay::ExecutorFactory& factory, replay::Deviation deviation)
{
    ASSAY_TRY_ASSIGN(std::unique_ptr<exec::Executor> executor, factory());
    ASSAY_TRY(executor->load(segment.before));
    return SegmentRun{std::move(segment), std::move(executor), std::move(deviation)};
}

Status SegmentRun::step()
{
    ASSAY_CHECK(!is_done());
    const std::uint64_t step = steps_done();
    if (m_deviation.node) {
        ASSAY_TRY(m_executor->traced_step([&](program::NodeIndex node, Tensor& output) { return m_deviation.node(step, node, output); }));
    } else {
        m_executor->step();
    }
    std::vector<Tensor> after = m_executor->outputs();
    if (m_deviation.state) {
        m_deviation.state(step, m_state, after);
        ASSAY_TRY(m_executor->load(after));
    }
    m_state = std::move(after);
    m_digests.push_back(commit::state_digest(std::span<const Tensor>{m_state}, hash::sha256_openssl));
    return {};
}

Digest SegmentRun::root() const
{
    ASSAY_CHECK(is_done());
    return commit::digest_tree(m_digests, hash::sha256_openssl).root();
}

} // namespace assay::node
