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
    bool is_begun; // of a whole tile: the outputs hold sums of earlier blocks
    program::Limit limit;
    Range block;
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

constexpr std::size_t terms_ahead = 8;     // of a left operand that are fetched into the first cache before they are packed
constexpr std::size_t elements_ahead = 32; // of each row that are fetched before they are packed

struct StoreTerm {
    float* to;
    std::size_t stride;
    HWY_INLINE void operator()(std::size_t t, Vector terms) const { hn::StoreU(terms, Lanes(), to + t * stride); }
};

// to[k * to_stride + row] = from[row * from_stride + k] for `rows` rows and `terms` terms; what `to` has beyond its rows, up to a whole
// vector, may be written too.
void transpose(const float* from, std::size_t from_stride, std::size_t rows, std::size_t terms, float* to, std::size_t to_stride)
{
    for (std::size_t row = 0; row < rows; row += lanes, from += lanes * from_stride, to += lanes) {
        const std::size_t count = std::min(lanes, rows - row);
        std::size_t k = 0;
#if HWY_TARGET != HWY_SCALAR
        const RowsOfLanes source(from, from_stride, count);
        for (; k + lanes <= terms; k += lanes) {
            for (std::size_t i = 0; i < count; ++i) hwy::Prefetch(source.of[i] + k + elements_ahead);
            turn(source, k, StoreTerm{to + k * to_stride, to_stride});
        }
#endif
        for (; k < terms; ++k)
            for (std::size_t i = 0; i < count; ++i) to[k * to_stride + i] = from[i * from_stride + k];
    }
}

// Copies a whole panel's elements of one term.
HWY_INLINE void copy_term(const float* from, float* to)
{
    for (std::size_t v = 0; v < tile_vectors; ++v) hn::StoreU(hn::LoadU(Lanes(), from + v * lanes), Lanes(), to + v * lanes);
}

// Copies `terms` terms of a panel of `count` columns, and fills up with +0. The matrix has `remaining` elements from there on.
void copy_narrow_panel(const float* from, std::size_t stride, std::size_t remaining, std::size_t terms, std::size_t count, float* to)
{
    const Lanes d;
    for (; terms != 0 && remaining >= panel_columns; --terms, from += stride, remaining -= std::min(remaining, stride), to += panel_columns)
        for (std::size_t v = 0; v < tile_vectors; ++v)
            hn::StoreU(hn::IfThenElseZero(hn::FirstN(d, count - std::min(count, v * lanes)), hn::LoadU(d, from + v * lanes)), d,
                       to + v * lanes);
    for (; terms != 0; --terms, from += stride, to += panel_columns) {
        std::copy(from, from + count, to);
        std::fill(to + count, to + panel_columns, 0.0F);
    }
}

void pack_right(const Chunk& chunk)
{
    const Contraction& c = *chunk.contraction;
    const std::size_t terms = chunk.terms.size(), columns = chunk.columns.size();
    const std::size_t first = chunk.packs_right ? 0 : columns / panel_columns * panel_columns;
    if (!c.transpose_right) { // rows of memory as they lie, across all panels
        const std::size_t start = chunk.terms.begin * c.columns + chunk.columns.begin, whole = columns / panel_columns * panel_columns;
        const float* from = chunk.right + start;
        for (std::size_t k = 0; k < terms; ++k, from += c.columns)
            for (std::size_t begin = first; begin < whole; begin += panel_columns)
                copy_term(from + begin, chunk.packed_right + (begin - first) * terms + k * panel_columns);
        if (whole < columns)
            copy_narrow_panel(chunk.right + start + whole, c.columns, c.depth * c.columns - start - whole, terms, columns - whole,
                              chunk.packed_right + (whole - first) * terms);
        return;
    }
    float* packed = chunk.packed_right;
    for (std::size_t begin = first; begin < columns; begin += panel_columns, packed += terms * panel_columns) {
        const std::size_t count = std::min(panel_columns, columns - begin);
        if (count < panel_columns) std::fill(packed, packed + terms * panel_columns, 0.0F);
        transpose(chunk.right + (chunk.columns.begin + begin) * c.depth + chunk.terms.begin, c.depth, count, terms, packed, panel_columns);
    }
}

