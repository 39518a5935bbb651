// A tree that is held in memory, for whoever has to open any of its nodes. Spec: spec/merkle.md, MERKLE-1 to MERKLE-5.
#pragma once

#include <assay/merkle/proof.hpp>

namespace assay::merkle {

// The hashes of every complete subtree over given leaf hashes. A value that does not change; may be read from several threads.
// Memory: about 64 bytes a leaf. Nodes of the right edge that are not complete are hashed when asked for.
class Tree {
public:
    // The tree without leaves.
    Tree() = default;

    // The tree over these leaf hashes, in their order. Cost: one hash a leaf.
    static Tree from_leaf_hashes(std::vector<Digest> leaf_hashes, hash::HashFunction function = hash::sha256);

    [[nodiscard]] std::uint64_t size() const { return m_levels.front().size(); }

    // The hash over all leaves; `empty_root()` when there are none.
    [[nodiscard]] Digest root() const;

    // The hash of one node. Requires: is_node(node, size()). Cost: at most one hash a level on the right edge, else none.
    [[nodiscard]] Digest hash(Range node) const;

    // Requires: index < size(). Spec: MERKLE-4.
    [[nodiscard]] Proof prove_inclusion(std::uint64_t index) const;

    // The proof that the tree of the first `old_size` leaves is a prefix of this one. Requires: 1 <= old_size <= size().
    // Spec: MERKLE-5.
    [[nodiscard]] Proof prove_consistency(std::uint64_t old_size) const;

private:
    // m_levels[k][i] is the hash over the leaves i * 2^k, ..., (i + 1) * 2^k - 1.
    std::vector<std::vector<Digest>> m_levels{1};
    hash::HashFunction m_function = hash::sha256;
};

} // namespace assay::merkle
