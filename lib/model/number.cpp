// Rounding by integer operations: the bits of a program must not depend on the floating-point environment of its author.
#include <assay/model/number.hpp>

#include <bit>

#include <assay/arith/binary32.hpp>

namespace assay::model {

std::uint32_t binary32_bits(double value)
{
    const auto wide = std::bit_cast<std::uint64_t>(value);
    const std::uint32_t sign = (wide >> 63) != 0 ? arith::sign_bit : 0;
    const std::uint64_t fraction = wide & ((std::uint64_t{1} << 52) - 1);
    const int wide_exponent = static_cast<int>(wide >> 52 & 0x7ff);
    const int exponent = wide_exponent - 1023 + 127;
    if (wide_exponent == 0x7ff && fraction != 0) return arith::canonical_nan;
    if (exponent >= 255) return sign | arith::infinity;
    // Exponent and fraction side by side, so that a carry out of the fraction rounds up into the exponent.
    const bool subnormal = exponent <= 0;
    const std::uint64_t packed = fraction | (subnormal ? std::uint64_t{1} : static_cast<std::uint64_t>(exponent)) << 52;
    const int shift = subnormal ? 30 - exponent : 29;
    if (shift > 53) return sign;
    const std::uint64_t rest = packed & ((std::uint64_t{1} << shift) - 1);
    const std::uint64_t half = std::uint64_t{1} << (shift - 1);
    const std::uint64_t kept = packed >> shift;
    const bool up = rest > half || (rest == half && (kept & 1) != 0);
    return sign | static_cast<std::uint32_t>(kept + (up ? 1 : 0));
}

} // namespace assay::model
