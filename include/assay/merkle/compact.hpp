// The head of an append-only log, in logarithmic memory. Spec: spec/merkle.md, MERKLE-8.
//
// A tree of n leaves is a row of complete subtrees, one for every one bit of n, large ones first. Their hashes are all one needs
// to append leaves and to know the root:
//
//     13 leaves = 1101 in binary:  [0,8) [8,12) [12,13)
#pragma once

#include <assay/merkle/hashing.hpp>

namespace assay::merkle {

// The leaves 0, ..., size() - 1 of a log, as the hashes of their complete subtrees. A value; at most 64 hashes.
// Encoded as its size (u64) and its hashes; decoding refuses any other number of hashes than there are one bits in the size.
class CompactRange {
public:
    // No leaves.
    CompactRange() = default;

    [[nodiscard]] std::uint64_t size() const { return m_size; }

    // Adds one leaf at the right end. Requires: size() < size_max. Cost: one hash on average. Spec: MERKLE-8.
    void append(const Digest& leaf, hash::HashFunction function = hash::sha256);

    // Adds all leaves of `right` behind this one's, as if appended one by one; this is how parts that were built apart are joined.
    // Errors: wrong_tree_size, with nothing changed, where size() is no multiple of the size of right's largest complete subtree
    // (its subtrees would not be subtrees of the whole), or the sum is above size_max. Cost: at most one hash a level.
    // Spec: MERKLE-8.
    Status append(const CompactRange& right, hash::HashFunction function = hash::sha256);

    // The root of the tree over all leaves; `empty_root()` when there are none. Cost: at most one hash a level.
    [[nodiscard]] Digest root(hash::HashFunction function = hash::sha256) const;

    [[nodiscard]] bool is_canonical() const;

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.m_size, self.m_hashes);
    }
    friend bool operator==(const CompactRange&, const CompactRange&) = default;

private:
    void append_subtree(std::uint64_t leaves, Digest subtree, hash::HashFunction function);

    std::uint64_t m_size = 0;
    std::vector<Digest> m_hashes; // of the complete subtrees, from left to right: from large to small
};

} // namespace assay::merkle
