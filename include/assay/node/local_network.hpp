// A network inside of one process: a chain, a chunk store, and the clock that it is given. For tests, for programs that run a whole market
// by themselves, and as the meaning that a networked node must have. Spec: spec/node.md, NET-1 to NET-4.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <unordered_map>

#include <assay/node/network.hpp>
#include <assay/store/chunk_store.hpp>

namespace assay::node {

// The present tick; it must not go back.
using Clock = std::function<Tick()>;

// Makes a block of every transaction that applies. Several threads may use it at once.
class LocalNetwork final : public Network {
public:
    // `chunks` outlives the network. Errors: those of Ledger::start.
    static Result<std::unique_ptr<LocalNetwork>> start(Genesis genesis, store::ChunkStore& chunks, Clock clock);

    Result<Genesis> genesis() override;
    Result<Head> head() override;
    Result<std::uint64_t> submit(const market::SignedTransaction& transaction) override;
    Result<std::vector<market::Block>> blocks(std::uint64_t from, std::size_t limit) override;
    Status put_chunks(std::span<const Bytes> chunks) override;
    Result<std::vector<Bytes>> chunks(std::span<const Digest> addresses) override;
    Result<Digest> announce(const Digest& list) override;
    Result<Digest> list_of(const Digest& state) override;
    Result<Head> wait(std::uint64_t height, std::chrono::milliseconds at_most) override;

private:
    LocalNetwork(Genesis genesis, market::Chain chain, store::ChunkStore& chunks, Clock clock);
    [[nodiscard]] Head head_now() const;

    struct DigestHash {
        std::size_t operator()(const Digest& digest) const noexcept;
    };

    Genesis m_genesis;
    market::Chain m_chain;
    store::ChunkStore& m_chunks;
    Clock m_clock;
    std::vector<market::Block> m_blocks;
    std::unordered_map<Digest, std::uint64_t, DigestHash> m_applied; // transactions, and the blocks that they are in
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
};

} // namespace assay::node
