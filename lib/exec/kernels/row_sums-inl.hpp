// Sums whose lanes are the rows of a matrix. Included once for each target, as Highway's own headers are.
#if defined(ASSAY_ROW_SUMS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_ROW_SUMS_INL
#undef ASSAY_ROW_SUMS_INL
#else
#define ASSAY_ROW_SUMS_INL
#endif

#include <hwy/highway.h>

#include <algorithm>

#include "exec/kernels/tile-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::exec::HWY_NAMESPACE {

constexpr std::size_t long_row = 1024; // whose neighbours are in other pages: the processor fetches nothing ahead by itself there

HWY_INLINE Vector load_some(const float* from, std::size_t count)
{
    if (count >= lanes) return hn::LoadU(Lanes(), from);
#if HWY_MEM_OPS_MIGHT_FAULT
    float elements[lanes]{};
    std::copy(from, from + count, elements);
    return hn::LoadU(Lanes(), elements);
#else
    return hn::MaskedLoad(hn::FirstN(Lanes(), count), Lanes(), from);
#endif
}

#if HWY_TARGET != HWY_SCALAR

constexpr std::size_t row_elements_ahead = 64; // of each row that are fetched before they are used

// Adds a term to a sum of each row.
struct AddTerm {
    const float* scale;
    Vector& sum;
    HWY_INLINE void operator()(std::size_t t, Vector terms) const { sum = fused_multiply_add(hn::Set(Lanes(), scale[t]), terms, sum); }
};

#endif

// The sum of one block of up to a vector's rows.
inline Vector block_sum(const float* rows, std::size_t stride, std::size_t count, const float* scale, std::size_t terms)
{
    const Lanes d;
    Vector sum = hn::Zero(d);
    std::size_t k = 0;
#if HWY_TARGET != HWY_SCALAR
    if (count == lanes)
        for (; k + lanes <= terms; k += lanes) {
            if (stride > long_row) // into the second cache: of the first, such rows share so few lines that they would push each other out
                for (std::size_t row = 0; row < lanes; ++row) __builtin_prefetch(rows + row * stride + k + row_elements_ahead, 0, 2);
            turn(RowsOfMatrix{rows, stride}, k, AddTerm{scale + k, sum});
        }
    const RowsOfLanes source(rows, stride, count);
    for (; k + lanes <= terms; k += lanes) turn(source, k, AddTerm{scale + k, sum});
#endif
    for (; k < terms; ++k) {
        float column[lanes]{};
        for (std::size_t i = 0; i < count; ++i) column[i] = rows[i * stride + k];
        sum = fused_multiply_add(hn::Set(d, scale[k]), hn::LoadU(d, column), sum);
    }
    return sum;
}

} // namespace assay::exec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
