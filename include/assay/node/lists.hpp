// What stands behind a network's chunks: how an announced list is checked and found, and how states travel. Spec: spec/node.md, NET-2,
// NET-3.
#pragma once

#include <functional>

#include <assay/node/network.hpp>
#include <assay/program/program.hpp>
#include <assay/store/chunk_store.hpp>

namespace assay::node {

// Checks a list of tensors against its pages, and names it by the digest of what it lists, which nobody can claim for anything else.
// Returns: the digest. Errors: chunk_missing, not_canonical, storage_failed. Spec: NET-3.
Result<Digest> announce_list(store::ChunkStore& chunks, const Digest& list);
// Errors: not_available.
Result<Digest> find_list(const store::ChunkStore& chunks, const Digest& state);

// The first of the chunks, as many as an answer holds. Errors: chunk_missing where the first is not there; limit_exceeded. Spec: NET-2.
Result<std::vector<Bytes>> read_chunks(const store::ChunkStore& chunks, std::span<const Digest> addresses);
// Errors: limit_exceeded, storage_failed.
Status write_chunks(store::ChunkStore& chunks, std::span<const Bytes> content);

// The addresses of chunks: two at a time, so that hashing keeps up with a connection. Spec: STORE-1.
std::vector<Digest> addresses_of(std::span<const ByteView> chunks);

// Called with how many of a transfer's chunks are there, and how many there are.
using TransferProgress = std::function<void(std::uint64_t done, std::uint64_t all)>;

// A list that is in a store, with all of its chunks, on its way to a network: one call at a time, for whoever has other things to do in between.
class Upload {
public:
    // The store outlives the upload. Errors: those of the store.
    static Result<Upload> start(const store::ChunkStore& own, const Digest& list);

    // Makes one call: the next chunks, and with the last of them the announcement. Requires: there is something left.
    // Errors: those of network and store; the same call can be made again.
    Status step(Network& network);
    [[nodiscard]] bool is_done() const { return m_digest.has_value(); }
    [[nodiscard]] std::uint64_t chunks_done() const { return m_done; }
    [[nodiscard]] std::uint64_t chunks() const { return m_addresses.size(); }
    // Of what the list lists. Requires: it is done.
    [[nodiscard]] const Digest& digest() const { return *m_digest; }

private:
    Upload(const store::ChunkStore& own, std::vector<Digest> addresses) : m_own(&own), m_addresses(std::move(addresses)) {}

    const store::ChunkStore* m_own;
    std::vector<Digest> m_addresses; // the list's own first
    std::size_t m_done = 0;
    std::optional<Digest> m_digest;
};

// All of it. Returns: the digest of what the list lists. Errors: those of the network and of the store.
Result<Digest> upload(Network& network, const store::ChunkStore& own, const Digest& list);

// A state or data set on its way into a store: in slices, for whoever has other things to do in between. Spec: NET-4.
class Download {
public:
    // Requires: declarations of all of its tensors.
    Download(const Digest& state, std::span<const program::Declaration> declarations);

    // Goes on until all of it is there, or until `is_enough` and what was asked for has arrived. Always with the same store.
    // Returns: the address of its list when all of it is there; nothing before. Errors: those of fetch(); it can be called again.
    Result<std::optional<Digest>> go_on(Network& network, store::ChunkStore& own, const TransferProgress& progress = {},
                                        const std::function<bool()>& is_enough = {});
    [[nodiscard]] const Digest& state() const { return m_state; }

private:
    struct Part {
        std::vector<Digest> addresses;
        std::size_t done = 0;
    };

    Status find_pages(Network& network, store::ChunkStore& own);
    Status find_chunks(const store::ChunkStore& own);
    static Result<bool> fetch_part(Network& network, store::ChunkStore& own, Part& part, const TransferProgress& progress,
                                   const std::function<bool()>& is_enough);

    Digest m_state;
    std::vector<program::Declaration> m_declarations;
    std::optional<Digest> m_list;
    Part m_pages;                 // once the list is there
    std::optional<Part> m_chunks; // once its pages are
};

// Brings a state or data set into `own`. Every chunk is hashed as it arrives and stored in batches, so that an interrupted transfer goes on
// where it was; what does not belong to `state` is never asked for. Returns: the address of its list, to be loaded by store::load_list.
// Requires: declarations of all of its tensors. Errors: not_available where nobody announced it; state_mismatch, chunk_damaged where the
// network lies; those of network and store. Spec: NET-4.
Result<Digest> fetch(Network& network, store::ChunkStore& own, const Digest& state, std::span<const program::Declaration> declarations,
                     const TransferProgress& progress = {});

} // namespace assay::node