// Packs rows, tile by tile.
void pack_left(const Chunk& chunk, Range rows)
{
    const Contraction& c = *chunk.contraction;
    const std::size_t terms = chunk.terms.size(), words_of_tile = terms * packed_rows;
    float* to = chunk.packed_left;
    if (!c.transpose_left) {
        for (std::size_t row = rows.begin; row < rows.end; row += tile_rows, to += words_of_tile)
            transpose(chunk.left + row * c.depth + chunk.terms.begin, c.depth, std::min(tile_rows, rows.end - row), terms, to, packed_rows);
        return;
    }
    const float* from = chunk.left + chunk.terms.begin * c.rows;
    for (std::size_t k = 0; k < terms; ++k, to += packed_rows, from += c.rows) {
        hwy::Prefetch(from + terms_ahead * c.rows + rows.begin);
        float* tile = to;
        // Of the rows that have this term.
        const std::size_t end = c.limit == Limit::sum_from_row ? std::min(rows.end, chunk.terms.begin + k + 1) : rows.end;
        for (std::size_t row = rows.begin; row < end; row += tile_rows, tile += words_of_tile) {
            if ((chunk.terms.begin + k) * c.rows + row + packed_rows <= c.depth * c.rows) // more than the tile's rows may then be read
                for (std::size_t i = 0; i < packed_rows; i += lanes) hn::StoreU(hn::LoadU(Lanes(), from + row + i), Lanes(), tile + i);
            else std::copy(from + row, from + std::min(row + tile_rows, rows.end), tile);
        }
    }
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
    bool begins = tile.block.begin == 0;
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

template <std::size_t rows, std::size_t vectors, bool terms_side_by_side, std::size_t... r>
HWY_INLINE void add_block(const Tile& tile, std::index_sequence<r...> all_rows)
{
    constexpr auto all_vectors = std::make_index_sequence<vectors>();
    const std::size_t left_step = terms_side_by_side ? 1 : tile.left_stride;
    Sums<rows, vectors> sums;
    const float* fetched = tile.out;
    for (std::size_t row = 0; row < rows; ++row, fetched += tile.out_stride) {
        hwy::Prefetch(fetched);
        hwy::Prefetch(fetched + vectors * lanes - 1);
    }
    (clear<vectors>(sums.of[r], all_vectors), ...);
    const float* left = tile.left + (tile.some_before.begin - tile.block.begin) * left_step;
    const float* right = tile.right + (tile.some_before.begin - tile.block.begin) * tile.right_stride;
    for (std::size_t k = tile.some_before.begin; k < tile.some_before.end; ++k, left += left_step, right += tile.right_stride)
        add_term<terms_side_by_side>(left, tile.left_stride, right, sums, 0, k - tile.first_row + 1, all_rows, all_vectors);
    // Nothing is fetched ahead here: the processor does so by itself, and each instruction more in this loop costs as much as the others.
    for (std::size_t count = tile.terms.size(); count != 0; --count, left += left_step, right += tile.right_stride)
        add_term<terms_side_by_side>(left, tile.left_stride, right, sums, all_rows, all_vectors);
    for (std::size_t k = tile.some_after.begin; k < tile.some_after.end; ++k, left += left_step, right += tile.right_stride)
        add_term<terms_side_by_side>(left, tile.left_stride, right, sums, k - tile.first_row, rows, all_rows, all_vectors);
    if (tile.is_whole && tile.columns == vectors * lanes)
        (store_whole<vectors>(tile.out + r * tile.out_stride, tile.is_begun, sums.of[r], all_vectors), ...);
    else (store_some<vectors>(tile, r, sums.of[r], all_vectors), ...);
}

template <std::size_t rows, std::size_t vectors, bool terms_side_by_side>
void add_block(const Tile& tile)
{
    add_block<rows, vectors, terms_side_by_side>(tile, std::make_index_sequence<rows>());
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
HWY_INLINE AddBlock block_function(std::size_t rows, std::size_t columns)
{
    constexpr auto heights = std::make_index_sequence<tile_rows>();
    return columns > lanes ? block_function<tile_vectors, terms_side_by_side>(rows, heights)
                           : block_function<1, terms_side_by_side>(rows, heights);
}

// Sets what depends on the limit. Returns false where none of the rows has a term of this block, or no output of theirs is in this panel.
HWY_INLINE bool set_limit(Tile& tile, Range rows)
{
    const Range block = tile.block;
    tile.terms = block;
    tile.some_before = {block.begin, block.begin};
    tile.some_after = {block.end, block.end};
    tile.is_whole = true;
    tile.is_begun = block.begin != 0;
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

HWY_INLINE void add_tiles(const Chunk& chunk, Range rows, const float* packed_left)
{
    const Contraction& c = *chunk.contraction;
    const bool is_packed = packed_left != nullptr, terms_side_by_side = !is_packed && !c.transpose_left;
    Tile tile{};
    tile.limit = c.limit;
    tile.block = chunk.terms;
    tile.first_row = rows.begin;
    tile.out_stride = c.columns;
    tile.left_stride = is_packed ? packed_rows : c.transpose_left ? c.rows : c.depth;
    tile.left = is_packed          ? packed_left
                : c.transpose_left ? chunk.left + chunk.terms.begin * c.rows + rows.begin
                                   : chunk.left + rows.begin * c.depth + chunk.terms.begin;
    for (std::size_t begin = 0; begin < chunk.columns.size(); begin += panel_columns) {
        tile.first_column = chunk.columns.begin + begin;
        tile.columns = std::min(panel_columns, chunk.columns.end - tile.first_column);
        if (!set_limit(tile, rows)) continue;
        const bool reads_packed = chunk.packs_right || tile.columns < panel_columns;
        tile.right_stride = reads_packed ? panel_columns : c.columns;
        tile.right = reads_packed ? chunk.packed_right + (chunk.packs_right ? begin * chunk.terms.size() : 0)
                                  : chunk.right + chunk.terms.begin * c.columns + tile.first_column;
        tile.out = chunk.out + rows.begin * c.columns + tile.first_column;
        (terms_side_by_side ? block_function<true>(rows.size(), tile.columns) : block_function<false>(rows.size(), tile.columns))(tile);
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

void add_chunk(const Chunk& chunk)
{
    const bool is_packed = chunk.packed_left != nullptr;
    // Rows that lie side by side are packed for several tiles at once: of one tile's alone, each term's would be less than a cache line.
    const std::size_t step = tile_rows * (is_packed && chunk.contraction->transpose_left ? tiles_of_pack : 1);
    for (std::size_t begin = chunk.rows.begin; begin < chunk.rows.end; begin += step) {
        const Range rows{begin, std::min(begin + step, chunk.rows.end)};
        if (has_no_terms(chunk, rows)) continue;
        if (is_packed) pack_left(chunk, rows);
        const float* packed = chunk.packed_left;
        for (std::size_t row = begin; row < rows.end; row += tile_rows, packed += is_packed ? chunk.terms.size() * packed_rows : 0)
            if (const Range tile{row, std::min(row + tile_rows, rows.end)}; !has_no_terms(chunk, tile)) add_tiles(chunk, tile, packed);
    }
}

} // namespace assay::exec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::exec {

HWY_EXPORT(tile_shape);
HWY_EXPORT(pack_right);
HWY_EXPORT(add_chunk);

TileShape tile_shape()
{
    return HWY_DYNAMIC_DISPATCH(tile_shape)();
}
void pack_right(const Chunk& chunk)
{
    HWY_DYNAMIC_DISPATCH(pack_right)(chunk);
}
void add_chunk(const Chunk& chunk)
{
    HWY_DYNAMIC_DISPATCH(add_chunk)(chunk);
}

} // namespace assay::exec
#endif
