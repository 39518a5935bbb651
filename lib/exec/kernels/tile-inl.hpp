// The shape of a register tile on the target that is being compiled, and its one arithmetic operation. Included once for each target, as
// Highway's own headers are.
#if defined(ASSAY_TILE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_TILE_INL
#undef ASSAY_TILE_INL
#else
#define ASSAY_TILE_INL
#endif

#include <hwy/highway.h>

#include "exec/kernels/words.hpp"
#include "exec/native_arithmetic.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::exec::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

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
constexpr std::size_t packed_rows = (tile_rows + 3) / 4 * 4; // of a packed tile's memory, so that terms begin where vectors may

// a * b + c, rounded once, also where the processor has no such instruction.
HWY_INLINE Vector fused_multiply_add(Vector a, Vector b, Vector c)
{
#if HWY_TARGET == HWY_NEON || (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2)
    return hn::MulAdd(a, b, c);
#else
    const hn::RebindToUnsigned<Lanes> words;
    Word x[lanes], y[lanes], z[lanes];
    hn::StoreU(hn::BitCast(words, a), words, x);
    hn::StoreU(hn::BitCast(words, b), words, y);
    hn::StoreU(hn::BitCast(words, c), words, z);
    for (std::size_t i = 0; i < lanes; ++i) z[i] = NativeArithmetic::fused_multiply_add(x[i], y[i], z[i]);
    return hn::BitCast(Lanes(), hn::LoadU(words, z));
#endif
}

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

#endif

} // namespace assay::exec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
