// Spec: STORE-14, STORE-16, NET-1.
#include "node/ledger_service.hpp"

#include <filesystem>
#include <future>

namespace assay::node {

namespace {

constexpr std::size_t block_transactions_wanted = 4096;
constexpr std::size_t block_bytes_wanted = transfer_bytes_max;
constexpr std::chrono::milliseconds reopen_after{500};
constexpr std::chrono::seconds store_clock_every{1};

// Ticks since 1970: where every clock of a network begins to count.
Tick wall_clock(std::uint32_t tick_milliseconds)
{
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    const auto count = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
    return Tick{static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0)) / tick_milliseconds};
}

} // namespace

Result<std::unique_ptr<LedgerService>> LedgerService::open(const std::string& folder, const std::optional<Genesis>& genesis,
                                                           LedgerOptions options, Metrics& metrics, Log log)
{
    if (!genesis && !std::filesystem::exists(folder + "/CURRENT"))
        return failure(Error::invalid_input, folder + ": there is no chain here: check the folder, or give a genesis to begin a network");
    const auto mode = genesis ? store::OpenMode::create_if_missing : store::OpenMode::existing_only;
    ASSAY_TRY_ASSIGN(auto opened, store::LedgerStore::open(folder, mode));
    ASSAY_TRY_ASSIGN(std::optional<Bytes> stored, opened->genesis());
    if (!stored) {
        if (!genesis) return failure(Error::invalid_input, folder + ": no chain has begun here: give a genesis to begin one");
        ASSAY_TRY_ASSIGN(market::Chain first, begin_chain(*genesis));
        stored = encode(*genesis);
        ASSAY_TRY(opened->begin(*stored, first));
    } else if (genesis && encode(*genesis) != *stored) {
        return failure(Error::invalid_input,
                       folder + ": the chain here has another genesis: name another folder, or leave the genesis out");
    }
    ASSAY_TRY_ASSIGN(Genesis known, decode<Genesis>(*stored));
    if (known.tick_milliseconds == 0) return failure(Error::invalid_input, folder + ": the genesis has ticks of no duration");
    ASSAY_TRY_ASSIGN(market::Chain chain, opened->load());
    ASSAY_TRY_ASSIGN(const std::optional<Tick> stopped_at, opened->clock());
    return std::unique_ptr<LedgerService>{
        new LedgerService(folder, std::move(known), std::move(chain), std::move(opened), stopped_at, options, metrics, std::move(log))};
}

LedgerService::LedgerService(std::string folder, Genesis genesis, market::Chain chain, std::unique_ptr<store::LedgerStore> store,
                             std::optional<Tick> stopped_at, LedgerOptions options, Metrics& metrics, Log log)
    : m_folder(std::move(folder)), m_genesis(std::move(genesis)), m_encoded_genesis(encode(m_genesis)), m_options(options),
      m_metrics(metrics), m_log(std::move(log)), m_chain(std::move(chain)), m_store(std::move(store))
{
    // The wall clock is read once, when a chain begins. Afterwards time is what passes while a node runs: somebody who sets the machine's
    // clock changes nothing, and while the network is away nobody's deadline comes nearer. Spec: NET-5.
    const Tick begins = m_chain->height() == 0 && !stopped_at ? wall_clock(m_genesis.tick_milliseconds) : m_chain->ledger().now();
    m_clock_start = std::max({begins, stopped_at.value_or(Tick{}), m_chain->ledger().now()});
    m_clock_origin = m_clock_stored = std::chrono::steady_clock::now();
    publish();
    m_thread = std::thread([this] { run(); });
}

LedgerService::~LedgerService()
{
    stop();
}

Tick LedgerService::now() const
{
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - m_clock_origin).count();
    return Tick{m_clock_start.value + static_cast<std::uint64_t>(since) / m_genesis.tick_milliseconds};
}

