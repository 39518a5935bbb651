// The hashes of nodes that were computed before, for who judges many games about few trees: what several challengers of one run are shown is
// largely the same, and a proof about a leaf meets the nodes that the reveals above it had. Spec: spec/encoding.md, ENCODING-7.
#pragma once

#include <memory>

#include <assay/hash/sha256.hpp>

namespace assay::hash {

// Keeps the hash of two digests under these digests themselves, so that what it gives is always what hashing gives: nobody can put anything into
// it that is not. A newer node takes the place of an older one. One thread may use it at a time. Memory: 97 bytes an entry.
class NodeCache {
public:
    // For what is not in it, hashes with `function`. Requires: a power of two of entries.
    explicit NodeCache(HashFunction function, std::size_t entries = 1U << 12);

    // The function to hash with. Requires: it is not used after this object's end.
    [[nodiscard]] HashFunction function() const;

private:
    struct Entry {
        std::uint8_t prefix = 0;
        Digest left, right, hash;
    };
    static Digest hash_node(const void* self, std::uint8_t prefix, const Digest& left, const Digest& right);
    static void hash_pieces(const void* self, std::uint8_t prefix, ByteView bytes, std::size_t piece, std::span<Digest> digests);

    HashFunction m_function;
    std::size_t m_mask;
    std::unique_ptr<Entry[]> m_entries;
};

} // namespace assay::hash
