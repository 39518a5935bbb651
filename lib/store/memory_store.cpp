// A sorted map behind a lock.
#include <assay/store/memory_store.hpp>

#include <map>
#include <mutex>

namespace assay::store {

struct MemoryChunkStore::Table {
    std::mutex mutex;
    std::map<std::string, Bytes> values;
};

MemoryChunkStore::MemoryChunkStore() : m_table(std::make_unique<Table>()) {}
MemoryChunkStore::~MemoryChunkStore() = default;

Status MemoryChunkStore::write_records(const std::vector<Record>& records)
{
    const std::lock_guard lock(m_table->mutex);
    for (const Record& record : records) m_table->values[record.key] = record.value;
    return {};
}

Result<std::optional<Bytes>> MemoryChunkStore::read_record(const std::string& key) const
{
    const std::lock_guard lock(m_table->mutex);
    const auto found = m_table->values.find(key);
    if (found == m_table->values.end()) return std::optional<Bytes>{};
    return std::optional{found->second};
}

Result<std::vector<std::string>> MemoryChunkStore::keys_from(const std::string& prefix) const
{
    const std::lock_guard lock(m_table->mutex);
    std::vector<std::string> keys;
    for (auto at = m_table->values.lower_bound(prefix); at != m_table->values.end(); ++at) {
        if (!at->first.starts_with(prefix)) break;
        keys.push_back(at->first);
    }
    return keys;
}

} // namespace assay::store
