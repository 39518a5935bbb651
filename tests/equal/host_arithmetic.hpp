// What a host may have set its threads to, on every processor that the tests know.
#pragma once

#include <cfenv>
#include <cstdint>
#include <vector>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace assay::test {

struct HostArithmetic {
    const char* name;
    int rounding;
    bool flushes;
};

inline constexpr HostArithmetic strict_host{"round to nearest", FE_TONEAREST, false};

// Whether the calling thread's products are never subnormal. The operands are hidden from the compiler.
inline bool flushes_subnormal_numbers()
{
    volatile float smallest_normal = 0x1p-126F, half = 0.5F;
    const float product = smallest_normal * half;
    return product == 0;
}

// Whether set_flush can do what it says: 64-bit Risc-V and s390x have no such setting.
#if defined(__SSE__) || defined(__aarch64__) || defined(__arm__)
inline constexpr bool can_flush = true;
#else
inline constexpr bool can_flush = false;
#endif

inline void set_flush([[maybe_unused]] bool flushes)
{
#if defined(__SSE__)
    _mm_setcsr((_mm_getcsr() & ~0x8040U) | (flushes ? 0x8040U : 0)); // flush to zero, denormals are zero
#elif defined(__aarch64__)
    std::uint64_t state;
    __asm__ volatile("mrs %0, fpcr" : "=r"(state));
    state = (state & ~(std::uint64_t{1} << 24)) | std::uint64_t{flushes} << 24;
    __asm__ volatile("msr fpcr, %0" : : "r"(state));
#elif defined(__arm__)
    std::uint32_t state;
    __asm__ volatile("vmrs %0, fpscr" : "=r"(state));
    state = (state & ~(std::uint32_t{1} << 24)) | std::uint32_t{flushes} << 24;
    __asm__ volatile("vmsr fpscr, %0" : : "r"(state));
#endif
}

inline void set(const HostArithmetic& host)
{
    std::fesetround(host.rounding);
    set_flush(host.flushes);
}

inline bool is_set(const HostArithmetic& host)
{
    return std::fegetround() == host.rounding && flushes_subnormal_numbers() == host.flushes;
}

// All that are not strict.
inline std::vector<HostArithmetic> other_hosts()
{
    std::vector<HostArithmetic> hosts{
        {"round upwards", FE_UPWARD, false}, {"round downwards", FE_DOWNWARD, false}, {"round towards zero", FE_TOWARDZERO, false}};
    if (can_flush) {
        hosts.push_back({"flush subnormal numbers", FE_TONEAREST, true});
        hosts.push_back({"flush and round upwards", FE_UPWARD, true});
    }
    return hosts;
}

} // namespace assay::test
