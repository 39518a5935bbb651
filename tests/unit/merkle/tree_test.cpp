// The three ways to a root agree with the definition: the tree in memory, the compact log head, and the fold of a front.
#include <doctest/doctest.h>

#include <bit>

#include <assay/hash/openssl.hpp>
#include <assay/merkle/compact.hpp>
#include <assay/merkle/tree.hpp>
#include <tests/unit/merkle/naive.hpp>

using namespace assay;
using merkle::Range;

namespace {

constexpr std::uint64_t sizes_checked = 130;

merkle::CompactRange compact_over(std::span<const Digest> leaves)
{
    merkle::CompactRange range;
    for (const Digest& leaf : leaves) range.append(leaf);
    return range;
}

void check_every_node(const merkle::Tree& tree, Range node, std::span<const Digest> leaves)
{
    REQUIRE(tree.hash(node) == test::naive_root(leaves.subspan(node.begin, node.size())));
    if (node.is_leaf()) return;
    const auto [left, right] = merkle::children(node);
    check_every_node(tree, left, leaves);
    check_every_node(tree, right, leaves);
}

} // namespace

TEST_CASE("MERKLE-1 MERKLE-8 tree, compact head and definition give the same root at every size")
{
    const std::vector<Digest> leaves = test::some_leaves(sizes_checked);
    merkle::CompactRange growing;
    for (std::uint64_t size = 0; size <= sizes_checked; ++size) {
        const Digest expected = test::naive_root(std::span{leaves}.first(size));
        const std::vector<Digest> prefix(leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(size));
        REQUIRE(merkle::Tree::from_leaf_hashes(prefix).root() == expected);
        REQUIRE(merkle::Tree::from_leaf_hashes(prefix, hash::sha256_openssl).root() == expected);
        REQUIRE(growing.root() == expected);
        REQUIRE(growing.size() == size);
        if (size < sizes_checked) growing.append(leaves[size], hash::sha256_openssl);
    }
    CHECK(merkle::Tree{}.root() == merkle::empty_root());
}

TEST_CASE("MERKLE-3 a tree knows every node, the ragged right edge included")
{
    const std::vector<Digest> leaves = test::some_leaves(37);
    for (std::size_t size = 1; size <= leaves.size(); ++size) {
        const auto tree = merkle::Tree::from_leaf_hashes({leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(size)});
        check_every_node(tree, {0, size}, leaves);
    }
}

TEST_CASE("MERKLE-6 a front folds into the hash of its node, and no other number of hashes does")
{
    const std::vector<Digest> leaves = test::some_leaves(37);
    for (std::size_t size = 1; size <= leaves.size(); ++size) {
        const auto tree = merkle::Tree::from_leaf_hashes({leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(size)});
        for (unsigned levels = 0; levels <= 7; ++levels) {
            std::vector<Digest> hashes;
            for (const Range node : merkle::front({0, size}, levels)) hashes.push_back(tree.hash(node));
            REQUIRE(merkle::root_from_front({0, size}, levels, hashes).value() == tree.root());
            hashes.push_back(hashes.back());
            REQUIRE(merkle::root_from_front({0, size}, levels, hashes).error() == Error::wrong_proof_length);
            hashes.resize(hashes.size() - 2);
            REQUIRE(merkle::root_from_front({0, size}, levels, hashes).error() == Error::wrong_proof_length);
        }
    }
}

TEST_CASE("MERKLE-8 parts join exactly where the right part's subtrees are subtrees of the whole")
{
    constexpr std::uint64_t parts_checked = 40;
    const std::vector<Digest> leaves = test::some_leaves(2 * parts_checked);
    for (std::uint64_t left = 0; left <= parts_checked; ++left)
        for (std::uint64_t right = 0; right <= parts_checked; ++right) {
            const merkle::CompactRange before = compact_over(std::span{leaves}.first(left));
            merkle::CompactRange joined = before;
            const Status status = joined.append(compact_over(std::span{leaves}.subspan(left, right)));
            const bool fits = right == 0 || left % std::bit_floor(right) == 0;
            REQUIRE(status.ok() == fits);
            REQUIRE(joined == (fits ? compact_over(std::span{leaves}.first(left + right)) : before));
            REQUIRE((fits || status.error() == Error::wrong_tree_size));
        }
}

TEST_CASE("MERKLE-8 a compact range joins itself, up to the largest size and no further")
{
    merkle::CompactRange doubling = compact_over(test::some_leaves(1));
    while (doubling.size() < merkle::size_max) REQUIRE(doubling.append(merkle::CompactRange{doubling}));
    CHECK(doubling.append(doubling).error() == Error::wrong_tree_size);
    merkle::CompactRange twice = compact_over(test::some_leaves(1));
    REQUIRE(twice.append(twice));
    CHECK(twice == compact_over(std::vector<Digest>(2, test::some_leaves(1).front())));
}

TEST_CASE("MERKLE-8 a compact range is encoded as size and hashes, and another number of hashes is refused")
{
    const std::vector<Digest> leaves = test::some_leaves(40);
    for (std::size_t size = 0; size <= leaves.size(); ++size) {
        const merkle::CompactRange range = compact_over(std::span{leaves}.first(size));
        const Bytes bytes = encode(range);
        CHECK(bytes.size() == 8 + 4 + 32 * static_cast<std::size_t>(std::popcount(size)));
        REQUIRE(decode<merkle::CompactRange>(bytes));
        CHECK(*decode<merkle::CompactRange>(bytes) == range);
        Bytes other_size = bytes;
        other_size[1] = 1;
        CHECK(decode<merkle::CompactRange>(other_size).error() == Error::not_canonical);
    }
    Bytes above_limit = encode(compact_over(std::span{leaves}.first(3)));
    above_limit[0] = 1;
    above_limit[7] = 0x80;
    CHECK(decode<merkle::CompactRange>(above_limit).error() == Error::not_canonical);
}
