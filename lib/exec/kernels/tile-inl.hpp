// The shape of a register tile on the target that is being compiled, and its one arithmetic operation. Included once for each target, as
// Highway's own headers are.
#if defined(ASSAY_TILE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_TILE_INL
#undef ASSAY_TILE_INL
#else
#define ASSAY_TILE_INL
#endif

#include <hwy/highway.h>

#include <utility>

#include "exec/kernels/targets.hpp"
#include "exec/kernels/words.hpp"
#include "exec/native_arithmetic.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::exec::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Lanes = hn::ScalableTag<float>;
using Vector = hn::Vec<Lanes>;

// Two vectors wide; as high as leaves registers for the operands. Where a product is a function's call, registers do not matter.
constexpr std::size_t tile_vectors = 2;
constexpr std::size_t lanes = hn::MaxLanes(Lanes{});
constexpr std::size_t panel_columns = tile_vectors * lanes;
#if HWY_TARGET <= HWY_AVX3
constexpr std::size_t tile_rows = 14;
#elif HWY_TARGET == HWY_NEON
constexpr std::size_t tile_rows = 12;
#elif ASSAY_FUSES
constexpr std::size_t tile_rows = 6;
#else
constexpr std::size_t tile_rows = 2;
#endif
constexpr std::size_t packed_rows = (tile_rows + 3) / 4 * 4; // of a packed tile's memory, so that terms begin where vectors may
constexpr std::size_t tiles_of_pack = 8;

// a * b + c, rounded once, also where the processor has no such instruction.
#if ASSAY_FUSES
HWY_INLINE Vector fused_multiply_add(Vector a, Vector b, Vector c)
{
    return hn::MulAdd(a, b, c);
}
#else
HWY_MAYBE_UNUSED static HWY_NOINLINE Vector fused_multiply_add(Vector a, Vector b, Vector c)
{
    const hn::RebindToUnsigned<Lanes> words;
    Word x[lanes], y[lanes], z[lanes];
    hn::StoreU(hn::BitCast(words, a), words, x);
    hn::StoreU(hn::BitCast(words, b), words, y);
    hn::StoreU(hn::BitCast(words, c), words, z);
    for (std::size_t i = 0; i < lanes; ++i) z[i] = NativeArithmetic::fused_multiply_add(x[i], y[i], z[i]);
    return hn::BitCast(Lanes(), hn::LoadU(words, z));
}
#endif

#if HWY_TARGET != HWY_SCALAR

// Transposes, in every block of four lanes: terms[t] holds element t of rows 0 to 3.
template <class D>
HWY_INLINE void transpose_in_blocks(D d, const hn::Vec<D> (&row)[4], hn::Vec<D> (&terms)[4])
{
    const hn::Repartition<double, D> pairs;
    const auto low_even = hn::BitCast(pairs, hn::InterleaveLower(d, row[0], row[1])),
               low_odd = hn::BitCast(pairs, hn::InterleaveLower(d, row[2], row[3])),
               high_even = hn::BitCast(pairs, hn::InterleaveUpper(d, row[0], row[1])),
               high_odd = hn::BitCast(pairs, hn::InterleaveUpper(d, row[2], row[3]));
    terms[0] = hn::BitCast(d, hn::InterleaveLower(pairs, low_even, low_odd));
    terms[1] = hn::BitCast(d, hn::InterleaveUpper(pairs, low_even, low_odd));
    terms[2] = hn::BitCast(d, hn::InterleaveLower(pairs, high_even, high_odd));
    terms[3] = hn::BitCast(d, hn::InterleaveUpper(pairs, high_even, high_odd));
}

// As many rows as a vector has lanes; where there are only `count`, the last one stands for the others.
struct RowsOfLanes {
    const float* of[lanes];
    HWY_INLINE RowsOfLanes(const float* first, std::size_t stride, std::size_t count)
    {
        for (std::size_t i = 0; i < lanes; ++i) of[i] = first + (i < count ? i : count - 1) * stride;
    }
    [[nodiscard]] HWY_INLINE const float* row(std::size_t i) const { return of[i]; }
};

// The same where there are that many.
struct RowsOfMatrix {
    const float* first;
    std::size_t stride;
    [[nodiscard]] HWY_INLINE const float* row(std::size_t i) const { return first + i * stride; }
};

// Four elements of each fourth row from `row` on, one after another. They come to their places as they are loaded: moved there afterwards,
// they would need the one unit for shuffles, which is what bounds a turn.
template <std::size_t width, class Rows>
HWY_INLINE Vector load_blocks(const Rows& rows, std::size_t row, std::size_t k)
{
    const Lanes d;
#ifdef __SANITIZE_ADDRESS__ // g++ 12 cannot write down the masked loads that it makes of the others together with its checks
    float elements[width];
    for (std::size_t i = 0; i < width; ++i) elements[i] = rows.row(row + i / 4 * 4)[k + i % 4];
    return hn::LoadU(d, elements);
#endif
    if constexpr (width == 4) {
        return hn::LoadU(d, rows.row(row) + k);
    } else if constexpr (width == 8) {
        return hn::OddEvenBlocks(hn::LoadDup128(d, rows.row(row + 4) + k), hn::LoadDup128(d, rows.row(row) + k));
    } else {
        static_assert(width == 16);
        return hn::ConcatUpperLower(d, load_blocks<8>(rows, row + 8, k), load_blocks<8>(rows, row, k));
    }
}

using BlocksOfRows = Vector[lanes / 4][4];

template <std::size_t row, class Rows, std::size_t... b>
HWY_INLINE void load_row(const Rows& rows, std::size_t k, BlocksOfRows& blocks, std::index_sequence<b...>)
{
    ((blocks[b][row] = load_blocks<lanes>(rows, row, k + 4 * b)), ...);
}

template <std::size_t block, class Take, std::size_t... t>
HWY_INLINE void take_terms(const BlocksOfRows& blocks, const Take& take, std::index_sequence<t...>)
{
    Vector terms[4];
    transpose_in_blocks(Lanes(), blocks[block], terms);
    (take(4 * block + t, terms[t]), ...);
}

template <class Rows, class Take, std::size_t... r, std::size_t... b>
HWY_INLINE void turn(const Rows& rows, std::size_t k, const Take& take, std::index_sequence<r...> four, std::index_sequence<b...> all)
{
    BlocksOfRows blocks;
    (load_row<r>(rows, k, blocks, all), ...); // a cache line at a time
    (take_terms<b>(blocks, take, four), ...);
}

// Hands `take` the elements from k to k + lanes of the rows, term by term and upwards: take(t, v) with element k + t of row i in lane i of
// v. Blocks of four rows and four terms are turned within themselves.
template <class Rows, class Take>
HWY_INLINE void turn(const Rows& rows, std::size_t k, const Take& take)
{
    turn(rows, k, take, std::make_index_sequence<4>(), std::make_index_sequence<lanes / 4>());
}

#endif

} // namespace assay::exec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
