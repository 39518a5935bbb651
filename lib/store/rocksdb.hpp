// What all databases on disk have in common: options, folders that are refused, and RocksDB's errors turned into ours. Spec: STORE-6.
#pragma once

#include <memory>

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <assay/base/bytes.hpp>
#include <assay/store/rocksdb_store.hpp>

namespace assay::store {

inline rocksdb::Slice slice_of(ByteView bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline ByteView view_of(const rocksdb::Slice& slice)
{
    return {reinterpret_cast<const std::uint8_t*>(slice.data()), slice.size()};
}

rocksdb::Options options_for(OpenMode mode);

Failure storage_failure(const std::string& path, const std::string& reason_and_advice);

// What went wrong and what a person can do about it.
Failure failure_from(const rocksdb::Status& status, const std::string& path);

// Refuses a folder that holds something, but no database: RocksDB would put one beside it.
Status check_folder(const std::string& path, OpenMode mode);

Result<std::unique_ptr<rocksdb::DB>> open_database(const std::string& path, const rocksdb::Options& options);

// Makes an empty database, whole or not at all, where the folder `path` is empty or not there: under another name, which it loses in the
// end. Requires: check_folder. Spec: STORE-6.
Status make_whole(const std::string& path, const rocksdb::Options& options);

// Writes the mark under `key` into a new database, and refuses one that has entries but not the mark. `kind` is for people.
Status check_format(rocksdb::DB& rocks, const std::string& path, std::string_view key, std::string_view mark, std::string_view kind);

} // namespace assay::store
