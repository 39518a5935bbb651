#include "exec/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "exec/kernels/matrix_vector.cpp"
#include <hwy/foreach_target.h> // includes this file again for every target but the last
#include <hwy/highway.h>

#include <hwy/cache_control.h>

#include <algorithm>
#include <utility>

#include "exec/kernels/matrix_vector.hpp"
#include "exec/kernels/row_sums-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::exec::HWY_NAMESPACE {

constexpr std::size_t strip_columns = 1024; // whose block sums stay in the first cache while the terms go by
constexpr std::size_t terms_at_once = 8;    // so that a block sum is loaded and stored once for so many
constexpr std::size_t sums_in_registers = tile_rows * tile_vectors > 16 ? 16 : 8; // vectors of them
constexpr std::size_t near_words = 1 << 18;                                       // of a matrix that stays in the second cache

template <std::size_t... t>
HWY_INLINE Vector add_rows(const float* rows, std::size_t stride, const float* scale, Vector sum, std::index_sequence<t...>)
{
    ((sum = fused_multiply_add(hn::Set(Lanes(), scale[t]), hn::LoadU(Lanes(), rows + t * stride), sum)), ...);
    return sum;
}

template <std::size_t... v>
HWY_INLINE void add_in_registers(const float* rows, std::size_t stride, const float* scale, std::size_t terms, float* sums,
                                 std::index_sequence<v...>)
{
    const Lanes d;
    Vector sum[]{hn::LoadU(d, sums + v * lanes)...};
    for (std::size_t k = 0; k < terms; ++k, rows += stride)
        ((sum[v] = fused_multiply_add(hn::Set(d, scale[k]), hn::LoadU(d, rows + v * lanes), sum[v])), ...);
    (hn::StoreU(sum[v], d, sums + v * lanes), ...);
}

// Adds terms to the sums of a strip of a matrix that is stored term by term, and is near. Returns how many columns' sums have them then.
std::size_t add_near(const float* rows, std::size_t stride, const float* scale, std::size_t terms, std::size_t columns, float* sums)
{
    constexpr std::size_t step = sums_in_registers * lanes;
    std::size_t column = 0;
    for (; column + step <= columns; column += step)
        add_in_registers(rows + column, stride, scale, terms, sums + column, std::make_index_sequence<sums_in_registers>());
    return column;
}

// Adds terms to the sums of a strip of a matrix that is stored term by term.
void add_to_strip(const float* rows, std::size_t stride, const float* scale, std::size_t terms, std::size_t columns, float* sums)
{
    const Lanes d;
    std::size_t k = 0;
    for (; k + terms_at_once <= terms; k += terms_at_once, rows += terms_at_once * stride, scale += terms_at_once) {
        std::size_t column = 0;
        for (; column + lanes <= columns; column += lanes) {
            if (stride > long_row)
                for (std::size_t t = 0; t < terms_at_once; ++t) hwy::Prefetch(rows + (terms_at_once + t) * stride + column);
            hn::StoreU(add_rows(rows + column, stride, scale, hn::LoadU(d, sums + column), std::make_index_sequence<terms_at_once>()), d,
                       sums + column);
        }
        if (column == columns) continue;
        Vector sum = hn::LoadU(d, sums + column);
        for (std::size_t t = 0; t < terms_at_once; ++t)
            sum = fused_multiply_add(hn::Set(d, scale[t]), load_some(rows + t * stride + column, columns - column), sum);
        hn::StoreU(sum, d, sums + column);
    }
    for (; k < terms; ++k, rows += stride, ++scale)
        for (std::size_t column = 0; column < columns; column += lanes)
            hn::StoreU(fused_multiply_add(hn::Set(d, *scale), load_some(rows + column, columns - column), hn::LoadU(d, sums + column)), d,
                       sums + column);
}

void multiply_term_by_term(const MatrixVector& m, Range outputs)
{
    float sums[strip_columns + lanes];
    const bool is_near = m.terms.size() * m.stride <= near_words;
    for (std::size_t begin = outputs.begin; begin < outputs.end; begin += strip_columns) {
        const std::size_t columns = std::min(strip_columns, outputs.end - begin);
        for (std::size_t first = m.terms.begin; first < m.terms.end; first += m.block) {
            std::fill(sums, sums + columns + lanes, 0.0F);
            const std::size_t terms = std::min(m.block, m.terms.end - first);
            const float *rows = m.matrix + first * m.stride + begin, *scale = m.vector + first;
            const std::size_t done = is_near ? add_near(rows, m.stride, scale, terms, columns, sums) : 0;
            add_to_strip(rows + done, m.stride, scale, terms, columns - done, sums + done);
            float* out = m.out + begin;
            for (std::size_t i = 0; i < columns; ++i) out[i] = first == m.terms.begin ? sums[i] : out[i] + sums[i];
        }
    }
}

void multiply_row_by_row(const MatrixVector& m, Range outputs)
{
    const Lanes d;
    for (std::size_t begin = outputs.begin; begin < outputs.end; begin += lanes) {
        // The last rows are computed with rows before them, whose results are not stored again.
        const std::size_t row = m.outputs < lanes ? begin : std::min(begin, m.outputs - lanes), count = std::min(lanes, m.outputs - row);
        const float* rows = m.matrix + row * m.stride;
        Vector total = hn::Zero(d);
        for (std::size_t first = m.terms.begin; first < m.terms.end; first += m.block) {
            const Vector sum = block_sum(rows + first, m.stride, count, m.vector + first, std::min(m.block, m.terms.end - first));
            total = first == m.terms.begin ? sum : hn::Add(total, sum);
        }
        float results[lanes];
        hn::StoreU(total, d, results);
        for (std::size_t i = begin; i < std::min(begin + lanes, outputs.end); ++i) m.out[i] = results[i - row];
    }
}

void multiply_vector(const MatrixVector& product, Range outputs)
{
    if (product.terms_side_by_side) multiply_row_by_row(product, outputs);
    else multiply_term_by_term(product, outputs);
}

} // namespace assay::exec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::exec {

HWY_EXPORT(multiply_vector);

void multiply_vector(const MatrixVector& product, Range outputs)
{
    HWY_DYNAMIC_DISPATCH(multiply_vector)(product, outputs);
}

} // namespace assay::exec
#endif
