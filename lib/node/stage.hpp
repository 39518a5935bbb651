// One step of a pipeline: a thread that works through what it is given, in order, and a bounded queue before it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include <assay/base/result.hpp>

namespace assay::node {

template <class Item>
class Stage {
public:
    // Items that wait have at most `bytes_max` together, or there is one of them. The thread begins with the first.
    Stage(std::size_t bytes_max, std::function<Status(Item)> work) : m_bytes_max(bytes_max), m_work(std::move(work)) {}
    ~Stage() { static_cast<void>(end()); }
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    // Waits for room. Errors: those of the work, which does nothing more after the first.
    Status put(Item item, std::size_t bytes)
    {
        std::unique_lock lock{m_mutex};
        m_changed.wait(lock, [&] { return m_waiting.empty() || m_bytes + bytes <= m_bytes_max || !m_status; });
        if (!m_status) return m_status;
        m_waiting.push_back({std::move(item), bytes});
        m_bytes += bytes;
        if (!m_thread.joinable()) m_thread = std::thread([this] { run(); });
        lock.unlock();
        m_changed.notify_all();
        return {};
    }
    // Waits until everything is done. Errors: those of the work. Nothing is put afterwards.
    Status end()
    {
        {
            const std::lock_guard lock{m_mutex};
            m_ending = true;
        }
        m_changed.notify_all();
        if (m_thread.joinable()) m_thread.join();
        return m_status;
    }

private:
    struct Waiting {
        Item item;
        std::size_t bytes = 0;
    };

    void run()
    {
        std::unique_lock lock{m_mutex};
        for (;;) {
            m_changed.wait(lock, [&] { return m_ending || !m_waiting.empty(); });
            if (m_waiting.empty() || !m_status) return;
            Waiting next = std::move(m_waiting.front());
            m_waiting.pop_front();
            m_bytes -= next.bytes;
            lock.unlock();
            m_changed.notify_all();
            Status status = m_work(std::move(next.item));
            lock.lock();
            if (status) continue;
            m_status = std::move(status);
            m_changed.notify_all();
            return;
        }
    }

    const std::size_t m_bytes_max;
    const std::function<Status(Item)> m_work;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Waiting> m_waiting;
    std::size_t m_bytes = 0;
    bool m_ending = false;
    Status m_status;
    std::thread m_thread;
};

} // namespace assay::node
