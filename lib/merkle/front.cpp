// The fold of a front into the hash of the node above it.
#include <assay/merkle/hashing.hpp>

namespace assay::merkle {

namespace {

constexpr std::size_t row_max = 16; // nodes that are folded at once, above which there are fewer than as many

// The hash over a power of two of nodes of one width: row by row, for a function that is faster at many.
Digest fold_row(std::span<const Digest> row, hash::HashFunction function)
{
    if (row.size() > row_max) {
        const Digest left = fold_row(row.first(row.size() / 2), function);
        return node_hash(left, fold_row(row.last(row.size() / 2), function), function);
    }
    std::array<Digest, row_max - 1> rows_above;
    std::span<Digest> left{rows_above};
    while (row.size() > 1) {
        const std::span<Digest> above = left.first(row.size() / 2);
        node_hashes(row, above, function);
        left = left.subspan(above.size());
        row = above;
    }
    return row.front();
}

// The caller has checked the number of `hashes`.
Digest fold_front(Range node, unsigned levels, std::span<const Digest> hashes, hash::HashFunction function)
{
    if (levels == 0 || node.is_complete()) return fold_row(hashes, function);
    const auto [left, right] = children(node);
    const std::size_t entries = front_size(left, levels - 1);
    const Digest left_hash = fold_row(hashes.first(entries), function);
    return node_hash(left_hash, fold_front(right, levels - 1, hashes.subspan(entries), function), function);
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
