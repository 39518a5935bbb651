// A store that keeps next to nothing, so that what is measured is a transfer.
#pragma once

#include <map>

#include <assay/commit/tensors.hpp>
#include <assay/store/chunk_store.hpp>

namespace assay {

// Keeps what names others, and forgets the chunks of tensors: what is left of a transfer without storing.
class Sieve final : public store::ChunkStore {
    Status write_records(const std::vector<store::Record>& records) override
    {
        for (const store::Record& record : records)
            if (record.value.size() != commit::chunk_bytes_max) m_records[record.key] = record.value;
        return {};
    }
    Status write_values(std::uint8_t kind, std::span<const Digest> addresses, std::span<const ByteView> values) override
    {
        return values.front().size() == commit::chunk_bytes_max ? Status{} : ChunkStore::write_values(kind, addresses, values);
    }
    [[nodiscard]] Result<std::optional<Bytes>> read_record(const std::string& key) const override
    {
        const auto found = m_records.find(key);
        return found == m_records.end() ? std::optional<Bytes>{} : std::optional{found->second};
    }
    Result<std::size_t> read_records(std::span<const store::ChunkKey> keys, const std::function<bool(std::optional<ByteView>)>& use) const override
    {
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const auto found = m_records.find(std::string_view{keys[i].data(), keys[i].size()});
            if (!use(found == m_records.end() ? std::nullopt : std::optional<ByteView>{found->second})) return i;
        }
        return keys.size();
    }
    [[nodiscard]] Result<std::vector<std::string>> keys_from(const std::string&) const override { return std::vector<std::string>{}; }
    std::map<std::string, Bytes, std::less<>> m_records;
};

} // namespace assay
