// Goto's scheme (Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34, 2008) with the canonical block as
// the depth of a panel: the right operand is packed once, in panels as wide as a register tile, and every tile of outputs stays in
// registers for one block of its sum.
#include "exec/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "exec/kernels/contraction.cpp"
#include <hwy/foreach_target.h> // includes this file again for every target but the last
#include <hwy/highway.h>

#include <algorithm>
#include <utility>

#include "exec/kernels/contraction.hpp"
#include "exec/native_arithmetic.hpp"

#ifndef ASSAY_CONTRACTION_TYPES
#define ASSAY_CONTRACTION_TYPES
namespace assay::exec {

// Rows [rows.begin, rows.end) of one matrix of the batch.
struct RowsJob {
    const Contraction* contraction;
    const float* left;
    const float* packed_right;
    float* out;
    Range rows;
};

// One tile of outputs and one block of their sums.
struct Tile {
    const float* left; // of the tile's first row and the matrix's first term
    std::size_t row_stride, term_stride;
    const float* right; // the packed panel of this block
    Range terms;
    std::size_t first_row, first_column;
    std::size_t columns; // of the tile, at most a panel's
    float* out;          // of the tile's first row and column
    std::size_t out_stride;
};

} // namespace assay::exec
#endif

HWY_BEFORE_NAMESPACE();
namespace assay::exec::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using program::Limit;
using Lanes = hn::ScalableTag<float>;
using Vector = hn::Vec<Lanes>;

// Two vectors wide; as high as leaves registers for the operands.
constexpr std::size_t tile_vectors = 2;
constexpr std::size_t lanes = hn::MaxLanes(Lanes{});
constexpr std::size_t panel_columns = tile_vectors * lanes;
#if HWY_TARGET <= HWY_AVX3
constexpr std::size_t tile_rows = 14;
#elif HWY_TARGET == HWY_NEON
constexpr std::size_t tile_rows = 12;
#else
constexpr std::size_t tile_rows = 6;
#endif

// a * b + c, rounded once, also where the processor has no such instruction.
HWY_INLINE Vector fused_multiply_add(Vector a, Vector b, Vector c)
{
#if HWY_TARGET == HWY_NEON || (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2)
    return hn::MulAdd(a, b, c);
#else
    Word x[lanes], y[lanes], z[lanes];
    hn::StoreU(hn::BitCast(hn::RebindToUnsigned<Lanes>(), a), hn::RebindToUnsigned<Lanes>(), x);
    hn::StoreU(hn::BitCast(hn::RebindToUnsigned<Lanes>(), b), hn::RebindToUnsigned<Lanes>(), y);
    hn::StoreU(hn::BitCast(hn::RebindToUnsigned<Lanes>(), c), hn::RebindToUnsigned<Lanes>(), z);
    for (std::size_t i = 0; i < lanes; ++i) z[i] = NativeArithmetic::fused_multiply_add(x[i], y[i], z[i]);
    return hn::BitCast(Lanes(), hn::LoadU(hn::RebindToUnsigned<Lanes>(), z));
#endif
}

// One column for each output of a matrix-vector product would waste a panel, but the order is the same.
std::size_t packed_columns(std::size_t columns)
{
    return (columns + panel_columns - 1) / panel_columns * panel_columns;
}

// Copies terms [terms.begin, terms.end) of a panel's columns side by side, +0 where the panel is wider than the matrix.
void pack_panel(const Contraction& c, const float* right, Range terms, std::size_t first_column, float* packed)
{
    const std::size_t columns = std::min(panel_columns, c.columns - first_column);
    if (c.transpose_right) {
        for (std::size_t column = 0; column < panel_columns; ++column) {
            const float* from = column < columns ? right + (first_column + column) * c.depth : nullptr;
            for (std::size_t k = terms.begin; k < terms.end; ++k)
                packed[(k - terms.begin) * panel_columns + column] = from == nullptr ? 0.0F : from[k];
        }
        return;
    }
    for (std::size_t k = terms.begin; k < terms.end; ++k, packed += panel_columns) {
        const float* from = right + k * c.columns + first_column;
        std::copy(from, from + columns, packed);
        std::fill(packed + columns, packed + panel_columns, 0.0F);
    }
}

