// Integers of 128 bits, for products of two amounts. g++ and clang have them on every 64-bit machine.
#pragma once

#include <cstdint>

namespace assay::market {

__extension__ using Wide = unsigned __int128;
__extension__ using SignedWide = __int128;

// The largest integer whose square is at most `value`.
constexpr std::uint64_t floor_root(Wide value)
{
    Wide root = 0;
    for (int bit = 63; bit >= 0; --bit) {
        const Wide candidate = root | Wide{1} << bit;
        if (candidate * candidate <= value) root = candidate;
    }
    return static_cast<std::uint64_t>(root);
}

// The smallest integer whose square is at least `value`.
constexpr Wide ceiling_root(Wide value)
{
    const Wide root = floor_root(value);
    return root * root == value ? root : root + 1;
}

constexpr Wide ceiling_quotient(Wide dividend, Wide divisor)
{
    return dividend / divisor + (dividend % divisor == 0 ? 0 : 1);
}

} // namespace assay::market
