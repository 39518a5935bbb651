// SHA-256 for hashing in bulk: one input through OpenSSL, many small ones two at a time. Library: assay::replay. Spec: spec/encoding.md,
// ENCODING-7.
#pragma once

#include <assay/hash/sha256.hpp>

namespace assay::hash {

// The same digests as `sha256`, at the speed of the processor's SHA instructions. Thread-safe.
Digest sha256_openssl(std::span<const ByteView> parts);

// The same digests without the cost of OpenSSL's calls, which for the two blocks of a tree's node is more than the hashing: in the processor's SHA
// instructions, and through OpenSSL where it has none. Thread-safe.
Digest sha256_direct(std::span<const ByteView> parts);

// HashFunction::OfNode in the same way; needs no context.
Digest sha256_node(const void* context, std::uint8_t prefix, const Digest& left, const Digest& right);

// HashFunction::OfPieces on one thread: sixteen pieces at a time where the processor has AVX-512; else two at a time in its SHA instructions, which
// wait for one piece's last result half of the time; through OpenSSL where it has none. Thread-safe; needs no context.
void sha256_pieces(const void* context, std::uint8_t prefix, ByteView bytes, std::size_t piece, std::span<Digest> digests);

// digests[i] becomes the digest of `prefix` and inputs[i]: sixteen or two at a time, as above, where neighbours are equally long. Requires: as many
// digests as inputs.
void sha256_each(std::uint8_t prefix, std::span<const ByteView> inputs, std::span<Digest> digests);

// What to hash trees with.
inline constexpr HashFunction sha256_bulk{sha256_direct, sha256_pieces, sha256_node};

} // namespace assay::hash