// Adds the terms [terms.begin, terms.end) to the sums of the rows that have them: with a limit, only some of a tile's rows may.
template <std::size_t rows, Limit limit, bool all_rows>
HWY_INLINE void add_terms(const Tile& tile, Range terms, Vector (&sum)[rows][tile_vectors])
{
    const Lanes d;
    const float* right = tile.right + (terms.begin - tile.terms.begin) * panel_columns;
    const float* left = tile.left + terms.begin * tile.term_stride;
    for (std::size_t k = terms.begin; k < terms.end; ++k, right += panel_columns, left += tile.term_stride) {
        const Vector first = hn::LoadU(d, right), second = hn::LoadU(d, right + lanes);
        HWY_UNROLL(16)
        for (std::size_t r = 0; r < rows; ++r) {
            if (!all_rows && (limit == Limit::sum_up_to_row ? tile.first_row + r < k : tile.first_row + r > k)) continue;
            const Vector scale = hn::Set(d, left[r * tile.row_stride]);
            sum[r][0] = fused_multiply_add(scale, first, sum[r][0]);
            sum[r][1] = fused_multiply_add(scale, second, sum[r][1]);
        }
    }
}

// Writes a row's block sum: the first block of a sum is its value so far, later ones are added to it.
HWY_INLINE void store_row(const Tile& tile, Range terms, Limit limit, std::size_t r, Vector first, Vector second)
{
    const Lanes d;
    const std::size_t row = tile.first_row + r;
    bool begins = terms.begin == 0;
    std::size_t columns = tile.columns;
    if (limit == Limit::sum_up_to_row && row < terms.begin) return;
    if (limit == Limit::sum_from_row) {
        if (row >= terms.end) return;
        begins = row >= terms.begin;
    }
    if (limit == Limit::output_lower) {
        if (row < tile.first_column) return;
        columns = std::min(columns, row - tile.first_column + 1);
    }
    float* out = tile.out + r * tile.out_stride;
    if (columns == panel_columns) {
        hn::StoreU(begins ? first : hn::Add(hn::LoadU(d, out), first), d, out);
        hn::StoreU(begins ? second : hn::Add(hn::LoadU(d, out + lanes), second), d, out + lanes);
        return;
    }
    float sums[panel_columns];
    hn::StoreU(first, d, sums);
    hn::StoreU(second, d, sums + lanes);
    for (std::size_t column = 0; column < columns; ++column) out[column] = begins ? sums[column] : out[column] + sums[column];
}

template <std::size_t rows, Limit limit>
void add_block(const Tile& tile)
{
    const Lanes d;
    Vector sum[rows][tile_vectors];
    for (std::size_t r = 0; r < rows; ++r) sum[r][0] = sum[r][1] = hn::Zero(d);
    const Range terms = tile.terms;
    if (limit == Limit::sum_up_to_row) {
        const std::size_t shared_end = std::clamp(tile.first_row + 1, terms.begin, terms.end);
        add_terms<rows, limit, true>(tile, {terms.begin, shared_end}, sum);
        add_terms<rows, limit, false>(tile, {shared_end, std::clamp(tile.first_row + rows, shared_end, terms.end)}, sum);
    } else if (limit == Limit::sum_from_row) {
        const std::size_t shared_begin = std::clamp(tile.first_row + rows - 1, terms.begin, terms.end);
        add_terms<rows, limit, false>(tile, {std::clamp(tile.first_row, terms.begin, shared_begin), shared_begin}, sum);
        add_terms<rows, limit, true>(tile, {shared_begin, terms.end}, sum);
    } else {
        add_terms<rows, limit, true>(tile, terms, sum);
    }
    for (std::size_t r = 0; r < rows; ++r) store_row(tile, terms, limit, r, sum[r][0], sum[r][1]);
}

using AddBlock = void (*)(const Tile&);

// add_block for tiles of 1 to tile_rows rows.
template <Limit limit, std::size_t... rows_less_one>
HWY_INLINE AddBlock block_function(std::size_t rows, std::index_sequence<rows_less_one...>)
{
    constexpr AddBlock functions[]{add_block<rows_less_one + 1, limit>...};
    return functions[rows - 1];
}

HWY_INLINE AddBlock block_function(std::size_t rows, Limit limit)
{
    constexpr auto heights = std::make_index_sequence<tile_rows>();
    switch (limit) {
    case Limit::none: return block_function<Limit::none>(rows, heights);
    case Limit::output_lower: return block_function<Limit::output_lower>(rows, heights);
    case Limit::sum_up_to_row: return block_function<Limit::sum_up_to_row>(rows, heights);
    case Limit::sum_from_row: return block_function<Limit::sum_from_row>(rows, heights);
    }
    return nullptr;
}

// Whether no row of the job has a term of this block, or no output of it is in this panel.
HWY_INLINE bool is_left_out(const Contraction& c, Range rows, Range terms, std::size_t first_column)
{
    if (c.limit == Limit::sum_up_to_row) return rows.end - 1 < terms.begin;
    if (c.limit == Limit::sum_from_row) return rows.begin >= terms.end;
    return c.limit == Limit::output_lower && rows.end - 1 < first_column;
}

