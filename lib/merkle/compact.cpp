// Appending is binary addition: equal neighbours merge, as ones carry.
#include <assay/merkle/compact.hpp>

#include <bit>

namespace assay::merkle {

// Requires `leaves` to be a power of two that divides m_size.
void CompactRange::append_subtree(std::uint64_t leaves, Digest subtree, hash::HashFunction function)
{
    for (std::uint64_t carry = leaves; (m_size & carry) != 0; carry <<= 1) {
        subtree = node_hash(m_hashes.back(), subtree, function);
        m_hashes.pop_back();
    }
    m_hashes.push_back(subtree);
    m_size += leaves;
}

void CompactRange::append(const Digest& leaf, hash::HashFunction function)
{
    ASSAY_CHECK(m_size < size_max);
    append_subtree(1, leaf, function);
}

Status CompactRange::append(const CompactRange& right, hash::HashFunction function)
{
    if (right.m_size == 0) return {};
    if (right.m_size > size_max - m_size || m_size % std::bit_floor(right.m_size) != 0)
        return failure(Error::wrong_tree_size, std::to_string(right.m_size) + " leaves behind " + std::to_string(m_size));
    std::uint64_t left_to_add = right.m_size;
    // A copy, because `right` may be this very range.
    for (const Digest& subtree : std::vector<Digest>(right.m_hashes)) {
        const std::uint64_t leaves = std::bit_floor(left_to_add);
        append_subtree(leaves, subtree, function);
        left_to_add -= leaves;
    }
    return {};
}

Digest CompactRange::root(hash::HashFunction function) const
{
    if (m_hashes.empty()) return empty_root();
    Digest folded = m_hashes.back();
    for (std::size_t i = m_hashes.size() - 1; i-- > 0;) folded = node_hash(m_hashes[i], folded, function);
    return folded;
}

bool CompactRange::is_canonical() const
{
    return m_size <= size_max && m_hashes.size() == static_cast<std::size_t>(std::popcount(m_size));
}

} // namespace assay::merkle
