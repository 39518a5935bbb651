// Element-wise operations on runs of elements. Spec: spec/numerics.md, NUMERICS-2 to NUMERICS-11, NUMERICS-13 to NUMERICS-15.
#pragma once

#include <assay/program/scalar.hpp>

#include "exec/kernels/words.hpp"

namespace assay::exec {

// out[i] = operation(x[i], y[i], z[i]) for i below `count`; operands that the operation does not take are not read. Results that are not
// numbers have any such pattern (NUMERICS-23). `out` may be one of the operands, and overlaps none otherwise.
// Requires: an operation of Family::map.
void compute_map(program::Operation operation, const Word* x, const Word* y, const Word* z, Word* out, std::size_t count);

// Repeats each of `rows` elements along a row.
void spread_rows(const Word* in, std::size_t row_length, std::size_t rows, Word* out);

// Copies numbers; what is not one gets its canonical pattern.
void copy_canonical(const Word* in, std::size_t count, Word* out);
// The same in place.
void make_canonical(Word* numbers, std::size_t count);

} // namespace assay::exec
