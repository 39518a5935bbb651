// Chunks that were stored or asked for lately, in memory: what a solver has just uploaded is what its verifiers ask for, each of them, and
// looking up a thousand bytes on a disk takes longer than sending them.
#pragma once

#include <deque>
#include <memory>
#include <shared_mutex>
#include <unordered_map>

#include <assay/node/messages.hpp>

namespace assay::node {

// Bounded: the oldest are forgotten first. May be used by several threads.
class RecentChunks {
public:
    explicit RecentChunks(std::size_t bytes_max) : m_bytes_max(bytes_max) {}

    // Holds the message. Requires: chunks with these addresses, which are an encoded list in it.
    void add(std::span<const Digest> addresses, std::span<const ByteView> chunks, const std::shared_ptr<const Bytes>& message);
    // Adds chunks to the frame, in order, up to the first that is not here or does not fit. Returns: how many; `is_full` says which.
    std::size_t add_to(ChunksFrame& frame, std::span<const Digest> addresses, bool& is_full) const;

private:
    // Chunks that came together, encoded as they stand in an answer: what is asked for in the order in which it came is one piece of it.
    struct Block {
        std::vector<Digest> addresses;
        std::vector<std::uint32_t> begins; // of each in `bytes`, and the end
        std::shared_ptr<const Bytes> bytes;
    };
    struct Place {
        const Block* block;
        std::uint32_t index;
    };
    struct DigestHash {
        std::size_t operator()(const Digest& digest) const noexcept
        {
            std::size_t value = 0;
            for (std::size_t i = 0; i < sizeof value; ++i) value |= std::size_t{digest.bytes[i]} << (8 * i);
            return value;
        }
    };
    // How many of the block's chunks from `place` on are those with these addresses.
    static std::size_t run_length(const Place& place, std::span<const Digest> addresses);
    // What a chunk takes in the index and in its block's lists.
    static constexpr std::size_t index_bytes = 160;
    static std::size_t bytes_of(const Block& block) { return block.bytes->capacity() + index_bytes * block.addresses.size(); }

    std::size_t m_bytes_max;
    mutable std::shared_mutex m_mutex;
    std::deque<Block> m_blocks;                             // which stay where they are while others come and go at the ends
    std::unordered_map<Digest, Place, DigestHash> m_chunks; // where each was added last
    std::size_t m_bytes = 0;
};

} // namespace assay::node
