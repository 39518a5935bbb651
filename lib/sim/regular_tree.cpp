#include "sim/regular_tree.hpp"

#include <bit>

namespace assay::sim {

RegularTree::RegularTree(std::vector<Run> runs, LeafHash leaf, hash::HashFunction function)
    : m_runs(std::move(runs)), m_leaf(std::move(leaf)), m_function(function)
{
    ASSAY_CHECK(!m_runs.empty());
    for (const Run& run : m_runs) {
        ASSAY_CHECK(std::has_single_bit(run.period));
        m_known.push_back({run.period, {}});
    }
}

Digest RegularTree::hash_below(merkle::Range node)
{
    if (node.is_leaf()) return m_leaf(node.begin);
    const auto [left, right] = merkle::children(node);
    const Digest left_hash = hash(left);
    return merkle::node_hash(left_hash, hash(right), m_function);
}

Digest RegularTree::hash(merkle::Range node)
{
    std::size_t run = 0;
    while (node.begin >= m_runs[run].end) ++run;
    if (node.end > m_runs[run].end || !std::has_single_bit(node.size())) {
        for (const Irregular& known : m_irregular)
            if (known.node == node) return known.hash;
        const Digest hash = hash_below(node);
        m_irregular.push_back({node, hash});
        return hash;
    }
    Known& known = m_known[run];
    const auto level = static_cast<std::size_t>(std::countr_zero(node.size()));
    if (known.levels.size() <= level) known.levels.resize(level + 1);
    auto& places = known.levels[level];
    if (places.empty()) places.resize(std::max<std::uint64_t>(known.period >> level, 1));
    const std::size_t place = (node.begin >> level) & (places.size() - 1);
    if (!places[place]) {
        const Digest hash = hash_below(node);
        m_known[run].levels[level][place] = hash;
        return hash;
    }
    return *places[place];
}

PatchedTree::PatchedTree(RegularTree& left, RegularTree& right, std::vector<Patch> patches)
    : m_left(&left), m_right(&right), m_patches(std::move(patches))
{
    ASSAY_CHECK(!m_patches.empty() && left.size() == right.size());
    m_known.reserve(m_patches.size() * merkle::height(left.size()));
}

Digest PatchedTree::hash(merkle::Range node)
{
    if (node.end <= m_patches.front().index) return m_left->hash(node);
    const auto patch = std::find_if(m_patches.begin(), m_patches.end(), [&](const Patch& one) { return one.index >= node.begin; });
    if (patch == m_patches.end() || patch->index >= node.end) return m_right->hash(node);
    if (node.is_leaf()) return patch->leaf;
    for (const auto& [known, hash] : m_known)
        if (known == node) return hash;
    const auto [left, right] = merkle::children(node);
    const Digest left_hash = hash(left);
    const Digest combined = merkle::node_hash(left_hash, hash(right), m_left->hash_function());
    m_known.emplace_back(node, combined);
    return combined;
}

} // namespace assay::sim
