// What a store of checkpoints holds, and whether all of it can still be read.
#pragma once

#include <string>

#include <assay/base/bytes.hpp>
#include <assay/base/result.hpp>

namespace assay::app {

struct StoredRun {
    Digest task;
    std::size_t checkpoints = 0;
    std::vector<Failure> damaged; // of each checkpoint that cannot be read, why
};

// Reads all checkpoints of all runs in `folder`/checkpoints. Errors: those of opening the store.
Result<std::vector<StoredRun>> check_stored_runs(const std::string& folder);

} // namespace assay::app
