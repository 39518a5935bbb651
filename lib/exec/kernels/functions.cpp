// One source for all vector targets: Highway compiles the part between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE once for each, and the
// processor decides at the first call which is used.
//
// Polynomials are minimax in relative error, coefficients rounded to binary64; the errors stated beside them include that rounding.
// Evaluation adds less than 2^-48, fused or not. All function values are therefore within 2^-41 of their size. check_functions compares all
// 2^32 arguments with MPFR.
#include "exec/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "exec/kernels/functions.cpp"
#include <hwy/foreach_target.h> // includes this file again for every target but the last
#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <iterator>

#include <assay/arith/functions.hpp>
#include <assay/base/check.hpp>

#include "exec/kernels/functions.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::exec::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Wide = hn::ScalableTag<double>;
using Narrow = hn::Rebind<float, Wide>;
using Bits = hn::Rebind<std::uint64_t, Wide>;
using Vector = hn::Vec<Wide>;
using Exact = std::uint32_t (*)(std::uint32_t);

HWY_INLINE Vector constant(double value)
{
    return hn::Set(Wide{}, value);
}

// c[first] + c[first + stride] x + c[first + 2 stride] x^2 + ... Long ones are two in x^2, of the even and of the odd powers, because a
// chain of dependent operations takes longer than the operations.
template <std::size_t first = 0, std::size_t stride = 1, std::size_t count>
HWY_INLINE Vector polynomial(const double (&c)[count], Vector x)
{
    constexpr std::size_t terms = (count - first + stride - 1) / stride;
    if constexpr (terms > 3) {
        const Vector square = hn::Mul(x, x);
        return hn::MulAdd(x, polynomial<first + stride, 2 * stride>(c, square), polynomial<first, 2 * stride>(c, square));
    } else {
        Vector sum = constant(c[first + (terms - 1) * stride]);
        for (std::size_t i = terms - 1; i-- > 0;) sum = hn::MulAdd(sum, x, constant(c[first + i * stride]));
        return sum;
    }
}

// x * factor = whole + fraction, |fraction| <= 1/2, for products below 2^31. The low bits of `bits` are those of the whole number, in two's
// complement.
struct Split {
    Vector whole, fraction;
    hn::Vec<Bits> bits;
};

HWY_INLINE Split split_product(Vector x, double factor)
{
    // Where the last bit of the significand is worth 1, adding rounds to an integer.
    const Vector magic = constant(0x1.8p52), sum = hn::MulAdd(x, constant(factor), magic), whole = hn::Sub(sum, magic);
    return {whole, hn::MulSub(x, constant(factor), whole), hn::BitCast(Bits{}, sum)};
}

// (2^f - 1)/f for |f| <= 1/2. Error: 2^-43.5.
HWY_INLINE Vector power_quotient(Vector f)
{
    constexpr double c[]{0x1.62e42fefa39abp-1,  0x1.ebfbdff823e5cp-3,  0x1.c6b08d706a2f9p-5,  0x1.3b2ab717ee677p-7, 0x1.5d87fe31200ddp-10,
                         0x1.4308acddfd6b6p-13, 0x1.ffcca8267ca9bp-17, 0x1.63d0d34ea1bb1p-20, 0x1.b525407cd7d7ep-24};
    return polynomial(c, f);
}

template <class D>
HWY_INLINE hn::Mask<D> is_positive_and_finite(D d, hn::Vec<D> x)
{
    return hn::And(hn::Gt(x, hn::Zero(d)), hn::Lt(x, hn::Set(d, std::bit_cast<float>(arith::infinity))));
}

// Each function has `usable`, the arguments that it is computed at as below; and, where results can be subnormal without being the argument
// itself, `normal`, the arguments at which they are not.

struct Exponential {
    // Up to the largest argument with a finite result: not every target converts what is larger to infinity.
    template <class D>
    static HWY_INLINE hn::Mask<D> usable(D d, hn::Vec<D> x)
    {
        return hn::Le(x, hn::Set(d, 0x1.62e42ep6F));
    }
    template <class D>
    static HWY_INLINE hn::Mask<D> normal(D d, hn::Vec<D> x)
    {
        return hn::Ge(x, hn::Set(d, -87.0F));
    }
    // e^x = 2^k * 2^f. Below the clamp the result is 0 all the same.
    HWY_INLINE Vector operator()(Vector x) const
    {
        const Split t = split_product(hn::Max(x, constant(-110)), 0x1.71547652b82fep+0); // 1/ln 2
        const Vector power = hn::MulAdd(t.fraction, power_quotient(t.fraction), constant(1));
        return hn::BitCast(Wide{}, hn::Add(hn::BitCast(Bits{}, power), hn::ShiftLeft<52>(t.bits)));
    }
};

