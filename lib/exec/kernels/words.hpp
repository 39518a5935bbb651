// Kernels work on elements as patterns, 32 bits each, in the byte order of the processor.
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

} // namespace assay::exec
