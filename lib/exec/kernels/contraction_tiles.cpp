#include "exec/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "exec/kernels/contraction_tiles.cpp"
#include <hwy/foreach_target.h> // includes this file again for every target but the last
#include <hwy/highway.h>

#include <algorithm>
#include <utility>

#include "exec/kernels/contraction_tiles.hpp"
#include "exec/kernels/last_column-inl.hpp"
#include "exec/kernels/packing-inl.hpp"
#include "exec/kernels/tile-inl.hpp"

#ifndef ASSAY_CONTRACTION_TILE
#define ASSAY_CONTRACTION_TILE
namespace assay::exec {

// Rows of memory that are packed or added to next. Tiles fetch a few lines of them with each group of their terms: all at once they would
// wait for each other, and what a tile reads for them.
struct RowsAhead {
    const float* row;
    std::size_t stride;   // from row to row
    std::size_t elements; // of a row
    std::size_t rows;     // left
    std::size_t element;  // of the row, next
    std::size_t lines_of_group;
};

// One tile of outputs and one block of their sums.
struct Tile {
    const float* left;       // of the tile's first row and the block's first term
    std::size_t left_stride; // from row to row where terms lie side by side, otherwise from term to term
    const float* right;      // of the block's first term and the tile's first column
    std::size_t right_stride;
    // The terms of all rows, and those around them that only some rows have.
    Range some_before, terms, some_after;
    std::size_t first_row, first_column;
    std::size_t columns; // at most the tile's width
    float* out;          // of the tile's first row and column
    std::size_t out_stride;
    bool is_whole; // every output has this block's sum
    bool is_begun; // of a whole tile, or without a limit: the outputs hold sums of earlier blocks
    program::Limit limit;
    Range block;
    float* packed_right; // of a tile that packs its panel while it reads it
    RowsAhead* ahead;
};

} // namespace assay::exec
#endif

