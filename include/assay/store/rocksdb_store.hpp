// A chunk store in a folder on disk, in a RocksDB database. Spec: spec/storage.md, STORE-4 to STORE-8.
#pragma once

#include <memory>

#include <assay/store/chunk_store.hpp>

namespace assay::store {

enum class OpenMode { existing_only, create_if_missing };

// One process at a time may have the folder open, and in it one object. Closed by the destructor.
class RocksDbChunkStore final : public ChunkStore {
public:
    // Opens the store in the folder `path`, or makes a new one where the folder is empty or not there and `mode` says so.
    // Errors: storage_failed, with the path, the reason and what to do about it: no store there, something else there, opened by
    // another process, damaged, disk full, no permission. A folder that holds something else is left as it is. Spec: STORE-6.
    static Result<std::unique_ptr<RocksDbChunkStore>> open(const std::string& path, OpenMode mode);

    ~RocksDbChunkStore() override;

private:
    struct Database;
    explicit RocksDbChunkStore(std::unique_ptr<Database> database);

    template <class Put>
    Status write_batch(std::size_t bytes, Put put);
    Status write_records(const std::vector<Record>& records) override;
    Status write_values(std::uint8_t kind, std::span<const Digest> addresses, std::span<const ByteView> values) override;
    Status write_table(std::uint8_t kind, std::span<const Digest> addresses, std::span<const ByteView> values);
    [[nodiscard]] Result<std::optional<Bytes>> read_record(const std::string& key) const override;
    Result<std::size_t> read_records(std::span<const ChunkKey> keys,
                                     const std::function<bool(std::optional<ByteView>)>& use) const override;
    [[nodiscard]] Result<std::vector<std::string>> keys_from(const std::string& prefix) const override;

    std::unique_ptr<Database> m_database;
};

} // namespace assay::store