struct HyperbolicTangent {
    template <class D>
    static HWY_INLINE hn::Mask<D> usable(D, hn::Vec<D> x)
    {
        return hn::Eq(x, x);
    }
    // E/(E + 2) with E = e^(2|x|) - 1 = 2^k (2^f - 1) + (2^k - 1), which keeps its relative precision near 0, where k = 0.
    HWY_INLINE Vector operator()(Vector x) const
    {
        const Vector clamped = hn::Min(hn::Abs(x), constant(10));       // from 9.02 on the value rounds to 1
        const Split t = split_product(clamped, 0x1.71547652b82fep+1);   // 2/ln 2
        const Vector scale = hn::BitCast(Wide{}, hn::Add(hn::BitCast(Bits{}, constant(1)), hn::ShiftLeft<52>(t.bits)));
        const Vector scaled = hn::Mul(scale, t.fraction);
        const Vector e = hn::MulAdd(scaled, power_quotient(t.fraction), hn::Sub(scale, constant(1)));
        return hn::CopySign(hn::Div(e, hn::Add(e, constant(2))), x);
    }
};

struct Logarithm {
    template <class D>
    static HWY_INLINE hn::Mask<D> usable(D d, hn::Vec<D> x)
    {
        return is_positive_and_finite(d, x);
    }
    // x = 2^k m with m in [sqrt(1/2), sqrt(2)); ln m = z P(z^2) with z = (m - 1)/(m + 1), precise also near m = 1, where k = 0.
    HWY_INLINE Vector operator()(Vector x) const
    {
        constexpr double c[]{0x1.fffffffffff10p+0, 0x1.555555567303ep-1, 0x1.999996284a6d4p-2,  // 2 atanh(sqrt t)/sqrt t, t < 0.0295
                             0x1.2494398741166p-2, 0x1.c6207f8dd5000p-3, 0x1.9198dc35a4023p-3}; // error: 2^-45
        constexpr std::uint64_t root_half = 0x3fe6a09e667f3bcd, unit = 0x3ff0000000000000;
        const Bits bits;
        const auto shifted = hn::Add(hn::BitCast(bits, x), hn::Set(bits, unit - root_half));
        const auto fraction = hn::And(shifted, hn::Set(bits, (std::uint64_t{1} << 52) - 1));
        const Vector m = hn::BitCast(Wide{}, hn::Add(fraction, hn::Set(bits, root_half)));
        // k + 1023 in the low bits of 2^52 is the number 2^52 + 1023 + k.
        const auto biased = hn::Or(hn::ShiftRight<52>(shifted), hn::BitCast(bits, constant(0x1p52)));
        const Vector k = hn::Sub(hn::BitCast(Wide{}, biased), constant(0x1p52 + 1023));
        const Vector z = hn::Div(hn::Sub(m, constant(1)), hn::Add(m, constant(1)));
        return hn::MulAdd(k, constant(0x1.62e42fefa39efp-1), hn::Mul(z, polynomial(c, hn::Mul(z, z))));
    }
};

