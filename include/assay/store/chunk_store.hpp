// Keeps chunks under the hash of their bytes, and names for the few of them that one starts from. Spec: spec/storage.md.
//
// Whoever holds an address can check what any disk or peer hands over, so a store is trusted with keeping bytes, never with their being
// right. Library: assay::node.
#pragma once

#include <functional>

#include <assay/merkle/hashing.hpp>

namespace assay::store {

// The most bytes in a name; a name has at least one. Spec: STORE-5.
constexpr std::size_t name_length_max = 1000;

// One entry of the table below a store. Spec: STORE-8.
struct Record {
    std::string key;
    Bytes value;
};

// The key of a chunk's record.
using ChunkKey = std::array<char, 1 + sizeof(Digest::bytes)>;

// Chunks and names that are written together: after a crash either all of them are there or none. A value, held in memory until it
// is written; for more than some megabytes write several, and the name that makes them reachable last.
class Batch {
public:
    // Adds a chunk. Returns: its address, merkle::leaf_hash of its bytes, which makes it a leaf of any tree over chunks.
    // Spec: STORE-1.
    Digest put(ByteView chunk);

    // The same where the address is known. Requires: it is leaf_hash of the bytes; else the chunk reads as damaged.
    void put(ByteView chunk, const Digest& address);

    // Lets `name` stand for `target`, instead of what it stood for before. The target need not be stored.
    // Requires: 1 to name_length_max bytes in `name`. Spec: STORE-5.
    void put_name(std::string_view name, const Digest& target);

    [[nodiscard]] const std::vector<Record>& records() const { return m_records; }

private:
    std::vector<Record> m_records;
};

// The interface of all stores. May be called from several threads at once. There is no deletion.
class ChunkStore {
public:
    virtual ~ChunkStore() = default;
    ChunkStore(const ChunkStore&) = delete;
    ChunkStore& operator=(const ChunkStore&) = delete;

    // Writes the whole batch or, as far as any later call can tell, none of it. Once this succeeds the batch survives the end of the
    // process, however it ends. A chunk that is already there is replaced by itself, which repairs a damaged one.
    // Errors: storage_failed; what was stored before stays readable. Cost: one disk synchronisation. Spec: STORE-3, STORE-4, STORE-7.
    Status write(const Batch& batch);

    // A batch of chunks whose addresses are known, which are not copied before they are written. Requires: each address is leaf_hash of its
    // chunk; else it reads as damaged. Returns, Errors and Cost: as above.
    Status put_all(std::span<const Digest> addresses, std::span<const ByteView> chunks);

    // A batch of one chunk, and of one name. Returns, Requires, Errors and Cost: as above.
    Result<Digest> put(ByteView chunk);
    Status put_name(std::string_view name, const Digest& target);

    // The bytes whose leaf_hash is `address`, hashed again at every call.
    // Errors, which name the address: chunk_missing, chunk_damaged; storage_failed. Spec: STORE-2.
    [[nodiscard]] Result<Bytes> get(const Digest& address) const;

    // Hands the bytes that are stored under the addresses to `use`, one after another, without hashing them: for whoever sends them to
    // somebody who does. Ends where one is missing, or `use` has returned false. Returns: how many `use` has taken.
    // Errors: storage_failed, chunk_damaged. Spec: STORE-2.
    Result<std::size_t> forward(std::span<const Digest> addresses, const std::function<bool(ByteView)>& use) const;

    // Whether something is stored under `address`, damaged or not. Errors: storage_failed, chunk_damaged. Spec: STORE-2.
    [[nodiscard]] Result<bool> contains(const Digest& address) const;

    // Those of the addresses under which nothing is stored, in their order. Errors: storage_failed, chunk_damaged.
    [[nodiscard]] Result<std::vector<Digest>> missing(std::span<const Digest> addresses) const;

    // The address that `name` stands for.
    // Errors, which show the name: not_available where nobody put it, chunk_damaged; storage_failed. Spec: STORE-5.
    [[nodiscard]] Result<Digest> get_name(std::string_view name) const;

    // All names that begin with `prefix`, in bytewise order. Errors: storage_failed. Cost: proportional to what is returned.
    // Spec: STORE-5.
    [[nodiscard]] Result<std::vector<std::string>> names(std::string_view prefix) const;

protected:
    ChunkStore() = default;

    // Writes values[i] under the key of `kind` and addresses[i]: as records, where an implementation has no shorter way.
    virtual Status write_values(std::uint8_t kind, std::span<const Digest> addresses, std::span<const ByteView> values);

private:
    // The table that an implementation keeps: a sorted map of byte strings. It need not verify anything.
    virtual Status write_records(const std::vector<Record>& records) = 0;
    [[nodiscard]] virtual Result<std::optional<Bytes>> read_record(const std::string& key) const = 0;
    // The same of many chunks' keys: hands what there is of each, in order, to `use`, as long as that returns true. Returns: how many it took.
    virtual Result<std::size_t> read_records(std::span<const ChunkKey> keys,
                                             const std::function<bool(std::optional<ByteView>)>& use) const;
    [[nodiscard]] virtual Result<std::vector<std::string>> keys_from(const std::string& prefix) const = 0;
};

} // namespace assay::store
