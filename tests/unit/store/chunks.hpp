// Chunks whose content follows from a number, so that another process can check what one has written.
#pragma once

#include <assay/base/encoding.hpp>

namespace assay::test {

// 1 KiB, as most chunks of tensors.
inline Bytes chunk_number(std::uint64_t number)
{
    Bytes chunk;
    while (chunk.size() < 1024) {
        const Bytes part = encode(number * 0x9e3779b97f4a7c15U + chunk.size());
        chunk.insert(chunk.end(), part.begin(), part.end());
    }
    return chunk;
}

} // namespace assay::test
