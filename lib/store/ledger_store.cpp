// Spec: STORE-13 to STORE-17.
#include <assay/store/ledger_store.hpp>

#include <rocksdb/write_batch.h>

#include "store/rocksdb.hpp"

namespace assay::store {

using market::Block;
using market::Chain;
using market::Ledger;

namespace {

// The first byte of a key says what the rest of it is. Spec: STORE-13.
enum class Kind : std::uint8_t { format, genesis, head, block, account, task, verifier, transaction, stored, event, game, clock };

constexpr std::string_view format_key{"\0", 1};
constexpr std::string_view format_mark = "assay ledger store 1";

// Big-endian, so that keys are in the order of their numbers.
void put_number(std::string& key, std::uint64_t number)
{
    for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(number >> shift & 0xff));
}

std::string key_of(Kind kind)
{
    return std::string(1, static_cast<char>(kind));
}

std::string key_of(Kind kind, std::uint64_t number)
{
    std::string key = key_of(kind);
    put_number(key, number);
    return key;
}

std::string key_of(Kind kind, const Digest& digest)
{
    std::string key = key_of(kind);
    key.append(digest.bytes.begin(), digest.bytes.end());
    return key;
}

std::string key_of_transaction(const Digest& author, std::uint64_t number)
{
    std::string key = key_of(Kind::transaction, author);
    put_number(key, number);
    return key;
}

std::string key_of_event(const Digest& task, std::uint64_t height, std::uint64_t index)
{
    std::string key = key_of(Kind::event, task);
    put_number(key, height);
    put_number(key, index);
    return key;
}

std::string key_of_game(const Digest& task, const Digest& game)
{
    std::string key = key_of(Kind::game, task);
    key.append(game.bytes.begin(), game.bytes.end());
    return key;
}

// What of the state is no entry of a table.
struct HeadRecord {
    std::uint64_t height = 0;
    Digest head;
    Digest state;
    market::Rules rules;
    Tick now;
    market::Amount supply, burned;
    std::uint32_t accounts = 0, tasks = 0, verifiers = 0;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.height, self.head, self.state, self.rules, self.now, self.supply, self.burned, self.accounts, self.tasks,
                     self.verifiers);
    }
};

HeadRecord head_record(Chain& chain)
{
    Ledger& ledger = chain.ledger();
    const market::StateSummary summary = ledger.summary();
    return {chain.height(),
            chain.head(),
            digest_of(summary),
            ledger.rules(),
            summary.now,
            summary.supply,
            summary.burned,
            static_cast<std::uint32_t>(summary.accounts),
            static_cast<std::uint32_t>(summary.tasks),
            static_cast<std::uint32_t>(summary.verifiers)};
}

template <class Entry>
void put_entries(rocksdb::WriteBatch& batch, Kind kind, const market::Table<Entry>& table, const std::vector<std::size_t>& slots)
{
    for (const std::size_t slot : slots) batch.Put(key_of(kind, slot), slice_of(encode(table.at(slot))));
}

void put_state(rocksdb::WriteBatch& batch, Chain& chain)
{
    Ledger& ledger = chain.ledger();
    const market::Changes changes = ledger.take_changes();
    put_entries(batch, Kind::account, ledger.accounts(), changes.accounts);
    put_entries(batch, Kind::task, ledger.tasks(), changes.tasks);
    put_entries(batch, Kind::verifier, ledger.verifiers(), changes.verifiers);
    batch.Put(key_of(Kind::head), slice_of(encode(head_record(chain))));
}

// What is about a task.
void put_events(rocksdb::WriteBatch& batch, const BlockEvents& made, const Ledger& ledger)
{
    const market::BlockHeader& header = made.block.header;
    for (std::size_t i = 0; i < made.events.size(); ++i) {
        const market::Event& event = made.events[i];
        if (ledger.task(event.subject) == nullptr) continue;
        batch.Put(key_of_event(event.subject, header.height, i), slice_of(encode(TaskEvent{header.height, header.now, event})));
    }
}

// The fixed part of LedgerParts, before its three tables.
struct PartsBegin {
    market::Rules rules;
    Tick now;
    market::Amount supply, burned;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.rules, self.now, self.supply, self.burned);
    }
};

} // namespace

struct LedgerStore::Database {
    std::string path;
    std::unique_ptr<rocksdb::DB> rocks;

    [[nodiscard]] Result<std::optional<Bytes>> get(const std::string& key) const
    {
        rocksdb::PinnableSlice value;
        const rocksdb::Status status = rocks->Get({}, rocks->DefaultColumnFamily(), key, &value);
        if (status.IsNotFound()) return std::optional<Bytes>{};
        if (!status.ok()) return failure_from(status, path);
        const ByteView bytes = view_of(value);
        return std::optional{Bytes(bytes.begin(), bytes.end())};
    }

