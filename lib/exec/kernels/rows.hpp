// Whole rows moved and added: gather and scatter_add, and random words. Spec: spec/program.md; NUMERICS-17.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "exec/kernels/words.hpp"
#include "exec/thread_pool.hpp"

namespace assay::exec {

// Row i of `out` is the row of `table` that indices[i] names; indices past the end name the last row.
void gather_rows(const std::uint8_t* table, std::size_t table_rows, std::size_t row_bytes, std::span<const Word> indices, std::uint8_t* out,
                 ThreadPool& threads);

// Row r of `out`, of `rows`, is the sum of the rows of `source` whose index names r, in their order, from +0. `memory` has
// scatter_numbers(rows, indices.size()) numbers, which are overwritten.
void scatter_add_rows(const Word* source, std::size_t row_length, std::span<const Word> indices, std::size_t rows, Word* out,
                      std::span<std::size_t> memory, ThreadPool& threads);
std::size_t scatter_numbers(std::size_t rows, std::size_t indices);

// Words 0 to `count` of the stream.
void random_words(std::uint64_t seed, std::uint32_t counter, std::uint32_t stream, std::size_t count, Word* out, ThreadPool& threads);

} // namespace assay::exec
