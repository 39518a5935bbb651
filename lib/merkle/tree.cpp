// Levels of complete subtrees; the right edge is put together from them.
#include <assay/merkle/tree.hpp>

#include <bit>

namespace assay::merkle {

Tree Tree::from_leaf_hashes(std::vector<Digest> leaf_hashes, hash::HashFunction function)
{
    Tree tree;
    tree.m_function = function.without_context();
    tree.m_levels.front() = std::move(leaf_hashes);
    while (tree.m_levels.back().size() >= 2) {
        const std::vector<Digest>& below = tree.m_levels.back();
        std::vector<Digest> level(below.size() / 2);
        node_hashes(below, level, function);
        tree.m_levels.push_back(std::move(level));
    }
    return tree;
}

Digest Tree::root() const
{
    return size() == 0 ? empty_root() : hash({0, size()});
}

Digest Tree::hash(Range node) const
{
    ASSAY_CHECK(is_node(node, size()));
    if (node.is_complete()) {
        const auto level = static_cast<std::size_t>(std::countr_zero(node.size()));
        return m_levels[level][node.begin >> level];
    }
    const auto [left, right] = children(node);
    return node_hash(hash(left), hash(right), m_function);
}

Proof Tree::prove_inclusion(std::uint64_t index) const
{
    return merkle::prove_inclusion(index, size(), [this](Range node) { return hash(node); });
}

Proof Tree::prove_consistency(std::uint64_t old_size) const
{
    return merkle::prove_consistency(old_size, size(), [this](Range node) { return hash(node); });
}

} // namespace assay::merkle
