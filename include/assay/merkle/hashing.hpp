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

// The hashes of the leaves that `bytes` are cut into, `leaf` bytes each and the last as long as what is left.
// Requires: leaf at least 1, as many hashes as leaves. Spec: MERKLE-1.
void leaf_hashes(ByteView bytes, std::size_t leaf, std::span<Digest> hashes, hash::HashFunction function = hash::sha256);

// The hashes of leaves that are digests. Requires: as many hashes as leaves. Spec: MERKLE-1.
void leaf_hashes(std::span<const Digest> leaves, std::span<Digest> hashes, hash::HashFunction function = hash::sha256);

// above[i] becomes the hash of the node over below[2 * i] and below[2 * i + 1]; an odd last one is left out.
// Requires: half as many above as below. Spec: MERKLE-1.
void node_hashes(std::span<const Digest> below, std::span<Digest> above, hash::HashFunction function = hash::sha256);

// The root of the tree without leaves: SHA-256 of nothing. Spec: MERKLE-1.
Digest empty_root();

// The hash of `node`, computed from the hashes of `front(node, levels)`, left to right.
// Requires: a node, levels <= front_levels_max. Errors: wrong_proof_length. Cost: one hash less than there are `hashes`.
// Spec: MERKLE-6.
Result<Digest> root_from_front(Range node, unsigned levels, std::span<const Digest> hashes, hash::HashFunction function = hash::sha256);

} // namespace assay::merkle
