#include "sim/tiny_run.hpp"

#include <assay/hash/openssl.hpp>

namespace assay::sim {

namespace {

constexpr std::uint32_t period = 64;
constexpr program::NodeIndex next_counter{8}; // of the synthetic program: what the next state is made of

std::uint32_t counter_of(const program::Tensor& state)
{
    return state.element(0);
}

replay::Deviation deviation_of(Work work)
{
    replay::Deviation deviation;
    if (work == Work::skipped)
        deviation.state = [](std::uint64_t, std::span<const program::Tensor> before, std::vector<program::Tensor>& after) {
            after.assign(before.begin(), before.end());
        };
    if (work == Work::poisoned || work == Work::lost)
        deviation.node = [](std::uint64_t step, program::NodeIndex node, program::Tensor& output) {
            if (step + 1 != TinyRun::interval || node.value != next_counter.value) return false;
            output.set_element(0, (output.element(0) + 1) % period);
            return true;
        };
    if (work == Work::lost)
        deviation.state = [](std::uint64_t step, std::span<const program::Tensor>, std::vector<program::Tensor>& after) {
            if (step + 1 == TinyRun::interval) after[0].set_element(0, (after[0].element(0) + period - 1) % period);
        };
    return deviation;
}

} // namespace

TinyRun::TinyRun()
{
    const SyntheticSizes sizes{interval, 16, 1, 1, 1, period};
    const replay::Segment first = SyntheticTask::make(sizes, hash::sha256_openssl).value()->segment();
    m_program = first.program;
    m_data = first.data;
    m_seed = first.seed;
    const auto trace = make_trace(0, Work::honest);
    const auto statement = trace->statement({}, 0).value();
    m_initial = statement.before;
    m_data_digest = statement.data;
    m_counters.emplace(m_initial, 0);
}

commit::Task TinyRun::task(std::uint64_t segments) const
{
    return {commit::digest_of(m_program->commitment()), m_data_digest, m_seed, segments * interval, interval, m_initial};
}

std::unique_ptr<replay::RunTrace> TinyRun::make_trace(std::uint32_t counter, Work work) const
{
    program::Tensor state{program::TensorType{program::DataType::unsigned32, program::Shape{1}}};
    state.set_element(0, counter);
    const auto factory = [program = m_program, data = m_data, seed = m_seed] {
        return exec::make_interpreter(program->program(), data, seed);
    };
    return std::make_unique<replay::RunTrace>(replay::Segment{m_program, m_data, m_seed, {std::move(state)}, interval}, factory,
                                              deviation_of(work), hash::sha256_openssl);
}

TinyRun::Made& TinyRun::made(const Digest& before, Work work)
{
    Made& made = m_made[{before, work}];
    if (made.trace) return made;
    made.trace = make_trace(m_counters.at(before), work);
    made.segment.after = made.trace->after().value();
    made.segment.root = made.trace->hash({dispute::TreeAddress::Kind::segment, 0, {}, 0}, {0, interval}).value();
    m_counters.emplace(made.segment.after, counter_of(made.trace->final_state().value().front()));
    return made;
}

} // namespace assay::sim
