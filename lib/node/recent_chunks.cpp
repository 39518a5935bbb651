#include "node/recent_chunks.hpp"

#include <mutex>

namespace assay::node {

void RecentChunks::add(std::span<const Digest> addresses, std::span<const ByteView> chunks)
{
    ASSAY_CHECK(addresses.size() == chunks.size());
    std::size_t bytes = 0;
    for (const ByteView chunk : chunks) bytes += chunk.size();
    Block made;
    made.bytes.reserve(bytes);
    for (const ByteView chunk : chunks) made.bytes.insert(made.bytes.end(), chunk.begin(), chunk.end());
    made.addresses.assign(addresses.begin(), addresses.end());
    if (bytes_of(made) > m_bytes_max) return;

    const std::unique_lock lock{m_mutex};
    m_bytes += bytes_of(made);
    const Block& block = m_blocks.emplace_back(std::move(made));
    std::size_t at = 0;
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        m_chunks[addresses[i]] = {&block, ByteView{block.bytes}.subspan(at, chunks[i].size())};
        at += chunks[i].size();
    }
    while (m_bytes > m_bytes_max) {
        const Block& oldest = m_blocks.front();
        for (const Digest& address : oldest.addresses) {
            const auto found = m_chunks.find(address);
            if (found != m_chunks.end() && found->second.block == &oldest) m_chunks.erase(found);
        }
        m_bytes -= bytes_of(oldest);
        m_blocks.pop_front();
    }
}

std::size_t RecentChunks::copy_to(ChunksFrame& frame, std::span<const Digest> addresses, bool& is_full) const
{
    const std::shared_lock lock{m_mutex};
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const auto found = m_chunks.find(addresses[i]);
        if (found == m_chunks.end()) return i;
        is_full = !frame.add(found->second.chunk);
        if (is_full) return i;
    }
    return addresses.size();
}

} // namespace assay::node
