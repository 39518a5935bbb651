// The fold of a front into the hash of the node above it.
#include <assay/merkle/hashing.hpp>

namespace assay::merkle {

namespace {

// Takes from the front of `hashes` what lies below `node`. The caller has checked their number.
Digest fold_front(Range node, unsigned levels, std::span<const Digest>& hashes, hash::HashFunction function)
{
    if (levels == 0 || node.is_leaf()) {
        const Digest first = hashes.front();
        hashes = hashes.subspan(1);
        return first;
    }
    const auto [left, right] = children(node);
    const Digest left_hash = fold_front(left, levels - 1, hashes, function);
    const Digest right_hash = fold_front(right, levels - 1, hashes, function);
    return node_hash(left_hash, right_hash, function);
}

} // namespace

Result<Digest> root_from_front(Range node, unsigned levels, std::span<const Digest> hashes, hash::HashFunction function)
{
    const std::size_t expected = front_size(node, levels);
    if (hashes.size() != expected)
        return failure(Error::wrong_proof_length,
                       std::to_string(hashes.size()) + " hashes for a front of " + std::to_string(expected) + " nodes");
    return fold_front(node, levels, hashes, function);
}

} // namespace assay::merkle
