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

Arrivals::Arrivals(store::ChunkStore& own, std::span<const Digest> wanted)
    : m_own(own), m_wanted(wanted), m_storing(waiting_bytes_max, [this](Good good) { return keep(std::move(good)); }),
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
    ASSAY_CHECK(addresses.size() <= m_wanted.size());
    const auto wrong = static_cast<std::size_t>(std::mismatch(addresses.begin(), addresses.end(), m_wanted.begin()).first - addresses.begin());
    const std::span<const Digest> wanted = m_wanted;
    const bool is_good = wrong == addresses.size();
    m_wanted = m_wanted.subspan(wrong);
    arrived.chunks.resize(wrong);
    const std::size_t bytes = bytes_of(arrived);
    ASSAY_TRY(m_storing.put({std::move(arrived), wanted.first(wrong)}, bytes));
    return is_good ? Status{} : failure(Error::chunk_damaged, "chunk " + to_hex(wanted[wrong]) + " came with other bytes");
}

Status Arrivals::keep(Good good)
{
    m_bytes += bytes_of(good.arrived);
    m_addresses.insert(m_addresses.end(), good.addresses.begin(), good.addresses.end());
    m_chunks.insert(m_chunks.end(), good.arrived.chunks.begin(), good.arrived.chunks.end());
    m_holders.push_back(std::move(good.arrived.holder));
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
