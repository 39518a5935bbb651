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

// Levels of period, period / 2, ..., 1 nodes stand one behind the other, and then the single ones of the levels above.
std::size_t RegularTree::Known::place_of(merkle::Range node) const
{
    const int level = std::countr_zero(node.size()), own = std::countr_zero(period);
    if (level > own) return 2 * period - 1 + static_cast<std::size_t>(level - own - 1);
    return 2 * (period - (period >> level)) + ((node.begin & (period - 1)) >> level);
}

Digest RegularTree::hash_below(merkle::Range node)
{
    if (node.is_leaf()) return m_leaf(node.begin);
    const auto [left, right] = merkle::children(node);
    const Digest left_hash = hash(left);
    return merkle::node_hash(left_hash, hash(right), m_function);
}

std::size_t RegularTree::run_of(std::uint64_t leaf) const
{
    std::size_t run = 0;
    while (leaf >= m_runs[run].end) ++run;
    return run;
}

// Requires: a complete node within the run.
Digest RegularTree::complete_hash(std::size_t run, merkle::Range node)
{
    auto& hashes = m_known[run].hashes;
    const std::size_t place = m_known[run].place_of(node);
    if (place < hashes.size() && hashes[place]) return *hashes[place];
    const Digest hash = hash_below(node);
    if (hashes.size() <= place) hashes.resize(place + 1);
    hashes[place] = hash;
    return hash;
}

Digest RegularTree::hash(merkle::Range node)
{
    const std::size_t run = run_of(node.begin);
    if (node.end <= m_runs[run].end && node.is_complete()) return complete_hash(run, node);
    for (const Irregular& known : m_irregular)
        if (known.node == node) return known.hash;
    const Digest hash = hash_below(node);
    m_irregular.push_back({node, hash});
    return hash;
}

void RegularTree::hashes(const merkle::FrontRow& row, std::span<Digest> hashes)
{
    if (row.count == 0) return;
    const std::size_t run = run_of(row.begin);
    const bool complete = row.node(0).is_complete() && row.node(row.count - 1).end <= m_runs[run].end;
    for (std::size_t i = 0; i < row.count; ++i) hashes[i] = complete ? complete_hash(run, row.node(i)) : hash(row.node(i));
}

std::optional<Digest>& Seams::at(std::uint64_t leaves, std::uint64_t changed)
{
    const auto level = static_cast<std::size_t>(std::countr_zero(leaves));
    if (m_levels.size() <= level) m_levels.resize(level + 1);
    auto& places = m_levels[level];
    if (places.empty()) places.resize(std::max(leaves, m_period));
    return places[changed & (places.size() - 1)];
}

PatchedTree::PatchedTree(RegularTree& left, RegularTree& right, std::vector<Patch> patches, Seams* seams)
    : m_left(&left), m_right(&right), m_seams(seams), m_patches(std::move(patches))
{
    ASSAY_CHECK(!m_patches.empty() && left.size() == right.size() && (seams == nullptr || m_patches.size() == 1));
    m_known.reserve(m_patches.size() * merkle::height(left.size()));
}

Digest PatchedTree::hash_below(merkle::Range node)
{
    const auto [left, right] = merkle::children(node);
    const Digest left_hash = hash(left);
    return merkle::node_hash(left_hash, hash(right), m_left->hash_function());
}

Digest PatchedTree::hash(merkle::Range node)
{
    if (node.end <= m_patches.front().index) return m_left->hash(node);
    const auto patch = std::find_if(m_patches.begin(), m_patches.end(), [&](const Patch& one) { return one.index >= node.begin; });
    if (patch == m_patches.end() || patch->index >= node.end) return m_right->hash(node);
    if (node.is_leaf()) return patch->leaf;
    if (m_seams != nullptr && node.is_complete() && node.size() <= Seams::leaves_max) {
        auto& shared = m_seams->at(node.size(), patch->index);
        if (!shared) shared = hash_below(node);
        return *shared;
    }
    for (const auto& [known, hash] : m_known)
        if (known == node) return hash;
    m_known.emplace_back(node, hash_below(node));
    return m_known.back().second;
}

void PatchedTree::hashes(const merkle::FrontRow& row, std::span<Digest> hashes)
{
    const std::uint64_t first = m_patches.front().index, last = m_patches.back().index;
    const auto nodes_before = [&](std::uint64_t leaf) { // as many as end before it
        return leaf < row.begin ? 0 : std::min<std::uint64_t>((leaf - row.begin) / row.width, row.count);
    };
    const std::size_t left = nodes_before(first), right = std::min<std::size_t>(nodes_before(last) + (last < row.begin ? 0 : 1), row.count);
    m_left->hashes({row.begin, row.width, left}, hashes.first(left));
    for (std::size_t i = left; i < right; ++i) hashes[i] = hash(row.node(i));
    m_right->hashes({row.node(right).begin, row.width, row.count - right}, hashes.subspan(right));
}

} // namespace assay::sim
