// What is hashed in an RFC 6962 tree. Leaves and inner nodes are hashed with different prefixes, so that neither can be passed off
// as the other. Spec: spec/merkle.md, MERKLE-1 and MERKLE-6.
//
// Every function takes the SHA-256 to hash with, last; the default needs no package (see assay/hash/sha256.hpp).
#pragma once

#include <assay/hash/sha256.hpp>
#include <assay/merkle/nodes.hpp>

namespace assay::merkle {

// The hash of a leaf with these bytes: SHA-256 of 0x00 and the bytes. Spec: MERKLE-1.
Digest leaf_hash(ByteView bytes, hash::HashFunction function = hash::sha256);

// The hash of an inner node: SHA-256 of 0x01 and both children's hashes. Spec: MERKLE-1.
Digest node_hash(const Digest& left, const Digest& right, hash::HashFunction function = hash::sha256);

// The root of the tree without leaves: SHA-256 of nothing. Spec: MERKLE-1.
Digest empty_root();

// The hash of `node`, computed from the hashes of `front(node, levels)`, left to right.
// Requires: a node, levels <= front_levels_max. Errors: wrong_proof_length. Cost: one hash less than there are `hashes`.
// Spec: MERKLE-6.
Result<Digest> root_from_front(Range node, unsigned levels, std::span<const Digest> hashes, hash::HashFunction function = hash::sha256);

} // namespace assay::merkle
