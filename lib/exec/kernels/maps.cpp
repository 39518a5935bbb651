// Loops that compilers turn into vector code by themselves, compiled once for each target.
#include "exec/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "exec/kernels/maps.cpp"
#include <hwy/foreach_target.h> // includes this file again for every target but the last
#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include <assay/arith/binary32.hpp>
#include <assay/base/check.hpp>

#include "exec/kernels/functions.hpp"
#include "exec/kernels/maps.hpp"
#include "exec/strict.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::exec::HWY_NAMESPACE {

using program::Operation;

HWY_INLINE float number(Word pattern)
{
    return std::bit_cast<float>(pattern);
}

HWY_INLINE Word pattern(float value)
{
    return std::bit_cast<Word>(value);
}

// Where both are zeros, or one is not a number, neither comparison decides.
HWY_INLINE Word smaller(Word x, Word y)
{
    const Word ordered = number(x) < number(y) ? x : y;
    const Word with_zeros = number(x) == number(y) ? x | y : ordered;
    return number(x) != number(x) || number(y) != number(y) ? arith::canonical_nan : with_zeros;
}

HWY_INLINE Word larger(Word x, Word y)
{
    const Word ordered = number(x) > number(y) ? x : y;
    const Word with_zeros = number(x) == number(y) ? x & y : ordered;
    return number(x) != number(x) || number(y) != number(y) ? arith::canonical_nan : with_zeros;
}

// Both halves convert exactly, so that their sum is the only rounding.
HWY_INLINE Word from_unsigned(Word x)
{
    const auto high = static_cast<float>(static_cast<std::int32_t>(x >> 16)),
               low = static_cast<float>(static_cast<std::int32_t>(x & 0xffff));
    return pattern(high * 65536.0F + low);
}

// Long because it is one loop for each operation. The loops are written out, because a function that is handed in is compiled for the
// target of its caller only where it is inlined.
#define ASSAY_LOOP(expression)                                                                                                             \
    for (std::size_t i = 0; i < count; ++i) out[i] = expression;                                                                           \
    return

void compute_map(Operation operation, const Word* x, const Word* y, const Word* z, Word* out, std::size_t count)
{
    switch (operation) {
    case Operation::copy: ASSAY_LOOP(x[i]);
    case Operation::add: ASSAY_LOOP(pattern(number(x[i]) + number(y[i])));
    case Operation::subtract: ASSAY_LOOP(pattern(number(x[i]) - number(y[i])));
    case Operation::multiply: ASSAY_LOOP(pattern(number(x[i]) * number(y[i])));
    case Operation::divide: ASSAY_LOOP(pattern(number(x[i]) / number(y[i])));
    case Operation::minimum: ASSAY_LOOP(smaller(x[i], y[i]));
    case Operation::maximum: ASSAY_LOOP(larger(x[i], y[i]));
    case Operation::negate: ASSAY_LOOP(x[i] ^ 0x80000000U);
    case Operation::absolute: ASSAY_LOOP(x[i] & 0x7fffffffU);
    case Operation::square_root: ASSAY_LOOP(pattern(std::sqrt(number(x[i]))));
    case Operation::less: ASSAY_LOOP(number(x[i]) < number(y[i]) ? 1 : 0);
    case Operation::equal: ASSAY_LOOP(number(x[i]) == number(y[i]) ? 1 : 0);
    case Operation::from_unsigned: ASSAY_LOOP(from_unsigned(x[i]));
    case Operation::to_unsigned: ASSAY_LOOP(arith::to_unsigned(x[i]));
    case Operation::integer_add: ASSAY_LOOP(x[i] + y[i]);
    case Operation::integer_subtract: ASSAY_LOOP(x[i] - y[i]);
    case Operation::integer_multiply: ASSAY_LOOP(x[i] * y[i]);
    case Operation::integer_multiply_high: ASSAY_LOOP(static_cast<Word>(std::uint64_t{x[i]} * y[i] >> 32));
    case Operation::integer_less: ASSAY_LOOP(x[i] < y[i] ? 1 : 0);
    case Operation::integer_equal: ASSAY_LOOP(x[i] == y[i] ? 1 : 0);
    case Operation::select: ASSAY_LOOP(x[i] != 0 ? y[i] : z[i]);
    default: ASSAY_CHECK(false);
    }
}

#undef ASSAY_LOOP

void spread_rows(const Word* in, std::size_t row_length, std::size_t rows, Word* out)
{
    for (std::size_t row = 0; row < rows; ++row, out += row_length) {
        const Word element = in[row];
        for (std::size_t i = 0; i < row_length; ++i) out[i] = element;
    }
}

void copy_canonical(const Word* in, std::size_t count, Word* out)
{
    for (std::size_t i = 0; i < count; ++i) out[i] = (in[i] & 0x7fffffffU) > arith::infinity ? arith::canonical_nan : in[i];
}

// What is not a number is rare: most memory is only read.
void make_canonical(Word* numbers, std::size_t count)
{
    Word magnitude = 0;
    for (std::size_t i = 0; i < count; ++i) magnitude = std::max(magnitude, numbers[i] & 0x7fffffffU);
    if (magnitude <= arith::infinity) return;
    for (std::size_t i = 0; i < count; ++i) numbers[i] = (numbers[i] & 0x7fffffffU) > arith::infinity ? arith::canonical_nan : numbers[i];
}

} // namespace assay::exec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::exec {

HWY_EXPORT(compute_map);
HWY_EXPORT(spread_rows);
HWY_EXPORT(copy_canonical);
HWY_EXPORT(make_canonical);

void spread_rows(const Word* in, std::size_t row_length, std::size_t rows, Word* out)
{
    HWY_DYNAMIC_DISPATCH(spread_rows)(in, row_length, rows, out);
}

void copy_canonical(const Word* in, std::size_t count, Word* out)
{
    HWY_DYNAMIC_DISPATCH(copy_canonical)(in, count, out);
}

void make_canonical(Word* numbers, std::size_t count)
{
    HWY_DYNAMIC_DISPATCH(make_canonical)(numbers, count);
}

void compute_map(program::Operation operation, const Word* x, const Word* y, const Word* z, Word* out, std::size_t count)
{
    using program::Operation;
    const std::span<const float> in{reinterpret_cast<const float*>(x), count};
    const std::span<float> results{reinterpret_cast<float*>(out), count};
    switch (operation) {
    case Operation::exponential: return exponential(in, results);
    case Operation::logarithm: return logarithm(in, results);
    case Operation::hyperbolic_tangent: return hyperbolic_tangent(in, results);
    case Operation::error_function: return error_function(in, results);
    case Operation::sine: return sine(in, results);
    case Operation::cosine: return cosine(in, results);
    case Operation::reciprocal_square_root: return reciprocal_square_root(in, results);
    default: return HWY_DYNAMIC_DISPATCH(compute_map)(operation, x, y, z, out, count);
    }
}

} // namespace assay::exec
#endif
