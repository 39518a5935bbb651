// The table of a chunk store in RocksDB.
#include <assay/store/rocksdb_store.hpp>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <limits>
#include <numeric>

#include <rocksdb/sst_file_writer.h>
#include <rocksdb/write_batch.h>

#include "store/rocksdb.hpp"

namespace assay::store {

struct RocksDbChunkStore::Database {
    std::string path;
    rocksdb::Options options;
    std::unique_ptr<rocksdb::DB> rocks;
    std::atomic<std::uint64_t> tables{0}; // made by write_table
};

namespace {

// The record that tells a chunk store from any other database. Spec: STORE-8.
constexpr std::string_view format_key = "\x02";
constexpr std::string_view format_value = "assay chunk store 1";

constexpr std::size_t record_overhead = 48; // the key, lengths and kind of a record in a batch
constexpr std::size_t table_bytes_min = std::size_t{16} << 20; // a table of its own costs some synchronisations more
constexpr std::size_t reads_at_once = 64;   // more would hold more of the cache at a time, and save no more

// While a table is written it has a name that RocksDB has no meaning for.
constexpr std::string_view unfinished_table = ".unfinished-table";

Bytes bytes_of(const rocksdb::Slice& slice)
{
    return {slice.data(), slice.data() + slice.size()};
}

// Most of what a store holds has come in tables as large as a checkpoint, in no order from one to the next: they are merged seldom, sixteen at a time.
rocksdb::Options chunk_options(OpenMode mode)
{
    rocksdb::Options options = options_for(mode);
    options.compaction_style = rocksdb::kCompactionStyleUniversal;
    options.compaction_options_universal.max_size_amplification_percent = std::numeric_limits<unsigned>::max(); // nothing is ever replaced
    options.level0_file_num_compaction_trigger = 16;
    options.level0_slowdown_writes_trigger = 48;
    options.level0_stop_writes_trigger = 64;
    options.compaction_readahead_size = std::size_t{2} << 20;
    return options;
}

// What a process left that ended while it wrote them.
void remove_unfinished_tables(const std::string& path)
{
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator{path, error})
        if (entry.path().extension() == unfinished_table) std::filesystem::remove(entry.path(), error);
}

// The order of the addresses; of equal ones, one.
std::vector<std::size_t> sorted(std::span<const Digest> addresses)
{
    std::vector<std::size_t> order(addresses.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return addresses[i].bytes < addresses[j].bytes; });
    order.erase(std::unique(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return addresses[i] == addresses[j]; }), order.end());
    return order;
}

// Calls put(key, value) for each of them in the order of their addresses, until it fails.
template <class Put>
rocksdb::Status put_in_order(std::uint8_t kind, std::span<const Digest> addresses, std::span<const ByteView> values, const Put& put)
{
    std::array<char, 1 + sizeof(Digest::bytes)> key{static_cast<char>(kind)};
    for (const std::size_t i : sorted(addresses)) {
        std::copy(addresses[i].bytes.begin(), addresses[i].bytes.end(), key.begin() + 1);
        const rocksdb::Status status = put(rocksdb::Slice{key.data(), key.size()}, slice_of(values[i]));
        if (!status.ok()) return status;
    }
    return {};
}

} // namespace

Result<std::unique_ptr<RocksDbChunkStore>> RocksDbChunkStore::open(const std::string& path, OpenMode mode)
{
    ASSAY_TRY(check_folder(path, mode));
    const rocksdb::Options options = chunk_options(mode);
    if (mode == OpenMode::create_if_missing) ASSAY_TRY(make_whole(path, options));
    ASSAY_TRY_ASSIGN(std::unique_ptr<rocksdb::DB> rocks, open_database(path, options));
    ASSAY_TRY(check_format(*rocks, path, format_key, format_value, "chunk store"));
    remove_unfinished_tables(path);
    return std::unique_ptr<RocksDbChunkStore>{new RocksDbChunkStore(std::unique_ptr<Database>{new Database{path, options, std::move(rocks)}})};
}

RocksDbChunkStore::RocksDbChunkStore(std::unique_ptr<Database> database) : m_database(std::move(database)) {}
RocksDbChunkStore::~RocksDbChunkStore() = default;

// Writes what `put` has put into the batch, and synchronises the disk.
template <class Put>
Status RocksDbChunkStore::write_batch(std::size_t bytes, Put put)
{
    rocksdb::WriteBatch batch{bytes};
    rocksdb::WriteOptions durable;
    durable.sync = true;
    durable.memtable_insert_hint_per_batch = true; // for keys that come in order
    rocksdb::Status status = put(batch);
    if (status.ok()) status = m_database->rocks->Write(durable, &batch);
    return status.ok() ? Status{} : failure_from(status, m_database->path);
}

