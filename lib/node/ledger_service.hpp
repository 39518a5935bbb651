// The one thread that owns the chain. Transactions of all peers queue up while a block is written, and make the next block together: the
// busier the node, the more of them share one synchronisation of the disk. What is read of the chain is read by this thread between
// two blocks, so that nobody sees a state that could be lost. Spec: STORE-14, STORE-16, NET-1.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include <assay/node/local_network.hpp>
#include <assay/node/options.hpp>
#include <assay/store/ledger_store.hpp>

namespace assay::node {

struct LedgerOptions {
    store::Durability durability = store::Durability::synchronised;
    std::size_t queue_max = 65'536;
    bool is_follower = false; // makes no blocks of its own
};

class LedgerService {
public:
    using Outcome = std::function<void(Result<std::uint64_t>)>; // called by the service's thread
    using Reader = std::function<void(const market::Chain&, const store::LedgerStore&)>;

    // Opens the folder's chain, or begins one with `genesis`. Errors: those of LedgerStore; invalid_input where there is no chain and no
    // genesis, or a chain with another genesis.
    static Result<std::unique_ptr<LedgerService>> open(const std::string& folder, const std::optional<Genesis>& genesis,
                                                       LedgerOptions options, Metrics& metrics, Log log);
    ~LedgerService();

    // Takes a transaction whose signatures were checked. `outcome` gets the height of its block once that is on disk, or why it was
    // refused. Returns: false when the queue is full; nothing was taken then.
    bool submit(market::SignedTransaction transaction, std::size_t bytes, Outcome outcome);

    // Follows blocks that another node made, all or nothing on the disk. Waits for it. Errors: those of Chain::follow, storage_failed.
    Status follow(std::vector<market::Block> blocks);

    // Has the service's thread look at the chain. After stop() nothing is called.
    void read(Reader reader);

    // Looks at the store, in the caller's thread. What is read is on the disk.
    template <class Look>
    auto with_store(Look look)
    {
        const std::shared_lock lock{m_store_mutex};
        return m_store ? look(*m_store) : decltype(look(*m_store))(failure(Error::storage_failed, "the node is opening its store again"));
    }

    // A follower's clock is that of the node it follows.
    void set_clock(Tick now);

    [[nodiscard]] const Genesis& genesis() const { return m_genesis; }
    [[nodiscard]] const Bytes& encoded_genesis() const { return m_encoded_genesis; }
    [[nodiscard]] Head head() const;
    // Called by the service's thread after every block. To be set before anything is submitted.
    void on_block(std::function<void()> called) { m_on_block = std::move(called); }
    [[nodiscard]] std::size_t queued() const;

    // Finishes what was taken, then ends the thread.
    void stop();

private:
    struct Queued {
        market::SignedTransaction transaction;
        std::size_t bytes = 0;
        Outcome outcome;
        std::chrono::steady_clock::time_point arrived;
    };
    struct Following {
        std::vector<market::Block> blocks;
        std::function<void(Status)> done;
    };

    LedgerService(std::string folder, Genesis genesis, market::Chain chain, std::unique_ptr<store::LedgerStore> store,
                  std::optional<Tick> stopped_at, LedgerOptions options, Metrics& metrics, Log log);
    void run();
    std::vector<Queued> take_batch();
    void make_block(std::vector<Queued> batch);
    Status follow_now(const std::vector<market::Block>& blocks);
    Result<std::uint64_t> applied_before(const market::Transaction& transaction, const Failure& refusal) const;
    void publish();
    // After a write that failed: what is in memory is thrown away, and the store opened again.
    void recover(const Failure& why);
    [[nodiscard]] Tick now() const; // requires the lock where the clock may be set
    // Writes the clock, where it has gone on for some time.
    void store_clock(bool at_once);

    std::string m_folder;
    Genesis m_genesis;
    Bytes m_encoded_genesis;
    LedgerOptions m_options;
    Metrics& m_metrics;
    Log m_log;

    std::optional<market::Chain> m_chain; // none while the store cannot be opened
    mutable std::shared_mutex m_store_mutex;
    std::unique_ptr<store::LedgerStore> m_store;
    std::function<void()> m_on_block;

    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Queued> m_queue;
    std::deque<Following> m_following;
    std::deque<Reader> m_readers;
    bool m_stopping = false;
    Head m_head;

    Tick m_clock_start;
    std::chrono::steady_clock::time_point m_clock_origin, m_clock_stored;
    std::thread m_thread;
};

} // namespace assay::node
