// Workers look for the next job for a while before they sleep, because in a step one follows the other within microseconds, and waking a
// thread takes as long. Whoever comes when the job is closed stays out: a caller never waits for a thread that has not begun.
#include "exec/thread_pool.hpp"

#include <algorithm>
#include <utility>

#include <assay/base/check.hpp>
#include <assay/exec/floating_point_environment.hpp>

#include "exec/strict.hpp"

namespace assay::exec {

namespace {

constexpr unsigned spins_before_sleep = 4000; // some tens of microseconds

// Tells the processor that this is a loop that waits.
void pause()
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

} // namespace

// Delegates so that the destructor ends the threads already begun when a later one cannot be.
ThreadPool::ThreadPool(std::size_t threads) : ThreadPool()
{
    ASSAY_CHECK(threads >= 1);
    m_shares = std::vector<Share>(threads);
    // With more threads than processors, one that looks keeps one that works from working.
    m_spins = threads <= std::thread::hardware_concurrency() ? spins_before_sleep : 0;
    m_workers.reserve(threads - 1);
    for (std::size_t thread = 1; thread < threads; ++thread) m_workers.emplace_back([this, thread] { serve(thread); });
}

ThreadPool::~ThreadPool()
{
    {
        const std::lock_guard lock{m_mutex};
        m_ends.store(true);
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
    open(job);
    work_on(job, 0);
    close();
    if (m_failure) std::rethrow_exception(std::exchange(m_failure, nullptr));
}

void ThreadPool::open(const Job& job)
{
    const Door door = m_door.load(std::memory_order_relaxed);
    ASSAY_CHECK((door & is_open) == 0);
    m_job = &job;
    share_out(job);
    m_door.store((number(door) + 1) * next_number + is_open); // publishes the job
    if (m_sleepers.load() == 0) return;                       // who falls asleep from now on counts itself first, and then sees the door
    const std::lock_guard lock{m_mutex};
    m_changed.notify_all();
}

void ThreadPool::close()
{
    m_door.fetch_and(~is_open);
    for (unsigned spin = 0; inside(m_door.load(std::memory_order_acquire)) != 0; ++spin)
        if (spin < m_spins) pause();
        else std::this_thread::yield();
}

// Goes into the open job, unless it is the one that was joined last.
bool ThreadPool::join(Door& joined)
{
    Door door = m_door.load(std::memory_order_relaxed);
    do
        if ((door & is_open) == 0 || number(door) == joined) return false;
    while (!m_door.compare_exchange_weak(door, door + one_inside, std::memory_order_acquire, std::memory_order_relaxed));
    joined = number(door);
    return true;
}

// Returns: whether there may be a job to join; false when the pool ends.
bool ThreadPool::wait_for_job(Door joined)
{
    const auto is_changed = [&] {
        const Door door = m_door.load();
        return m_ends.load() || ((door & is_open) != 0 && number(door) != joined);
    };
    for (unsigned spin = 0; spin < m_spins && !is_changed(); ++spin) pause();
    if (!is_changed()) {
        std::unique_lock lock{m_mutex};
        m_sleepers.fetch_add(1);
        m_changed.wait(lock, is_changed);
        m_sleepers.fetch_sub(1);
    }
    return !m_ends.load();
}

void ThreadPool::share_out(const Job& job)
{
    const std::size_t ranges = (job.count + job.grain - 1) / job.grain, threads = m_shares.size();
    for (std::size_t thread = 0, begin = 0; thread < threads; ++thread) {
        const std::size_t end = begin + (ranges - begin / job.grain) / (threads - thread) * job.grain;
        m_shares[thread].next.store(begin, std::memory_order_relaxed);
        m_shares[thread].end = begin = std::min(end, job.count);
    }
}

void ThreadPool::take_from(Share& share, const Job& job, std::size_t thread)
{
    while (share.next.load(std::memory_order_relaxed) < share.end) {
        const std::size_t begin = share.next.fetch_add(job.grain, std::memory_order_relaxed);
        if (begin >= share.end) return;
        job.call(job.context, begin, std::min(begin + job.grain, share.end), thread);
    }
}

void ThreadPool::work_on(const Job& job, std::size_t thread)
{
    try {
        for (std::size_t i = 0; i < m_shares.size(); ++i) take_from(m_shares[(thread + i) % m_shares.size()], job, thread);
    } catch (...) {
        for (Share& share : m_shares) share.next.store(job.count, std::memory_order_relaxed);
        const std::lock_guard lock{m_mutex};
        if (!m_failure) m_failure = std::current_exception();
    }
}

void ThreadPool::serve(std::size_t thread)
{
    const FloatingPointEnvironment environment;
    Door joined = 0;
    while (wait_for_job(joined)) {
        if (!join(joined)) continue;
        work_on(*m_job, thread);
        m_door.fetch_sub(one_inside, std::memory_order_release);
    }
}

} // namespace assay::exec
