#include "exec/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "exec/kernels/contraction_tiles.cpp"
#include <hwy/foreach_target.h> // includes this file again for every target but the last
#include <hwy/highway.h>

#include <hwy/cache_control.h>

#include <algorithm>
#include <utility>

#include "exec/kernels/contraction_tiles.hpp"
#include "exec/kernels/tile-inl.hpp"

#ifndef ASSAY_CONTRACTION_TILE
#define ASSAY_CONTRACTION_TILE
namespace assay::exec {

// One tile of outputs and one block of their sums.
struct Tile {
    const float* left; // of the tile's first row and the block's first term
    std::size_t row_stride; // where left is not packed
    const float* right; // the packed panel
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

using program::Limit;

TileShape tile_shape()
{
    return {tile_rows, panel_columns};
}

// Copies the first terms of a whole panel of a transposed right operand, four at a time, and returns how many.
HWY_INLINE std::size_t pack_fours([[maybe_unused]] const float* right, [[maybe_unused]] std::size_t stride, std::size_t terms,
                                  [[maybe_unused]] float* packed)
{
#if HWY_TARGET == HWY_SCALAR
    return terms - terms; // one lane: there is nothing to gain
#else
    std::size_t k = 0;
    for (; k + 4 <= terms; k += 4)
        for (std::size_t v = 0; v < tile_vectors; ++v) {
            Vector columns[4];
            load_four_terms(Lanes(), right + v * lanes * stride + k, stride, columns);
            for (std::size_t t = 0; t < 4; ++t) hn::StoreU(columns[t], Lanes(), packed + (k + t) * panel_columns + v * lanes);
        }
    return k;
#endif
}

// Copies `count` columns of a transposed right operand side by side.
void pack_transposed_panel(const float* right, std::size_t stride, std::size_t count, std::size_t terms, float* packed)
{
    const std::size_t done = count == panel_columns ? pack_fours(right, stride, terms, packed) : 0;
    for (std::size_t column = 0; column < panel_columns; ++column)
        for (std::size_t k = done; k < terms; ++k) packed[k * panel_columns + column] = column < count ? right[column * stride + k] : 0.0F;
}

void pack_right(const Chunk& chunk, const float* right, float* packed)
{
    const Contraction& c = *chunk.contraction;
    for (std::size_t first = chunk.columns.begin; first < chunk.columns.end; first += panel_columns) {
        const std::size_t count = std::min(panel_columns, chunk.columns.end - first);
        if (c.transpose_right) {
            pack_transposed_panel(right + first * c.depth + chunk.terms.begin, c.depth, count, chunk.terms.size(), packed);
            packed += chunk.terms.size() * panel_columns;
            continue;
        }
        for (std::size_t k = chunk.terms.begin; k < chunk.terms.end; ++k, packed += panel_columns) {
            const float* from = right + k * c.columns + first;
            if (count == panel_columns) {
                for (std::size_t v = 0; v < tile_vectors; ++v) hn::StoreU(hn::LoadU(Lanes(), from + v * lanes), Lanes(), packed + v * lanes);
                continue;
            }
            std::copy(from, from + count, packed);
            std::fill(packed + count, packed + panel_columns, 0.0F);
        }
    }
}

void pack_left(const Chunk& chunk, float* packed)
{
    const LeftView& left = chunk.left;
    const std::size_t panel = chunk.terms.size() * tile_rows;
    for (std::size_t k = chunk.terms.begin; k < chunk.terms.end; ++k) {
        float* to = packed + (k - chunk.terms.begin) * tile_rows;
        for (std::size_t row = chunk.rows.begin; row < chunk.rows.end; row += tile_rows, to += panel) {
            const float* from = left.elements + row * left.row_stride + k * left.term_stride;
            const std::size_t count = std::min(tile_rows, chunk.rows.end - row);
            if (count == tile_rows)
                for (std::size_t r = 0; r < tile_rows; ++r) to[r] = from[r * left.row_stride];
            else
                for (std::size_t r = 0; r < count; ++r) to[r] = from[r * left.row_stride];
        }
    }
}

// Adds the terms [terms.begin, terms.end) to the sums of the rows that have them: with a limit, only some of a tile's rows may.
template <std::size_t rows, Limit limit, bool is_packed, bool all_rows>
HWY_INLINE void add_terms(const Tile& tile, Range terms, Vector (&sum)[rows][tile_vectors])
{
    const Lanes d;
    const std::size_t row_stride = is_packed ? 1 : tile.row_stride, term_stride = is_packed ? tile_rows : 1;
    const float* right = tile.right + (terms.begin - tile.terms.begin) * panel_columns;
    const float* left = tile.left + (terms.begin - tile.terms.begin) * term_stride;
    for (std::size_t k = terms.begin; k < terms.end; ++k, right += panel_columns, left += term_stride) {
        const Vector first = hn::LoadU(d, right), second = hn::LoadU(d, right + lanes);
        HWY_UNROLL(16)
        for (std::size_t r = 0; r < rows; ++r) {
            if (!all_rows && (limit == Limit::sum_up_to_row ? tile.first_row + r < k : tile.first_row + r > k)) continue;
            const Vector scale = hn::Set(d, left[r * row_stride]);
            sum[r][0] = fused_multiply_add(scale, first, sum[r][0]);
            sum[r][1] = fused_multiply_add(scale, second, sum[r][1]);
        }
    }
}

// Writes a row's block sum: the first block of a sum is its value so far, later ones are added to it.
HWY_INLINE void store_row(const Tile& tile, Limit limit, std::size_t r, Vector first, Vector second)
{
    const Lanes d;
    const std::size_t row = tile.first_row + r;
    bool begins = tile.terms.begin == 0;
    std::size_t columns = tile.columns;
    if (limit == Limit::sum_up_to_row && row < tile.terms.begin) return;
    if (limit == Limit::sum_from_row) {
        if (row >= tile.terms.end) return;
        begins = row >= tile.terms.begin;
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

template <std::size_t rows, Limit limit, bool is_packed>
void add_block(const Tile& tile)
{
    const Lanes d;
    Vector sum[rows][tile_vectors];
    for (std::size_t r = 0; r < rows; ++r) {
        hwy::Prefetch(tile.out + r * tile.out_stride);
        sum[r][0] = sum[r][1] = hn::Zero(d);
    }
    const Range terms = tile.terms;
    if (limit == Limit::sum_up_to_row) {
        const std::size_t shared_end = std::clamp(tile.first_row + 1, terms.begin, terms.end);
        add_terms<rows, limit, is_packed, true>(tile, {terms.begin, shared_end}, sum);
        add_terms<rows, limit, is_packed, false>(tile, {shared_end, std::clamp(tile.first_row + rows, shared_end, terms.end)}, sum);
    } else if (limit == Limit::sum_from_row) {
        const std::size_t shared_begin = std::clamp(tile.first_row + rows - 1, terms.begin, terms.end);
        add_terms<rows, limit, is_packed, false>(tile, {std::clamp(tile.first_row, terms.begin, shared_begin), shared_begin}, sum);
        add_terms<rows, limit, is_packed, true>(tile, {shared_begin, terms.end}, sum);
    } else {
        add_terms<rows, limit, is_packed, true>(tile, terms, sum);
    }
    for (std::size_t r = 0; r < rows; ++r) store_row(tile, limit, r, sum[r][0], sum[r][1]);
}

using AddBlock = void (*)(const Tile&);

// add_block for tiles of 1 to tile_rows rows.
template <Limit limit, bool is_packed, std::size_t... rows_less_one>
HWY_INLINE AddBlock block_function(std::size_t rows, std::index_sequence<rows_less_one...>)
{
    constexpr AddBlock functions[]{add_block<rows_less_one + 1, limit, is_packed>...};
    return functions[rows - 1];
}

template <bool is_packed>
HWY_INLINE AddBlock block_function(std::size_t rows, Limit limit)
{
    constexpr auto heights = std::make_index_sequence<tile_rows>();
    switch (limit) {
    case Limit::none: return block_function<Limit::none, is_packed>(rows, heights);
    case Limit::output_lower: return block_function<Limit::output_lower, is_packed>(rows, heights);
    case Limit::sum_up_to_row: return block_function<Limit::sum_up_to_row, is_packed>(rows, heights);
    case Limit::sum_from_row: return block_function<Limit::sum_from_row, is_packed>(rows, heights);
    }
    return nullptr;
}

// Whether none of the rows has a term of this block, or no output of theirs is in this panel.
HWY_INLINE bool is_left_out(Limit limit, Range rows, Range terms, std::size_t first_column)
{
    if (limit == Limit::sum_up_to_row) return rows.end - 1 < terms.begin;
    if (limit == Limit::sum_from_row) return rows.begin >= terms.end;
    return limit == Limit::output_lower && rows.end - 1 < first_column;
}

void add_chunk(const Chunk& chunk)
{
    const Contraction& c = *chunk.contraction;
    const bool is_packed = chunk.packed_left != nullptr;
    const float* right = chunk.packed_right;
    for (std::size_t column = chunk.columns.begin; column < chunk.columns.end; column += panel_columns) {
        const float* packed_left = chunk.packed_left;
        for (std::size_t row = chunk.rows.begin; row < chunk.rows.end; row += tile_rows) {
            const Range rows{row, std::min(row + tile_rows, chunk.rows.end)};
            const LeftView& view = chunk.left;
            const float* left = is_packed ? packed_left : view.elements + row * view.row_stride + chunk.terms.begin * view.term_stride;
            packed_left += is_packed ? tile_rows * chunk.terms.size() : 0;
            if (is_left_out(c.limit, rows, chunk.terms, column)) continue;
            const AddBlock add = is_packed ? block_function<true>(rows.size(), c.limit) : block_function<false>(rows.size(), c.limit);
            add({left, view.row_stride, right, chunk.terms, row, column, std::min(panel_columns, chunk.columns.end - column),
                 chunk.out + row * c.columns + column, c.columns});
        }
        right += chunk.terms.size() * panel_columns;
    }
}

} // namespace assay::exec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::exec {

HWY_EXPORT(tile_shape);
HWY_EXPORT(pack_right);
HWY_EXPORT(pack_left);
HWY_EXPORT(add_chunk);

TileShape tile_shape()
{
    return HWY_DYNAMIC_DISPATCH(tile_shape)();
}
void pack_right(const Chunk& chunk, const float* right, float* packed)
{
    HWY_DYNAMIC_DISPATCH(pack_right)(chunk, right, packed);
}
void pack_left(const Chunk& chunk, float* packed)
{
    HWY_DYNAMIC_DISPATCH(pack_left)(chunk, packed);
}
void add_chunk(const Chunk& chunk)
{
    HWY_DYNAMIC_DISPATCH(add_chunk)(chunk);
}

} // namespace assay::exec
#endif
