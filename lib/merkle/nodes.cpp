// Index arithmetic. Everything stays below 2^64, because no range ends above size_max.
#include <assay/merkle/nodes.hpp>

namespace assay::merkle {

// A node of s leaves begins at a multiple of the smallest power of two that is at least s. It is either complete (s is that power)
// or lies on the right edge, which is the only place where leaves can be missing.
bool is_node(Range range, std::uint64_t size)
{
    if (range.begin >= range.end || range.end > size || size > size_max) return false;
    const bool aligned = (range.begin & (std::bit_ceil(range.size()) - 1)) == 0;
    return aligned && (range.is_complete() || range.end == size);
}

std::vector<Range> inclusion_path(std::uint64_t index, std::uint64_t size)
{
    ASSAY_CHECK(index < size && size <= size_max);
    std::vector<Range> path;
    path.reserve(height(size));
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

std::vector<Range> front(Range node, unsigned levels)
{
    std::vector<Range> nodes;
    nodes.reserve(front_size(node, levels));
    visit_front(node, levels, [&nodes](const FrontRow& row) {
        for (std::size_t i = 0; i < row.count; ++i) nodes.push_back(row.node(i));
    });
    return nodes;
}

std::size_t front_size(Range node, unsigned levels)
{
    if (node.is_complete() && !node.is_leaf()) return std::min(node.size(), std::uint64_t{1} << levels);
    std::size_t size = 0;
    visit_front(node, levels, [&size](const FrontRow& row) { size += row.count; });
    return size;
}

std::size_t front_leaves(Range node, unsigned levels)
{
    std::size_t leaves = 0;
    visit_front(node, levels, [&leaves](const FrontRow& row) { leaves += row.width == 1 ? row.count : 0; });
    return leaves;
}

} // namespace assay::merkle
