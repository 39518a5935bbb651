// What a peer, an identity with any number of connections, has used up of its limits. Spec: WIRE-6.
#pragma once

#include <chrono>
#include <map>
#include <mutex>

#include <assay/node/options.hpp>

namespace assay::node {

using TimePoint = std::chrono::steady_clock::time_point;

// Requests that a peer may still make. Costs above what is there make a debt that is waited for.
class TokenBucket {
public:
    TokenBucket(std::uint64_t per_second, TimePoint now) : m_rate(static_cast<double>(per_second)), m_tokens(m_rate), m_filled(now) {}

    // Returns: when the peer is out of debt again; `now` or before where it is not in debt.
    TimePoint take(std::uint64_t cost, TimePoint now)
    {
        const std::lock_guard lock{m_mutex};
        const double seconds = std::chrono::duration<double>(now - m_filled).count();
        m_tokens = std::min(m_rate, m_tokens + std::max(0.0, seconds) * m_rate); // what is saved up lasts a second
        m_filled = now;
        m_tokens -= static_cast<double>(cost);
        if (m_tokens >= 0) return now;
        return now + std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(-m_tokens / m_rate));
    }

private:
    std::mutex m_mutex;
    double m_rate;
    double m_tokens;
    TimePoint m_filled;
};

struct Peer {
    Peer(const Digest& id, const Limits& limits, TimePoint now) : identity(id), tokens(limits.requests_per_second, now) {}
    Digest identity;
    TokenBucket tokens;
    std::size_t connections = 0; // guarded by Peers
};

class Peers {
public:
    explicit Peers(const Limits& limits) : m_limits(limits) {}

    // A new connection's peer; null where it has too many already.
    std::shared_ptr<Peer> enter(const Digest& identity, TimePoint now)
    {
        const std::lock_guard lock{m_mutex};
        auto& peer = m_peers[identity];
        if (!peer) peer = std::make_shared<Peer>(identity, m_limits, now);
        if (peer->connections >= m_limits.connections_per_peer) return nullptr;
        ++peer->connections;
        return peer;
    }
    void leave(const std::shared_ptr<Peer>& peer)
    {
        const std::lock_guard lock{m_mutex};
        if (--peer->connections == 0) m_peers.erase(peer->identity);
    }

private:
    Limits m_limits;
    std::mutex m_mutex;
    std::map<Digest, std::shared_ptr<Peer>> m_peers;
};

} // namespace assay::node