void LedgerService::set_clock(Tick now)
{
    const std::lock_guard lock{m_mutex};
    m_clock_start = now;
    m_clock_origin = std::chrono::steady_clock::now();
}

void LedgerService::store_clock(bool at_once)
{
    const auto since = std::chrono::steady_clock::now();
    if (!m_chain || m_options.is_follower || (!at_once && since - m_clock_stored < store_clock_every)) return;
    m_clock_stored = since;
    if (const Status written = m_store->set_clock(now()); !written) recover(written.failure());
}

Head LedgerService::head() const
{
    const std::lock_guard lock{m_mutex};
    Head head = m_head;
    head.now = std::max(head.now, now());
    return head;
}

std::size_t LedgerService::queued() const
{
    const std::lock_guard lock{m_mutex};
    return m_queue.size();
}

bool LedgerService::submit(market::SignedTransaction transaction, std::size_t bytes, Outcome outcome)
{
    {
        const std::lock_guard lock{m_mutex};
        if (m_stopping || m_queue.size() >= m_options.queue_max) return false;
        m_queue.push_back({std::move(transaction), bytes, std::move(outcome), std::chrono::steady_clock::now()});
    }
    m_wake.notify_one();
    return true;
}

Status LedgerService::follow(std::vector<market::Block> blocks)
{
    std::promise<Status> promise;
    {
        const std::lock_guard lock{m_mutex};
        if (m_stopping) return failure(Error::disconnected, "the node is stopping");
        m_following.push_back({std::move(blocks), [&promise](Status status) { promise.set_value(std::move(status)); }});
    }
    m_wake.notify_one();
    return promise.get_future().get();
}

void LedgerService::read(Reader reader)
{
    {
        const std::lock_guard lock{m_mutex};
        if (m_stopping) return;
        m_readers.push_back(std::move(reader));
    }
    m_wake.notify_one();
}

void LedgerService::stop()
{
    {
        const std::lock_guard lock{m_mutex};
        m_stopping = true;
    }
    m_wake.notify_one();
    if (m_thread.joinable()) m_thread.join();
}

std::vector<LedgerService::Queued> LedgerService::take_batch()
{
    std::vector<Queued> batch;
    std::size_t bytes = 0;
    while (!m_queue.empty() && batch.size() < block_transactions_wanted) {
        bytes += m_queue.front().bytes;
        if (!batch.empty() && bytes > block_bytes_wanted) break;
        batch.push_back(std::move(m_queue.front()));
        m_queue.pop_front();
    }
    return batch;
}

void LedgerService::run()
{
    std::unique_lock lock{m_mutex};
    for (;;) {
        const auto has_work = [this] { return !m_queue.empty() || !m_following.empty() || !m_readers.empty() || m_stopping; };
        if (m_chain) m_wake.wait_for(lock, store_clock_every, has_work);
        else m_wake.wait_for(lock, reopen_after, [this] { return m_stopping; });
        std::deque<Reader> readers = std::exchange(m_readers, {});
        std::deque<Following> following = std::exchange(m_following, {});
        std::vector<Queued> batch = take_batch();
        const bool is_over = m_stopping && readers.empty() && following.empty() && batch.empty();
        lock.unlock();
        store_clock(is_over);
        if (is_over) return;
        if (!m_chain) recover(failure(Error::storage_failed, m_folder + ": the store could not be opened again yet"));
        if (m_chain)
            for (const Reader& reader : readers) reader(*m_chain, *m_store);
        for (const Following& one : following) one.done(follow_now(one.blocks));
        if (!batch.empty()) make_block(std::move(batch));
        lock.lock();
    }
}

Result<std::uint64_t> LedgerService::applied_before(const market::Transaction& transaction, const Failure& refusal) const
{
    if (refusal.error != Error::stale_transaction) return refusal;
    ASSAY_TRY_ASSIGN(const auto applied, m_store->find(transaction.author, transaction.number));
    if (!applied || applied->digest != digest_of(transaction)) return refusal;
    return applied->height;
}

