// What a node's chain looks like as JSON, for the page and for whoever wants to look. Read-only. Spec: spec/api.md.
#pragma once

#include <assay/node/node.hpp>

namespace assay::app {

// Answers a request for `target`, a path below /api/ with its query, from a chain and its store.
node::HttpAnswer answer_api(const std::string& target, const market::Chain& chain, const store::LedgerStore& store,
                            const node::Genesis& genesis);

} // namespace assay::app
