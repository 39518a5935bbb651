// What a node's chain looks like as JSON, for the page and for whoever wants to look. Read-only. Spec: spec/api.md.
#pragma once

#include <variant>

#include <assay/node/node.hpp>

namespace assay::app {

// What is left to do for an answer: reading and telling what is on the disk, which need not hold up the chain.
using Work = std::function<node::HttpAnswer(const store::LedgerStore&, const store::ChunkStore&)>;
using ApiAnswer = std::variant<node::HttpAnswer, Work>;

// Answers a request for `target`, a path below /api/ with its query, from a chain and its store. `clock` is the tick that it is.
ApiAnswer answer_api(const std::string& target, const market::Chain& chain, const store::LedgerStore& store, const node::Genesis& genesis,
                     Tick clock);

} // namespace assay::app
