// The node's chunks: a store on disk that is opened again after a failed write, and who has put how much into it. Spec: NET-2, NET-3,
// WIRE-7.
#pragma once

#include <mutex>
#include <shared_mutex>

#include <assay/node/lists.hpp>
#include <assay/node/messages.hpp>
#include <assay/node/options.hpp>
#include <assay/store/rocksdb_store.hpp>

#include <assay/hash/openssl.hpp>

#include "node/ledger_service.hpp"
#include "node/recent_chunks.hpp"

namespace assay::node {

// May be used by several threads.
class ChunkDepot {
public:
    // Errors: storage_failed. The ledger outlives the depot.
    static Result<std::unique_ptr<ChunkDepot>> open(const std::string& folder, LedgerService& ledger, const Limits& limits,
                                                    Metrics& metrics);

    // Errors: limit_exceeded above the party's quota, storage_failed. Whether the party may store anything is the caller's to know. Requires: the
    // chunks are a list in `message`, the encoding of a request.
    Status put(const Digest& party, std::span<const ByteView> chunks, const std::shared_ptr<const Bytes>& message);
    // The frame that answers a request for these: the first of them, at least one. What is on the disk is not hashed: who asked hashes it
    // (NET-4). Errors: chunk_missing where the first is not there; chunk_damaged, storage_failed.
    Result<Frame> frame_of(std::uint32_t number, std::span<const Digest> addresses);
    // The same where all that the answer holds is in memory, and nothing else.
    std::optional<Frame> frame_from_memory(std::uint32_t number, std::span<const Digest> addresses);
    Result<Digest> announce(const Digest& list);
    Result<Digest> list_of(const Digest& state);
    Result<std::vector<AnnouncedList>> lists(const Digest& after, std::size_t count);

    // Runs `use` on the store; where it says storage_failed, the store is opened again before the next use.
    template <class Use>
    auto with(Use use) -> decltype(use(std::declval<store::ChunkStore&>()))
    {
        {
            const std::shared_lock lock{m_mutex};
            if (m_store) {
                auto outcome = use(*m_store);
                if (outcome || outcome.error() != Error::storage_failed) return outcome;
                ++m_metrics.writes_failed;
            }
        }
        const std::unique_lock lock{m_mutex};
        m_store.reset();
        auto opened = store::RocksDbChunkStore::open(m_folder, store::OpenMode::existing_only);
        if (!opened) return opened.failure();
        m_store = std::move(*opened);
        return use(*m_store);
    }

private:
    ChunkDepot(std::string folder, std::unique_ptr<store::RocksDbChunkStore> chunks, LedgerService& ledger, const Limits& limits,
               Metrics& metrics)
        : m_folder(std::move(folder)), m_store(std::move(chunks)), m_ledger(ledger), m_limits(limits), m_metrics(metrics),
          m_recent(limits.recent_chunk_bytes)
    {
    }
    // Adds some of the chunks from the disk. Returns: how many; `is_full` says whether another did not fit.
    Result<std::size_t> add_stored(ChunksFrame& frame, std::span<const Digest> addresses, bool& is_full);

    std::string m_folder;
    std::shared_mutex m_mutex;
    std::unique_ptr<store::RocksDbChunkStore> m_store;
    std::mutex m_quota_mutex;
    LedgerService& m_ledger;
    Limits m_limits;
    Metrics& m_metrics;
    RecentChunks m_recent;
};

} // namespace assay::node