    [[nodiscard]] Result<std::optional<HeadRecord>> head() const
    {
        ASSAY_TRY_ASSIGN(const std::optional<Bytes> bytes, get(key_of(Kind::head)));
        if (!bytes) return std::optional<HeadRecord>{};
        ASSAY_TRY_ASSIGN(HeadRecord record, decode<HeadRecord>(*bytes));
        return std::optional{std::move(record)};
    }

    Status write(rocksdb::WriteBatch& batch, Durability durability) const
    {
        rocksdb::WriteOptions options;
        options.sync = durability == Durability::synchronised;
        const rocksdb::Status status = rocks->Write(options, &batch);
        return status.ok() ? Status{} : failure_from(status, path);
    }

    // Appends a table in the encoding of a list: its count, and the entries as they are stored.
    Status read_table(Bytes& out, Kind kind, std::uint32_t count) const
    {
        Encoder{out}(count);
        const std::string prefix = key_of(kind);
        const std::unique_ptr<rocksdb::Iterator> entries{rocks->NewIterator({})};
        std::uint32_t found = 0;
        for (entries->Seek(prefix); entries->Valid() && entries->key().starts_with(prefix); entries->Next()) {
            if (entries->key() != key_of(kind, found)) break;
            const ByteView bytes = view_of(entries->value());
            out.insert(out.end(), bytes.begin(), bytes.end());
            ++found;
        }
        if (!entries->status().ok()) return failure_from(entries->status(), path);
        if (found != count)
            return failure(Error::invalid_block, path + ": " + std::to_string(found) + " of " + std::to_string(count) + " entries");
        return {};
    }

    [[nodiscard]] Result<std::vector<GameRecord>> played(const Block& block, const Ledger& after, std::vector<GameRecord> records) const;
    [[nodiscard]] Result<GameRecord*> record_of(const Digest& task, const Digest& game, std::vector<GameRecord>& records) const;
};

// The game's record among `records`, where it is put when it is stored; null where there is none. It holds until the next call.
Result<GameRecord*> LedgerStore::Database::record_of(const Digest& task, const Digest& game, std::vector<GameRecord>& records) const
{
    for (GameRecord& record : records)
        if (record.game == game) return &record;
    ASSAY_TRY_ASSIGN(const std::optional<Bytes> bytes, get(key_of_game(task, game)));
    if (!bytes) return nullptr;
    ASSAY_TRY_ASSIGN(GameRecord record, decode<GameRecord>(*bytes));
    records.push_back(std::move(record));
    return &records.back();
}

// The records of the games that a block's transactions start and play, as they are after it. Spec: STORE-19.
Result<std::vector<GameRecord>> LedgerStore::Database::played(const Block& block, const Ledger& after,
                                                              std::vector<GameRecord> records) const
{
    for (const market::SignedTransaction& made : block.transactions) {
        const market::Body& body = made.transaction.body;
        if (const auto* challenge = std::get_if<market::Challenge>(&body)) {
            for (const market::Dispute& opened : after.task(challenge->task)->disputes) {
                ASSAY_TRY_ASSIGN(const GameRecord* const known, record_of(challenge->task, opened.id, records));
                if (known != nullptr) continue;
                ASSAY_TRY_ASSIGN(const dispute::Game game, dispute::Game::decode(opened.game));
                const dispute::GameState& state = game.state();
                records.push_back(
                    {challenge->task, opened.id, opened.segment, {state.statement, state.terms, state.parties, block.header.now, {}, {}}});
            }
        } else if (const auto* play = std::get_if<market::PlayMove>(&body)) {
            ASSAY_TRY_ASSIGN(GameRecord* const record, record_of(play->task, play->move.game, records));
            // A move that comes again applies, and changes nothing (DISPUTE-10).
            if (record != nullptr && record->transcript.moves.size() == play->move.number)
                record->transcript.moves.push_back({block.header.now, play->move});
        } else if (const auto* claim = std::get_if<market::ClaimTimeout>(&body)) {
            ASSAY_TRY_ASSIGN(GameRecord* const record, record_of(claim->task, claim->game, records));
            if (record != nullptr) record->transcript.timeout_claimed = block.header.now;
        }
    }
    return records;
}

