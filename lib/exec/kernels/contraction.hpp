// The batched matrix product in the canonical order: vector lanes hold different outputs, threads have different outputs or blocks of
// their sums, and each output's terms are summed upwards, in blocks. Spec: spec/program.md, "contract"; spec/numerics.md, NUMERICS-20 and NUMERICS-21.
#pragma once

#include <span>

#include <assay/program/node.hpp>

#include "exec/kernels/words.hpp"
#include "exec/thread_pool.hpp"

namespace assay::exec {

// out[b][i][j] = sum over k of left[b][i][k] * right[b][k][j], matrices row-major.
struct Contraction {
    std::size_t batches = 1;
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::size_t depth = 0;
    bool transpose_left = false;  // left is stored [b][k][i]
    bool transpose_right = false; // right is stored [b][j][k]
    std::size_t block = 0;        // terms in a block of the sum, at least 1
    program::Limit limit = program::Limit::none;
};

// Reads a node that infer_type accepted.
Contraction contraction_of(const program::Descriptor& node);

// The words of memory that each of so many threads wants beside the operands.
std::size_t packed_words(const Contraction& contraction, std::size_t threads);

// Computes all outputs. `packed` has packed_words(contraction, threads.threads()) words for each thread, which are overwritten. Where a sum
// meets what is not a number, the output's pattern is any that is not a number (NUMERICS-23).
void contract(const Contraction& contraction, const Word* left, const Word* right, Word* out, std::span<Word* const> packed,
              ThreadPool& threads);

// The same by the calling thread alone, in the floating-point environment that it is in; `packed` is packed_words(contraction, 1) words.
// Requires: more than one row and more than one column.
void contract_alone(const Contraction& contraction, const Word* left, const Word* right, Word* out, Word* packed);

} // namespace assay::exec
