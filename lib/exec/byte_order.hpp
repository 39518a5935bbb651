// Canonical tensors are little-endian (PROGRAM-4); executors compute on elements in the processor's own order. The two differ on big-endian
// processors only. Spec: spec/numerics.md, NUMERICS-1.
#pragma once

#include <algorithm>
#include <bit>

#include <assay/program/types.hpp>

namespace assay::exec {

// Whether canonical bytes can be read in place.
inline constexpr bool is_canonical_order = std::endian::native == std::endian::little;
static_assert(is_canonical_order || std::endian::native == std::endian::big, "elements of mixed byte order are not supported");

// Copies a tensor's elements from canonical order into the processor's, or back, which is the same; `to` may be `from`.
inline void copy_elements(const std::uint8_t* from, program::DataType type, std::size_t bytes, std::uint8_t* to)
{
    const std::size_t width = program::width_of(type);
    if (from != to) std::copy(from, from + bytes, to);
    if (is_canonical_order || width == 1) return;
    for (std::size_t i = 0; i < bytes; i += width) std::reverse(to + i, to + i + width);
}

inline void copy_elements(const std::uint8_t* from, const program::TensorType& type, std::uint8_t* to)
{
    copy_elements(from, type.type, static_cast<std::size_t>(type.bytes()), to);
}

} // namespace assay::exec
