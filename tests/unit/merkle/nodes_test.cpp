// Index arithmetic against the recursive definitions of RFC 6962, for all small trees and for very large ones.
#include <doctest/doctest.h>

#include <set>

#include <assay/merkle/nodes.hpp>

using namespace assay;
using merkle::Range;

namespace {

constexpr std::uint64_t sizes_checked = 70;

void collect_nodes(Range node, std::set<std::pair<std::uint64_t, std::uint64_t>>& nodes)
{
    nodes.insert({node.begin, node.end});
    if (node.is_leaf()) return;
    const auto [left, right] = merkle::children(node);
    collect_nodes(left, nodes);
    collect_nodes(right, nodes);
}

// PATH(m, D[begin:end]) of RFC 6962, section 2.1.1.
void rfc_path(std::uint64_t m, Range node, std::vector<Range>& path)
{
    if (node.is_leaf()) return;
    const std::uint64_t middle = node.begin + merkle::split_size(node.size());
    if (m < middle) {
        rfc_path(m, {node.begin, middle}, path);
        path.push_back({middle, node.end});
    } else {
        rfc_path(m, {middle, node.end}, path);
        path.push_back({node.begin, middle});
    }
}

// SUBPROOF(m, D[begin:end], whole) of RFC 6962, section 2.1.2, with m counted from leaf 0.
void rfc_subproof(std::uint64_t m, Range node, bool whole, std::vector<Range>& path)
{
    if (m == node.end) {
        if (!whole) path.push_back(node);
        return;
    }
    const std::uint64_t middle = node.begin + merkle::split_size(node.size());
    if (m <= middle) {
        rfc_subproof(m, {node.begin, middle}, whole, path);
        path.push_back({middle, node.end});
    } else {
        rfc_subproof(m, {middle, node.end}, false, path);
        path.push_back({node.begin, middle});
    }
}

} // namespace

TEST_CASE("MERKLE-3 a node is split at the largest power of two below its size")
{
    CHECK(merkle::split_size(2) == 1);
    CHECK(merkle::split_size(3) == 2);
    CHECK(merkle::split_size(4) == 2);
    CHECK(merkle::split_size(5) == 4);
    CHECK(merkle::split_size(merkle::size_max) == merkle::size_max / 2);
    CHECK(merkle::split_size(merkle::size_max / 2 + 1) == merkle::size_max / 2);
    CHECK(merkle::children({4, 7}) == std::pair{Range{4, 6}, Range{6, 7}});
}

TEST_CASE("MERKLE-3 is_node accepts exactly the ranges that splitting reaches")
{
    for (std::uint64_t size = 1; size <= sizes_checked; ++size) {
        std::set<std::pair<std::uint64_t, std::uint64_t>> nodes;
        collect_nodes({0, size}, nodes);
        for (std::uint64_t begin = 0; begin <= size + 1; ++begin)
            for (std::uint64_t end = 0; end <= size + 1; ++end)
                REQUIRE(merkle::is_node({begin, end}, size) == nodes.contains({begin, end}));
    }
    CHECK(!merkle::is_node({0, ~std::uint64_t{0}}, ~std::uint64_t{0}));
    CHECK(merkle::is_node({0, merkle::size_max}, merkle::size_max));
}

TEST_CASE("MERKLE-4 the inclusion path is RFC 6962's PATH, and the longest is the tree's height")
{
    for (std::uint64_t size = 1; size <= sizes_checked; ++size) {
        std::size_t longest = 0;
        for (std::uint64_t index = 0; index < size; ++index) {
            std::vector<Range> expected;
            rfc_path(index, {0, size}, expected);
            REQUIRE(merkle::inclusion_path(index, size) == expected);
            longest = std::max(longest, expected.size());
        }
        REQUIRE(longest == merkle::height(size));
    }
}

TEST_CASE("MERKLE-5 the consistency path is RFC 6962's PROOF")
{
    for (std::uint64_t new_size = 1; new_size <= sizes_checked; ++new_size)
        for (std::uint64_t old_size = 1; old_size <= new_size; ++old_size) {
            std::vector<Range> expected;
            rfc_subproof(old_size, {0, new_size}, true, expected);
            REQUIRE(merkle::consistency_path(old_size, new_size) == expected);
        }
}

TEST_CASE("MERKLE-2 very large trees have paths of one node a level")
{
    const std::uint64_t power = std::uint64_t{1} << 40;
    CHECK(merkle::inclusion_path(power - 1, power + 3).size() == 41);
    CHECK(merkle::inclusion_path(power + 1, power + 3).size() == 3);
    CHECK(merkle::inclusion_path(power + 2, power + 3).size() == 2);
    CHECK(merkle::consistency_path(power, power + 3) == std::vector<Range>{{power, power + 3}});
    CHECK(merkle::inclusion_path(0, merkle::size_max).size() == 63);
    CHECK(merkle::inclusion_path(merkle::size_max - 1, merkle::size_max).size() == 63);
    CHECK(merkle::consistency_path(merkle::size_max - 1, merkle::size_max).size() == 64);
    CHECK(merkle::consistency_path(1, merkle::size_max).size() == 63);
    CHECK(merkle::height(merkle::size_max) == 63);
}

TEST_CASE("MERKLE-6 a front covers its node without gaps, at the depth asked for")
{
    CHECK(merkle::front({0, 5}, 2) == std::vector<Range>{{0, 2}, {2, 4}, {4, 5}});
    for (std::uint64_t size = 1; size <= sizes_checked; ++size)
        for (unsigned levels = 0; levels <= 8; ++levels) {
            const std::vector<Range> nodes = merkle::front({0, size}, levels);
            REQUIRE(nodes.size() == merkle::front_size({0, size}, levels));
            REQUIRE(nodes.size() <= std::size_t{1} << levels);
            std::uint64_t expected_begin = 0;
            for (const Range node : nodes) {
                REQUIRE(node.begin == expected_begin);
                REQUIRE(merkle::is_node(node, size));
                REQUIRE((node.is_leaf() || merkle::inclusion_path(node.begin, size).size() >= levels + 1));
                expected_begin = node.end;
            }
            REQUIRE(expected_begin == size);
        }
    CHECK(merkle::front({0, merkle::size_max}, 3).size() == 8);
}

TEST_CASE("ENCODING-10 an encoded range that ends before it begins is refused")
{
    CHECK(*decode<Range>(encode(Range{4, 7})) == Range{4, 7});
    CHECK(decode<Range>(encode(Range{7, 4})).error() == Error::not_canonical);
}
