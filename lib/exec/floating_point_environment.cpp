// One control register a processor family; anything else does not build, because its results could not be vouched for.
#include <assay/exec/floating_point_environment.hpp>

#include "exec/strict.hpp"

#if defined(__x86_64__) || defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace assay::exec {

namespace {

#if defined(__x86_64__) || defined(__SSE__)

// Intel SDM volume 1, 10.2.3: all exceptions masked, round to nearest, neither flush-to-zero nor denormals-are-zero.
constexpr std::uint64_t strict_state = 0x1f80;

std::uint64_t read_state()
{
    return _mm_getcsr();
}
void write_state(std::uint64_t state)
{
    _mm_setcsr(static_cast<unsigned>(state));
}

#elif defined(__aarch64__)

// Arm ARM, FPCR: round to nearest, FZ and FZ16 and DN clear, no traps.
constexpr std::uint64_t strict_state = 0;

std::uint64_t read_state()
{
    std::uint64_t state;
    __asm__ volatile("mrs %0, fpcr" : "=r"(state));
    return state;
}
void write_state(std::uint64_t state)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(state));
}

#elif defined(__riscv_flen)

// RISC-V unprivileged ISA, 11.2: rounding mode 0 is to nearest even; there is no flush-to-zero.
constexpr std::uint64_t strict_state = 0;

std::uint64_t read_state()
{
    std::uint64_t state;
    __asm__ volatile("frrm %0" : "=r"(state));
    return state;
}
void write_state(std::uint64_t state)
{
    __asm__ volatile("fsrm %0" : : "r"(state));
}

#elif defined(__arm__) && defined(__ARM_FP)

// Arm ARM, FPSCR: round to nearest, FZ and DN clear, no traps, no short vectors.
constexpr std::uint64_t strict_state = 0;

std::uint64_t read_state()
{
    std::uint32_t state;
    __asm__ volatile("vmrs %0, fpscr" : "=r"(state));
    return state;
}
void write_state(std::uint64_t state)
{
    __asm__ volatile("vmsr fpscr, %0" : : "r"(static_cast<std::uint32_t>(state)));
}

#elif defined(__s390x__)

// z/Architecture Principles of Operation, "Floating-Point-Control Register": no traps, both rounding modes to nearest even. Subnormal
// numbers are always kept.
constexpr std::uint64_t strict_state = 0;

std::uint64_t read_state()
{
    std::uint32_t state;
    __asm__ volatile("efpc %0" : "=d"(state));
    return state;
}
void write_state(std::uint64_t state)
{
    __asm__ volatile("sfpc %0" : : "d"(static_cast<std::uint32_t>(state)));
}

#else
#error "assay::exec does not know this processor's floating-point control register; build the referee library alone"
#endif

} // namespace

FloatingPointEnvironment::FloatingPointEnvironment() : m_saved(read_state())
{
    write_state(strict_state);
}

FloatingPointEnvironment::~FloatingPointEnvironment()
{
    write_state(m_saved);
}

} // namespace assay::exec
