// A chunk store that lives as long as its object: for tests, simulations and short runs. Spec: spec/storage.md.
#pragma once

#include <memory>

#include <assay/store/chunk_store.hpp>

namespace assay::store {

// Keeps everything in memory; nothing it is asked can fail but what is not there.
class MemoryChunkStore final : public ChunkStore {
public:
    MemoryChunkStore();
    ~MemoryChunkStore() override;

private:
    Status write_records(const std::vector<Record>& records) override;
    [[nodiscard]] Result<std::optional<Bytes>> read_record(const std::string& key) const override;
    [[nodiscard]] Result<std::vector<std::string>> keys_from(const std::string& prefix) const override;

    struct Table;
    std::unique_ptr<Table> m_table;
};

} // namespace assay::store
