// Complete subtrees are kept; the right edge is put together from them, as in merkle::Tree.
#include <assay/market/slot_tree.hpp>

#include <bit>

#include <assay/hash/openssl.hpp>

namespace assay::market {

void SlotTree::set(std::uint64_t slot, const Digest& leaf_hash)
{
    std::vector<Digest>& leaves = m_levels.front();
    ASSAY_CHECK(slot <= leaves.size());
    if (slot == leaves.size()) leaves.push_back(leaf_hash);
    else leaves[slot] = leaf_hash;
    m_dirty.push_back(slot);
}

void SlotTree::rehash()
{
    std::sort(m_dirty.begin(), m_dirty.end());
    for (std::size_t level = 0; m_levels[level].size() >= 2; ++level) {
        if (level + 1 == m_levels.size()) m_levels.emplace_back();
        const std::vector<Digest>& below = m_levels[level];
        std::vector<Digest>& above = m_levels[level + 1];
        above.resize(below.size() / 2);
        for (std::uint64_t& node : m_dirty) node /= 2;
        m_dirty.erase(std::unique(m_dirty.begin(), m_dirty.end()), m_dirty.end());
        for (const std::uint64_t node : m_dirty)
            if (node < above.size()) above[node] = merkle::node_hash(below[2 * node], below[2 * node + 1], hash::sha256_openssl);
    }
    m_dirty.clear();
}

Digest SlotTree::hash(merkle::Range node) const
{
    if (node.is_complete()) {
        const auto level = static_cast<std::size_t>(std::countr_zero(node.size()));
        return m_levels[level][node.begin >> level];
    }
    const auto [left, right] = merkle::children(node);
    return merkle::node_hash(hash(left), hash(right), hash::sha256_openssl);
}

Digest SlotTree::root()
{
    rehash();
    return size() == 0 ? merkle::empty_root() : hash({0, size()});
}

merkle::Proof SlotTree::prove(std::uint64_t slot)
{
    rehash();
    return merkle::prove_inclusion(slot, size(), [this](merkle::Range node) { return hash(node); });
}

} // namespace assay::market
