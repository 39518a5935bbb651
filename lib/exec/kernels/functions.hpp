// The elementary functions of programs on native numbers, in bulk: the same bits as assay::arith, at the speed of vector units.
// Spec: spec/numerics.md, NUMERICS-13 to NUMERICS-15.
//
// Every lane is evaluated in binary64 with a known bound on its error. Where both ends of the interval round to the same binary32,
// that is the correctly rounded result; where they do not, for one in 60 000 or so, the integer version is asked. So the definition
// decides the result, and neither the vector width nor a fused multiply-add can show.
//
// All functions: out[i] is the function of in[i]. Requires: spans of the same size that are the same memory or do not overlap, and the
// floating-point environment that exec sets (round to nearest, subnormal numbers kept). A NaN result is 0x7fc00000.
// Cost: 0.4 to 1.5 ns an element with AVX-512 or AVX2; more, up to 0.3 us, for what is rare: NaN, overflow, logarithms of zero and below, angles of 2^18
// and more.
#pragma once

#include <span>

namespace assay::exec {

void exponential(std::span<const float> in, std::span<float> out);
void logarithm(std::span<const float> in, std::span<float> out);
void hyperbolic_tangent(std::span<const float> in, std::span<float> out);
void error_function(std::span<const float> in, std::span<float> out);
void sine(std::span<const float> in, std::span<float> out);
void cosine(std::span<const float> in, std::span<float> out);
void reciprocal_square_root(std::span<const float> in, std::span<float> out);

} // namespace assay::exec
