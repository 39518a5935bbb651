// A table with one place for a node.
#include <assay/hash/node_cache.hpp>

#include <bit>
#include <cstring>

namespace assay::hash {

namespace {

std::uint64_t first_word(const Digest& digest)
{
    std::uint64_t word = 0;
    std::memcpy(&word, digest.bytes.data(), sizeof word);
    return word;
}

} // namespace

// An entry that holds nothing yet holds the node over two empty digests.
NodeCache::NodeCache(HashFunction function, std::size_t entries)
    : m_function(function), m_mask(entries - 1), m_entries(std::make_unique<Entry[]>(entries))
{
    ASSAY_CHECK(std::has_single_bit(entries));
    const Digest empty = function.hash_node(0, {}, {});
    for (std::size_t i = 0; i < entries; ++i) m_entries[i].hash = empty;
}

HashFunction NodeCache::function() const
{
    return {m_function.of_parts(), hash_pieces, hash_node, this};
}

// Digests are as good as random already.
Digest NodeCache::hash_node(const void* self, std::uint8_t prefix, const Digest& left, const Digest& right)
{
    const auto& cache = *static_cast<const NodeCache*>(self);
    Entry& entry = cache.m_entries[(first_word(left) ^ std::rotl(first_word(right), 1)) & cache.m_mask];
    if (entry.prefix != prefix || entry.left != left || entry.right != right)
        entry = {prefix, left, right, cache.m_function.hash_node(prefix, left, right)};
    return entry.hash;
}

void NodeCache::hash_pieces(const void* self, std::uint8_t prefix, ByteView bytes, std::size_t piece, std::span<Digest> digests)
{
    const auto& cache = *static_cast<const NodeCache*>(self);
    if (piece != 2 * sizeof(Digest) || bytes.size() != digests.size_bytes() * 2) return cache.m_function.hash_pieces(prefix, bytes, piece, digests);
    std::array<Digest, 2> halves;
    for (std::size_t i = 0; i < digests.size(); ++i) {
        std::memcpy(halves.data(), bytes.data() + i * piece, piece);
        digests[i] = hash_node(self, prefix, halves[0], halves[1]);
    }
}

} // namespace assay::hash
