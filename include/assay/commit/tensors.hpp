// What the digest of a tensor and of a state is. Spec: spec/commitments.md, COMMIT-1 to COMMIT-4.
//
// A tensor is cut into chunks of 1 KiB, the leaves of an RFC 6962 tree; its digest binds type, shape and the tree's root. A state,
// a data set and the results of an inference pass are lists of tensors: the tree over their digests, and its size.
#pragma once

#include <assay/merkle/tree.hpp>
#include <assay/program/types.hpp>

namespace assay::commit {

inline constexpr std::uint64_t chunk_bytes_max = 1024;

// Spec: COMMIT-1. All chunks are full but the last.
std::uint64_t chunk_count(const program::TensorType& type);
std::uint64_t elements_per_chunk(program::DataType type);
// The bytes that chunk `chunk` has. Requires: chunk below chunk_count.
std::uint64_t chunk_bytes(const program::TensorType& type, std::uint64_t chunk);
ByteView chunk_of(const program::Tensor& tensor, std::uint64_t chunk);

// The tree over a tensor's chunks. Cost: one pass of hashing over the tensor.
merkle::Tree chunk_tree(const program::Tensor& tensor, hash::HashFunction function = hash::sha256);

// The digest of a tensor of this type whose chunk tree has this root. Spec: COMMIT-2.
Digest tensor_digest(const program::TensorType& type, const Digest& root, hash::HashFunction function = hash::sha256);
Digest tensor_digest(const program::Tensor& tensor, hash::HashFunction function = hash::sha256);

// The tree whose leaves are digests, 32 bytes each: of a state's tensors, a segment's states, a step's outputs. Spec: COMMIT-3.
merkle::Tree digest_tree(std::span<const Digest> digests, hash::HashFunction function = hash::sha256);

// The digest of a list of `count` tensors over whose digests a digest tree has this root. Spec: COMMIT-4.
Digest state_digest(std::uint32_t count, const Digest& root, hash::HashFunction function = hash::sha256);
Digest state_digest(std::span<const Digest> tensor_digests, hash::HashFunction function = hash::sha256);
Digest state_digest(std::span<const program::Tensor> tensors, hash::HashFunction function = hash::sha256);

} // namespace assay::commit
