// The last column of a chunk where it is alone in its panel: a tile for it would cost as much as one for half a panel. Lanes are rows here.
// Included once for each target, as Highway's own headers are.
#if defined(ASSAY_LAST_COLUMN_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_LAST_COLUMN_INL
#undef ASSAY_LAST_COLUMN_INL
#else
#define ASSAY_LAST_COLUMN_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <utility>

#include "exec/kernels/contraction_tiles.hpp"
#include "exec/kernels/row_sums-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::exec::HWY_NAMESPACE {

struct LastColumn {
    std::size_t index;
    const float* elements; // of the block's terms
};

inline bool has_last_column(const Chunk& chunk)
{
    return chunk.contraction->limit == program::Limit::none && chunk.rows.size() >= tile_rows && chunk.columns.size() > panel_columns &&
           chunk.columns.size() % panel_columns == 1;
}

// Copies its elements to `memory` where they do not lie side by side.
inline LastColumn last_column(const Chunk& chunk, float* memory)
{
    const Contraction& c = *chunk.contraction;
    const std::size_t index = chunk.columns.end - 1;
    if (c.transpose_right) return {index, chunk.right + index * c.depth + chunk.terms.begin};
    for (std::size_t k = 0; k < chunk.terms.size(); ++k) memory[k] = chunk.right[(chunk.terms.begin + k) * c.columns + index];
    return {index, memory};
}

HWY_INLINE void store_column(const Chunk& chunk, std::size_t column, Range rows, Vector sum)
{
    float sums[lanes];
    hn::StoreU(sum, Lanes(), sums);
    float* out = chunk.out + rows.begin * chunk.contraction->columns + column;
    for (std::size_t i = 0; i < rows.size(); ++i, out += chunk.contraction->columns) *out = chunk.begins_sums ? sums[i] : *out + sums[i];
}

// Rows as vectors: of packed tiles, or of a left operand that is stored by columns.
struct VectorsOfRows {
    static constexpr std::size_t of_tile = packed_rows / lanes;
    static_assert(packed_rows % lanes == 0);

    const float* first;
    std::size_t stride; // from term to term
    Range rows;
    std::size_t words_of_tile; // 0: they are not packed

    [[nodiscard]] std::size_t count() const
    {
        return words_of_tile == 0 ? (rows.size() + lanes - 1) / lanes : (rows.size() + tile_rows - 1) / tile_rows * of_tile;
    }
    [[nodiscard]] const float* vector(std::size_t i) const
    {
        return first + (words_of_tile == 0 ? i * lanes : i / of_tile * words_of_tile + i % of_tile * lanes);
    }
    // That are in a vector; those beyond the tile, or the last, are not.
    [[nodiscard]] Range rows_of(std::size_t i) const
    {
        const std::size_t tile = words_of_tile == 0 ? rows.begin : rows.begin + i / of_tile * tile_rows;
        const std::size_t end = words_of_tile == 0 ? rows.end : std::min(tile + tile_rows, rows.end);
        const std::size_t begin = std::min(tile + (words_of_tile == 0 ? i : i % of_tile) * lanes, end);
        return {begin, std::min(begin + lanes, end)};
    }
};

// Of so many vectors at once, so that none of their sums waits for its last product.
template <std::size_t... i>
HWY_INLINE void add_to_column(const Chunk& chunk, const LastColumn& column, const VectorsOfRows& vectors, std::size_t begin,
                              std::index_sequence<i...>)
{
    const float* from[]{vectors.vector(begin + i)...};
    const Range rows[]{vectors.rows_of(begin + i)...};
    Vector sum[]{(static_cast<void>(i), hn::Zero(Lanes()))...};
    for (std::size_t k = 0; k < chunk.terms.size(); ++k) {
        const Vector scale = hn::Set(Lanes(), column.elements[k]);
        ((sum[i] = fused_multiply_add(load_some(from[i] + k * vectors.stride, rows[i].size()), scale, sum[i])), ...);
    }
    (store_column(chunk, column.index, rows[i], sum[i]), ...);
}

inline void add_to_column(const Chunk& chunk, const LastColumn& column, const VectorsOfRows& vectors)
{
    constexpr std::size_t at_once = 8;
    std::size_t i = 0;
    for (; i + at_once <= vectors.count(); i += at_once) add_to_column(chunk, column, vectors, i, std::make_index_sequence<at_once>());
    for (; i < vectors.count(); ++i) add_to_column(chunk, column, vectors, i, std::make_index_sequence<1>());
}

// Adds the chunk's block to the last column's outputs in these rows, whose left operand is packed unless packed_left is null.
inline void add_to_column(const Chunk& chunk, const LastColumn& column, Range rows, const float* packed_left)
{
    const Contraction& c = *chunk.contraction;
    if (packed_left != nullptr) return add_to_column(chunk, column, {packed_left, packed_rows, rows, chunk.terms.size() * packed_rows});
    if (c.transpose_left) return add_to_column(chunk, column, {chunk.left + chunk.terms.begin * c.rows + rows.begin, c.rows, rows, 0});
    for (std::size_t row = rows.begin; row < rows.end; row += lanes) {
        const Range some{row, std::min(row + lanes, rows.end)};
        store_column(chunk, column.index, some,
                     block_sum(chunk.left + row * c.depth + chunk.terms.begin, c.depth, some.size(), column.elements, chunk.terms.size()));
    }
}

} // namespace assay::exec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
