// Included before Highway by all kernels, so that all are compiled for the same targets: those whose vectors have a size that the compiler
// knows, because kernels hold vectors in arrays, and that keep subnormal numbers, which vectors of 32-bit Arm do not (Arm ARM,
// "Flush-to-zero": Advanced SIMD uses it whatever FPSCR says). AVX3_DL has nothing that they use beyond AVX3, and Highway 1.0 does not compile
// for a processor that has it where the compiler is told to (-march=native).
#pragma once

#if defined(__arm__)
#define HWY_DISABLED_TARGETS HWY_NEON
#else
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | HWY_AVX3_DL)
#endif

// Whether the target that is being compiled has an instruction that multiplies and adds with one rounding.
#define ASSAY_FUSES (HWY_TARGET == HWY_NEON || (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2))