Result<std::unique_ptr<LedgerStore>> LedgerStore::open(const std::string& path, OpenMode mode)
{
    ASSAY_TRY(check_folder(path, mode));
    rocksdb::Options options = options_for(mode);
    // Blocks are written once and rarely read: larger tables, fewer compactions. What memory that takes is bounded here.
    options.write_buffer_size = std::size_t{16} << 20;
    options.max_write_buffer_number = 3;
    if (mode == OpenMode::create_if_missing) ASSAY_TRY(make_whole(path, options));
    ASSAY_TRY_ASSIGN(std::unique_ptr<rocksdb::DB> rocks, open_database(path, options));
    auto database = std::make_unique<Database>(Database{path, std::move(rocks)});
    ASSAY_TRY(check_format(*database->rocks, path, format_key, format_mark, "ledger store"));
    return std::unique_ptr<LedgerStore>{new LedgerStore(std::move(database))};
}

LedgerStore::LedgerStore(std::unique_ptr<Database> database) : m_database(std::move(database)) {}
LedgerStore::~LedgerStore() = default;

Result<std::optional<Bytes>> LedgerStore::genesis() const
{
    return m_database->get(key_of(Kind::genesis));
}

Status LedgerStore::begin(ByteView genesis, Chain& chain)
{
    ASSAY_CHECK(chain.height() == 0);
    ASSAY_TRY_ASSIGN(const auto before, m_database->head());
    if (before) return failure(Error::already_done, m_database->path + ": a chain has begun here");
    rocksdb::WriteBatch batch;
    batch.Put(key_of(Kind::genesis), slice_of(genesis));
    put_state(batch, chain);
    return m_database->write(batch, Durability::synchronised);
}

Result<Chain> LedgerStore::load() const
{
    ASSAY_TRY_ASSIGN(const auto head, m_database->head());
    if (!head) return failure(Error::not_available, m_database->path + ": no chain has begun here");
    Bytes parts = encode(PartsBegin{head->rules, head->now, head->supply, head->burned});
    ASSAY_TRY(m_database->read_table(parts, Kind::account, head->accounts));
    ASSAY_TRY(m_database->read_table(parts, Kind::task, head->tasks));
    ASSAY_TRY(m_database->read_table(parts, Kind::verifier, head->verifiers));
    ASSAY_TRY_ASSIGN(Ledger ledger, Ledger::decode(parts));
    if (digest_of(ledger.summary()) != head->state)
        return failure(Error::invalid_block, m_database->path + ": the stored state has not the digest that was committed to");
    ledger.take_changes(); // everything counts as changed after decoding
    if (head->height > 0) {
        ASSAY_TRY_ASSIGN(const auto last, blocks(head->height - 1, 1, 0));
        ASSAY_TRY_ASSIGN(const Block block, decode<Block>(last.empty() ? Bytes{} : last.front()));
        if (digest_of(block.header) != head->head || block.header.state != head->state)
            return failure(Error::invalid_block, m_database->path + ": the stored state is not that after the last block");
    }
    return Chain{std::move(ledger), head->height, head->head};
}

Status LedgerStore::append(std::span<const BlockEvents> blocks, Chain& chain, Durability durability)
{
    rocksdb::WriteBatch batch;
    std::vector<GameRecord> games;
    for (const BlockEvents& made_block : blocks) {
        const Block& block = made_block.block;
        ASSAY_TRY_ASSIGN(games, m_database->played(block, chain.ledger(), std::move(games)));
        put_events(batch, made_block, chain.ledger());
        batch.Put(key_of(Kind::block, block.header.height), slice_of(encode(block)));
        for (const market::SignedTransaction& made : block.transactions) {
            const market::Transaction& transaction = made.transaction;
            batch.Put(key_of_transaction(transaction.author, transaction.number),
                      slice_of(encode(AppliedTransaction{block.header.height, digest_of(transaction)})));
        }
    }
    for (const GameRecord& game : games) batch.Put(key_of_game(game.task, game.game), slice_of(encode(game)));
    put_state(batch, chain);
    return m_database->write(batch, durability);
}

Result<std::uint64_t> LedgerStore::height() const
{
    ASSAY_TRY_ASSIGN(const auto head, m_database->head());
    return head ? head->height : 0;
}

Result<std::vector<Bytes>> LedgerStore::blocks(std::uint64_t from, std::size_t count, std::size_t bytes) const
{
    std::vector<Bytes> found;
    if (count == 0) return found;
    const std::string prefix = key_of(Kind::block);
    const std::unique_ptr<rocksdb::Iterator> entries{m_database->rocks->NewIterator({})};
    std::size_t total = 0;
    for (entries->Seek(key_of(Kind::block, from)); entries->Valid() && entries->key().starts_with(prefix); entries->Next()) {
        const ByteView block = view_of(entries->value());
        if (!found.empty() && total + block.size() > bytes) break;
        total += block.size();
        found.emplace_back(block.begin(), block.end());
        if (found.size() == count) break;
    }
    if (!entries->status().ok()) return failure_from(entries->status(), m_database->path);
    return found;
}

