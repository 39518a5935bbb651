// Values that are cheaper to compute again than to keep.
#pragma once

#include <assay/program/program.hpp>

namespace assay::exec {

// The program with every cheap map computed again where another group than its own reads it, when it was made of one value of its size that
// is in memory anyway: instead of the map's value, which would be written and read, that one is read. Outputs are the same, and so are
// their bits.
program::Program with_recomputed_maps(const program::Program& program, std::size_t threads);

} // namespace assay::exec
