// A trainer waits for hashing, and for storing only when that takes longer than an interval. Hashing on a thread of its own took twice its time
// from training that uses every processor: while it has one, the others wait for the thread that it took the place of.
#include <assay/store/run_recorder.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include <assay/commit/state_commitment.hpp>

namespace assay::store {

using program::Tensor;

struct RunRecorder::Work {
    ChunkStore& store;
    Digest task;
    std::vector<program::Declaration> declarations;
    commit::StateCommitment commitment; // the caller's while nothing is to be stored

    std::mutex mutex;
    std::condition_variable changed;
    bool is_to_store = false;
    bool ends = false;
    std::vector<Digest> log{};
    Status status{};
    std::thread thread{};

    void serve()
    {
        std::unique_lock lock{mutex};
        while (true) {
            changed.wait(lock, [this] { return is_to_store || ends; });
            if (!is_to_store) return;
            const std::uint64_t index = log.size() - 1;
            lock.unlock();
            Status stored = save_checkpoint(store, task, index, declarations, commitment);
            lock.lock();
            status = std::move(stored);
            is_to_store = false;
            changed.notify_all();
        }
    }
    void wait(std::unique_lock<std::mutex>& lock)
    {
        changed.wait(lock, [this] { return !is_to_store; });
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

Status RunRecorder::record(std::vector<Tensor>& state)
{
    std::unique_lock lock{m_work->mutex};
    m_work->wait(lock);
    if (!m_work->status) return m_work->status;
    m_work->log.push_back(m_work->commitment.commit(state));
    m_work->is_to_store = true;
    m_work->changed.notify_all();
    return {};
}

Result<std::vector<Digest>> RunRecorder::finish()
{
    std::unique_lock lock{m_work->mutex};
    m_work->wait(lock);
    if (!m_work->status) return m_work->status.failure();
    return m_work->log;
}

} // namespace assay::store
