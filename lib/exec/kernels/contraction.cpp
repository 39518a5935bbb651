// How a contraction is shared out: chunks of outputs to threads, and within one the blocks of the sums in their order.
#include "exec/kernels/contraction.hpp"

#include <algorithm>

#include "exec/kernels/contraction_tiles.hpp"
#include "exec/kernels/matrix_vector.hpp"

namespace assay::exec {

namespace {

using program::Limit;

std::size_t rounded_up(std::size_t value, std::size_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

// How the outputs of each matrix are divided into jobs, and what a job packs.
struct Division {
    std::size_t job_rows, job_columns;
    bool packs_left, packs_right;
};

constexpr std::size_t unpacked_words_max = 1 << 15;  // of a left operand stored by columns
constexpr std::size_t unpacked_panels_max = 4;       // that a left operand stored by rows is read for
constexpr std::size_t right_words_max = 1 << 17;     // half a megabyte: of a second-level cache
constexpr std::size_t products_of_job_min = 1 << 18; // fewer are done before a second thread has begun
constexpr std::size_t long_product = 1 << 26;        // half a millisecond on one thread

std::size_t pieces(std::size_t whole, std::size_t part)
{
    return (whole + part - 1) / part;
}

Division division_of(const Contraction& c, std::size_t threads)
{
    const TileShape tile = tile_shape();
    const std::size_t terms = std::min(c.block, c.depth);
    const std::size_t column_pieces_min = pieces(c.columns, std::max(tile.columns, right_words_max / terms / tile.columns * tile.columns));
    // Every job packs what it reads, so that few of them pack less; but in a long product a thread that is held up must not hold up all.
    const std::size_t products = c.batches * c.rows * c.columns * c.depth;
    const std::size_t jobs_max = products > long_product ? 2 * threads : threads;
    const std::size_t wanted = threads == 1 ? 1 : pieces(std::min(jobs_max, products / products_of_job_min + 1), c.batches);
    // The operand that fewer outputs share is packed more often: pieces are as square as can be.
    std::size_t row_pieces = 1, column_pieces = std::max(wanted, column_pieces_min);
    for (std::size_t rows = 1; rows <= wanted; ++rows) {
        const std::size_t columns = std::max(pieces(wanted, rows), column_pieces_min);
        if (rows * c.columns + columns * c.rows < row_pieces * c.columns + column_pieces * c.rows)
            row_pieces = rows, column_pieces = columns;
    }
    Division division{};
    division.job_rows = rounded_up(pieces(c.rows, row_pieces), tile.rows);
    division.job_columns = rounded_up(pieces(c.columns, column_pieces), tile.columns);
    division.packs_left =
        c.transpose_left ? c.columns > tile.columns && c.rows * terms > unpacked_words_max : c.columns > unpacked_panels_max * tile.columns;
    division.packs_right = c.transpose_right || c.rows > 4 * tile.rows;
    return division;
}

void compute_job(Chunk chunk, const Division& division, float* scratch)
{
    const Contraction& c = *chunk.contraction;
    const Range rows = chunk.rows;
    if (c.limit == Limit::output_lower || c.limit == Limit::sum_from_row) // sums without terms
        for (std::size_t row = rows.begin; row < rows.end; ++row) {
            const std::size_t with_terms = c.limit == Limit::output_lower ? row + 1 : row < c.depth ? chunk.columns.end : 0;
            std::fill(chunk.out + row * c.columns + std::clamp(with_terms, chunk.columns.begin, chunk.columns.end),
                      chunk.out + row * c.columns + chunk.columns.end, 0.0F);
        }
    chunk.packs_right = division.packs_right;
    chunk.packed_right = scratch;
    if (division.packs_left) chunk.packed_left = scratch + division.job_columns * std::min(c.block, c.depth);
    for (std::size_t begin = 0; begin < c.depth; begin += c.block) {
        chunk.terms = {begin, std::min(begin + c.block, c.depth)};
        add_chunk(chunk);
    }
}

struct Jobs {
    const Contraction& contraction;
    Division division;
    const float *left, *right;
    float* out;

    [[nodiscard]] std::size_t of_matrix() const
    {
        return pieces(contraction.rows, division.job_rows) * pieces(contraction.columns, division.job_columns);
    }

    void compute(std::size_t i, float* scratch) const
    {
        const Contraction& c = contraction;
        const std::size_t column_jobs = pieces(c.columns, division.job_columns), batch = i / of_matrix(),
                          row = i % of_matrix() / column_jobs * division.job_rows,
                          column = i % of_matrix() % column_jobs * division.job_columns;
        Chunk chunk{};
        chunk.contraction = &c;
        chunk.left = left + batch * c.rows * c.depth;
        chunk.right = right + batch * c.depth * c.columns;
        chunk.out = out + batch * c.rows * c.columns;
        chunk.rows = {row, std::min(row + division.job_rows, c.rows)};
        chunk.columns = {column, std::min(column + division.job_columns, c.columns)};
        compute_job(chunk, division, scratch);
    }
};

constexpr std::size_t vector_outputs_of_job = 256; // of a product with a vector

// A contraction without a limit whose outputs are a row or a column.
void contract_vector(const Contraction& c, const float* left, const float* right, float* out, ThreadPool& threads)
{
    const bool is_row = c.rows == 1;
    MatrixVector product{};
    product.outputs = is_row ? c.columns : c.rows;
    product.depth = c.depth;
    product.block = c.block;
    product.terms_side_by_side = is_row ? c.transpose_right : !c.transpose_left;
    const std::size_t jobs = pieces(product.outputs, vector_outputs_of_job), all = c.batches * jobs;
    const std::size_t worth = c.batches * product.outputs * c.depth / products_of_job_min + 1;
    const std::size_t grain = pieces(all, std::min(worth, 4 * threads.threads()));
    threads.parallel_for(all, threads.threads() == 1 ? all : grain, [&](std::size_t begin, std::size_t end, std::size_t) {
        while (begin < end) {
            const std::size_t batch = begin / jobs, first = begin % jobs, last = std::min(jobs, first + end - begin);
            MatrixVector one = product;
            one.matrix = (is_row ? right : left) + batch * product.outputs * c.depth;
            one.vector = (is_row ? left : right) + batch * c.depth;
            one.out = out + batch * product.outputs;
            multiply_vector(one, {first * vector_outputs_of_job, std::min(product.outputs, last * vector_outputs_of_job)});
            begin += last - first;
        }
    });
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
    const TileShape tile = tile_shape();
    return std::min(c.block, c.depth) * (division.job_columns + tile.packed_rows * tile.tiles_of_pack);
}

void contract(const Contraction& c, const Word* left_words, const Word* right_words, Word* out_words, std::span<Word* const> packed_words,
              ThreadPool& threads)
{
    // Patterns and numbers are the same memory; only the functions of a target read it as numbers.
    const auto* left = reinterpret_cast<const float*>(left_words);
    const auto* right = reinterpret_cast<const float*>(right_words);
    auto* out = reinterpret_cast<float*>(out_words);
    if (c.limit == Limit::none && (c.rows == 1 || c.columns == 1)) return contract_vector(c, left, right, out, threads);
    const Jobs jobs{c, division_of(c, threads.threads()), left, right, out};
    const std::size_t products = c.batches * c.rows * c.columns * c.depth, count = c.batches * jobs.of_matrix();
    const std::size_t grain = threads.threads() == 1 ? count : pieces(count, products / products_of_job_min + 1);
    threads.parallel_for(count, grain, [&](std::size_t begin, std::size_t end, std::size_t thread) {
        for (std::size_t i = begin; i < end; ++i) jobs.compute(i, reinterpret_cast<float*>(packed_words[thread]));
    });
}

void contract_alone(const Contraction& c, const Word* left, const Word* right, Word* out, Word* packed)
{
    const Jobs jobs{c, division_of(c, 1), reinterpret_cast<const float*>(left), reinterpret_cast<const float*>(right),
                    reinterpret_cast<float*>(out)};
    for (std::size_t i = 0; i < c.batches * jobs.of_matrix(); ++i) jobs.compute(i, reinterpret_cast<float*>(packed));
}

} // namespace assay::exec
