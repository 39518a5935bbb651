// Inclusion and consistency proofs (RFC 6962, section 2.1; RFC 9162, sections 2.1.3 and 2.1.4). Spec: spec/merkle.md.
//
// Proofs may come from anybody. They hold hashes only: the places follow from index and size, which must come from a source that
// the verifier trusts (a signed or hashed record), because a tree's root alone does not bind its size. Spec: MERKLE-7.
#pragma once

#include <assay/merkle/hashing.hpp>

namespace assay::merkle {

// The hashes of `inclusion_path` or `consistency_path`, in that order.
using Proof = std::vector<Digest>;

// Where the parts of what somebody sent are held: as values of their own, or, for a judge, in the bytes that they came in. Structs that are
// sent take one of these, so that both have one list of fields and so one encoding.
struct Owned {
    using Bytes = assay::Bytes;
    using Proof = merkle::Proof;
    template <class T, std::size_t limit>
    using List = std::vector<T>;
};
struct Borrowed {
    using Bytes = ByteView;
    using Proof = ListView<Digest>;
    template <class T, std::size_t limit>
    using List = FixedVector<T, limit>;
};

// The root of the tree of `size` leaves in which `leaf` is the hash of leaf `index` and `proof` the hashes of its siblings.
// Returns: a root that the caller compares with a committed one; until then it means nothing.
// Errors: wrong_tree_size where size is above size_max, index_out_of_range, wrong_proof_length. Cost: one hash a level.
// Spec: MERKLE-4.
Result<Digest> root_from_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, ListView<Digest> proof,
                                   hash::HashFunction function = hash::sha256);

// Succeeds when `leaf` is the hash of leaf `index` of the tree of `size` leaves with that `root`.
// Errors: as root_from_inclusion, and root_mismatch. Spec: MERKLE-4.
Status verify_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, ListView<Digest> proof, const Digest& root,
                        hash::HashFunction function = hash::sha256);

// The same two without allocation, for a judge.
Result<Digest, Refusal> fold_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, ListView<Digest> proof,
                                       hash::HashFunction function = hash::sha256);
BasicStatus<Refusal> check_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, ListView<Digest> proof, const Digest& root,
                                     hash::HashFunction function = hash::sha256);

// Succeeds when the tree with `old_root` holds the first `old_size` leaves of the tree of `new_size` leaves with `new_root`.
// Nothing can be said about an empty old tree, so it is refused.
// Errors: wrong_tree_size unless 1 <= old_size <= new_size <= size_max, wrong_proof_length, root_mismatch (the detail says which).
// Cost: at most two hashes a level. Spec: MERKLE-5.
Status verify_consistency(std::uint64_t old_size, std::uint64_t new_size, std::span<const Digest> proof, const Digest& old_root,
                          const Digest& new_root, hash::HashFunction function = hash::sha256);

// The proof that leaf `index` is in the tree of `size` leaves. `hash_of` takes a Range, a node of that tree, and returns its hash.
// Requires: index < size <= size_max. Spec: MERKLE-4.
template <class NodeHash>
Proof prove_inclusion(std::uint64_t index, std::uint64_t size, NodeHash&& hash_of)
{
    const std::vector<Range> path = inclusion_path(index, size);
    Proof proof;
    proof.reserve(path.size());
    for (const Range node : path) proof.push_back(hash_of(node));
    return proof;
}

// The proof that the tree of `old_size` leaves is a prefix of the tree of `new_size` leaves, whose nodes `hash_of` is asked for.
// Requires: 1 <= old_size <= new_size <= size_max. Spec: MERKLE-5.
template <class NodeHash>
Proof prove_consistency(std::uint64_t old_size, std::uint64_t new_size, NodeHash&& hash_of)
{
    Proof proof;
    for (const Range node : consistency_path(old_size, new_size)) proof.push_back(hash_of(node));
    return proof;
}

} // namespace assay::merkle
