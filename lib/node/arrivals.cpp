#include "node/arrivals.hpp"

#include <assay/node/lists.hpp>

namespace assay::node {

namespace {

constexpr std::size_t waiting_bytes_max = std::size_t{4} << 20; // before each thread
constexpr std::size_t batch_bytes = transfer_bytes_max;         // stored together

std::size_t bytes_of(const ArrivedChunks& arrived)
{
    std::size_t bytes = 0;
    for (const ByteView chunk : arrived.chunks) bytes += chunk.size();
    return bytes;
}

} // namespace

Arrivals::Arrivals(store::ChunkStore& own)
    : m_own(own), m_storing(waiting_bytes_max, [this](ArrivedChunks good) { return keep(std::move(good)); }),
      m_hashing(waiting_bytes_max, [this](ArrivedChunks arrived) { return check(std::move(arrived)); })
{
}

Status Arrivals::take(ArrivedChunks arrived)
{
    const std::size_t bytes = bytes_of(arrived);
    return m_hashing.put(std::move(arrived), bytes);
}

Status Arrivals::finish()
{
    const Status hashed = m_hashing.end();
    const Status stored = m_storing.end();
    if (!stored) return stored;
    const Status written = write();
    return hashed ? written : hashed;
}

// What comes before a wrong chunk is kept.
Status Arrivals::check(ArrivedChunks arrived)
{
    const std::vector<Digest> addresses = addresses_of(arrived.chunks);
    ASSAY_CHECK(addresses.size() == arrived.addresses.size());
    const auto wrong = std::mismatch(addresses.begin(), addresses.end(), arrived.addresses.begin());
    const Status good = wrong.first == addresses.end()
                            ? Status{}
                            : Status{failure(Error::chunk_damaged, "chunk " + to_hex(*wrong.second) + " came with other bytes")};
    arrived.chunks.resize(static_cast<std::size_t>(wrong.first - addresses.begin()));
    const std::size_t bytes = bytes_of(arrived);
    ASSAY_TRY(m_storing.put(std::move(arrived), bytes));
    return good;
}

Status Arrivals::keep(ArrivedChunks good)
{
    m_bytes += bytes_of(good);
    m_addresses.insert(m_addresses.end(), good.addresses.begin(), good.addresses.begin() + static_cast<std::ptrdiff_t>(good.chunks.size()));
    m_chunks.insert(m_chunks.end(), good.chunks.begin(), good.chunks.end());
    m_holders.push_back(std::move(good.holder));
    return m_bytes < batch_bytes ? Status{} : write();
}

Status Arrivals::write()
{
    const Status written = m_own.put_all(m_addresses, m_chunks);
    m_addresses.clear();
    m_chunks.clear();
    m_holders.clear();
    m_bytes = 0;
    return written;
}

} // namespace assay::node
