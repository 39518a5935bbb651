// A fixed set of threads that share out the outputs of one operator at a time. Nothing of a block of a sum is ever shared out, so
// the number of threads cannot show in a result. Spec: spec/numerics.md, NUMERICS-20 and NUMERICS-22.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace assay::exec {

class ThreadPool {
public:
    // `threads` threads in all, the one that calls parallel_for among them. Requires: at least 1.
    // Throws std::system_error when the system has no more threads.
    explicit ThreadPool(std::size_t threads);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    [[nodiscard]] std::size_t threads() const { return m_workers.size() + 1; }

    // Calls body(begin, end, thread) on ranges of at most `grain` indices that make up [0, count), on all threads at once, each in the
    // floating-point environment of results. `thread` is below threads(), and no two calls at a time have the same. Each thread begins
    // with the same part of the indices whenever it is called with this count and grain, so that it finds in its caches what it left
    // there, and then helps the others. Returns when all is done. What a body throws first is thrown here, and ranges that no thread has begun are left out then. Allocates nothing.
    // Requires: grain at least 1; not called from a body, nor by two threads at a time.
    template <class Body>
    void parallel_for(std::size_t count, std::size_t grain, const Body& body)
    {
        const auto call = [](const void* context, std::size_t begin, std::size_t end, std::size_t thread) {
            (*static_cast<const Body*>(context))(begin, end, thread);
        };
        run({call, &body, count, grain});
    }

private:
    struct Job {
        void (*call)(const void*, std::size_t, std::size_t, std::size_t);
        const void* context;
        std::size_t count, grain;
    };

    // The indices that a thread begins with: the first that no thread has taken, and the end. On a cache line of its own.
    struct alignas(64) Share {
        std::atomic<std::size_t> next{0};
        std::size_t end = 0;
    };

    // What workers need to know to join a job, in one word: how many of them are in it, whether it is open, and its number, so that none
    // joins a job twice.
    using Door = std::uint64_t;
    static constexpr Door one_inside = 1, is_open = Door{1} << 32, next_number = Door{1} << 33;
    static Door inside(Door door) { return door & (is_open - 1); }
    static Door number(Door door) { return door / next_number; }

    ThreadPool() = default;
    void run(const Job& job);
    void share_out(const Job& job);
    void work_on(const Job& job, std::size_t thread);
    static void take_from(Share& share, const Job& job, std::size_t thread);
    void serve(std::size_t thread);
    void open(const Job& job);
    void close();
    bool join(Door& joined);
    bool wait_for_job(Door joined);

    const Job* m_job = nullptr; // read by those inside only
    alignas(64) std::atomic<Door> m_door{0};
    std::vector<Share> m_shares; // one of each thread
    alignas(64) std::atomic<std::size_t> m_sleepers{0};
    std::atomic<bool> m_ends{false};
    unsigned m_spins = 0; // looks at the door before a worker sleeps
    std::mutex m_mutex;
    std::condition_variable m_changed; // a job was opened, or the pool ends
    std::exception_ptr m_failure;
    std::vector<std::thread> m_workers;
};

} // namespace assay::exec
