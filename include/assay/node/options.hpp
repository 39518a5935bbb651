// What a node may be told, and what it tells: limits, measures and events. Spec: WIRE-6, WIRE-7.
#pragma once

#include <atomic>
#include <functional>
#include <map>

#include <assay/node/network.hpp>

namespace assay::node {

// Bounds on what peers can make a node hold and do. A peer is an identity, whatever number of connections it has.
struct Limits {
    std::size_t connections = 20'000;
    std::size_t connections_per_peer = 64;
    std::size_t handshakes = 256;                      // at a time; more wait in the system's queue
    std::size_t unanswered_per_connection = 1024;      // requests
    std::size_t held_bytes_per_connection = 16U << 20; // requests that are not answered, and answers that were not read
    std::size_t held_bytes = std::size_t{512} << 20;   // the same of all connections, with frames that are not finished
    std::uint64_t requests_per_second = 20'000;        // of a peer
    std::uint64_t chunk_bytes_per_peer = std::uint64_t{64} << 30;
    std::size_t queued_transactions = 65'536;               // of all peers together
    std::size_t recent_chunk_bytes = std::size_t{64} << 20; // of chunks that are held in memory, too
    std::uint32_t handshake_seconds = 10;
    std::uint32_t frame_seconds = 20;  // to finish a frame, and one more for every 64 KiB
    std::uint32_t write_seconds = 30;  // for an answer to make progress
    std::uint32_t idle_seconds = 3600; // without a request
};

enum class LogLevel : std::uint8_t { debug, info, warning, error };

// One line of a log: what happened, and its particulars by name.
struct LogEntry {
    LogLevel level = LogLevel::info;
    std::string event;
    std::vector<std::pair<std::string, std::string>> fields;
};
using Log = std::function<void(const LogEntry&)>; // called from any thread

// A distribution in powers of two.
class Histogram {
public:
    static constexpr std::size_t buckets = 24; // bucket i: below 2^i
    void add(std::uint64_t value);
    [[nodiscard]] std::uint64_t count(std::size_t bucket) const { return m_counts[bucket].load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t sum() const { return m_sum.load(std::memory_order_relaxed); }

private:
    std::array<std::atomic<std::uint64_t>, buckets> m_counts{};
    std::atomic<std::uint64_t> m_sum{0};
};

// Counters since the start, and gauges.
struct Metrics {
    std::atomic<std::uint64_t> connections_accepted{0}, connections_open{0}, connections_refused{0}, handshakes_failed{0};
    std::atomic<std::uint64_t> requests{0}, frames_refused{0}, deadlines_missed{0}, reading_paused{0};
    std::atomic<std::uint64_t> held_bytes{0}, connections_shed{0};
    std::atomic<std::uint64_t> bytes_received{0}, bytes_sent{0};
    std::atomic<std::uint64_t> transactions_applied{0}, transactions_refused{0}, signatures_refused{0};
    std::atomic<std::uint64_t> blocks{0}, height{0}, writes_failed{0};
    std::atomic<std::uint64_t> chunks_stored{0}, chunk_bytes_stored{0}, chunks_sent{0};
    Histogram block_transactions, acknowledge_microseconds;

    // In Prometheus's text format.
    [[nodiscard]] std::string to_text() const;
};

} // namespace assay::node
