// Which vector instructions the fast executor uses on this processor. They change its speed, never a bit.
#pragma once

#include <string_view>

#include <assay/base/result.hpp>

namespace assay::exec {

// "AVX2", "NEON", ...: the best of those that the library was compiled for and that the processor has. Requires: check_processor succeeds.
std::string_view vector_target();

// Errors: unsupported_processor, where the processor has none of those that the library was compiled for. A library that was compiled without
// naming a processor runs on every one of its architecture; one that was compiled for one by name (-march) ends its process with this error as it is
// loaded, because any of its functions may have instructions that are missing.
Status check_processor();

} // namespace assay::exec
