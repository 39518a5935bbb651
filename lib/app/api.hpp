// What a node's chain looks like as JSON, for the page and for whoever wants to look. Read-only. Spec: spec/api.md.
#pragma once

#include <assay/node/node.hpp>

#include "app/losses.hpp"

namespace assay::app {

// Answers a request for `target`, a path below /api/ with its query, from a chain and its store.
node::HttpAnswer answer_api(const std::string& target, const market::Chain& chain, const store::LedgerStore& store,
                            const node::Genesis& genesis, Tick clock);

// What a request for a task's losses is about; none where `target` asks for something else. They are read from the disk, outside of the
// thread that owns the chain.
std::optional<LossQuery> loss_query(const std::string& target, const market::Chain& chain);
node::HttpAnswer answer_losses(const LossQuery& query, const store::LedgerStore& ledger, const store::ChunkStore& chunks);

} // namespace assay::app
