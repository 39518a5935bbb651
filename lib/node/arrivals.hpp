// Chunks on their way from a network into a store: one thread receives, one hashes what has arrived, one stores what was hashed, each as long
// as there is something to do. Spec: NET-4.
#pragma once

#include <assay/node/network.hpp>
#include <assay/store/chunk_store.hpp>

#include "node/stage.hpp"

namespace assay::node {

class Arrivals {
public:
    explicit Arrivals(store::ChunkStore& own);

    // Errors: chunk_damaged, storage_failed, about what came before.
    Status take(ArrivedChunks arrived);
    // Waits until what came is stored, as far as it was right. Errors: the same.
    Status finish();

private:
    Status check(ArrivedChunks arrived);
    Status keep(ArrivedChunks good);
    Status write();

    store::ChunkStore& m_own;
    // Hashed and not stored yet.
    std::vector<Digest> m_addresses;
    std::vector<ByteView> m_chunks;
    std::vector<std::shared_ptr<const void>> m_holders;
    std::size_t m_bytes = 0;
    Stage<ArrivedChunks> m_storing;
    Stage<ArrivedChunks> m_hashing;
};

} // namespace assay::node
