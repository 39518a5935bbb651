// Where things are in an RFC 6962 tree: pure arithmetic on indices, no hashes. Spec: spec/merkle.md, MERKLE-2 to MERKLE-6.
//
// A tree of n leaves is split at the largest power of two below n, and so on down to single leaves:
//
//     [0,5) -+- [0,4) -+- [0,2) -+- [0,1)
//            |         |         +- [1,2)
//            |         +- [2,4) -+- [2,3)
//            |                   +- [3,4)
//            +- [4,5)
//
// A node is named by the leaves below it, so the name says everything about the place, and nothing about the content.
#pragma once

#include <bit>
#include <utility>

#include <assay/base/encoding.hpp>

namespace assay::merkle {

// The largest number of leaves that a tree may have: no sum of a place and a size wraps.
// Spec: MERKLE-2.
constexpr std::uint64_t size_max = std::uint64_t{1} << 63;

// The name of a node: it covers the leaves begin, ..., end - 1. A value, 16 bytes when encoded.
// Not every range is a node; `is_node` tells. Decoding refuses only a range that ends before it begins.
struct Range {
    std::uint64_t begin = 0, end = 0;

    [[nodiscard]] std::uint64_t size() const { return end - begin; }
    [[nodiscard]] bool is_leaf() const { return size() == 1; }
    // Whether no leaf is missing below it: their number is a power of two. Requires: a node. (std::has_single_bit is a call on plain x86-64.)
    [[nodiscard]] bool is_complete() const { return (size() & (size() - 1)) == 0; }
    [[nodiscard]] bool is_canonical() const { return begin <= end; }

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.begin, self.end);
    }
    friend bool operator==(const Range&, const Range&) = default;
};

// The number of leaves left of a tree's topmost split: the largest power of two below `size`.
// Requires: size >= 2. Spec: MERKLE-3.
inline std::uint64_t split_size(std::uint64_t size)
{
    ASSAY_CHECK(size >= 2);
    return std::bit_floor(size - 1);
}

// The two nodes below `node`. Requires: a node that is no leaf. Spec: MERKLE-3.
inline std::pair<Range, Range> children(Range node)
{
    ASSAY_CHECK(node.begin <= node.end);
    const std::uint64_t middle = node.begin + split_size(node.size());
    return {{node.begin, middle}, {middle, node.end}};
}

// Whether `range` is a node of the tree of `size` leaves. Any arguments are allowed. Cost: constant.
bool is_node(Range range, std::uint64_t size);

// The number of splits between the root of `size` leaves and its deepest leaf: the most that an inclusion proof can hold.
// Requires: size >= 1.
inline unsigned height(std::uint64_t size)
{
    ASSAY_CHECK(size >= 1);
    return static_cast<unsigned>(std::bit_width(size - 1));
}

// The nodes whose hashes prove that leaf `index` is in the tree: the sibling at every level, from the leaf up to the root.
// Requires: index < size <= size_max. Returns: at most 63 nodes. Spec: MERKLE-4.
std::vector<Range> inclusion_path(std::uint64_t index, std::uint64_t size);

// The nodes whose hashes prove that the tree of the first `old_size` leaves is a prefix of the tree of `new_size` leaves, in the
// order of RFC 6962's PROOF; none where the sizes are equal. Requires: 1 <= old_size <= new_size <= size_max.
// Returns: at most 64 nodes. Spec: MERKLE-5.
std::vector<Range> consistency_path(std::uint64_t old_size, std::uint64_t new_size);

// The most levels that `front` can be asked for; what is revealed at once in a dispute stays far below.
constexpr unsigned front_levels_max = 16;

// The nodes that are reached from `node` by splitting `levels` times, left to right; a leaf that is reached earlier stays.
// Requires: a node, levels <= front_levels_max. Returns: 1 to 2^levels nodes. Spec: MERKLE-6.
std::vector<Range> front(Range node, unsigned levels);

// The left child of every node is complete, so that a front is a few rows of nodes of one width, from the left to the right edge.
struct FrontRow {
    std::uint64_t begin = 0; // the row's first leaf
    std::uint64_t width = 1; // of each of its nodes, in leaves
    std::size_t count = 0;   // of its nodes

    // Requires: index below count.
    [[nodiscard]] Range node(std::size_t index) const { return {begin + index * width, begin + (index + 1) * width}; }
};

// Calls `visit` with each row of `front(node, levels)`, left to right. Requires: as there.
template <class Visit>
void visit_front(Range node, unsigned levels, Visit visit)
{
    ASSAY_CHECK(node.begin < node.end && levels <= front_levels_max);
    while (levels > 0 && !node.is_leaf()) {
        const auto [left, right] = children(node);
        const std::size_t most = std::size_t{1} << --levels;
        visit(left.size() > most ? FrontRow{left.begin, left.size() >> levels, most} : FrontRow{left.begin, 1, left.size()});
        node = right;
    }
    visit(FrontRow{node.begin, node.size(), 1});
}

// One node of a front.
struct FrontEntry {
    Range node;
    std::uint64_t leaves_before = 0; // how many of the nodes left of it are leaves of the tree
};

// Entry `index` of `front(node, levels)`; nothing where it has no such entry. Requires: as there. Cost: one step a level, and no memory.
std::optional<FrontEntry> front_entry(Range node, unsigned levels, std::uint64_t index);

// The number of nodes in `front(node, levels)`, and of those that are leaves of the tree. Requires and Cost: as for front_entry.
std::size_t front_size(Range node, unsigned levels);
std::size_t front_leaves(Range node, unsigned levels);

} // namespace assay::merkle