struct ErrorFunction {
    template <class D>
    static HWY_INLINE hn::Mask<D> usable(D, hn::Vec<D> x)
    {
        return hn::Eq(x, x);
    }
    template <class D>
    static HWY_INLINE hn::Mask<D> normal(D d, hn::Vec<D> x)
    {
        return hn::Ge(hn::Abs(x), hn::Set(d, 0x1p-125F));
    }
    // x P(x^2/8 - 1) up to 4, where the value rounds to 1.
    HWY_INLINE Vector operator()(Vector x) const
    {
        constexpr double c[]{0x1.6a040781a4b82p-2,  -0x1.69a0ccda4f78bp-3,  0x1.0dabaf05dc747p-3,  -0x1.b92e95b51f060p-4,
                             0x1.717efc886ea56p-4,  -0x1.3215da04840d7p-4,  0x1.ea97ef8c23e03p-5,  -0x1.76e8449ba0bedp-5,
                             0x1.0ed5375fd6732p-5,  -0x1.7036acbecb124p-6,  0x1.d6349aa2b6af6p-7,  -0x1.19f43245aafe0p-7,
                             0x1.3e1612334ddf8p-8,  -0x1.5282a9309bc17p-9,  0x1.52ea92c553230p-10, -0x1.3d6668cb2dd24p-11,
                             0x1.1feb5d6a0a02bp-12, -0x1.0860cc7b9ca56p-13, 0x1.9e27af25bd863p-15, -0x1.ae7ba2996fa42p-17,
                             0x1.7569f024a9108p-18, -0x1.3144b44d1b642p-18, 0x1.76ce74edfaeb4p-20}; // error: 2^-41.8
        const Vector clamped = hn::Min(hn::Abs(x), constant(4));
        const Vector u = hn::MulAdd(hn::Mul(clamped, clamped), constant(0.125), constant(-1));
        return hn::CopySign(hn::Mul(clamped, polynomial(c, u)), x);
    }
};

// x - multiple * pi for a whole or half multiple below 2^18: not 0, and above 2^-36.
HWY_INLINE Vector reduced(Vector x, Vector multiple)
{
#if ASSAY_FUSES
    // Rounded at the size of the difference, which is near that of the result.
    return hn::NegMulAdd(multiple, constant(0x1.1a62633145c07p-53), hn::NegMulAdd(multiple, constant(0x1.921fb54442d18p+1), x));
#else
    // pi is the sum of three numbers, the first two of 33 bits: the products with them are exact, as is the first difference, or what is
    // left is not small. The others are rounded at the size of the result.
    const Vector r1 = hn::NegMulAdd(multiple, constant(0x1.921fb54400000p+1), x);
    const Vector r2 = hn::NegMulAdd(multiple, constant(0x1.0b4611a600000p-33), r1);
    return hn::NegMulAdd(multiple, constant(0x1.3198a2e037073p-68), r2);
#endif
}

// (-1)^k sin(x - multiple * pi), where the low bits of `bits` are those of k, and the difference is at most pi/2.
HWY_INLINE Vector sine_of_rest(Vector x, Vector multiple, hn::Vec<Bits> bits)
{
    constexpr double c[]{0x1.ffffffffffdcdp-1,  -0x1.5555555540b5ap-3,  0x1.111111090dd99p-7, -0x1.a019fce8ef592p-13, // sin(r)/r in r^2
                         0x1.71dce59052da0p-19, -0x1.ae00f7fd4cd11p-26, 0x1.52ac8533a6008p-33};                       // error: 2^-43.8
    const Vector r = reduced(x, multiple), value = hn::Mul(r, polynomial(c, hn::Mul(r, r)));
    return hn::BitCast(Wide{}, hn::Xor(hn::BitCast(Bits{}, value), hn::ShiftLeft<63>(bits)));
}

struct Sine {
    template <class D>
    static HWY_INLINE hn::Mask<D> usable(D d, hn::Vec<D> x)
    {
        return hn::Lt(hn::Abs(x), hn::Set(d, 0x1p18F));
    }
    HWY_INLINE Vector operator()(Vector x) const
    {
        const Split turns = split_product(x, 0x1.45f306dc9c883p-2); // 1/pi
        return sine_of_rest(x, turns.whole, turns.bits);
    }
};

// The sine of x + pi/2 = k pi + r, so that r = x - (k - 1/2) pi.
struct Cosine {
    template <class D>
    static HWY_INLINE hn::Mask<D> usable(D d, hn::Vec<D> x)
    {
        return Sine::usable(d, x);
    }
    HWY_INLINE Vector operator()(Vector x) const
    {
        const Vector magic = constant(0x1.8p52), half = constant(0.5);
        const Vector sum = hn::Add(hn::MulAdd(x, constant(0x1.45f306dc9c883p-2), half), magic);
        return sine_of_rest(x, hn::Sub(hn::Sub(sum, magic), half), hn::BitCast(Bits{}, sum));
    }
};

