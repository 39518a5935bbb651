#include "node/chunk_depot.hpp"

namespace assay::node {

Result<std::unique_ptr<ChunkDepot>> ChunkDepot::open(const std::string& folder, LedgerService& ledger, const Limits& limits,
                                                     Metrics& metrics)
{
    ASSAY_TRY_ASSIGN(auto opened, store::RocksDbChunkStore::open(folder, store::OpenMode::create_if_missing));
    return std::unique_ptr<ChunkDepot>{new ChunkDepot(folder, std::move(opened), ledger, limits, metrics)};
}

Status ChunkDepot::put(const Digest& party, std::span<const Bytes> chunks)
{
    return with([&](store::ChunkStore& store) -> Status {
        std::vector<Bytes> fresh;
        std::uint64_t bytes = 0;
        for (const Bytes& chunk : chunks) {
            ASSAY_TRY_ASSIGN(const bool is_there, store.contains(merkle::leaf_hash(chunk, hash::sha256_openssl)));
            if (is_there) continue;
            bytes += chunk.size();
            fresh.push_back(chunk);
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
        ASSAY_TRY(write_chunks(store, fresh));
        m_metrics.chunks_stored += fresh.size();
        m_metrics.chunk_bytes_stored += bytes;
        return {};
    });
}

Result<std::vector<Bytes>> ChunkDepot::get(std::span<const Digest> addresses)
{
    return with([&](store::ChunkStore& store) { return read_chunks(store, addresses); });
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
