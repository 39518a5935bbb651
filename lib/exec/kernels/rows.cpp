#include "exec/kernels/rows.hpp"

#include <algorithm>
#include <numeric>

#include <assay/arith/philox.hpp>

#include "exec/strict.hpp"

namespace assay::exec {

namespace {

constexpr std::size_t words_of_job = 16384;

std::size_t rows_of_job(std::size_t row_words)
{
    return std::max<std::size_t>(1, words_of_job / std::max<std::size_t>(1, row_words));
}

} // namespace

void gather_rows(const std::uint8_t* table, std::size_t table_rows, std::size_t row_bytes, std::span<const Word> indices, std::uint8_t* out,
                 ThreadPool& threads)
{
    threads.parallel_for(indices.size(), rows_of_job(row_bytes / 4), [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t i = begin; i < end; ++i) {
            const std::uint8_t* row = table + std::min<std::size_t>(indices[i], table_rows - 1) * row_bytes;
            std::copy(row, row + row_bytes, out + i * row_bytes);
        }
    });
}

void scatter_add_rows(const Word* source, std::size_t row_length, std::span<const Word> indices, std::size_t rows, Word* out,
                      std::span<std::size_t> memory, ThreadPool& threads)
{
    // The sources of row r are sources[first[r]] to sources[first[r + 1] - 1], in increasing order.
    const std::span first = memory.subspan(0, rows + 1), next = memory.subspan(rows + 1, rows),
                    sources = memory.subspan(2 * rows + 1, indices.size());
    const auto row_of = [&](std::size_t i) { return std::min<std::size_t>(indices[i], rows - 1); };
    std::fill(first.begin(), first.end(), 0);
    for (std::size_t i = 0; i < indices.size(); ++i) ++first[row_of(i) + 1];
    std::partial_sum(first.begin(), first.end(), first.begin());
    std::copy(first.begin(), first.end() - 1, next.begin());
    for (std::size_t i = 0; i < indices.size(); ++i) sources[next[row_of(i)]++] = i;
    threads.parallel_for(rows, rows_of_job(row_length), [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t row = begin; row < end; ++row) {
            Word* sum = out + row * row_length;
            std::fill(sum, sum + row_length, 0);
            for (std::size_t s = first[row]; s < first[row + 1]; ++s) {
                const Word* from = source + sources[s] * row_length;
                for (std::size_t i = 0; i < row_length; ++i)
                    sum[i] = std::bit_cast<Word>(std::bit_cast<float>(sum[i]) + std::bit_cast<float>(from[i]));
            }
        }
    });
}

std::size_t scatter_numbers(std::size_t rows, std::size_t indices)
{
    return 2 * rows + 1 + indices;
}

void random_words(std::uint64_t seed, std::uint32_t counter, std::uint32_t stream, std::size_t count, Word* out, ThreadPool& threads)
{
    threads.parallel_for((count + 3) / 4, words_of_job / 16, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t block = begin; block < end; ++block) {
            const auto words =
                arith::philox4x32_10({static_cast<Word>(block), static_cast<Word>(std::uint64_t{block} >> 32), counter, stream},
                                     {static_cast<Word>(seed), static_cast<Word>(seed >> 32)});
            std::copy_n(words.begin(), std::min<std::size_t>(4, count - block * 4), out + block * 4);
        }
    });
}

} // namespace assay::exec
