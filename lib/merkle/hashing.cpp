// The two prefixed hashes.
#include <assay/merkle/hashing.hpp>

namespace assay::merkle {

namespace {

constexpr std::uint8_t leaf_prefix = 0, node_prefix = 1;

// A digest is its 32 bytes and nothing else, so that digests that stand side by side are the bytes that are hashed.
ByteView bytes_of(std::span<const Digest> digests)
{
    static_assert(sizeof(Digest) == 32);
    return {reinterpret_cast<const std::uint8_t*>(digests.data()), digests.size_bytes()};
}

} // namespace

Digest leaf_hash(ByteView bytes, hash::HashFunction function)
{
    const std::array<ByteView, 2> parts{ByteView{&leaf_prefix, 1}, bytes};
    return function(parts);
}

Digest node_hash(const Digest& left, const Digest& right, hash::HashFunction function)
{
    return function.hash_node(node_prefix, left, right);
}

void leaf_hashes(ByteView bytes, std::size_t leaf, std::span<Digest> hashes, hash::HashFunction function)
{
    function.hash_pieces(leaf_prefix, bytes, leaf, hashes);
}

void leaf_hashes(std::span<const Digest> leaves, std::span<Digest> hashes, hash::HashFunction function)
{
    leaf_hashes(bytes_of(leaves), sizeof(Digest), hashes, function);
}

void node_hashes(std::span<const Digest> below, std::span<Digest> above, hash::HashFunction function)
{
    ASSAY_CHECK(above.size() == below.size() / 2);
    if (above.size() == 1) {
        above[0] = node_hash(below[0], below[1], function);
        return;
    }
    function.hash_pieces(node_prefix, bytes_of(below.first(2 * above.size())), 2 * sizeof(Digest), above);
}

Digest empty_root()
{
    return hash::sha256(ByteView{});
}

} // namespace assay::merkle
