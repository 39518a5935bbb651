// What of trees a judge needs: the fold of an inclusion proof and one entry of a front, neither of which allocates.
#include <assay/merkle/proof.hpp>

namespace assay::merkle {

// The walk of RFC 9162, section 2.1.3.2, from the leaf up: `place` and `last` are the numbers of the node and of the level's last node. Where the
// node is the last of its level and the first of a pair, it stands for its parents up to the level where it is the second of one.
Result<Digest, Refusal> fold_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, ListView<Digest> proof,
                                       hash::HashFunction function)
{
    if (size > size_max) return Refusal{Error::wrong_tree_size, "a tree has at most 2^63 leaves"};
    if (index >= size) return Refusal{Error::index_out_of_range, "the tree has no such leaf"};
    std::uint64_t place = index, last = size - 1;
    Digest computed = leaf;
    for (std::size_t i = 0; i < proof.size(); ++i) {
        if (last == 0) return Refusal{Error::wrong_proof_length, "the proof has more hashes than the tree has levels there"};
        if ((place & 1) != 0 || place == last) {
            computed = node_hash(proof[i], computed, function);
            const int skipped = std::countr_zero(place); // not 0, as `last` is not
            place >>= skipped;
            last >>= skipped;
        } else {
            computed = node_hash(computed, proof[i], function);
        }
        place >>= 1;
        last >>= 1;
    }
    if (last != 0) return Refusal{Error::wrong_proof_length, "the proof has fewer hashes than the tree has levels there"};
    return computed;
}

BasicStatus<Refusal> check_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, ListView<Digest> proof, const Digest& root,
                                     hash::HashFunction function)
{
    ASSAY_TRY_ASSIGN(const Digest computed, fold_inclusion(index, size, leaf, proof, function));
    if (computed != root) return Refusal{Error::root_mismatch, "the proof does not lead to the committed root"};
    return {};
}

// The left child of every node is complete: its front has a node for each of its leaves, or 2^levels of them, and all are leaves or none is.
std::optional<FrontEntry> front_entry(Range node, unsigned levels, std::uint64_t index)
{
    ASSAY_CHECK(node.begin < node.end && levels <= front_levels_max);
    std::uint64_t leaves_before = 0;
    while (levels > 0 && !node.is_leaf()) {
        const auto [left, right] = children(node);
        --levels;
        const std::uint64_t most = std::uint64_t{1} << levels, entries = std::min(left.size(), most);
        if (index < entries) {
            node = left;
            continue;
        }
        index -= entries;
        if (left.size() <= most) leaves_before += entries;
        node = right;
    }
    if (index > 0) return std::nullopt;
    return FrontEntry{node, leaves_before};
}

} // namespace assay::merkle
