#include "store/rocksdb.hpp"

#include <cstdarg>
#include <filesystem>

#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include "store/log_tail.hpp"

namespace assay::store {

namespace fs = std::filesystem;

namespace {

// Instead of RocksDB's diary, a file of prose in the store's folder: on a full disk it cannot be written either, and RocksDB 7.8 built
// with assertions then aborts the process (assertion `sync_without_flush_called_' below EnvLogger).
class SilentLog final : public rocksdb::Logger {
public:
    using rocksdb::Logger::Logv;
    void Logv(const char*, std::va_list) override {}
};

} // namespace

rocksdb::Options options_for(OpenMode mode)
{
    rocksdb::Options options;
    options.create_if_missing = mode == OpenMode::create_if_missing;
    options.create_missing_column_families = true;
    // A log whose end was cut off by a crash is read up to there; a log that is damaged in any other way is refused, by RocksDB or by check_logs,
    // because going on would silently lose what was acknowledged.
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

Result<std::unique_ptr<rocksdb::DB>> open_database(const std::string& path, const rocksdb::Options& options)
{
    ASSAY_TRY(check_logs(path));
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options, path, &opened);
    if (!status.ok()) return failure_from(status, path);
    return std::unique_ptr<rocksdb::DB>{opened};
}

Status make_whole(const std::string& path, const rocksdb::Options& options)
{
    std::error_code error;
    if (fs::exists(fs::path(path) / "CURRENT", error)) return {};
    fs::path name = fs::path(path).lexically_normal();
    if (!name.has_filename()) name = name.parent_path();
    const std::string unfinished = name.string() + ".unfinished";
    fs::remove_all(unfinished, error);
    if (!error) ASSAY_TRY(open_database(unfinished, options));
    if (!error) fs::rename(unfinished, name, error);
    if (error) return storage_failure(path, "cannot be made (" + error.message() + "): check the path and its permissions");
    // The new name, too, has to outlive the loss of power.
    const fs::path parent = fs::absolute(name, error).parent_path();
    std::unique_ptr<rocksdb::Directory> folder;
    rocksdb::Status status = rocksdb::Env::Default()->NewDirectory(parent.string(), &folder);
    if (status.ok()) status = folder->Fsync();
    return status.ok() ? Status{} : failure_from(status, parent.string());
}

Status check_format(rocksdb::DB& rocks, const std::string& path, std::string_view key, std::string_view mark, std::string_view kind)
{
    std::string value;
    const rocksdb::Status status = rocks.Get({}, rocksdb::Slice{key}, &value);
    if (status.ok() && value == mark) return {};
    if (!status.ok() && !status.IsNotFound()) return failure_from(status, path);
    const std::unique_ptr<rocksdb::Iterator> entries{rocks.NewIterator({})};
    entries->SeekToFirst();
    if (!entries->status().ok()) return failure_from(entries->status(), path);
    if (entries->Valid())
        return storage_failure(path, "holds a database that is no " + std::string{kind} + " of this version: name another folder");
    rocksdb::WriteOptions durable;
    durable.sync = true;
    const rocksdb::Status written = rocks.Put(durable, rocksdb::Slice{key}, rocksdb::Slice{mark});
    return written.ok() ? Status{} : failure_from(written, path);
}

} // namespace assay::store
