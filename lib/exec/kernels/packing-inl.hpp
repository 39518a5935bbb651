// Copies of operands in the order in which tiles read them. Included once for each target, as Highway's own headers are.
#if defined(ASSAY_PACKING_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_PACKING_INL
#undef ASSAY_PACKING_INL
#else
#define ASSAY_PACKING_INL
#endif

#include <hwy/highway.h>

#include <hwy/cache_control.h>

#include <algorithm>

#include "exec/kernels/contraction_tiles.hpp"
#include "exec/kernels/tile-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::exec::HWY_NAMESPACE {

using program::Limit;

constexpr std::size_t terms_ahead = 8; // of a left operand that are fetched into the first cache before they are packed

struct StoreTerm {
    float* to;
    std::size_t stride;
    HWY_INLINE void operator()(std::size_t t, Vector terms) const { hn::StoreU(terms, Lanes(), to + t * stride); }
};

// to[k * to_stride + row] = from[row * from_stride + k] for `rows` rows and `terms` terms; what `to` has beyond its rows, up to a whole
// vector, may be written too.
inline void transpose(const float* from, std::size_t from_stride, std::size_t rows, std::size_t terms, float* to, std::size_t to_stride)
{
    for (std::size_t row = 0; row < rows; row += lanes, from += lanes * from_stride, to += lanes) {
        const std::size_t count = std::min(lanes, rows - row);
        std::size_t k = 0;
#if HWY_TARGET != HWY_SCALAR
        const RowsOfLanes source(from, from_stride, count);
        for (; k + lanes <= terms; k += lanes) turn(source, k, StoreTerm{to + k * to_stride, to_stride});
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
inline void copy_narrow_panel(const float* from, std::size_t stride, std::size_t remaining, std::size_t terms, std::size_t count, float* to)
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

// Where the panel is packed whose first column is `begin`, counted from the chunk's.
HWY_INLINE float* packed_panel(const Chunk& chunk, std::size_t begin)
{
    return chunk.packed_right + (chunk.packs_right && !chunk.panel_by_panel ? begin * chunk.terms.size() : 0);
}

// Packs the chunk's terms of a panel.
inline void pack_panel(const Chunk& chunk, std::size_t begin)
{
    const Contraction& c = *chunk.contraction;
    float* to = packed_panel(chunk, begin);
    const std::size_t terms = chunk.terms.size(), column = chunk.columns.begin + begin,
                      count = std::min(panel_columns, chunk.columns.size() - begin);
    if (c.transpose_right) {
        if (count < panel_columns) std::fill(to, to + terms * panel_columns, 0.0F);
        transpose(chunk.right + column * c.depth + chunk.terms.begin, c.depth, count, terms, to, panel_columns);
        return;
    }
    const std::size_t start = chunk.terms.begin * c.columns + column;
    const float* from = chunk.right + start;
    if (count < panel_columns) return copy_narrow_panel(from, c.columns, c.depth * c.columns - start, terms, count, to);
    for (std::size_t k = 0; k < terms; ++k, from += c.columns) copy_term(from, to + k * panel_columns);
}

// Packs all panels: rows of memory as they lie, across them.
inline void pack_right(const Chunk& chunk)
{
    const Contraction& c = *chunk.contraction;
    const std::size_t terms = chunk.terms.size(), columns = chunk.columns.size(), whole = columns / panel_columns * panel_columns;
    const bool copies = chunk.packs_right && !c.transpose_right;
    const float* from = chunk.right + chunk.terms.begin * c.columns + chunk.columns.begin;
    for (std::size_t k = 0; copies && k < terms; ++k, from += c.columns)
        for (std::size_t begin = 0; begin < whole; begin += panel_columns)
            copy_term(from + begin, packed_panel(chunk, begin) + k * panel_columns);
    for (std::size_t begin = chunk.packs_right && !copies ? 0 : whole; begin < columns; begin += panel_columns) pack_panel(chunk, begin);
}

// Packs rows, tile by tile.
inline void pack_left(const Chunk& chunk, Range rows)
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

} // namespace assay::exec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