void contract_rows(const RowsJob& job)
{
    const Contraction& c = *job.contraction;
    if (c.limit == Limit::output_lower || c.limit == Limit::sum_from_row)
        std::fill(job.out + job.rows.begin * c.columns, job.out + job.rows.end * c.columns, 0.0F); // sums without terms
    const std::size_t width = packed_columns(c.columns);
    const std::size_t row_stride = c.transpose_left ? 1 : c.depth, term_stride = c.transpose_left ? c.rows : 1;
    for (std::size_t begin = 0; begin < c.depth; begin += c.block) {
        const Range terms{begin, std::min(begin + c.block, c.depth)};
        for (std::size_t column = 0; column < c.columns; column += panel_columns) {
            const float* right = job.packed_right + begin * width + column * terms.size();
            for (std::size_t row = job.rows.begin; row < job.rows.end; row += tile_rows) {
                const Range rows{row, std::min(row + tile_rows, job.rows.end)};
                if (is_left_out(c, rows, terms, column)) continue;
                block_function(rows.size(),
                               c.limit)({job.left + row * row_stride, row_stride, term_stride, right, terms, row, column,
                                         std::min(panel_columns, c.columns - column), job.out + row * c.columns + column, c.columns});
            }
        }
    }
}

std::size_t columns_of_panel()
{
    return panel_columns;
}

} // namespace assay::exec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::exec {

HWY_EXPORT(columns_of_panel);
HWY_EXPORT(pack_panel);
HWY_EXPORT(contract_rows);

namespace {

std::size_t panels_of(const Contraction& c, std::size_t panel_columns)
{
    return (c.columns + panel_columns - 1) / panel_columns;
}

// Few enough rows that their terms of a block stay in the second-level cache, and jobs enough for all threads.
std::size_t rows_of_job(const Contraction& c, const ThreadPool& threads)
{
    constexpr std::size_t rows_max = 84, granule = 42; // multiples of every target's tile
    const std::size_t jobs = c.batches * ((c.rows + rows_max - 1) / rows_max);
    return jobs >= 3 * threads.threads() ? rows_max : granule;
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

std::size_t packed_words(const Contraction& c)
{
    const std::size_t panel_columns = HWY_DYNAMIC_DISPATCH(columns_of_panel)();
    return c.batches * c.depth * panels_of(c, panel_columns) * panel_columns;
}

void contract(const Contraction& c, const Word* left_words, const Word* right_words, Word* out_words, Word* packed_words,
              ThreadPool& threads)
{
    // Patterns and numbers are the same memory; only the functions of a target read it as numbers.
    const auto* left = reinterpret_cast<const float*>(left_words);
    const auto* right = reinterpret_cast<const float*>(right_words);
    auto* out = reinterpret_cast<float*>(out_words);
    auto* packed = reinterpret_cast<float*>(packed_words);
    const std::size_t panel_columns = HWY_DYNAMIC_DISPATCH(columns_of_panel)();
    const std::size_t panels = panels_of(c, panel_columns), width = panels * panel_columns;
    threads.parallel_for(c.batches * panels, std::max<std::size_t>(1, 16384 / (c.depth * panel_columns)),
                         [&](std::size_t begin, std::size_t end, std::size_t) {
                             for (std::size_t i = begin; i < end; ++i) {
                                 const std::size_t batch = i / panels, column = i % panels * panel_columns;
                                 for (std::size_t first = 0; first < c.depth; first += c.block) {
                                     const Range terms{first, std::min(first + c.block, c.depth)};
                                     HWY_DYNAMIC_DISPATCH(pack_panel)
                                     (c, right + batch * c.depth * c.columns, terms, column,
                                      packed + batch * c.depth * width + first * width + column * terms.size());
                                 }
                             }
                         });
    const std::size_t job_rows = rows_of_job(c, threads), jobs = (c.rows + job_rows - 1) / job_rows;
    threads.parallel_for(c.batches * jobs, 1, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t i = begin; i < end; ++i) {
            const std::size_t batch = i / jobs, row = i % jobs * job_rows;
            HWY_DYNAMIC_DISPATCH(contract_rows)
            ({&c,
              left + batch * c.rows * c.depth,
              packed + batch * c.depth * width,
              out + batch * c.rows * c.columns,
              {row, std::min(row + job_rows, c.rows)}});
        }
    });
}

} // namespace assay::exec
#endif
