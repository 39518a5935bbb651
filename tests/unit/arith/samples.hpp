// Bit patterns worth trying.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace assay::test {

// Zeros, ones, borders of the subnormal and normal ranges, infinities, NaNs with payloads and signs, in both signs.
inline std::vector<std::uint32_t> special_patterns()
{
    std::vector<std::uint32_t> patterns;
    for (const std::uint32_t a :
         {0x00000000u, 0x00000001u, 0x00000002u, 0x00000003u, 0x00400000u, 0x007fffffu, 0x00800000u, 0x00800001u, 0x00ffffffu,
          0x01000000u, 0x0c000000u, 0x1f800000u, 0x20000001u, 0x33000000u, 0x33800000u, 0x337fffffu, 0x34000000u, 0x3effffffu,
          0x3f000000u, 0x3f000001u, 0x3f7fffffu, 0x3f800000u, 0x3f800001u, 0x3fc00000u, 0x3fffffffu, 0x40000000u, 0x40400000u,
          0x40490fdbu, 0x4b000001u, 0x4b7fffffu, 0x4b800000u, 0x4f000000u, 0x4f7fffffu, 0x4f800000u, 0x5f000000u, 0x7e800000u,
          0x7effffffu, 0x7f000000u, 0x7f7ffffeu, 0x7f7fffffu, 0x7f800000u, 0x7f800001u, 0x7fa00000u, 0x7fc00000u, 0x7fffffffu}) {
        patterns.push_back(a);
        patterns.push_back(a | 0x80000000u);
    }
    return patterns;
}

// Every exponent and both signs, with the lowest, a middle and the highest fraction.
inline std::vector<std::uint32_t> exponent_patterns()
{
    std::vector<std::uint32_t> patterns;
    for (std::uint32_t top = 0; top < 512; ++top)
        for (const std::uint32_t fraction : {0x000000u, 0x000001u, 0x2aaaabu, 0x400000u, 0x7fffffu})
            patterns.push_back(top << 23 | fraction);
    return patterns;
}

} // namespace assay::test
