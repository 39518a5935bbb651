// Which vector instructions the fast executor uses on this processor. They change its speed, never a bit.
#pragma once

#include <string_view>

namespace assay::exec {

// "AVX2", "NEON", ...: the best of those that the library was compiled for and that the processor has.
std::string_view vector_target();

} // namespace assay::exec
