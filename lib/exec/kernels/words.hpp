// Kernels work on elements as patterns, 32 bits each.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace assay::exec {

using Word = std::uint32_t;

// A range of indices.
struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
    [[nodiscard]] std::size_t size() const { return end - begin; }
};

static_assert(std::endian::native == std::endian::little, "canonical tensors are little-endian, and the fast executor reads them in place");

} // namespace assay::exec