HWY_BEFORE_NAMESPACE();
namespace assay::exec::HWY_NAMESPACE {

using program::Limit;

TileShape tile_shape()
{
    return {tile_rows, panel_columns, packed_rows, tiles_of_pack};
}

// Sums are only ever indexed by constants, so that the compiler keeps them in registers from the first term to the store.
template <std::size_t rows, std::size_t vectors>
struct Sums {
    Vector of[rows][vectors];
    HWY_INLINE Sums() {} // one that the compiler declares is not compiled for the target: g++ 12 refuses it on aarch64
};

template <bool terms_side_by_side>
HWY_INLINE float left_element(const float* left, std::size_t stride, std::size_t row)
{
    return terms_side_by_side ? left[row * stride] : left[row];
}

template <std::size_t vectors, std::size_t... v>
HWY_INLINE void add_products(float left, const Vector (&right)[vectors], Vector (&sum)[vectors], std::index_sequence<v...>)
{
    const Vector scale = hn::Set(Lanes(), left);
    ((sum[v] = fused_multiply_add(scale, right[v], sum[v])), ...);
}

// Adds one term to the rows from `begin` to `end`; all when these are not given.
template <bool terms_side_by_side, std::size_t rows, std::size_t vectors, std::size_t... r, std::size_t... v>
HWY_INLINE void add_term(const float* left, std::size_t stride, const float* right, Sums<rows, vectors>& sums, std::index_sequence<r...>,
                         std::index_sequence<v...> all_vectors)
{
    const Vector columns[vectors]{hn::LoadU(Lanes(), right + v * lanes)...};
    (add_products<vectors>(left_element<terms_side_by_side>(left, stride, r), columns, sums.of[r], all_vectors), ...);
}

template <bool terms_side_by_side, std::size_t rows, std::size_t vectors, std::size_t... r, std::size_t... v>
HWY_INLINE void add_term(const float* left, std::size_t stride, const float* right, Sums<rows, vectors>& sums, std::size_t begin,
                         std::size_t end, std::index_sequence<r...>, std::index_sequence<v...> all_vectors)
{
    const Vector columns[vectors]{hn::LoadU(Lanes(), right + v * lanes)...};
    ((r >= begin && r < end ? add_products<vectors>(left_element<terms_side_by_side>(left, stride, r), columns, sums.of[r], all_vectors)
                            : void()),
     ...);
}

template <std::size_t vectors, std::size_t... v>
HWY_INLINE void clear(Vector (&sum)[vectors], std::index_sequence<v...>)
{
    ((sum[v] = hn::Zero(Lanes())), ...);
}

// The first `count` of a vector's outputs.
HWY_INLINE void store_first(float* out, std::size_t count, bool begins, Vector sum)
{
    const Lanes d;
#if HWY_MEM_OPS_MIGHT_FAULT
    float sums[lanes];
    hn::StoreU(sum, d, sums);
    for (std::size_t i = 0; i < count; ++i) out[i] = begins ? sums[i] : out[i] + sums[i];
#else
    const auto mask = hn::FirstN(d, count);
    hn::BlendedStore(begins ? sum : hn::Add(hn::MaskedLoad(mask, d, out), sum), mask, d, out);
#endif
}

// Adds one row's block sums to the outputs that have them.
template <std::size_t vectors, std::size_t... v>
HWY_INLINE void store_some(const Tile& tile, std::size_t r, const Vector (&sum)[vectors], std::index_sequence<v...>)
{
    const std::size_t row = tile.first_row + r;
    bool begins = !tile.is_begun;
    std::size_t columns = tile.columns;
    if (tile.limit == Limit::sum_up_to_row && row < tile.block.begin) return;
    if (tile.limit == Limit::sum_from_row) {
        if (row >= tile.block.end) return;
        begins = row >= tile.block.begin;
    }
    if (tile.limit == Limit::output_lower) {
        if (row < tile.first_column) return;
        columns = std::min(columns, row - tile.first_column + 1);
    }
    float* out = tile.out + r * tile.out_stride;
    ((columns > v * lanes ? store_first(out + v * lanes, std::min(lanes, columns - v * lanes), begins, sum[v]) : void()), ...);
}

template <std::size_t vectors, std::size_t... v>
HWY_INLINE void store_whole(float* out, bool is_begun, const Vector (&sum)[vectors], std::index_sequence<v...>)
{
    const Lanes d;
    if (is_begun) (hn::StoreU(hn::Add(hn::LoadU(d, out + v * lanes), sum[v]), d, out + v * lanes), ...);
    else (hn::StoreU(sum[v], d, out + v * lanes), ...);
}

template <std::size_t value>
using Constant = std::integral_constant<std::size_t, value>;

constexpr std::size_t terms_of_group = 16;
constexpr std::size_t output_lines_of_group = 8;
constexpr std::size_t panel_terms_ahead = 32; // of a right operand that are fetched into the second cache before they are packed
constexpr std::size_t line = 64 / sizeof(float);
constexpr int first_cache = 3, second_cache = 2; // as a builtin function's locality

// To be fetched while tiles add `groups` groups of terms.
HWY_INLINE RowsAhead rows_ahead(RowsAhead rows, std::size_t groups)
{
    rows.lines_of_group = rows.rows * ((rows.elements + line - 1) / line) / std::max<std::size_t>(1, groups) + 1;
    return rows;
}

template <int cache>
HWY_INLINE void fetch_lines(RowsAhead& ahead)
{
    for (std::size_t i = 0; i < ahead.lines_of_group && ahead.rows != 0; ++i) {
        __builtin_prefetch(ahead.row + ahead.element, 0, cache);
        ahead.element += line;
        if (ahead.element < ahead.elements) continue;
        ahead.element = 0;
        ahead.row += ahead.stride;
        --ahead.rows;
    }
}

// The terms of all rows: where they are read from, where the panel's are packed, and how many are left.
struct Terms {
    const float* left;
    const float* right;
    float* packed;
    std::size_t count;
};

// Adds the next term, and packs the panel's elements of it.
template <bool terms_side_by_side, bool packs, class LeftStride, class RightStride, std::size_t rows, std::size_t vectors, std::size_t... r,
          std::size_t... v>
HWY_INLINE void add_next(Terms& terms, LeftStride left_stride, RightStride right_stride, Sums<rows, vectors>& sums,
                         std::index_sequence<r...> all_rows, std::index_sequence<v...> all_vectors)
{
    if constexpr (packs) {
        (__builtin_prefetch(terms.right + panel_terms_ahead * right_stride + v * lanes, 0, second_cache), ...);
        copy_term(terms.right, terms.packed);
        terms.packed += panel_columns;
    }
    add_term<terms_side_by_side>(terms.left, left_stride, terms.right, sums, all_rows, all_vectors);
    terms.left += terms_side_by_side ? 1 : left_stride;
    terms.right += right_stride;
    --terms.count;
}

// Adds all. Of what the tile reads nothing is fetched ahead: the processor does so by itself. Its outputs and what is packed next are, a
// group at a time, because an instruction more with each term costs as much as the others. For the same reason terms are added in pairs,
// and strides are constants where both operands are packed.
template <bool terms_side_by_side, bool packs, class LeftStride, class RightStride, std::size_t rows, std::size_t vectors, class AllRows>
HWY_INLINE void add_terms(const Tile& tile, LeftStride left_stride, RightStride right_stride, Terms& terms, Sums<rows, vectors>& sums,
                          AllRows all_rows)
{
    constexpr auto all_vectors = std::make_index_sequence<vectors>();
    const std::size_t columns_on_lines = vectors * lanes + (tile.out_stride % line != 0 ? line - 1 : 0);
    RowsAhead outputs{tile.out, tile.out_stride, columns_on_lines, rows, 0, output_lines_of_group};
    while (terms.count >= terms_of_group) {
        fetch_lines<first_cache>(outputs);
        fetch_lines<second_cache>(*tile.ahead);
        for (std::size_t pair = 0; pair < terms_of_group / 2; ++pair) {
            add_next<terms_side_by_side, packs>(terms, left_stride, right_stride, sums, all_rows, all_vectors);
            add_next<terms_side_by_side, packs>(terms, left_stride, right_stride, sums, all_rows, all_vectors);
        }
    }
    while (terms.count != 0) add_next<terms_side_by_side, packs>(terms, left_stride, right_stride, sums, all_rows, all_vectors);
}

// A tile whose `packs` is set packs its panel as well: it waits for its elements anyway.
template <std::size_t rows, std::size_t vectors, bool terms_side_by_side, bool packs, std::size_t... r>
HWY_INLINE void add_block(const Tile& tile, std::index_sequence<r...> all_rows)
{
    constexpr auto all_vectors = std::make_index_sequence<vectors>();
    const std::size_t left_step = terms_side_by_side ? 1 : tile.left_stride;
    Sums<rows, vectors> sums;
    (clear<vectors>(sums.of[r], all_vectors), ...);
    const float* left = tile.left + (tile.some_before.begin - tile.block.begin) * left_step;
    const float* right = tile.right + (tile.some_before.begin - tile.block.begin) * tile.right_stride;
    for (std::size_t k = tile.some_before.begin; k < tile.some_before.end; ++k, left += left_step, right += tile.right_stride)
        add_term<terms_side_by_side>(left, tile.left_stride, right, sums, 0, k - tile.first_row + 1, all_rows, all_vectors);
    Terms terms{left, right, tile.packed_right, tile.terms.size()};
    bool is_added = false;
    if constexpr (rows == tile_rows && vectors == tile_vectors && !terms_side_by_side && !packs)
        if (tile.left_stride == packed_rows && tile.right_stride == panel_columns) {
            add_terms<terms_side_by_side, packs>(tile, Constant<packed_rows>(), Constant<panel_columns>(), terms, sums, all_rows);
            is_added = true;
        }
    if (!is_added) add_terms<terms_side_by_side, packs>(tile, tile.left_stride, tile.right_stride, terms, sums, all_rows);
    left = terms.left;
    right = terms.right;
    for (std::size_t k = tile.some_after.begin; k < tile.some_after.end; ++k, left += left_step, right += tile.right_stride)
        add_term<terms_side_by_side>(left, tile.left_stride, right, sums, k - tile.first_row, rows, all_rows, all_vectors);
    if (tile.is_whole && tile.columns == vectors * lanes)
        (store_whole<vectors>(tile.out + r * tile.out_stride, tile.is_begun, sums.of[r], all_vectors), ...);
    else (store_some<vectors>(tile, r, sums.of[r], all_vectors), ...);
}

template <std::size_t rows, std::size_t vectors, bool terms_side_by_side, bool packs = false>
void add_block(const Tile& tile)
{
    add_block<rows, vectors, terms_side_by_side, packs>(tile, std::make_index_sequence<rows>());
}

using AddBlock = void (*)(const Tile&);

// add_block for tiles of 1 to tile_rows rows.
template <std::size_t vectors, bool terms_side_by_side, std::size_t... rows_less_one>
HWY_INLINE AddBlock block_function(std::size_t rows, std::index_sequence<rows_less_one...>)
{
    static constexpr AddBlock functions[]{add_block<rows_less_one + 1, vectors, terms_side_by_side>...};
    return functions[rows - 1];
}

template <bool terms_side_by_side>
HWY_INLINE AddBlock block_function(std::size_t rows, std::size_t columns, bool packs)
{
    if (packs) return add_block<tile_rows, tile_vectors, terms_side_by_side, true>;
    constexpr auto heights = std::make_index_sequence<tile_rows>();
    return columns > lanes ? block_function<tile_vectors, terms_side_by_side>(rows, heights)
                           : block_function<1, terms_side_by_side>(rows, heights);
}

// Sets what depends on the limit. Returns false where none of the rows has a term of this block, or no output of theirs is in this panel.
HWY_INLINE bool set_limit(Tile& tile, Range rows, bool begins_sums)
{
    const Range block = tile.block;
    tile.terms = block;
    tile.some_before = {block.begin, block.begin};
    tile.some_after = {block.end, block.end};
    tile.is_whole = true;
    tile.is_begun = !begins_sums;
    switch (tile.limit) {
    case Limit::none: return true;
    case Limit::output_lower: tile.is_whole = rows.begin + 1 >= tile.first_column + tile.columns; return rows.end - 1 >= tile.first_column;
    case Limit::sum_up_to_row:
        tile.terms.end = std::clamp(rows.begin + 1, block.begin, block.end);
        tile.some_after = {tile.terms.end, std::clamp(rows.end, tile.terms.end, block.end)};
        tile.is_whole = rows.begin >= block.begin;
        return rows.end - 1 >= block.begin;
    case Limit::sum_from_row:
        tile.terms.begin = std::clamp(rows.end - 1, block.begin, block.end);
        tile.some_before = {std::clamp(rows.begin, block.begin, tile.terms.begin), tile.terms.begin};
        tile.is_whole = rows.end <= block.end && (rows.begin >= block.begin || rows.end <= block.begin);
        tile.is_begun = rows.end <= block.begin;
        return rows.begin < block.end;
    }
    return false;
}

// The rows of a left operand that are packed after others.
HWY_INLINE RowsAhead left_ahead(const Chunk& chunk, Range rows, std::size_t groups)
{
    const Contraction& c = *chunk.contraction;
    if (c.transpose_left)
        return rows_ahead({chunk.left + chunk.terms.begin * c.rows + rows.begin, c.rows, rows.size(), chunk.terms.size(), 0, 0}, groups);
    return rows_ahead({chunk.left + rows.begin * c.depth + chunk.terms.begin, c.depth, chunk.terms.size(), rows.size(), 0, 0}, groups);
}

// What is packed of a right operand after the panel that begins with column `begin`.
HWY_INLINE RowsAhead panel_ahead(const Chunk& chunk, std::size_t begin, std::size_t groups)
{
    const Contraction& c = *chunk.contraction;
    const std::size_t next = begin + panel_columns;
    if (next >= chunk.columns.size()) return {};
    const std::size_t column = chunk.columns.begin + next, count = std::min(panel_columns, chunk.columns.size() - next);
    if (c.transpose_right)
        return rows_ahead({chunk.right + column * c.depth + chunk.terms.begin, c.depth, chunk.terms.size(), count, 0, 0}, groups);
    return rows_ahead({chunk.right + chunk.terms.begin * c.columns + column, c.columns, count, chunk.terms.size(), 0, 0}, groups);
}

// What tiles of these rows have in common.
HWY_INLINE Tile tile_of_rows(const Chunk& chunk, Range rows, const float* packed_left)
{
    const Contraction& c = *chunk.contraction;
    Tile tile{};
    tile.limit = c.limit;
    tile.block = chunk.terms;
    tile.first_row = rows.begin;
    tile.out_stride = c.columns;
    tile.left_stride = packed_left != nullptr ? packed_rows : c.transpose_left ? c.rows : c.depth;
    tile.left = packed_left != nullptr ? packed_left
                : c.transpose_left     ? chunk.left + chunk.terms.begin * c.rows + rows.begin
                                       : chunk.left + rows.begin * c.depth + chunk.terms.begin;
    return tile;
}

// Adds the chunk's block to the outputs of a panel. `packs_right`: the panel is packed here, before it is read, or, where that is copying,
// while it is.
HWY_INLINE void add_tile(const Chunk& chunk, Tile& tile, Range rows, std::size_t begin, bool packs_right, RowsAhead& ahead)
{
    const Contraction& c = *chunk.contraction;
    tile.first_column = chunk.columns.begin + begin;
    tile.columns = std::min(panel_columns, chunk.columns.end - tile.first_column);
    if (!set_limit(tile, rows, chunk.begins_sums)) return;
    const bool is_whole = tile.columns == panel_columns, reads_packed = chunk.packs_right || !is_whole,
               copies = packs_right && chunk.packs_right && !c.transpose_right && is_whole && rows.size() == tile_rows;
    float* packed = packed_panel(chunk, begin);
    if (packs_right && reads_packed && !copies) pack_panel(chunk, begin);
    RowsAhead panel = packs_right && c.transpose_right && !chunk.panel_by_panel
                          ? panel_ahead(chunk, begin, chunk.terms.size() / terms_of_group)
                          : RowsAhead{};
    tile.ahead = panel.rows != 0 ? &panel : &ahead;
    tile.packed_right = packed;
    tile.right_stride = reads_packed && !copies ? panel_columns : c.columns;
    tile.right = reads_packed && !copies ? packed : chunk.right + chunk.terms.begin * c.columns + tile.first_column;
    tile.out = chunk.out + rows.begin * c.columns + tile.first_column;
    const bool terms_side_by_side = chunk.packed_left == nullptr && !c.transpose_left;
    (terms_side_by_side ? block_function<true>(rows.size(), tile.columns, copies)
                        : block_function<false>(rows.size(), tile.columns, copies))(tile);
}

// Adds the chunk's block to the outputs of a tile's rows, panel after panel.
HWY_INLINE void add_tiles(const Chunk& chunk, Range rows, const float* packed_left, bool packs_right, RowsAhead& left_ahead)
{
    Tile tile = tile_of_rows(chunk, rows, packed_left);
    for (std::size_t begin = 0; begin < chunk.columns.size(); begin += panel_columns)
        add_tile(chunk, tile, rows, begin, packs_right, left_ahead);
}

// Adds the chunk's block to the outputs of few rows without a limit: a panel is packed once all tiles have read the one before, whose
// successor they have fetched meanwhile. So the right operand comes from memory at the pace at which it is used.
HWY_INLINE void add_panels(const Chunk& chunk)
{
    const std::size_t words_of_tile = chunk.terms.size() * packed_rows, step = tile_rows * tiles_of_pack,
                      tiles = (chunk.rows.size() + tile_rows - 1) / tile_rows;
    Chunk packing = chunk;
    for (std::size_t row = chunk.rows.begin; row < chunk.rows.end; row += step, packing.packed_left += tiles_of_pack * words_of_tile)
        pack_left(packing, {row, std::min(row + step, chunk.rows.end)});
    for (std::size_t begin = 0; begin < chunk.columns.size(); begin += panel_columns) {
        RowsAhead ahead = panel_ahead(chunk, begin, tiles * (chunk.terms.size() / terms_of_group));
        for (std::size_t i = 0; i < tiles; ++i) {
            const std::size_t row = chunk.rows.begin + i * tile_rows;
            const Range rows{row, std::min(row + tile_rows, chunk.rows.end)};
            Tile tile = tile_of_rows(chunk, rows, chunk.packed_left + i * words_of_tile);
            add_tile(chunk, tile, rows, begin, i == 0, ahead);
        }
    }
}

// Whether no output of these rows has a term of the chunk's block.
HWY_INLINE bool has_no_terms(const Chunk& chunk, Range rows)
{
    switch (chunk.contraction->limit) {
    case Limit::none: return false;
    case Limit::output_lower: return rows.end - 1 < chunk.columns.begin;
    case Limit::sum_up_to_row: return rows.end - 1 < chunk.terms.begin;
    case Limit::sum_from_row: return rows.begin >= chunk.terms.end;
    }
    return false;
}

void add_chunk(const Chunk& whole)
{
    const Contraction& c = *whole.contraction;
    const bool has_column = has_last_column(whole), is_packed = whole.packed_left != nullptr;
    Chunk chunk = whole;
    if (has_column) --chunk.columns.end;
    float* memory =
        chunk.panel_by_panel ? chunk.packed_right + panel_columns * chunk.terms.size() : packed_panel(chunk, chunk.columns.size());
    const LastColumn column = has_column ? last_column(whole, memory) : LastColumn{};
    if (chunk.panel_by_panel) {
        add_panels(chunk);
        if (has_column) add_to_column(chunk, column, chunk.rows, chunk.packed_left);
        return;
    }
    // Where a limit leaves tiles out, the first that reads a panel is not the first of all.
    bool packs_right = c.limit == Limit::none && (c.transpose_right || c.columns <= copied_row_max);
    if (!packs_right) pack_right(chunk);
    const std::size_t columns = chunk.columns.size();
    // Rows that lie side by side are packed for several tiles at once: of one tile's alone, each term's would be less than a cache line.
    const std::size_t step = tile_rows * (is_packed && c.transpose_left ? tiles_of_pack : 1);
    for (std::size_t begin = chunk.rows.begin; begin < chunk.rows.end; begin += step) {
        const Range rows{begin, std::min(begin + step, chunk.rows.end)};
        if (has_no_terms(chunk, rows)) continue;
        if (is_packed) pack_left(chunk, rows);
        RowsAhead ahead{};
        if (is_packed && rows.end < chunk.rows.end) {
            const std::size_t tiles = (columns + panel_columns - 1) / panel_columns * (step / tile_rows);
            ahead = left_ahead(chunk, {rows.end, std::min(rows.end + step, chunk.rows.end)}, tiles * (chunk.terms.size() / terms_of_group));
        }
        const float* packed = chunk.packed_left;
        for (std::size_t row = begin; row < rows.end; row += tile_rows, packed += is_packed ? chunk.terms.size() * packed_rows : 0)
            if (const Range tile{row, std::min(row + tile_rows, rows.end)}; !has_no_terms(chunk, tile)) {
                add_tiles(chunk, tile, packed, packs_right, ahead);
                packs_right = false;
            }
        if (has_column && (is_packed || !c.transpose_left)) add_to_column(chunk, column, rows, chunk.packed_left);
    }
    if (has_column && !is_packed && c.transpose_left) add_to_column(chunk, column, chunk.rows, nullptr);
}

} // namespace assay::exec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::exec {

HWY_EXPORT(tile_shape);
HWY_EXPORT(add_chunk);

TileShape tile_shape()
{
    return HWY_DYNAMIC_DISPATCH(tile_shape)();
}
void add_chunk(const Chunk& chunk)
{
    HWY_DYNAMIC_DISPATCH(add_chunk)(chunk);
}

} // namespace assay::exec
#endif
