// A chain on disk: its blocks, the state after the last of them entry by entry, and where each transaction went. Spec: spec/storage.md,
// STORE-13 to STORE-17.
//
// A block is written with all that it changed in one batch, so that after a crash the state is that after some block, whole; and opening
// reads the state, not the blocks. What is read is checked against the digest that the last block commits to. Library: assay::node.
#pragma once

#include <memory>

#include <assay/dispute/transcript.hpp>
#include <assay/market/block.hpp>
#include <assay/store/rocksdb_store.hpp>

namespace assay::store {

// Whether a write waits for the disk. What was written without waiting may be lost in a power failure, from its end backwards.
enum class Durability { synchronised, buffered };

// Where a transaction went.
struct AppliedTransaction {
    std::uint64_t height = 0;
    Digest digest; // of the transaction
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.height, self.digest);
    }
    friend bool operator==(const AppliedTransaction&, const AppliedTransaction&) = default;
};

// Something that happened to a task.
struct TaskEvent {
    std::uint64_t height = 0; // of the block
    Tick at;
    market::Event event;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.height, self.at, self.event);
    }
    friend bool operator==(const TaskEvent&, const TaskEvent&) = default;
};

// A game of a task: its transcript so far, which stays when the ledger has forgotten the game.
struct GameRecord {
    Digest task;
    Digest game;
    std::uint64_t segment = 0;
    dispute::Transcript transcript;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.task, self.game, self.segment, self.transcript);
    }
    friend bool operator==(const GameRecord&, const GameRecord&) = default;
};

// A block with what its transactions did.
struct BlockEvents {
    market::Block block;
    std::vector<market::Event> events;
};

// One process at a time may have the folder open, and in it one object. Reading may go on in any thread while one thread appends.
class LedgerStore {
public:
    // As RocksDbChunkStore::open. Spec: STORE-6, STORE-13.
    static Result<std::unique_ptr<LedgerStore>> open(const std::string& path, OpenMode mode);
    ~LedgerStore();
    LedgerStore(const LedgerStore&) = delete;
    LedgerStore& operator=(const LedgerStore&) = delete;

    // What the chain began with, as it was handed to `begin`; nothing in a new store. Errors: storage_failed.
    [[nodiscard]] Result<std::optional<Bytes>> genesis() const;

    // Writes the state of a chain without blocks. Errors: already_done where there is a chain, storage_failed.
    Status begin(ByteView genesis, market::Chain& chain);

    // The stored chain. Errors: not_available in a new store; storage_failed, invalid_block where the state has not the digest that the
    // last block commits to. Cost: proportional to the state, whatever the number of blocks. Spec: STORE-15.
    [[nodiscard]] Result<market::Chain> load() const;

    // Writes blocks that were just made on `chain`, which was loaded from this store or begun in it, with everything that they changed;
    // all or nothing. Returns once they survive the end of the process and, synchronised, that of the machine.
    // Errors: storage_failed; whether the blocks are there then shows when the store is opened again. Spec: STORE-14.
    Status append(std::span<const BlockEvents> blocks, market::Chain& chain, Durability durability = Durability::synchronised);

    // How many blocks there are. Errors: storage_failed.
    [[nodiscard]] Result<std::uint64_t> height() const;

    // Encoded blocks from height `from` on: at most `count`, and not more once they have `bytes` together. Errors: storage_failed.
    [[nodiscard]] Result<std::vector<Bytes>> blocks(std::uint64_t from, std::size_t count, std::size_t bytes) const;

    // Where the author's transaction with this number went, if it was applied. Errors: storage_failed. Spec: STORE-16.
    [[nodiscard]] Result<std::optional<AppliedTransaction>> find(const Digest& author, std::uint64_t number) const;

    // What happened to a task, from event number `from` on, at most `count`; and its games, in the order of their names.
    // Errors: storage_failed. Spec: STORE-19.
    [[nodiscard]] Result<std::vector<TaskEvent>> events(const Digest& task, std::uint64_t from, std::size_t count) const;
    [[nodiscard]] Result<std::vector<GameRecord>> games(const Digest& task) const;

    // Where the network's clock was when it was written last. Errors: storage_failed. Spec: STORE-20.
    [[nodiscard]] Result<std::optional<Tick>> clock() const;
    Status set_clock(Tick now);

    // What a party has stored elsewhere in the node, in bytes. Errors: storage_failed. Spec: STORE-17.
    [[nodiscard]] Result<std::uint64_t> stored_bytes(const Digest& party) const;
    Status set_stored_bytes(const Digest& party, std::uint64_t bytes);

private:
    struct Database;
    explicit LedgerStore(std::unique_ptr<Database> database);

    std::unique_ptr<Database> m_database;
};

// Follows all blocks of a store from `start`, the chain that its genesis says, and compares the end with the stored state.
// Returns: the number of blocks. Errors: those of Chain::follow, naming the block; invalid_block; storage_failed. Spec: STORE-15.
Result<std::uint64_t> verify_chain(const LedgerStore& store, market::Chain start);

} // namespace assay::store
