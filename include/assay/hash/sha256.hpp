// SHA-256 (FIPS 180-4) and the tagged digests that name everything that is not a Merkle tree. Spec: spec/encoding.md.
//
// There are two implementations with one meaning. The portable one below is part of the referee and depends on nothing. Where
// much is hashed, the caller hands in `sha256_openssl` instead (assay/hash/openssl.hpp, library assay::replay).
#pragma once

#include <assay/base/encoding.hpp>

namespace assay::hash {

// How to compute SHA-256: the digest of a concatenation, and, where there is a faster way for them, those of many pieces at once. A value of
// a few words. Must be callable from several threads at once.
class HashFunction {
public:
    using OfParts = Digest (*)(std::span<const ByteView> parts);
    // digests[i] becomes the digest of `prefix` and of piece i of `bytes`: `piece` bytes from i * piece on, or what is left of them.
    using OfPieces = void (*)(const void* context, std::uint8_t prefix, ByteView bytes, std::size_t piece, std::span<Digest> digests);

    // The digest of `prefix` and two digests: what most hashing of trees is.
    using OfNode = Digest (*)(const void* context, std::uint8_t prefix, const Digest& left, const Digest& right);

    // Without `pieces` they are hashed one after another, and without `node` as three parts. `context` is handed to both, and must live as long as
    // this is used.
    constexpr HashFunction(OfParts parts, OfPieces pieces = nullptr, OfNode node = nullptr, const void* context = nullptr)
        : m_parts(parts), m_pieces(pieces), m_node(node), m_context(context)
    {
    }

    Digest operator()(std::span<const ByteView> parts) const { return m_parts(parts); }

    [[nodiscard]] Digest hash_node(std::uint8_t prefix, const Digest& left, const Digest& right) const
    {
        if (m_node != nullptr) return m_node(m_context, prefix, left, right);
        const std::array<ByteView, 3> parts{ByteView{&prefix, 1}, view_of(left), view_of(right)};
        return m_parts(parts);
    }

    // Requires: piece at least 1, and as many digests as there are pieces.
    void hash_pieces(std::uint8_t prefix, ByteView bytes, std::size_t piece, std::span<Digest> digests) const;

    // The same function without what needs a context.
    [[nodiscard]] constexpr HashFunction without_context() const { return m_context == nullptr ? *this : HashFunction{m_parts}; }
    [[nodiscard]] constexpr OfParts of_parts() const { return m_parts; }

private:
    OfParts m_parts;
    OfPieces m_pieces;
    OfNode m_node;
    const void* m_context;
};

// Portable, no allocation. Cost: about ten times OpenSSL's time on processors with SHA instructions.
Digest sha256(std::span<const ByteView> parts);

inline Digest sha256(ByteView bytes)
{
    return sha256(std::span{&bytes, 1});
}

// Begins the bytes that a tagged digest is taken of; the encoding follows. Requires: 1 to 255 characters in `tag`. Spec: ENCODING-6.
inline void append_tag(Bytes& out, std::string_view tag)
{
    ASSAY_CHECK(!tag.empty() && tag.size() < 256);
    out.push_back(static_cast<std::uint8_t>(tag.size()));
    append_bytes(out, view_of(tag));
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
