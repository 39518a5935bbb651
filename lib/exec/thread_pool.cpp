// Workers sleep until a job is opened, and join it if it still is when they wake: a caller never waits for a thread that has not begun.
#include "exec/thread_pool.hpp"

#include <algorithm>
#include <utility>

#include <assay/base/check.hpp>
#include <assay/exec/floating_point_environment.hpp>

#include "exec/strict.hpp"

namespace assay::exec {

// Delegates so that the destructor ends the threads already begun when a later one cannot be.
ThreadPool::ThreadPool(std::size_t threads) : ThreadPool()
{
    ASSAY_CHECK(threads >= 1);
    m_workers.reserve(threads - 1);
    for (std::size_t thread = 1; thread < threads; ++thread) m_workers.emplace_back([this, thread] { serve(thread); });
}

ThreadPool::~ThreadPool()
{
    {
        const std::lock_guard lock{m_mutex};
        m_ends = true;
    }
    m_changed.notify_all();
    for (std::thread& worker : m_workers) worker.join();
}

void ThreadPool::run(const Job& job)
{
    ASSAY_CHECK(job.grain >= 1);
    const FloatingPointEnvironment environment;
    if (m_workers.empty() || job.count <= job.grain) {
        for (std::size_t begin = 0; begin < job.count; begin += job.grain)
            job.call(job.context, begin, std::min(begin + job.grain, job.count), 0);
        return;
    }
    m_next.store(0, std::memory_order_relaxed);
    {
        const std::lock_guard lock{m_mutex};
        ASSAY_CHECK(m_job == nullptr);
        m_job = &job;
        ++m_generation;
    }
    m_changed.notify_all();
    work_on(job, 0);
    std::unique_lock lock{m_mutex};
    m_job = nullptr;
    m_left.wait(lock, [this] { return m_inside == 0; });
    if (m_failure) std::rethrow_exception(std::exchange(m_failure, nullptr));
}

void ThreadPool::work_on(const Job& job, std::size_t thread)
{
    try {
        for (;;) {
            const std::size_t begin = m_next.fetch_add(job.grain, std::memory_order_relaxed);
            if (begin >= job.count) return;
            job.call(job.context, begin, std::min(begin + job.grain, job.count), thread);
        }
    } catch (...) {
        m_next.store(job.count, std::memory_order_relaxed);
        const std::lock_guard lock{m_mutex};
        if (!m_failure) m_failure = std::current_exception();
    }
}

void ThreadPool::serve(std::size_t thread)
{
    const FloatingPointEnvironment environment;
    std::size_t joined = 0;
    std::unique_lock lock{m_mutex};
    for (;;) {
        m_changed.wait(lock, [&] { return m_ends || (m_job != nullptr && m_generation != joined); });
        if (m_ends) return;
        const Job& job = *m_job;
        joined = m_generation;
        ++m_inside;
        lock.unlock();
        work_on(job, thread);
        lock.lock();
        if (--m_inside == 0) m_left.notify_one();
    }
}

} // namespace assay::exec
