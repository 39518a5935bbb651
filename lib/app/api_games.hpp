// A dispute as JSON: how it narrows, whose turn it is, and what came out. Spec: API-4.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <assay/market/task_state.hpp>
#include <assay/store/ledger_store.hpp>

namespace assay::app {

nlohmann::json json_of_game(const store::GameRecord& record, const market::TaskState& task);

} // namespace assay::app
