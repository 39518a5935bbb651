// How a contraction is shared out: chunks of outputs to threads, and within one the blocks of the sums in their order.
#include "exec/kernels/contraction.hpp"

#include <algorithm>

#include "exec/kernels/contraction_tiles.hpp"

namespace assay::exec {

namespace {

using program::Limit;

std::size_t rounded_up(std::size_t value, std::size_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

// How the outputs of each matrix are divided into jobs, and what a job has in the cache at a time.
struct Division {
    std::size_t job_rows, job_columns;
    std::size_t left_rows; // packed at a time
    bool packs_left;
};

constexpr std::size_t right_words_max = 1 << 17, left_words_max = 1 << 15; // half a megabyte, and 128 KiB: parts of a second-level cache
constexpr std::size_t job_rows_min = 384;                                   // so that packing the right operand again for each is little

Division division_of(const Contraction& c, std::size_t threads)
{
    const TileShape tile = tile_shape();
    const std::size_t terms = std::min(c.block, c.depth);
    const auto fitting = [&](std::size_t words, std::size_t multiple) { return std::max<std::size_t>(1, words / terms / multiple) * multiple; };
    Division division{};
    division.job_columns = std::min(rounded_up(c.columns, tile.columns), fitting(right_words_max, tile.columns));
    division.job_rows = c.rows;
    division.left_rows = fitting(left_words_max, tile.rows);
    division.packs_left = c.transpose_left || (c.depth > terms && c.columns >= 256);
    // A few jobs for each thread, so that one that is held up does not hold up all.
    const std::size_t wanted = threads == 1 ? 1 : 4 * threads;
    const auto jobs = [&] {
        return c.batches * ((c.rows + division.job_rows - 1) / division.job_rows) *
               ((c.columns + division.job_columns - 1) / division.job_columns);
    };
    while (jobs() < wanted && division.job_rows >= 2 * job_rows_min) division.job_rows = rounded_up((division.job_rows + 1) / 2, tile.rows);
    while (jobs() < wanted && division.job_columns >= 8 * tile.columns)
        division.job_columns = rounded_up(division.job_columns / 2, tile.columns);
    while (jobs() < wanted && division.job_rows >= 8 * tile.rows) division.job_rows = rounded_up((division.job_rows + 1) / 2, tile.rows);
    return division;
}

void compute_job(Chunk chunk, const Division& division, const float* right, float* scratch)
{
    const Contraction& c = *chunk.contraction;
    const Range rows = chunk.rows;
    if (c.limit == Limit::output_lower || c.limit == Limit::sum_from_row) // sums without terms
        for (std::size_t row = rows.begin; row < rows.end; ++row)
            std::fill(chunk.out + row * c.columns + chunk.columns.begin, chunk.out + row * c.columns + chunk.columns.end, 0.0F);
    float* packed_left = scratch + rounded_up(division.job_columns, tile_shape().columns) * std::min(c.block, c.depth);
    for (std::size_t begin = 0; begin < c.depth; begin += c.block) {
        chunk.terms = {begin, std::min(begin + c.block, c.depth)};
        pack_right(chunk, right, scratch);
        chunk.packed_right = scratch;
        for (std::size_t row = rows.begin; row < rows.end; row += division.left_rows) {
            chunk.rows = {row, std::min(row + division.left_rows, rows.end)};
            if (division.packs_left) {
                pack_left(chunk, packed_left);
                chunk.packed_left = packed_left;
            }
            add_chunk(chunk);
        }
    }
}

} // namespace

Contraction contraction_of(const program::Descriptor& node)
{
    const auto& attributes = std::get<program::ContractionAttributes>(node.attributes);
    const program::Shape& left = node.operands[0].type.shape;
    const program::Shape& out = node.output.shape;
    Contraction c;
    c.rows = out[out.rank() - 2];
    c.columns = out.last();
    c.depth = left[left.rank() - (attributes.transpose_left ? 2 : 1)];
    c.batches = out.elements() / (c.rows * c.columns);
    c.transpose_left = attributes.transpose_left;
    c.transpose_right = attributes.transpose_right;
    c.block = attributes.block == 0 ? c.depth : attributes.block;
    c.limit = attributes.limit;
    return c;
}

std::size_t packed_words(const Contraction& c, std::size_t threads)
{
    const Division division = division_of(c, threads);
    const std::size_t terms = std::min(c.block, c.depth);
    return terms * (rounded_up(division.job_columns, tile_shape().columns) + division.left_rows);
}

void contract(const Contraction& c, const Word* left_words, const Word* right_words, Word* out_words, std::span<Word* const> packed_words,
              ThreadPool& threads)
{
    // Patterns and numbers are the same memory; only the functions of a target read it as numbers.
    const auto* left = reinterpret_cast<const float*>(left_words);
    const auto* right = reinterpret_cast<const float*>(right_words);
    auto* out = reinterpret_cast<float*>(out_words);
    const Division division = division_of(c, threads.threads());
    const std::size_t row_jobs = (c.rows + division.job_rows - 1) / division.job_rows,
                      column_jobs = (c.columns + division.job_columns - 1) / division.job_columns, jobs = row_jobs * column_jobs;
    threads.parallel_for(c.batches * jobs, 1, [&](std::size_t begin, std::size_t end, std::size_t thread) {
        for (std::size_t i = begin; i < end; ++i) {
            const std::size_t batch = i / jobs, row = i % jobs / column_jobs * division.job_rows,
                              column = i % jobs % column_jobs * division.job_columns;
            Chunk chunk{};
            chunk.contraction = &c;
            chunk.left = {left + batch * c.rows * c.depth, c.transpose_left ? 1 : c.depth, c.transpose_left ? c.rows : 1};
            chunk.out = out + batch * c.rows * c.columns;
            chunk.rows = {row, std::min(row + division.job_rows, c.rows)};
            chunk.columns = {column, std::min(column + division.job_columns, c.columns)};
            compute_job(chunk, division, right + batch * c.depth * c.columns, reinterpret_cast<float*>(packed_words[thread]));
        }
    });
}

} // namespace assay::exec
