// A network as a party sees it: a chain of blocks that it can read and add to, a store of chunks, and a clock. Spec: spec/node.md, NET-1 to
// NET-4.
//
// A party trusts none of it. Blocks are followed on a ledger of its own, chunks are hashed when they arrive, and only the clock is taken
// at its word: what has become due by it, the ledger judges again by the time of the block. Whoever stands behind this interface, the
// ledger in the same process or a node beyond a connection, behaves in the same way.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <assay/market/block.hpp>

namespace assay::node {

// What a chain begins with, known to everybody who joins.
struct Genesis {
    market::Rules rules;
    std::vector<market::Allocation> allocations;
    Tick start;
    std::uint32_t tick_milliseconds = 1000; // how long a tick lasts
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.rules, self.allocations, self.start, self.tick_milliseconds);
    }
};

// Errors: those of Ledger::start.
Result<market::Chain> begin_chain(const Genesis& genesis);

// Where a chain stands.
struct Head {
    std::uint64_t height = 0; // how many blocks there are
    Digest digest;            // of the last one's header; zero where there is none
    Tick now;                 // by the network's clock: the next block is not earlier
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.height, self.digest, self.now);
    }
    friend bool operator==(const Head&, const Head&) = default;
};

// No chunk, and no answer with blocks or chunks, has more bytes than this, except for a single block that is larger.
inline constexpr std::size_t chunk_bytes_max = std::size_t{1} << 20;
inline constexpr std::size_t transfer_bytes_max = std::size_t{4} << 20;
// No call names more chunks or blocks than this.
inline constexpr std::size_t chunks_per_call_max = 4096;
inline constexpr std::size_t blocks_per_call_max = 1024;

// Says which chunks are wanted next; none at the end.
using NextChunks = std::function<Result<std::vector<Digest>>()>;
// Chunks that arrived together, as views into bytes that live as long as `holder`, and the addresses that were asked for.
struct ArrivedChunks {
    std::shared_ptr<const void> holder;
    std::vector<ByteView> chunks;
    std::vector<Digest> addresses;
};
using ChunkTaker = std::function<Status(ArrivedChunks)>;

// One thread may use an object at a time, unless an implementation says more. Every call may fail with `disconnected`: nobody answered,
// and whether what was asked has happened is not known. All calls may be repeated, then and at any time, without harm.
class Network {
public:
    virtual ~Network() = default;
    Network() = default;
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    virtual Result<Genesis> genesis() = 0;
    virtual Result<Head> head() = 0;

    // Has a transaction applied. Returns: the height of the block that it is in, also for one that was applied before (NET-1).
    // Errors: the ledger's reason for refusing it; nothing has changed then.
    virtual Result<std::uint64_t> submit(const market::SignedTransaction& transaction) = 0;

    // The blocks from height `from` on, at most `limit` of them; fewer, but not none, where the answer would grow too large; none only
    // where there are none yet. Errors: limit_exceeded above blocks_per_call_max.
    virtual Result<std::vector<market::Block>> blocks(std::uint64_t from, std::size_t limit) = 0;

    // Stores chunks. Returns: nothing, for an address is a function of the bytes (STORE-1). Errors: limit_exceeded, storage_failed.
    virtual Status put_chunks(std::span<const Bytes> chunks) = 0;

    // The bytes of the first chunks that are named, at least one, and as many as an answer holds (NET-2). The caller hashes them.
    // Errors: chunk_missing where the first is not there; limit_exceeded.
    virtual Result<std::vector<Bytes>> chunks(std::span<const Digest> addresses) = 0;

    // Hands all chunks that `next` says to `take` as they arrive, in order, some at a time. The taker hashes them.
    // Errors: those of chunks(), after what had arrived was handed over; what `next` and `take` return, after which nothing more is handed over.
    virtual Status stream(const NextChunks& next, const ChunkTaker& take);

    // Makes a list of tensors (STORE-10) found by the digest of the state or data set that it lists. List and pages must be stored.
    // Returns: that digest, which the network computes itself (NET-3). Errors: chunk_missing, not_canonical, limit_exceeded.
    virtual Result<Digest> announce(const Digest& list) = 0;

    // The address of a list that was announced of this state or data set. Errors: not_available.
    virtual Result<Digest> list_of(const Digest& state) = 0;

    // Returns as soon as the chain is longer than `height`, or after `at_most`.
    virtual Result<Head> wait(std::uint64_t height, std::chrono::milliseconds at_most) = 0;
};

} // namespace assay::node
