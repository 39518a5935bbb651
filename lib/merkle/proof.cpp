// Consistency, and inclusion for those who may allocate.
#include <assay/merkle/proof.hpp>

namespace assay::merkle {

namespace {

Status check_length(std::size_t given, std::size_t expected)
{
    if (given == expected) return {};
    return failure(Error::wrong_proof_length, std::to_string(given) + " hashes given, " + std::to_string(expected) + " expected");
}

Status check_root(const Digest& computed, const Digest& committed, const char* which)
{
    if (computed == committed) return {};
    return failure(Error::root_mismatch, std::string{which} + ": computed " + to_hex(computed) + ", committed " + to_hex(committed));
}

} // namespace

Result<Digest> root_from_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, ListView<Digest> proof,
                                   hash::HashFunction function)
{
    ASSAY_TRY_ASSIGN(const Digest computed, fold_inclusion(index, size, leaf, proof, function));
    return computed;
}

Status verify_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, ListView<Digest> proof, const Digest& root,
                        hash::HashFunction function)
{
    ASSAY_TRY(check_inclusion(index, size, leaf, proof, root, function));
    return {};
}

Status verify_consistency(std::uint64_t old_size, std::uint64_t new_size, std::span<const Digest> proof, const Digest& old_root,
                          const Digest& new_root, hash::HashFunction function)
{
    if (old_size == 0 || old_size > new_size || new_size > size_max)
        return failure(Error::wrong_tree_size, "from " + std::to_string(old_size) + " to " + std::to_string(new_size) + " leaves");
    const std::vector<Range> path = consistency_path(old_size, new_size);
    ASSAY_TRY(check_length(proof.size(), path.size()));

    // Both trees are folded upwards from the node that closes the old tree. It is the first of the path when it ends where the old
    // tree ends; otherwise it is the whole old tree.
    const bool starts_in_proof = !path.empty() && path.front().end == old_size;
    Digest old_computed = starts_in_proof ? proof.front() : old_root;
    Digest new_computed = old_computed;
    for (std::size_t i = starts_in_proof ? 1 : 0; i < path.size(); ++i) {
        if (path[i].end <= old_size) {
            old_computed = node_hash(proof[i], old_computed, function);
            new_computed = node_hash(proof[i], new_computed, function);
        } else {
            new_computed = node_hash(new_computed, proof[i], function);
        }
    }
    ASSAY_TRY(check_root(old_computed, old_root, "old root"));
    return check_root(new_computed, new_root, "new root");
}

} // namespace assay::merkle