Status RocksDbChunkStore::write_records(const std::vector<Record>& records)
{
    return write_batch(0, [&](rocksdb::WriteBatch& batch) {
        rocksdb::Status status;
        for (const Record& record : records)
            if (status.ok()) status = batch.Put(record.key, slice_of(record.value));
        return status;
    });
}

Status RocksDbChunkStore::write_values(std::uint8_t kind, std::span<const Digest> addresses, std::span<const ByteView> values)
{
    std::size_t bytes = 0;
    for (const ByteView value : values) bytes += value.size() + record_overhead;
    if (bytes >= table_bytes_min) return write_table(kind, addresses, values);
    return write_batch(bytes, [&](rocksdb::WriteBatch& batch) {
        return put_in_order(kind, addresses, values, [&](const auto& key, const auto& value) { return batch.Put(key, value); });
    });
}

// Many values go into a table of their own, which joins the others whole: written once, where a batch is written to the log, to memory, and from there
// to a table.
Status RocksDbChunkStore::write_table(std::uint8_t kind, std::span<const Digest> addresses, std::span<const ByteView> values)
{
    const std::string file = m_database->path + "/" + std::to_string(m_database->tables++) + std::string{unfinished_table};
    rocksdb::SstFileWriter writer{{}, m_database->options, nullptr, false};
    rocksdb::Status status = writer.Open(file);
    if (status.ok())
        status = put_in_order(kind, addresses, values, [&](const auto& key, const auto& value) { return writer.Put(key, value); });
    if (status.ok()) status = writer.Finish(); // synchronises the file
    rocksdb::IngestExternalFileOptions joining;
    joining.move_files = true;
    joining.write_global_seqno = false;
    if (status.ok()) status = m_database->rocks->IngestExternalFile({file}, joining);
    if (status.ok()) return {};
    std::error_code error;
    std::filesystem::remove(file, error);
    return failure_from(status, m_database->path);
}

Result<std::optional<Bytes>> RocksDbChunkStore::read_record(const std::string& key) const
{
    rocksdb::PinnableSlice value;
    const rocksdb::Status status = m_database->rocks->Get({}, m_database->rocks->DefaultColumnFamily(), key, &value);
    if (status.IsNotFound()) return std::optional<Bytes>{};
    if (status.IsCorruption()) return failure(Error::chunk_damaged, failure_from(status, m_database->path).detail);
    if (!status.ok()) return failure_from(status, m_database->path);
    return std::optional{bytes_of(value)};
}

Result<std::size_t> RocksDbChunkStore::read_records(std::span<const ChunkKey> keys,
                                                    const std::function<bool(std::optional<ByteView>)>& use) const
{
    rocksdb::DB& rocks = *m_database->rocks;
    std::array<rocksdb::Slice, reads_at_once> names;
    std::array<rocksdb::PinnableSlice, reads_at_once> values;
    std::array<rocksdb::Status, reads_at_once> statuses;
    for (std::size_t done = 0; done < keys.size();) {
        const std::size_t count = std::min(reads_at_once, keys.size() - done);
        for (std::size_t i = 0; i < count; ++i) {
            names[i] = rocksdb::Slice{keys[done + i].data(), keys[done + i].size()};
            values[i].Reset();
        }
        rocks.MultiGet({}, rocks.DefaultColumnFamily(), count, names.data(), values.data(), statuses.data());
        for (std::size_t i = 0; i < count; ++i, ++done) {
            if (statuses[i].IsCorruption()) return failure(Error::chunk_damaged, failure_from(statuses[i], m_database->path).detail);
            if (!statuses[i].ok() && !statuses[i].IsNotFound()) return failure_from(statuses[i], m_database->path);
            if (!use(statuses[i].ok() ? std::optional{view_of(values[i])} : std::nullopt)) return done;
        }
    }
    return keys.size();
}

Result<std::vector<std::string>> RocksDbChunkStore::keys_from(const std::string& prefix) const
{
    const std::unique_ptr<rocksdb::Iterator> entries{m_database->rocks->NewIterator({})};
    std::vector<std::string> keys;
    for (entries->Seek(prefix); entries->Valid() && entries->key().starts_with(prefix); entries->Next())
        keys.push_back(entries->key().ToString());
    if (!entries->status().ok()) return failure_from(entries->status(), m_database->path);
    return keys;
}

} // namespace assay::store
