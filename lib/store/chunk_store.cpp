// What all stores have in common: the layout of the table, and that nothing leaves it unverified.
#include <assay/store/chunk_store.hpp>

#include <assay/hash/openssl.hpp>

namespace assay::store {

namespace {

// The first byte of a key says what the rest of it is. Spec: STORE-8.
constexpr std::uint8_t chunk_kind = 0;
constexpr std::uint8_t name_kind = 1;

std::string key_of(std::uint8_t kind, ByteView rest)
{
    std::string key(1, static_cast<char>(kind));
    return key.append(rest.begin(), rest.end());
}

std::vector<ChunkKey> chunk_keys(std::span<const Digest> addresses)
{
    std::vector<ChunkKey> keys(addresses.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        keys[i].front() = static_cast<char>(chunk_kind);
        std::copy(addresses[i].bytes.begin(), addresses[i].bytes.end(), keys[i].begin() + 1);
    }
    return keys;
}

Digest address_of(ByteView chunk)
{
    return merkle::leaf_hash(chunk, hash::sha256_openssl);
}

struct NamedTarget {
    std::string name;
    Digest target;

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.name, self.target);
    }
};

// What is stored under a name: the seal binds the target to its name, so that neither a flipped bit nor a swapped record goes unseen.
struct NameRecord {
    Digest target;
    Digest seal;

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.target, self.seal);
    }
};

NameRecord sealed(std::string_view name, const Digest& target)
{
    return {target, hash::tagged_digest("assay.store.name", NamedTarget{std::string{name}, target})};
}

void require_name(std::string_view name)
{
    ASSAY_CHECK(!name.empty() && name.size() <= name_length_max);
}

// Puts what was asked for before the reason why there is no answer.
Failure about(const std::string& what, const Failure& cause)
{
    return failure(cause.error, what + ": " + cause.detail);
}

} // namespace

Digest Batch::put(ByteView chunk)
{
    const Digest address = address_of(chunk);
    put(chunk, address);
    return address;
}

void Batch::put(ByteView chunk, const Digest& address)
{
    m_records.push_back({key_of(chunk_kind, view_of(address)), Bytes(chunk.begin(), chunk.end())});
}

void Batch::put_name(std::string_view name, const Digest& target)
{
    require_name(name);
    m_records.push_back({key_of(name_kind, view_of(name)), encode(sealed(name, target))});
}

Status ChunkStore::write(const Batch& batch)
{
    if (batch.records().empty()) return {};
    return write_records(batch.records());
}

Result<Digest> ChunkStore::put(ByteView chunk)
{
    Batch batch;
    const Digest address = batch.put(chunk);
    ASSAY_TRY(write(batch));
    return address;
}

Status ChunkStore::put_all(std::span<const Digest> addresses, std::span<const ByteView> chunks)
{
    ASSAY_CHECK(addresses.size() == chunks.size());
    return chunks.empty() ? Status{} : write_values(chunk_kind, addresses, chunks);
}

Status ChunkStore::write_values(std::uint8_t kind, std::span<const Digest> addresses, std::span<const ByteView> values)
{
    std::vector<Record> records;
    for (std::size_t i = 0; i < values.size(); ++i)
        records.push_back({key_of(kind, view_of(addresses[i])), Bytes(values[i].begin(), values[i].end())});
    return write_records(records);
}

Status ChunkStore::put_name(std::string_view name, const Digest& target)
{
    Batch batch;
    batch.put_name(name, target);
    return write(batch);
}

Result<Bytes> ChunkStore::get(const Digest& address) const
{
    const std::string what = "chunk " + to_hex(address);
    auto read = read_record(key_of(chunk_kind, view_of(address)));
    if (!read) return about(what, read.failure());
    if (!read->has_value()) return failure(Error::chunk_missing, what);
    Bytes& chunk = **read;
    if (address_of(chunk) != address)
        return failure(Error::chunk_damaged,
                       what + ": its " + std::to_string(chunk.size()) + " stored bytes have another address; put it again");
    return std::move(chunk);
}

Result<std::size_t> ChunkStore::forward(std::span<const Digest> addresses, const std::function<bool(ByteView)>& use) const
{
    return read_records(chunk_keys(addresses), [&](std::optional<ByteView> value) { return value && use(*value); });
}

Result<std::vector<Digest>> ChunkStore::missing(std::span<const Digest> addresses) const
{
    std::vector<Digest> absent;
    std::size_t at = 0;
    const auto look = [&](std::optional<ByteView> value) {
        if (!value) absent.push_back(addresses[at]);
        ++at;
        return true;
    };
    ASSAY_TRY(read_records(chunk_keys(addresses), look));
    return absent;
}

Result<std::size_t> ChunkStore::read_records(std::span<const ChunkKey> keys,
                                             const std::function<bool(std::optional<ByteView>)>& use) const
{
    for (std::size_t i = 0; i < keys.size(); ++i) {
        ASSAY_TRY_ASSIGN(const std::optional<Bytes> value, read_record({keys[i].begin(), keys[i].end()}));
        if (!use(value ? std::optional<ByteView>{*value} : std::nullopt)) return i;
    }
    return keys.size();
}

Result<bool> ChunkStore::contains(const Digest& address) const
{
    const auto read = read_record(key_of(chunk_kind, view_of(address)));
    if (!read) return about("chunk " + to_hex(address), read.failure());
    return read->has_value();
}

Result<Digest> ChunkStore::get_name(std::string_view name) const
{
    require_name(name);
    const std::string what = "name '" + std::string{name} + "'";
    const auto read = read_record(key_of(name_kind, view_of(name)));
    if (!read) return about(what, read.failure());
    if (!read->has_value()) return failure(Error::not_available, what + " stands for nothing");
    const auto record = decode<NameRecord>(**read);
    if (!record || record->seal != sealed(name, record->target).seal)
        return failure(Error::chunk_damaged, what + ": its record was changed; put it again");
    return record->target;
}

Result<std::vector<std::string>> ChunkStore::names(std::string_view prefix) const
{
    ASSAY_TRY_ASSIGN(std::vector<std::string> keys, keys_from(key_of(name_kind, view_of(prefix))));
    for (std::string& key : keys) key.erase(0, 1);
    return keys;
}

} // namespace assay::store
