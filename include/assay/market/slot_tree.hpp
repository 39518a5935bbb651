// An RFC 6962 tree whose leaves may change: what the ledger commits to its tables with. Spec: spec/market.md, spec/audit.md.
#pragma once

#include <assay/merkle/proof.hpp>

namespace assay::market {

// Slots are appended and overwritten; hashing waits until a hash is asked for, so that a slot that changes often in a block is hashed once.
class SlotTree {
public:
    [[nodiscard]] std::uint64_t size() const { return m_levels.front().size(); }

    // Sets a slot's leaf hash; `slot` may be size(), which appends. Requires: slot <= size().
    void set(std::uint64_t slot, const Digest& leaf_hash);

    // Cost: one hash for each node above a changed slot, since the last call.
    Digest root();
    // Requires: slot < size().
    merkle::Proof prove(std::uint64_t slot);

private:
    void rehash();
    [[nodiscard]] Digest hash(merkle::Range node) const;

    std::vector<std::vector<Digest>> m_levels{1}; // m_levels[k][i]: the complete subtree over the slots from i * 2^k on
    std::vector<std::uint64_t> m_dirty;
};

} // namespace assay::market
