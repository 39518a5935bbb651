#include "node/recent_chunks.hpp"

#include <algorithm>
#include <mutex>

namespace assay::node {

void RecentChunks::add(std::span<const Digest> addresses, std::span<const ByteView> chunks, const std::shared_ptr<const Bytes>& message)
{
    ASSAY_CHECK(addresses.size() == chunks.size() && !chunks.empty());
    Block made{{addresses.begin(), addresses.end()}, {}, message};
    const auto offset = [&](const std::uint8_t* at) { return static_cast<std::uint32_t>(at - message->data()); };
    for (const ByteView chunk : chunks) made.begins.push_back(offset(chunk.data()) - static_cast<std::uint32_t>(sizeof(std::uint32_t)));
    made.begins.push_back(offset(chunks.back().data()) + static_cast<std::uint32_t>(chunks.back().size()));
    if (bytes_of(made) > m_bytes_max) return;

    const std::unique_lock lock{m_mutex};
    m_bytes += bytes_of(made);
    const Block& block = m_blocks.emplace_back(std::move(made));
    for (std::uint32_t i = 0; i < addresses.size(); ++i) m_chunks[addresses[i]] = {&block, i};
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

std::size_t RecentChunks::run_length(const Place& place, std::span<const Digest> addresses)
{
    const std::span<const Digest> here = std::span{place.block->addresses}.subspan(place.index);
    const std::size_t most = std::min(here.size(), addresses.size());
    return static_cast<std::size_t>(std::mismatch(here.begin(), here.begin() + static_cast<std::ptrdiff_t>(most), addresses.begin()).first -
                                    here.begin());
}

std::size_t RecentChunks::add_to(ChunksFrame& frame, std::span<const Digest> addresses, bool& is_full) const
{
    const std::shared_lock lock{m_mutex};
    for (std::size_t done = 0; done < addresses.size();) {
        const auto found = m_chunks.find(addresses[done]);
        if (found == m_chunks.end()) return done;
        const Place& place = found->second;
        const std::size_t run = run_length(place, addresses.subspan(done));
        const std::size_t added = frame.add_encoded(std::span{place.block->begins}.subspan(place.index, run + 1), place.block->bytes);
        done += added;
        is_full = added < run;
        if (is_full) return done;
    }
    return addresses.size();
}

} // namespace assay::node
