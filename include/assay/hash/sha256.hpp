// SHA-256 (FIPS 180-4) and the tagged digests that name everything that is not a Merkle tree. Spec: spec/encoding.md.
//
// There are two implementations with one meaning. The portable one below is part of the referee and depends on nothing. Where
// much is hashed, the caller hands in `sha256_openssl` instead (assay/hash/openssl.hpp, library assay::replay).
#pragma once

#include <assay/base/encoding.hpp>

namespace assay::hash {

// A function that returns the SHA-256 digest of the concatenation of `parts`. Must be callable from several threads at once.
using HashFunction = Digest (*)(std::span<const ByteView> parts);

// Portable, no allocation. Cost: about ten times OpenSSL's time on processors with SHA instructions.
Digest sha256(std::span<const ByteView> parts);

inline Digest sha256(ByteView bytes)
{
    return sha256(std::span{&bytes, 1});
}

// The digest that names the value with this encoding as a thing of kind `tag`: SHA-256 of one byte with the tag's length, the tag, and
// the encoding. Two kinds never share a digest, whatever their bytes. Requires: 1 to 255 characters in `tag`. Spec: ENCODING-6.
inline Digest tagged_digest_of_encoding(std::string_view tag, ByteView encoding, HashFunction function = sha256)
{
    ASSAY_CHECK(!tag.empty() && tag.size() < 256);
    const std::uint8_t length = static_cast<std::uint8_t>(tag.size());
    const std::array<ByteView, 3> parts{ByteView{&length, 1}, view_of(tag), encoding};
    return function(parts);
}

// The same of a value that is not encoded yet.
template <class T>
Digest tagged_digest(std::string_view tag, const T& value, HashFunction function = sha256)
{
    return tagged_digest_of_encoding(tag, encode(value), function);
}

} // namespace assay::hash
