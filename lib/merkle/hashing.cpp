// The two prefixed hashes, and the fold of a front into the hash of the node above it.
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

namespace {

// Takes from the front of `hashes` what lies below `node`. The caller has checked their number.
Digest fold_front(Range node, unsigned levels, std::span<const Digest>& hashes, hash::HashFunction function)
{
    if (levels == 0 || node.is_leaf()) {
        const Digest first = hashes.front();
        hashes = hashes.subspan(1);
        return first;
    }
    const auto [left, right] = children(node);
    const Digest left_hash = fold_front(left, levels - 1, hashes, function);
    const Digest right_hash = fold_front(right, levels - 1, hashes, function);
    return node_hash(left_hash, right_hash, function);
}

} // namespace

Result<Digest> root_from_front(Range node, unsigned levels, std::span<const Digest> hashes, hash::HashFunction function)
{
    const std::size_t expected = front_size(node, levels);
    if (hashes.size() != expected)
        return failure(Error::wrong_proof_length,
                       std::to_string(hashes.size()) + " hashes for a front of " + std::to_string(expected) + " nodes");
    return fold_front(node, levels, hashes, function);
}

} // namespace assay::merkle
