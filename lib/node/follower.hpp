// Replicates another node: its blocks, each of them followed on the own ledger before it is stored, and what was announced to it, each
// chunk hashed. Spec: spec/node.md, MARKET-11, NET-4.
#pragma once

#include <atomic>

#include <assay/node/node.hpp>
#include <assay/node/remote_network.hpp>

#include "node/chunk_depot.hpp"
#include "node/ledger_service.hpp"

namespace assay::node {

class Follower {
public:
    // Errors: invalid_input where the options are unusable.
    static Result<std::unique_ptr<Follower>> connect(const NodeOptions& options);
    ~Follower() { stop(); }

    // The upstream node's, as it says: who trusts it gives a genesis of its own instead. Errors: disconnected.
    Result<Genesis> genesis() { return m_upstream->genesis(); }

    void start(LedgerService& ledger, ChunkDepot& chunks);
    void stop();

private:
    Follower(std::unique_ptr<RemoteNetwork> upstream, Log log) : m_upstream(std::move(upstream)), m_log(std::move(log)) {}
    void run(LedgerService& ledger, ChunkDepot& chunks);
    Status follow_blocks(LedgerService& ledger);
    Status follow_lists(ChunkDepot& chunks);

    std::unique_ptr<RemoteNetwork> m_upstream;
    Log m_log;
    std::atomic<bool> m_stopping{false};
    std::thread m_thread;
};

} // namespace assay::node
