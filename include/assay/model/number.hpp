// Decimal hyper-parameters as binary32 bit patterns. Spec: MODEL-1.
#pragma once

#include <cstdint>

namespace assay::model {

// `value` rounded once to the nearest binary32, ties to even, whatever the host's rounding mode; NaN gives 0x7fc00000.
std::uint32_t binary32_bits(double value);

} // namespace assay::model