Result<std::optional<AppliedTransaction>> LedgerStore::find(const Digest& author, std::uint64_t number) const
{
    ASSAY_TRY_ASSIGN(const std::optional<Bytes> bytes, m_database->get(key_of_transaction(author, number)));
    if (!bytes) return std::optional<AppliedTransaction>{};
    ASSAY_TRY_ASSIGN(const AppliedTransaction applied, decode<AppliedTransaction>(*bytes));
    return std::optional{applied};
}

Result<std::vector<TaskEvent>> LedgerStore::events(const Digest& task, std::uint64_t from, std::size_t count) const
{
    std::vector<TaskEvent> events;
    const std::string prefix = key_of(Kind::event, task);
    const std::unique_ptr<rocksdb::Iterator> entries{m_database->rocks->NewIterator({})};
    std::uint64_t number = 0;
    for (entries->Seek(prefix); entries->Valid() && entries->key().starts_with(prefix) && events.size() < count; entries->Next()) {
        if (number++ < from) continue;
        ASSAY_TRY_ASSIGN(const TaskEvent event, decode<TaskEvent>(view_of(entries->value())));
        events.push_back(event);
    }
    if (!entries->status().ok()) return failure_from(entries->status(), m_database->path);
    return events;
}

Result<std::vector<GameRecord>> LedgerStore::games(const Digest& task) const
{
    std::vector<GameRecord> games;
    const std::string prefix = key_of(Kind::game, task);
    const std::unique_ptr<rocksdb::Iterator> entries{m_database->rocks->NewIterator({})};
    for (entries->Seek(prefix); entries->Valid() && entries->key().starts_with(prefix); entries->Next()) {
        ASSAY_TRY_ASSIGN(GameRecord game, decode<GameRecord>(view_of(entries->value())));
        games.push_back(std::move(game));
    }
    if (!entries->status().ok()) return failure_from(entries->status(), m_database->path);
    return games;
}

Result<std::optional<Tick>> LedgerStore::clock() const
{
    ASSAY_TRY_ASSIGN(const std::optional<Bytes> bytes, m_database->get(key_of(Kind::clock)));
    if (!bytes) return std::optional<Tick>{};
    ASSAY_TRY_ASSIGN(const Tick tick, decode<Tick>(*bytes));
    return std::optional{tick};
}

Status LedgerStore::set_clock(Tick now)
{
    rocksdb::WriteBatch batch;
    batch.Put(key_of(Kind::clock), slice_of(encode(now)));
    return m_database->write(batch, Durability::buffered);
}

Result<std::uint64_t> LedgerStore::stored_bytes(const Digest& party) const
{
    ASSAY_TRY_ASSIGN(const std::optional<Bytes> bytes, m_database->get(key_of(Kind::stored, party)));
    if (!bytes) return std::uint64_t{0};
    return decode<std::uint64_t>(*bytes);
}

Status LedgerStore::set_stored_bytes(const Digest& party, std::uint64_t bytes)
{
    rocksdb::WriteBatch batch;
    batch.Put(key_of(Kind::stored, party), slice_of(encode(bytes)));
    return m_database->write(batch, Durability::buffered);
}

Result<std::uint64_t> verify_chain(const LedgerStore& store, Chain start)
{
    constexpr std::size_t blocks_at_once = 1024;
    constexpr std::size_t bytes_at_once = std::size_t{16} << 20;
    ASSAY_TRY_ASSIGN(const std::uint64_t height, store.height());
    while (start.height() < height) {
        ASSAY_TRY_ASSIGN(const std::vector<Bytes> blocks, store.blocks(start.height(), blocks_at_once, bytes_at_once));
        if (blocks.empty()) return failure(Error::invalid_block, "block " + std::to_string(start.height()) + " is missing");
        for (const Bytes& bytes : blocks) {
            const auto refused = [&](const Failure& why) {
                return failure(why.error, "block " + std::to_string(start.height()) + ": " + why.message());
            };
            const auto block = decode<Block>(bytes);
            if (!block) return refused(block.failure());
            if (const auto followed = start.follow_in_place(*block); !followed) return refused(followed.failure());
        }
    }
    ASSAY_TRY_ASSIGN(Chain stored, store.load());
    if (stored.head() != start.head() || digest_of(stored.ledger().summary()) != digest_of(start.ledger().summary()))
        return failure(Error::invalid_block, "the stored state is not the one that the blocks lead to");
    return height;
}

} // namespace assay::store
