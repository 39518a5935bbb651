// Included before Highway by the kernels that hold vectors in arrays: the targets that they are compiled for are those whose vectors have a
// size that the compiler knows.
#pragma once

#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
