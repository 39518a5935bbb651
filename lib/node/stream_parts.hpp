// What a stream of chunks keeps between a node's answers: what is wanted, and memory. Spec: NET-4.
#pragma once

#include <mutex>
#include <utility>

#include <assay/node/network.hpp>

namespace assay::node {

// The addresses of a stream that were not handed over yet.
class Wanted {
public:
    explicit Wanted(const NextChunks& next) : m_next(next) {}

    // Those behind the first `ahead`, at most `count`; none at the end. Valid until the next call. Errors: those of the caller's function.
    Result<std::span<const Digest>> behind(std::size_t ahead, std::size_t count)
    {
        while (!m_ended && left().size() < ahead + count) {
            ASSAY_TRY_ASSIGN(const std::vector<Digest> more, m_next());
            m_ended = more.empty();
            m_digests.erase(m_digests.begin(), m_digests.begin() + static_cast<std::ptrdiff_t>(std::exchange(m_begin, 0)));
            m_digests.insert(m_digests.end(), more.begin(), more.end());
        }
        const std::span<const Digest> rest = left().subspan(ahead);
        return rest.first(std::min(count, rest.size()));
    }
    // Takes away the first ones.
    std::vector<Digest> take(std::size_t count)
    {
        const std::span<const Digest> first = left().first(count);
        m_begin += count;
        ++m_taken;
        return {first.begin(), first.end()};
    }
    [[nodiscard]] std::uint64_t taken() const { return m_taken; } // how often

private:
    [[nodiscard]] std::span<const Digest> left() const { return std::span{m_digests}.subspan(m_begin); }

    const NextChunks& m_next;
    std::vector<Digest> m_digests;
    std::size_t m_begin = 0;
    bool m_ended = false;
    std::uint64_t m_taken = 0;
};

// The memory of messages whose chunks nobody holds any more: fresh memory would be filled by the system first, and lie in no cache.
class Spares {
public:
    void give(Bytes message)
    {
        const std::lock_guard lock{m_mutex};
        if (m_messages.size() < most) m_messages.push_back(std::move(message));
    }
    Bytes take()
    {
        const std::lock_guard lock{m_mutex};
        if (m_messages.empty()) return {};
        Bytes last = std::move(m_messages.back()); // the one that a cache is likeliest to hold
        m_messages.pop_back();
        return last;
    }

private:
    static constexpr std::size_t most = 16;
    std::mutex m_mutex;
    std::vector<Bytes> m_messages;
};

} // namespace assay::node
