// Virtual lanes are held in as many vectors as they fill. The maximum of a row does not depend on an order, so that it needs no lanes.
#include "exec/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "exec/kernels/reductions.cpp"
#include <hwy/foreach_target.h> // includes this file again for every target but the last
#include <hwy/highway.h>

#include <algorithm>
#include <bit>

#include <assay/arith/binary32.hpp>
#include <assay/base/check.hpp>

#include "exec/kernels/reductions.hpp"
#include "exec/strict.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::exec::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The first `count` elements, fewer than a vector has; the others are anything.
template <class D>
HWY_INLINE hn::Vec<D> load_first(D d, const float* in, std::size_t count)
{
#if HWY_MEM_OPS_MIGHT_FAULT
    float elements[hn::MaxLanes(d)] = {};
    for (std::size_t i = 0; i < count; ++i) elements[i] = in[i];
    return hn::LoadU(d, elements);
#else
    return hn::MaskedLoad(hn::FirstN(d, count), d, in);
#endif
}

// Adds the upper half of the lanes to the lower one until one is left.
template <class D>
HWY_INLINE float fold(D, hn::Vec<D> sum)
{
#if HWY_TARGET != HWY_SCALAR
    if constexpr (hn::MaxLanes(D()) > 1) {
        const hn::Half<D> half;
        return fold(half, hn::Add(hn::LowerHalf(half, sum), hn::UpperHalf(half, sum)));
    }
#endif
    return hn::GetLane(sum);
}

template <std::size_t lanes>
HWY_INLINE float sum_row(const float* in, std::size_t count)
{
    const hn::CappedTag<float, lanes> d;
    constexpr std::size_t width = hn::MaxLanes(d), vectors = lanes / width;
    hn::Vec<decltype(d)> sum[vectors];
    for (std::size_t v = 0; v < vectors; ++v) sum[v] = hn::Zero(d);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes)
        for (std::size_t v = 0; v < vectors; ++v) sum[v] = hn::Add(sum[v], hn::LoadU(d, in + i + v * width));
    for (std::size_t v = 0; v < vectors && i < count; ++v, i += width) {
        const std::size_t rest = std::min(width, count - i);
        const auto with_rest = hn::Add(sum[v], rest == width ? hn::LoadU(d, in + i) : load_first(d, in + i, rest));
        sum[v] = hn::IfThenElse(hn::FirstN(d, rest), with_rest, sum[v]);
    }
    for (std::size_t half = vectors / 2; half >= 1; half /= 2)
        for (std::size_t v = 0; v < half; ++v) sum[v] = hn::Add(sum[v], sum[v + half]);
    return fold(d, sum[0]);
}

HWY_INLINE std::size_t elements_of(const Reduction& reduction, std::size_t row)
{
    return reduction.causal_rows == 0 ? reduction.row_length : std::min(reduction.row_length, (reduction.first_row + row) % reduction.causal_rows + 1);
}

template <std::size_t lanes>
HWY_INLINE void sum_rows_in(const Reduction& reduction, const float* in, Range rows, float* out)
{
    for (std::size_t row = rows.begin; row < rows.end; ++row)
        out[row] = sum_row<lanes>(in + row * reduction.row_length, elements_of(reduction, row));
}

void sum_rows(const Reduction& reduction, const float* in, Range rows, float* out)
{
    switch (reduction.lanes) {
    case 1: return sum_rows_in<1>(reduction, in, rows, out);
    case 2: return sum_rows_in<2>(reduction, in, rows, out);
    case 4: return sum_rows_in<4>(reduction, in, rows, out);
    case 8: return sum_rows_in<8>(reduction, in, rows, out);
    case 16: return sum_rows_in<16>(reduction, in, rows, out);
    case 32: return sum_rows_in<32>(reduction, in, rows, out);
    case 64: return sum_rows_in<64>(reduction, in, rows, out);
    default: ASSAY_CHECK(false);
    }
}

// Patterns in the order of the numbers, as signed integers: -0 stands below +0. The mapping is its own inverse.
HWY_INLINE std::int32_t ordered(Word pattern)
{
    return static_cast<std::int32_t>(pattern ^ (static_cast<Word>(static_cast<std::int32_t>(pattern) >> 31) >> 1));
}

void maximum_of_rows(const Reduction& reduction, const Word* in, Range rows, Word* out)
{
    for (std::size_t row = rows.begin; row < rows.end; ++row) {
        const Word* elements = in + row * reduction.row_length;
        const std::size_t count = elements_of(reduction, row);
        std::int32_t largest = ordered(arith::infinity | 0x80000000U);
        Word magnitude = 0;
        for (std::size_t i = 0; i < count; ++i) {
            largest = std::max(largest, ordered(elements[i]));
            magnitude = std::max(magnitude, elements[i] & 0x7fffffffU);
        }
        const Word maximum = static_cast<Word>(ordered(static_cast<Word>(largest)));
        out[row] = magnitude > arith::infinity ? arith::canonical_nan : maximum;
    }
}

} // namespace assay::exec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::exec {

HWY_EXPORT(sum_rows);
HWY_EXPORT(maximum_of_rows);

void sum_rows(const Reduction& reduction, const Word* in, Range rows, Word* out)
{
    HWY_DYNAMIC_DISPATCH(sum_rows)(reduction, reinterpret_cast<const float*>(in), rows, reinterpret_cast<float*>(out));
}

void maximum_of_rows(const Reduction& reduction, const Word* in, Range rows, Word* out)
{
    HWY_DYNAMIC_DISPATCH(maximum_of_rows)(reduction, in, rows, out);
}

} // namespace assay::exec
#endif
