// Sums and maxima of rows, in virtual lanes that are folded at the end. Spec: spec/program.md, "reduce_sum" and "reduce_maximum".
#pragma once

#include "exec/kernels/words.hpp"

namespace assay::exec {

struct Reduction {
    std::size_t row_length = 0;
    std::size_t lanes = 0;       // a power of two up to program::lanes_max
    std::size_t causal_rows = 0; // not 0: row r takes its first (first_row + r) % causal_rows + 1 elements only
    std::size_t first_row = 0;
};

// out[r] for the rows r of a range of `in`. Results that are not numbers have any such pattern (NUMERICS-23).
void sum_rows(const Reduction& reduction, const Word* in, Range rows, Word* out);
void maximum_of_rows(const Reduction& reduction, const Word* in, Range rows, Word* out);

} // namespace assay::exec
