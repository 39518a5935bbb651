// The definition of RFC 6962, section 2.1, word for word and without any sharing: what every faster way is compared with.
#pragma once

#include <assay/merkle/hashing.hpp>

namespace assay::test {

// MTH over bytes that are already leaf hashes.
inline Digest naive_root(std::span<const Digest> leaves)
{
    if (leaves.empty()) return hash::sha256(ByteView{});
    if (leaves.size() == 1) return leaves.front();
    std::size_t k = 1;
    while (2 * k < leaves.size()) k *= 2;
    const Digest left = naive_root(leaves.first(k));
    const Digest right = naive_root(leaves.subspan(k));
    Bytes bytes{1};
    bytes.insert(bytes.end(), left.bytes.begin(), left.bytes.end());
    bytes.insert(bytes.end(), right.bytes.begin(), right.bytes.end());
    return hash::sha256(ByteView{bytes});
}

// `count` different leaf hashes.
inline std::vector<Digest> some_leaves(std::size_t count)
{
    std::vector<Digest> leaves;
    for (std::size_t i = 0; i < count; ++i) leaves.push_back(merkle::leaf_hash(encode(static_cast<std::uint64_t>(i))));
    return leaves;
}

} // namespace assay::test
