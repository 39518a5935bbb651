// The elementary functions of programs on binary32 bit patterns, by integer operations only.
// Spec: spec/numerics.md, NUMERICS-13 and NUMERICS-14.
//
// Each result is the mathematical value, rounded once to nearest even: the definition names no algorithm, so that any
// implementation can meet it, and all that do agree in every bit. Every bit pattern has a result; a NaN result is `canonical_nan`.
//
// Cost: half a microsecond a call or so. Bulk work uses the native versions of `exec`, which have the same results.
#pragma once

#include <assay/arith/binary32.hpp>

namespace assay::arith {

// e to the power a: +inf from 0x42b17218 (about 88.72) up, gradual underflow, +0 from about -103.97 down.
std::uint32_t exponential(std::uint32_t a);

// The natural logarithm: -inf for both zeros, NaN below zero.
std::uint32_t logarithm(std::uint32_t a);

// Odd functions, so that -0 gives -0; 1 with the sign of a for infinities.
std::uint32_t hyperbolic_tangent(std::uint32_t a);
std::uint32_t error_function(std::uint32_t a);

// Of an angle in radians, reduced exactly however large; NaN for infinities. sine(-0) is -0.
std::uint32_t sine(std::uint32_t a);
std::uint32_t cosine(std::uint32_t a);

// 1/sqrt(a): an infinity with the sign of a for zeros, NaN below zero, +0 for +inf.
std::uint32_t reciprocal_square_root(std::uint32_t a);

} // namespace assay::arith