struct ReciprocalSquareRoot {
    template <class D>
    static HWY_INLINE hn::Mask<D> usable(D d, hn::Vec<D> x)
    {
        return is_positive_and_finite(d, x);
    }
    // From y with 1 - x y^2 = e, 1/sqrt(x) = y (1 - e)^(-1/2) = y (1 + e/2 + 3/8 e^2 + 5/16 e^3 + ...). Halving and negating the exponent
    // gives a first y with |e| < 0.069, three terms the next with |e| < 2^-12, and four terms the result. Error: 2^-48. No square root is
    // asked of the processor, because without a vector unit that can become a call of the mathematics library.
    HWY_INLINE Vector operator()(Vector x) const
    {
        const auto halved = hn::ShiftRight<1>(hn::BitCast(Bits{}, x));
        Vector y = hn::BitCast(Wide{}, hn::Sub(hn::Set(Bits{}, first_guess), halved));
        Vector e = hn::NegMulAdd(hn::Mul(y, y), x, constant(1));
        y = hn::MulAdd(hn::Mul(y, e), hn::MulAdd(e, constant(0.375), constant(0.5)), y);
        e = hn::NegMulAdd(hn::Mul(y, y), x, constant(1));
        return hn::MulAdd(hn::Mul(y, e), hn::MulAdd(hn::MulAdd(e, constant(0.3125), constant(0.375)), e, constant(0.5)), y);
    }
    // Found by search: the greatest |e| over an octave pair, 0.0682, is the least possible.
    static constexpr std::uint64_t first_guess = 0x5fe6e8ead65c6440;
};

// Two vectors of results. Both ends of the interval around each, of 2^-40, are rounded; where these are two numbers, the integer version
// computes the result, some hundred times slower.
template <class Function>
HWY_NOINLINE void step_carefully(const float* in, float* out, Exact exact)
{
    const Narrow narrow;
    const std::size_t lanes = hn::Lanes(narrow);
    for (int half = 0; half < 2; ++half, in += lanes, out += lanes) {
        const auto x = hn::LoadU(narrow, in);
        const Vector value = Function{}(hn::PromoteTo(Wide{}, x));
        const auto low = hn::DemoteTo(narrow, hn::Mul(value, constant(1 - 0x1p-40)));
        const auto high = hn::DemoteTo(narrow, hn::Mul(value, constant(1 + 0x1p-40)));
        float values[hn::MaxLanes(narrow)], good[hn::MaxLanes(narrow)];
        hn::StoreU(low, narrow, values);
        hn::StoreU(hn::VecFromMask(narrow, hn::And(hn::Eq(low, high), Function::usable(narrow, x))), narrow, good);
        for (std::size_t i = 0; i < lanes; ++i)
            out[i] = std::bit_cast<std::uint32_t>(good[i]) != 0 ? values[i] : std::bit_cast<float>(exact(std::bit_cast<std::uint32_t>(in[i])));
    }
}

#if HWY_TARGET != HWY_SCALAR

using Full = hn::ScalableTag<float>;
using Words = hn::Rebind<std::uint32_t, Full>;

// Whether, for each of the values, all numbers within 2^-41 of it round to the same binary32, if that is normal: the 29 bits that it leaves
// away, the last of which is worth 2^-52 to 2^-53 of the value, are not within 2^12 of a half. A value that is all but a subnormal argument
// rounds to that.
HWY_INLINE hn::Mask<Full> rounds_clearly(Vector first, Vector second)
{
    const Words words;
    constexpr std::uint32_t margin = 1 << 12, half = 1 << 28;
    const auto bits = hn::ConcatEven(words, hn::BitCast(words, second), hn::BitCast(words, first));
    const auto from_half = hn::Add(bits, hn::Set(words, margin - half));
    return hn::RebindMask(Full{}, hn::Ne(hn::And(from_half, hn::Set(words, 2 * half - 2 * margin)), hn::Zero(words)));
}

#endif

