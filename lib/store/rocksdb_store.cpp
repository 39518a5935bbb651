// The table of a chunk store in RocksDB.
#include <assay/store/rocksdb_store.hpp>

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

Bytes bytes_of(const rocksdb::Slice& slice)
{
    return {slice.data(), slice.data() + slice.size()};
}

} // namespace

Result<std::unique_ptr<RocksDbChunkStore>> RocksDbChunkStore::open(const std::string& path, OpenMode mode)
{
    ASSAY_TRY(check_folder(path, mode));
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options_for(mode), path, &opened);
    if (!status.ok()) return failure_from(status, path);
    auto database = std::make_unique<Database>(Database{path, std::unique_ptr<rocksdb::DB>{opened}});
    ASSAY_TRY(check_format(*database->rocks, path, format_key, format_value, "chunk store"));
    return std::unique_ptr<RocksDbChunkStore>{new RocksDbChunkStore(std::move(database))};
}

RocksDbChunkStore::RocksDbChunkStore(std::unique_ptr<Database> database) : m_database(std::move(database)) {}
RocksDbChunkStore::~RocksDbChunkStore() = default;

Status RocksDbChunkStore::write_records(const std::vector<Record>& records)
{
    rocksdb::WriteBatch batch;
    rocksdb::Status status;
    for (const Record& record : records)
        if (status.ok()) status = batch.Put(record.key, slice_of(record.value));
    rocksdb::WriteOptions durable;
    durable.sync = true;
    if (status.ok()) status = m_database->rocks->Write(durable, &batch);
    return status.ok() ? Status{} : failure_from(status, m_database->path);
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
