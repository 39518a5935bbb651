// One job at a time has the threads; who comes meanwhile does without.
#include <assay/exec/parallel_hasher.hpp>

#include <mutex>

#include "exec/thread_pool.hpp"

namespace assay::exec {

namespace {

// What one thread takes at a time: long against handing it out, short against the whole.
constexpr std::size_t grain_bytes = std::size_t{128} << 10;

} // namespace

struct ParallelHasher::Threads {
    explicit Threads(unsigned count) : pool(count) {}
    std::mutex busy;
    ThreadPool pool;
};

ParallelHasher::ParallelHasher(hash::HashFunction single, unsigned threads) : m_single(single), m_threads(std::make_unique<Threads>(threads))
{
}

ParallelHasher::~ParallelHasher() = default;

hash::HashFunction ParallelHasher::function() const
{
    return {m_single.of_parts(), hash_pieces, hash_node, this};
}

Digest ParallelHasher::hash_node(const void* self, std::uint8_t prefix, const Digest& left, const Digest& right)
{
    return static_cast<const ParallelHasher*>(self)->m_single.hash_node(prefix, left, right);
}

void ParallelHasher::hash_pieces(const void* self, std::uint8_t prefix, ByteView bytes, std::size_t piece, std::span<Digest> digests)
{
    const auto& hasher = *static_cast<const ParallelHasher*>(self);
    const std::size_t grain = std::max<std::size_t>(1, grain_bytes / piece);
    if (digests.size() <= grain || !hasher.m_threads->busy.try_lock()) return hasher.m_single.hash_pieces(prefix, bytes, piece, digests);
    const std::lock_guard unlock{hasher.m_threads->busy, std::adopt_lock};
    hasher.m_threads->pool.parallel_for(digests.size(), grain, [&](std::size_t begin, std::size_t end, std::size_t) {
        const std::size_t first = begin * piece, last = std::min(end * piece, bytes.size());
        hasher.m_single.hash_pieces(prefix, bytes.subspan(first, last - first), piece, digests.subspan(begin, end - begin));
    });
}

} // namespace assay::exec