template <class Function>
HWY_INLINE void step(const float* in, float* out, Exact exact)
{
#if HWY_TARGET != HWY_SCALAR
    const Narrow narrow;
    const Full full;
    const std::size_t lanes = hn::Lanes(narrow);
    const Vector first = Function{}(hn::PromoteTo(Wide{}, hn::LoadU(narrow, in)));
    const Vector second = Function{}(hn::PromoteTo(Wide{}, hn::LoadU(narrow, in + lanes)));
    const auto x = hn::LoadU(full, in);
    auto good = hn::And(rounds_clearly(first, second), Function::usable(full, x));
    if constexpr (requires { Function::normal(full, x); }) good = hn::And(good, Function::normal(full, x));
    if (HWY_LIKELY(hn::AllTrue(full, good))) {
        hn::StoreU(hn::DemoteTo(narrow, first), narrow, out);
        hn::StoreU(hn::DemoteTo(narrow, second), narrow, out + lanes);
        return;
    }
#endif
    step_carefully<Function>(in, out, exact);
}

template <class Function>
void apply(const float* in, float* out, std::size_t count, Exact exact)
{
    const std::size_t stride = 2 * hn::Lanes(Narrow{});
    std::size_t i = 0;
    for (; i + stride <= count; i += stride) step<Function>(in + i, out + i, exact);
    if (i == count) return;
    float rest[2 * hn::MaxLanes(Narrow{})];
    std::fill(std::copy(in + i, in + count, rest), std::end(rest), in[i]);
    step<Function>(rest, rest, exact);
    std::copy(rest, rest + (count - i), out + i);
}

void exponential(const float* in, float* out, std::size_t count)
{
    apply<Exponential>(in, out, count, arith::exponential);
}

void logarithm(const float* in, float* out, std::size_t count)
{
    apply<Logarithm>(in, out, count, arith::logarithm);
}

void hyperbolic_tangent(const float* in, float* out, std::size_t count)
{
    apply<HyperbolicTangent>(in, out, count, arith::hyperbolic_tangent);
}

void error_function(const float* in, float* out, std::size_t count)
{
    apply<ErrorFunction>(in, out, count, arith::error_function);
}

void sine(const float* in, float* out, std::size_t count)
{
    apply<Sine>(in, out, count, arith::sine);
}

void cosine(const float* in, float* out, std::size_t count)
{
    apply<Cosine>(in, out, count, arith::cosine);
}

void reciprocal_square_root(const float* in, float* out, std::size_t count)
{
    apply<ReciprocalSquareRoot>(in, out, count, arith::reciprocal_square_root);
}

} // namespace assay::exec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::exec {

HWY_EXPORT(exponential);
HWY_EXPORT(logarithm);
HWY_EXPORT(hyperbolic_tangent);
HWY_EXPORT(error_function);
HWY_EXPORT(sine);
HWY_EXPORT(cosine);
HWY_EXPORT(reciprocal_square_root);

void exponential(std::span<const float> in, std::span<float> out)
{
    ASSAY_CHECK(in.size() == out.size());
    HWY_DYNAMIC_DISPATCH(exponential)(in.data(), out.data(), in.size());
}

void logarithm(std::span<const float> in, std::span<float> out)
{
    ASSAY_CHECK(in.size() == out.size());
    HWY_DYNAMIC_DISPATCH(logarithm)(in.data(), out.data(), in.size());
}

void hyperbolic_tangent(std::span<const float> in, std::span<float> out)
{
    ASSAY_CHECK(in.size() == out.size());
    HWY_DYNAMIC_DISPATCH(hyperbolic_tangent)(in.data(), out.data(), in.size());
}

void error_function(std::span<const float> in, std::span<float> out)
{
    ASSAY_CHECK(in.size() == out.size());
    HWY_DYNAMIC_DISPATCH(error_function)(in.data(), out.data(), in.size());
}

void sine(std::span<const float> in, std::span<float> out)
{
    ASSAY_CHECK(in.size() == out.size());
    HWY_DYNAMIC_DISPATCH(sine)(in.data(), out.data(), in.size());
}

void cosine(std::span<const float> in, std::span<float> out)
{
    ASSAY_CHECK(in.size() == out.size());
    HWY_DYNAMIC_DISPATCH(cosine)(in.data(), out.data(), in.size());
}

void reciprocal_square_root(std::span<const float> in, std::span<float> out)
{
    ASSAY_CHECK(in.size() == out.size());
    HWY_DYNAMIC_DISPATCH(reciprocal_square_root)(in.data(), out.data(), in.size());
}

} // namespace assay::exec
#endif
