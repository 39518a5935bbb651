// What RocksDB's recovery does not tell apart at the end of a log: a record that a crash cut off, which nobody was told of, and a record whose
// length was damaged afterwards, which may have been acknowledged. Spec: STORE-6.
#pragma once

#include <string>

#include <assay/base/result.hpp>

namespace assay::store {

// Looks through the logs in a database's folder, before it is opened.
// Errors: storage_failed for a damaged one, and for one that cannot be read.
Status check_logs(const std::string& folder);

} // namespace assay::store