void LedgerService::make_block(std::vector<Queued> batch)
{
    const auto refuse_all = [&](const Failure& why) {
        for (const Queued& queued : batch) queued.outcome(why);
    };
    if (m_options.is_follower)
        return refuse_all(failure(Error::not_allowed, "this node follows another one: send transactions to the node that makes blocks"));
    if (!m_chain) return refuse_all(failure(Error::storage_failed, m_folder + ": the node cannot use its store"));
    // Copies: an outcome may still have to say where its transaction went.
    std::vector<market::SignedTransaction> offered;
    offered.reserve(batch.size());
    for (const Queued& queued : batch) offered.push_back(queued.transaction);
    auto sealed = m_chain->seal_checked(std::max(now(), m_chain->ledger().now()), std::move(offered));
    if (!sealed) return refuse_all(sealed.failure());
    if (sealed->block) {
        store::BlockEvents made{std::move(*sealed->block), std::move(sealed->events)};
        if (const Status written = m_store->append({&made, 1}, *m_chain, m_options.durability); !written) {
            recover(written.failure());
            return refuse_all(written.failure());
        }
        m_metrics.block_transactions.add(made.block.transactions.size());
        m_metrics.transactions_applied += made.block.transactions.size();
        ++m_metrics.blocks;
        publish();
    }
    const auto acknowledged = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const Status& outcome = sealed->outcomes[i];
        const Queued& queued = batch[i];
        if (outcome) {
            queued.outcome(m_chain->height() - 1);
            const auto took = std::chrono::duration_cast<std::chrono::microseconds>(acknowledged - queued.arrived).count();
            m_metrics.acknowledge_microseconds.add(static_cast<std::uint64_t>(took));
        } else {
            ++m_metrics.transactions_refused;
            queued.outcome(applied_before(queued.transaction.transaction, outcome.failure()));
        }
    }
}

Status LedgerService::follow_now(const std::vector<market::Block>& blocks)
{
    if (!m_chain) return failure(Error::storage_failed, m_folder + ": the node cannot use its store");
    std::vector<store::BlockEvents> followed;
    for (const market::Block& block : blocks) {
        auto events = m_chain->follow_in_place(block);
        if (!events) {
            recover(events.failure()); // the chain in memory is no longer the stored one
            return events.failure();
        }
        followed.push_back({block, std::move(*events)});
    }
    if (const Status written = m_store->append(followed, *m_chain, m_options.durability); !written) {
        recover(written.failure());
        return written;
    }
    m_metrics.blocks += blocks.size();
    for (const market::Block& block : blocks) m_metrics.transactions_applied += block.transactions.size();
    publish();
    return {};
}

void LedgerService::publish()
{
    {
        const std::lock_guard lock{m_mutex};
        m_head = {m_chain->height(), m_chain->head(), m_chain->ledger().now()};
    }
    m_metrics.height = m_chain->height();
    if (m_on_block) m_on_block();
}

void LedgerService::recover(const Failure& why)
{
    if (why.error == Error::storage_failed && m_chain) {
        ++m_metrics.writes_failed;
        m_log({LogLevel::error, "write_failed", {{"folder", m_folder}, {"reason", why.message()}}});
    }
    m_chain.reset();
    {
        const std::unique_lock lock{m_store_mutex};
        m_store.reset(); // before it is opened again: it holds the folder's lock
        auto opened = store::LedgerStore::open(m_folder, store::OpenMode::existing_only);
        if (!opened) return;
        auto chain = (*opened)->load();
        if (!chain) return;
        m_store = std::move(*opened);
        m_chain = std::move(*chain);
    }
    m_log({LogLevel::info, "store_opened_again", {{"folder", m_folder}, {"height", std::to_string(m_chain->height())}}});
    publish();
}

} // namespace assay::node
