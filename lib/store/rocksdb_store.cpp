// The table of a chunk store in RocksDB.
#include <assay/store/rocksdb_store.hpp>

#include <algorithm>
#include <numeric>

#include <rocksdb/write_batch.h>

#include "store/rocksdb.hpp"

namespace assay::store {

struct RocksDbChunkStore::Database {
    std::string path;
    std::unique_ptr<rocksdb::DB> rocks;
};

namespace {

// The record that tells a chunk store from any other database. Spec: STORE-8.
constexpr std::string_view format_key = "\x02";
constexpr std::string_view format_value = "assay chunk store 1";

constexpr std::size_t record_overhead = 48; // the key, lengths and kind of a record in a batch
constexpr std::size_t reads_at_once = 64;   // more would hold more of the cache at a time, and save no more

Bytes bytes_of(const rocksdb::Slice& slice)
{
    return {slice.data(), slice.data() + slice.size()};
}

} // namespace

Result<std::unique_ptr<RocksDbChunkStore>> RocksDbChunkStore::open(const std::string& path, OpenMode mode)
{
    ASSAY_TRY(check_folder(path, mode));
    const rocksdb::Options options = options_for(mode);
    if (mode == OpenMode::create_if_missing) ASSAY_TRY(make_whole(path, options));
    ASSAY_TRY_ASSIGN(std::unique_ptr<rocksdb::DB> rocks, open_database(path, options));
    auto database = std::make_unique<Database>(Database{path, std::move(rocks)});
    ASSAY_TRY(check_format(*database->rocks, path, format_key, format_value, "chunk store"));
    return std::unique_ptr<RocksDbChunkStore>{new RocksDbChunkStore(std::move(database))};
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
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return addresses[i].bytes < addresses[j].bytes; });
    return write_batch(bytes, [&](rocksdb::WriteBatch& batch) {
        std::array<char, 1 + sizeof(Digest::bytes)> key{static_cast<char>(kind)};
        rocksdb::Status status;
        for (const std::size_t i : order) {
            if (!status.ok()) break;
            std::copy(addresses[i].bytes.begin(), addresses[i].bytes.end(), key.begin() + 1);
            status = batch.Put(rocksdb::Slice{key.data(), key.size()}, slice_of(values[i]));
        }
        return status;
    });
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
