// Index arithmetic. Everything stays below 2^64, because no range ends above size_max.
#include <assay/merkle/nodes.hpp>

namespace assay::merkle {

// A node of s leaves begins at a multiple of the smallest power of two that is at least s. It is either complete (s is that power)
// or lies on the right edge, which is the only place where leaves can be missing.
bool is_node(Range range, std::uint64_t size)
{
    if (range.begin >= range.end || range.end > size || size > size_max) return false;
    const bool aligned = range.begin % std::bit_ceil(range.size()) == 0;
    return aligned && (std::has_single_bit(range.size()) || range.end == size);
}

std::vector<Range> inclusion_path(std::uint64_t index, std::uint64_t size)
{
    ASSAY_CHECK(index < size && size <= size_max);
    std::vector<Range> path;
    Range node{0, size};
    while (!node.is_leaf()) {
        const auto [left, right] = children(node);
        const bool goes_left = index < left.end;
        path.push_back(goes_left ? right : left);
        node = goes_left ? left : right;
    }
    std::reverse(path.begin(), path.end());
    return path;
}

std::vector<Range> consistency_path(std::uint64_t old_size, std::uint64_t new_size)
{
    ASSAY_CHECK(1 <= old_size && old_size <= new_size && new_size <= size_max);
    std::vector<Range> path;
    Range node{0, new_size};
    while (node.end != old_size) {
        const auto [left, right] = children(node);
        const bool goes_left = old_size <= left.end;
        path.push_back(goes_left ? right : left);
        node = goes_left ? left : right;
    }
    // The walk ends at the node that closes the old tree. Where it is the whole old tree, the verifier knows its hash already.
    if (node.begin != 0) path.push_back(node);
    std::reverse(path.begin(), path.end());
    return path;
}

namespace {

// The left child of every node is complete, so that a front is a few rows of nodes of one width, from the left to the right edge.
// `visit` takes the row's first leaf, the width of its nodes, and their number.
template <class Visit>
void visit_rows(Range node, unsigned levels, Visit visit)
{
    ASSAY_CHECK(node.begin < node.end && levels <= front_levels_max);
    while (levels > 0 && !node.is_leaf()) {
        const auto [left, right] = children(node);
        const std::uint64_t count = std::min(left.size(), std::uint64_t{1} << --levels);
        visit(left.begin, left.size() / count, count);
        node = right;
    }
    visit(node.begin, node.size(), std::uint64_t{1});
}

} // namespace

std::vector<Range> front(Range node, unsigned levels)
{
    std::vector<Range> nodes;
    nodes.reserve(front_size(node, levels));
    visit_rows(node, levels, [&nodes](std::uint64_t begin, std::uint64_t width, std::uint64_t count) {
        for (; count > 0; --count, begin += width) nodes.push_back({begin, begin + width});
    });
    return nodes;
}

std::size_t front_size(Range node, unsigned levels)
{
    std::size_t size = 0;
    visit_rows(node, levels, [&size](std::uint64_t, std::uint64_t, std::uint64_t count) { size += count; });
    return size;
}

} // namespace assay::merkle
