// Tasks and logs.
#include <assay/commit/task.hpp>

namespace assay::commit {

Digest digest_of(const Task& task)
{
    return hash::tagged_digest("assay.task", task);
}

std::uint64_t segment_count(const Task& task)
{
    ASSAY_CHECK(task.interval > 0);
    return task.steps / task.interval + (task.steps % task.interval != 0 ? 1 : 0);
}

std::uint64_t segment_steps(const Task& task, std::uint64_t segment)
{
    ASSAY_CHECK(segment < segment_count(task));
    return std::min(task.interval, task.steps - segment * task.interval);
}

void append_checkpoint(merkle::CompactRange& log, const Digest& state)
{
    log.append(merkle::leaf_hash(view_of(state)));
}

} // namespace assay::commit
