// Hosts that have set the floating-point unit otherwise than results want it.
#pragma once

#include <doctest/doctest.h>

#include <cfenv>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace assay::test {

// True where a third is rounded to nearest and the product of two numbers is subnormal. The operands are hidden from the compiler.
inline bool computes_strictly()
{
    volatile float one = 1.0f, three = 3.0f, ten = 10.0f, smallest_normal = 0x1p-126f, half = 0.5f, subnormal = 0x1p-130f;
    const float third = one / three, tenth = -one / ten, product = smallest_normal * half, sum = subnormal * 0x1p30f;
    return third == 0x1.555556p-2f && tenth == -0x1.99999ap-4f && product != 0 && sum == 0x1p-100f;
}

// Runs `body` in environments that are not strict, and checks that it leaves each as it was.
template <class Body>
void on_every_host_environment(Body body)
{
    for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
        CAPTURE(mode);
        std::fesetround(mode);
        body();
        CHECK(std::fegetround() == mode);
        std::fesetround(FE_TONEAREST);
    }
#if defined(__SSE__)
    const unsigned saved = _mm_getcsr();
    // Flush to zero with denormals as zero; then with rounding upwards and the overflow exception unmasked too.
    for (const unsigned state : {saved | 0x8040u, (saved | 0xc040u) & ~0x400u}) {
        CAPTURE(state);
        _mm_setcsr(state);
        body();
        const unsigned after = _mm_getcsr();
        _mm_setcsr(saved);
        CHECK((after & ~0x3fu) == (state & ~0x3fu));
    }
#endif
}

} // namespace assay::test
