// A dispute as JSON: how it narrows, whose turn it is, and what came out. Spec: API-4.
#pragma once

#include <span>

#include <nlohmann/json_fwd.hpp>

#include <assay/market/task_state.hpp>
#include <assay/store/ledger_store.hpp>

namespace assay::app {

// `open` is the task's open disputes when the record was read.
nlohmann::json json_of_game(const store::GameRecord& record, std::span<const market::Dispute> open);

} // namespace assay::app
