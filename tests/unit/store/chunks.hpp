// Chunks whose content follows from a number, so that another process can check what one has written.
#pragma once

#include <assay/base/encoding.hpp>
#include <assay/hash/openssl.hpp>
#include <assay/store/chunk_store.hpp>

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

// Of 1 MiB.
inline Bytes large_chunk_number(std::uint64_t number)
{
    const Bytes kibibyte = chunk_number(number);
    Bytes chunk;
    for (int i = 0; i < 1024; ++i) chunk.insert(chunk.end(), kibibyte.begin(), kibibyte.end());
    return chunk;
}

// So many large ones make a batch that a store on disk writes as a table of its own.
inline constexpr std::uint64_t large_chunks_of_table = 17;

// Writes large chunks in one batch, and those of odd numbers twice.
inline Status put_large_chunks(store::ChunkStore& store, std::uint64_t first)
{
    std::vector<Bytes> chunks;
    std::vector<Digest> addresses;
    std::vector<ByteView> views;
    for (std::uint64_t number = first; number < first + large_chunks_of_table; ++number) chunks.push_back(large_chunk_number(number));
    for (std::uint64_t number = first; const Bytes& chunk : chunks) {
        const Digest address = merkle::leaf_hash(chunk, hash::sha256_openssl);
        for (std::uint64_t times = 0; times <= number % 2; ++times) {
            addresses.push_back(address);
            views.emplace_back(chunk);
        }
        ++number;
    }
    return store.put_all(addresses, views);
}

} // namespace assay::test
