// The two prefixed hashes.
#include <assay/merkle/hashing.hpp>

namespace assay::merkle {

namespace {

constexpr std::uint8_t leaf_prefix = 0, node_prefix = 1;

} // namespace

Digest leaf_hash(ByteView bytes, hash::HashFunction function)
{
    const std::array<ByteView, 2> parts{ByteView{&leaf_prefix, 1}, bytes};
    return function(parts);
}

Digest node_hash(const Digest& left, const Digest& right, hash::HashFunction function)
{
    const std::array<ByteView, 3> parts{ByteView{&node_prefix, 1}, view_of(left), view_of(right)};
    return function(parts);
}

void leaf_hashes(ByteView bytes, std::size_t leaf, std::span<Digest> hashes, hash::HashFunction function)
{
    function.hash_pieces(leaf_prefix, bytes, leaf, hashes);
}

void node_hashes(std::span<const Digest> below, std::span<Digest> above, hash::HashFunction function)
{
    ASSAY_CHECK(above.size() == below.size() / 2);
    if (above.size() == 1) {
        above[0] = node_hash(below[0], below[1], function);
        return;
    }
    constexpr std::size_t pair = 2 * sizeof(Digest);
    // A digest is its 32 bytes and nothing else, so that two neighbours are what a node's hash is taken of.
    static_assert(pair == 64);
    const ByteView bytes{reinterpret_cast<const std::uint8_t*>(below.data()), above.size() * pair};
    function.hash_pieces(node_prefix, bytes, pair, above);
}

Digest empty_root()
{
    return hash::sha256(ByteView{});
}

} // namespace assay::merkle
