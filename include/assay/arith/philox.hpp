// Philox4x32-10, the counter-based random function of Salmon, Moraes, Dror and Shaw ("Parallel random numbers: as easy as 1, 2, 3",
// SC 2011): four random words as a pure function of a counter and a key, so that any element of a random tensor can be
// computed alone. Spec: spec/numerics.md, NUMERICS-17.
#pragma once

#include <array>
#include <cstdint>

namespace assay::arith {

std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

} // namespace assay::arith
