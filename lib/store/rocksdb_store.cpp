// The table in RocksDB. Its errors are turned into ours here and nowhere else.
#include <assay/store/rocksdb_store.hpp>

#include <cstdarg>
#include <filesystem>

#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

namespace assay::store {

namespace fs = std::filesystem;

struct RocksDbChunkStore::Database {
    std::string path;
    std::unique_ptr<rocksdb::DB> rocks;
};

namespace {

// The record that tells a chunk store from any other database. Spec: STORE-8.
constexpr std::string_view format_key = "\x02";
constexpr std::string_view format_value = "assay chunk store 1";

rocksdb::Slice slice_of(const Bytes& bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Bytes bytes_of(const rocksdb::Slice& slice)
{
    return {slice.data(), slice.data() + slice.size()};
}

// Instead of RocksDB's diary, a file of prose in the store's folder: on a full disk it cannot be written either, and RocksDB 7.8 built
// with assertions then aborts the process (assertion `sync_without_flush_called_' below EnvLogger).
class SilentLog final : public rocksdb::Logger {
public:
    using rocksdb::Logger::Logv;
    void Logv(const char*, std::va_list) override {}
};

rocksdb::Options options_for(OpenMode mode)
{
    rocksdb::Options options;
    options.create_if_missing = mode == OpenMode::create_if_missing;
    // A log whose end was cut off by a crash is read up to there; a log that is damaged in any other way is refused, because going on
    // would silently lose what was acknowledged.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    options.compression = rocksdb::kNoCompression; // weights do not compress
    options.info_log = std::make_shared<SilentLog>();
    rocksdb::BlockBasedTableOptions table;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    return options;
}

Failure storage_failure(const std::string& path, const std::string& reason_and_advice)
{
    return failure(Error::storage_failed, path + ": " + reason_and_advice);
}

// What went wrong and what a person can do about it.
Failure failure_from(const rocksdb::Status& status, const std::string& path)
{
    const std::string text = status.ToString();
    if (status.IsNoSpace())
        return storage_failure(path, "the disk is full: free some space, open the store again and repeat (" + text + ")");
    if (status.IsCorruption())
        return storage_failure(path, "the database is damaged: restore the folder from a copy, or fetch its chunks again into a new one (" +
                                         text + ")");
    // The words of RocksDB for a lock that another process, or this one, holds; it has no code for it.
    if (text.find("While lock file") != std::string::npos || text.find("lock hold by current process") != std::string::npos)
        return storage_failure(path,
                               "another process, or this one, has the store open: close it there or use another folder (" + text + ")");
    return storage_failure(path, "reading or writing failed: check the disk and the folder's permissions, then open the store again (" +
                                     text + ")");
}

// Refuses a folder that holds something, but no database: RocksDB would put one beside it.
Status check_folder(const std::string& path, OpenMode mode)
{
    std::error_code error;
    const bool exists = fs::exists(path, error);
    const bool is_folder = exists && fs::is_directory(path, error);
    const bool is_database = is_folder && fs::exists(fs::path(path) / "CURRENT", error);
    const bool is_empty = !exists || (is_folder && fs::is_empty(path, error));
    if (error) return storage_failure(path, "cannot be read (" + error.message() + "): check the path and its permissions");
    if (is_database) return {};
    if (exists && !is_folder) return storage_failure(path, "is not a folder: name a folder for the store");
    if (mode == OpenMode::existing_only) return storage_failure(path, "there is no store here: check the path, or ask for a new store");
    if (!is_empty) return storage_failure(path, "holds other files and no store: name an empty or a new folder");
    return {};
}

// Writes the mark into a new database, and refuses one that has entries but not the mark.
Status check_format(rocksdb::DB& rocks, const std::string& path)
{
    std::string value;
    const rocksdb::Status status = rocks.Get({}, rocksdb::Slice{format_key}, &value);
    if (status.ok() && value == format_value) return {};
    if (!status.ok() && !status.IsNotFound()) return failure_from(status, path);
    const std::unique_ptr<rocksdb::Iterator> entries{rocks.NewIterator({})};
    entries->SeekToFirst();
    if (!entries->status().ok()) return failure_from(entries->status(), path);
    if (entries->Valid()) return storage_failure(path, "holds a database that is no chunk store of this version: name another folder");
    rocksdb::WriteOptions durable;
    durable.sync = true;
    const rocksdb::Status written = rocks.Put(durable, rocksdb::Slice{format_key}, rocksdb::Slice{format_value});
    return written.ok() ? Status{} : failure_from(written, path);
}

} // namespace

Result<std::unique_ptr<RocksDbChunkStore>> RocksDbChunkStore::open(const std::string& path, OpenMode mode)
{
    ASSAY_TRY(check_folder(path, mode));
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options_for(mode), path, &opened);
    if (!status.ok()) return failure_from(status, path);
    auto database = std::make_unique<Database>(Database{path, std::unique_ptr<rocksdb::DB>{opened}});
    ASSAY_TRY(check_format(*database->rocks, path));
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
