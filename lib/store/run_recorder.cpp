// One state is handed over while another is being stored: a trainer waits only when a checkpoint takes longer than an interval.
#include <assay/store/run_recorder.hpp>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <assay/commit/state_commitment.hpp>

namespace assay::store {

using program::Tensor;

struct RunRecorder::Work {
    ChunkStore& store;
    Digest task;
    std::vector<program::Declaration> declarations;
    commit::StateCommitment commitment;

    std::mutex mutex;
    std::condition_variable changed;
    std::optional<std::vector<Tensor>> next{}; // handed over, not begun
    bool busy = false;
    bool ends = false;
    std::vector<Digest> log{};
    Status status{};
    std::thread thread{};

    void serve()
    {
        std::unique_lock lock{mutex};
        while (true) {
            changed.wait(lock, [this] { return next.has_value() || ends; });
            if (!next) return;
            std::vector<Tensor> state = *std::exchange(next, std::nullopt);
            busy = true;
            changed.notify_all();
            if (status) {
                const std::uint64_t index = log.size();
                lock.unlock();
                const Digest digest = commitment.commit(std::move(state));
                Status stored = save_checkpoint(store, task, index, declarations, commitment);
                lock.lock();
                log.push_back(digest);
                status = std::move(stored);
            }
            busy = false;
            changed.notify_all();
        }
    }
};

RunRecorder::RunRecorder(ChunkStore& store, const Digest& task, std::vector<program::Declaration> declarations, hash::HashFunction function)
    : m_work(new Work{store, task, std::move(declarations), commit::StateCommitment{function}, {}, {}})
{
    m_work->thread = std::thread{[work = m_work.get()] { work->serve(); }};
}

RunRecorder::~RunRecorder()
{
    {
        const std::lock_guard lock{m_work->mutex};
        m_work->ends = true;
    }
    m_work->changed.notify_all();
    m_work->thread.join();
}

Status RunRecorder::record(std::vector<Tensor> state)
{
    std::unique_lock lock{m_work->mutex};
    m_work->changed.wait(lock, [this] { return !m_work->busy && !m_work->next; });
    if (!m_work->status) return m_work->status;
    m_work->next = std::move(state);
    m_work->changed.notify_all();
    return {};
}

Result<std::vector<Digest>> RunRecorder::finish()
{
    std::unique_lock lock{m_work->mutex};
    m_work->changed.wait(lock, [this] { return !m_work->busy && !m_work->next; });
    if (!m_work->status) return m_work->status.failure();
    return m_work->log;
}

} // namespace assay::store
