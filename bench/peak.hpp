// The multiply-add peak of one core: independent chains in registers, nothing else.
#pragma once

#include <cstddef>

namespace assay::bench {

// Carries out `rounds` rounds on the best vector target, and returns something that depends on all of them.
float multiply_add(std::size_t rounds);
// The scalar multiply-adds in so many rounds.
std::size_t multiply_adds(std::size_t rounds);

} // namespace assay::bench
