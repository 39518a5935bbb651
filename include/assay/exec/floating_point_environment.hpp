// The floating-point environment that results are defined in, for the time that this library computes.
// Spec: spec/numerics.md, "Scalar arithmetic".
#pragma once

#include <cstdint>

namespace assay::exec {

// While an object of this class lives, the thread that made it rounds to nearest, keeps subnormal numbers as operands and as
// results, and traps nothing, whatever its host had set; then the host's state is put back. Not copied, not moved, and destroyed on
// the thread that made it. Hosts change this state more often than they know: linking one object with -ffast-math flushes
// subnormals in every thread that starts later.
class FloatingPointEnvironment {
public:
    FloatingPointEnvironment();
    ~FloatingPointEnvironment();
    FloatingPointEnvironment(const FloatingPointEnvironment&) = delete;
    FloatingPointEnvironment& operator=(const FloatingPointEnvironment&) = delete;

private:
    std::uint64_t m_saved;
};

} // namespace assay::exec
