// What a network begins with, as a JSON file that people write. Spec: spec/api.md, API-5.
#pragma once

#include <assay/node/network.hpp>

namespace assay::app {

// Errors: file_unreadable; invalid_input, naming the field and what it should be.
Result<node::Genesis> read_genesis(const std::string& path);
// The same from a file's content; `path` is for errors.
Result<node::Genesis> parse_genesis(const std::string& content, const std::string& path);

} // namespace assay::app
