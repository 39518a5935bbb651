// Hashing trees on several threads. What comes out does not depend on how many there are. Spec: ENCODING-7.
#pragma once

#include <memory>

#include <assay/hash/sha256.hpp>

namespace assay::exec {

class ThreadPool;

// Shares out pieces among threads of its own, each of which hashes them as `single` does.
class ParallelHasher {
public:
    // `threads` in all, the caller's among them. Requires: at least 1. Throws std::system_error when the system has no more threads.
    ParallelHasher(hash::HashFunction single, unsigned threads);
    ~ParallelHasher();

    // The function to hand to whoever builds trees. Requires: it is not used after this object's end. While one thread hashes with it,
    // another that calls it hashes alone.
    [[nodiscard]] hash::HashFunction function() const;

private:
    static void hash_pieces(const void* self, std::uint8_t prefix, ByteView bytes, std::size_t piece, std::span<Digest> digests);
    static Digest hash_node(const void* self, std::uint8_t prefix, const Digest& left, const Digest& right);

    struct Threads;
    hash::HashFunction m_single;
    std::unique_ptr<Threads> m_threads;
};

} // namespace assay::exec
