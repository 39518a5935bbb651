#include "node/chunk_depot.hpp"

namespace assay::node {

namespace {

constexpr std::size_t stored_at_once = 64; // chunks that are read from the disk before it is looked whether the next are in memory

} // namespace

Result<std::unique_ptr<ChunkDepot>> ChunkDepot::open(const std::string& folder, LedgerService& ledger, const Limits& limits,
                                                     Metrics& metrics)
{
    ASSAY_TRY_ASSIGN(auto opened, store::RocksDbChunkStore::open(folder, store::OpenMode::create_if_missing));
    return std::unique_ptr<ChunkDepot>{new ChunkDepot(folder, std::move(opened), ledger, limits, metrics)};
}

Status ChunkDepot::put(const Digest& party, std::span<const ByteView> chunks, const std::shared_ptr<const Bytes>& message)
{
    return with([&](store::ChunkStore& store) -> Status {
        const std::vector<Digest> addresses = addresses_of(chunks);
        ASSAY_TRY_ASSIGN(const std::vector<Digest> fresh_addresses, store.missing(addresses));
        std::vector<ByteView> fresh;
        std::uint64_t bytes = 0;
        for (std::size_t i = 0; i < chunks.size(); ++i) {
            if (fresh.size() == fresh_addresses.size() || addresses[i] != fresh_addresses[fresh.size()]) continue;
            bytes += chunks[i].size();
            fresh.push_back(chunks[i]);
        }
        if (fresh.empty()) return {};
        {
            const std::lock_guard lock{m_quota_mutex};
            ASSAY_TRY_ASSIGN(const std::uint64_t before, m_ledger.with_store([&](store::LedgerStore& s) { return s.stored_bytes(party); }));
            if (before + bytes > m_limits.chunk_bytes_per_peer)
                return failure(Error::limit_exceeded, "this party has stored " + std::to_string(before) +
                                                          " bytes of chunks; the node keeps " +
                                                          std::to_string(m_limits.chunk_bytes_per_peer) + " for each");
            // Counted first: a write that fails costs the party some quota, and never gives it any.
            ASSAY_TRY(m_ledger.with_store([&](store::LedgerStore& s) { return s.set_stored_bytes(party, before + bytes); }));
        }
        ASSAY_TRY(store.put_all(fresh_addresses, fresh));
        m_recent.add(addresses, chunks, message);
        m_metrics.chunks_stored += fresh.size();
        m_metrics.chunk_bytes_stored += bytes;
        return {};
    });
}

std::optional<Frame> ChunkDepot::frame_from_memory(std::uint32_t number, std::span<const Digest> addresses)
{
    ChunksFrame frame{number, addresses.size()};
    bool is_full = false;
    if (m_recent.add_to(frame, addresses, is_full) < addresses.size() && !is_full) return {};
    m_metrics.chunks_sent += frame.count();
    return frame.finish();
}

Result<Frame> ChunkDepot::frame_of(std::uint32_t number, std::span<const Digest> addresses)
{
    ChunksFrame frame{number, addresses.size()};
    bool is_full = false;
    for (std::size_t done = 0; done < addresses.size() && !is_full;) {
        done += m_recent.add_to(frame, addresses.subspan(done), is_full);
        if (is_full || done == addresses.size()) break;
        const auto wanted = addresses.subspan(done, std::min(stored_at_once, addresses.size() - done));
        ASSAY_TRY_ASSIGN(const std::size_t found, add_stored(frame, wanted, is_full));
        done += found;
        if (found < wanted.size()) break;
    }
    if (frame.count() == 0 && !addresses.empty()) return failure(Error::chunk_missing, "chunk " + to_hex(addresses.front()));
    m_metrics.chunks_sent += frame.count();
    return frame.finish();
}

Result<std::size_t> ChunkDepot::add_stored(ChunksFrame& frame, std::span<const Digest> addresses, bool& is_full)
{
    return with([&](store::ChunkStore& store) -> Result<std::size_t> {
        return store.forward(addresses, [&](ByteView chunk) {
            is_full = !frame.add(chunk);
            return !is_full;
        });
    });
}

Result<Digest> ChunkDepot::announce(const Digest& list)
{
    return with([&](store::ChunkStore& store) { return announce_list(store, list); });
}

Result<Digest> ChunkDepot::list_of(const Digest& state)
{
    return with([&](store::ChunkStore& store) { return find_list(store, state); });
}

Result<std::vector<AnnouncedList>> ChunkDepot::lists(const Digest& after, std::size_t count)
{
    return with([&](store::ChunkStore& store) -> Result<std::vector<AnnouncedList>> {
        const std::string prefix = "state/";
        ASSAY_TRY_ASSIGN(const std::vector<std::string> names, store.names(prefix));
        std::vector<AnnouncedList> found;
        for (const std::string& name : names) {
            const auto state = digest_from_hex(std::string_view{name}.substr(prefix.size()));
            if (!state || *state <= after) continue;
            ASSAY_TRY_ASSIGN(const Digest list, store.get_name(name));
            found.push_back({*state, list});
            if (found.size() == count) break;
        }
        return found;
    });
}

} // namespace assay::node
