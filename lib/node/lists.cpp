// Lists of tensors by the digest of what they list, and their way between two stores.
#include <assay/node/lists.hpp>

#include <algorithm>
#include <future>

#include <assay/hash/openssl.hpp>
#include <assay/store/checkpoints.hpp>

namespace assay::node {

namespace {

std::string name_of(const Digest& state)
{
    return "state/" + to_hex(state);
}

constexpr std::uint8_t leaf_prefix = 0;                   // MERKLE-1
constexpr std::size_t group_bytes = std::size_t{1} << 20; // hashed together, while as much is on its way
constexpr std::size_t batch_bytes = transfer_bytes_max;   // stored together

// Chunks that travel in one call.
std::size_t batch_length(std::span<const Bytes> chunks)
{
    std::size_t bytes = 0, count = 0;
    while (count < chunks.size() && count < chunks_per_call_max && bytes + chunks[count].size() <= transfer_bytes_max)
        bytes += chunks[count++].size();
    return count;
}

// What arrives is hashed and stored by another thread, some megabytes at a time, while the next are on their way.
class Arrivals {
public:
    Arrivals(store::ChunkStore& own, std::span<const Digest> wanted) : m_own(own), m_wanted(wanted) {}
    ~Arrivals()
    {
        if (m_work.valid()) m_work.wait();
    }
    Arrivals(const Arrivals&) = delete;
    Arrivals& operator=(const Arrivals&) = delete;

    // Errors: chunk_damaged, storage_failed, about what came before.
    Status take(ArrivedChunks arrived)
    {
        for (const ByteView chunk : arrived.chunks) m_bytes += chunk.size();
        m_count += arrived.chunks.size();
        m_group.push_back(std::move(arrived));
        if (m_bytes < group_bytes) return {};
        ASSAY_TRY(wait());
        m_work = std::async(std::launch::async, [this, group = std::exchange(m_group, {}), wanted = next_wanted()]() mutable {
            return keep(std::move(group), wanted);
        });
        return {};
    }
    Status finish()
    {
        ASSAY_TRY(wait());
        ASSAY_TRY(keep(std::exchange(m_group, {}), next_wanted()));
        return write();
    }

private:
    Status wait() { return m_work.valid() ? m_work.get() : Status{}; }

    std::span<const Digest> next_wanted()
    {
        const std::span<const Digest> next = m_wanted.first(m_count);
        m_wanted = m_wanted.subspan(m_count);
        m_count = m_bytes = 0;
        return next;
    }

    // Hashes a group, and stores all that was hashed once that is enough.
    Status keep(std::vector<ArrivedChunks> group, std::span<const Digest> wanted)
    {
        for (ArrivedChunks& arrived : group) {
            const std::vector<Digest> addresses = addresses_of(arrived.chunks);
            for (std::size_t i = 0; i < addresses.size(); ++i) {
                if (addresses[i] != wanted[i])
                    return failure(Error::chunk_damaged, "chunk " + to_hex(wanted[i]) + " came with other bytes");
                m_good_bytes += arrived.chunks[i].size();
            }
            wanted = wanted.subspan(addresses.size());
            m_good_addresses.insert(m_good_addresses.end(), addresses.begin(), addresses.end());
            m_good_chunks.insert(m_good_chunks.end(), arrived.chunks.begin(), arrived.chunks.end());
            m_good_holders.push_back(std::move(arrived.holder));
        }
        return m_good_bytes < batch_bytes ? Status{} : write();
    }

    Status write()
    {
        const Status written = m_own.put_all(m_good_addresses, m_good_chunks);
        m_good_addresses.clear();
        m_good_chunks.clear();
        m_good_holders.clear();
        m_good_bytes = 0;
        return written;
    }

    store::ChunkStore& m_own;
    std::span<const Digest> m_wanted; // from the first in m_group on
    std::vector<ArrivedChunks> m_group;
    std::size_t m_count = 0, m_bytes = 0; // in m_group
    // Hashed and not stored yet; the work's, while there is some.
    std::vector<Digest> m_good_addresses;
    std::vector<ByteView> m_good_chunks;
    std::vector<std::shared_ptr<const void>> m_good_holders;
    std::size_t m_good_bytes = 0;
    std::future<Status> m_work;
};

// Stores the chunks that `own` has not, as they arrive.
Status fetch_chunks(Network& network, store::ChunkStore& own, std::span<const Digest> addresses, const TransferProgress& progress)
{
    std::vector<Digest> missing;
    for (const Digest& address : addresses) {
        ASSAY_TRY_ASSIGN(const bool is_there, own.contains(address));
        if (!is_there) missing.push_back(address);
    }
    std::uint64_t done = addresses.size() - missing.size();
    Arrivals arrivals{own, missing};
    const Status streamed = network.stream(missing, [&](ArrivedChunks arrived) -> Status {
        if (progress) progress(done, addresses.size());
        done += arrived.chunks.size();
        return arrivals.take(std::move(arrived));
    });
    ASSAY_TRY(arrivals.finish()); // whatever became of the rest
    ASSAY_TRY(streamed);
    if (progress) progress(addresses.size(), addresses.size());
    return {};
}

} // namespace

std::vector<Digest> addresses_of(std::span<const ByteView> chunks)
{
    std::vector<Digest> addresses(chunks.size());
    hash::sha256_each(leaf_prefix, chunks, addresses);
    return addresses;
}

Result<Digest> announce_list(store::ChunkStore& chunks, const Digest& list)
{
    ASSAY_TRY_ASSIGN(const store::ListedState listed, store::read_list(chunks, list));
    ASSAY_TRY(chunks.put_name(name_of(listed.state), list));
    return listed.state;
}

Result<Digest> find_list(const store::ChunkStore& chunks, const Digest& state)
{
    return chunks.get_name(name_of(state));
}

Result<std::vector<Bytes>> read_chunks(const store::ChunkStore& chunks, std::span<const Digest> addresses)
{
    if (addresses.size() > chunks_per_call_max) return failure(Error::limit_exceeded, "a call names at most 4096 chunks");
    std::vector<Bytes> content;
    std::size_t bytes = 0;
    for (const Digest& address : addresses) {
        auto chunk = chunks.get(address);
        if (!chunk) {
            if (content.empty()) return chunk.failure();
            break;
        }
        if (!content.empty() && bytes + chunk->size() > transfer_bytes_max) break;
        bytes += chunk->size();
        content.push_back(std::move(*chunk));
    }
    return content;
}

Status write_chunks(store::ChunkStore& chunks, std::span<const Bytes> content)
{
    if (batch_length(content) != content.size()) return failure(Error::limit_exceeded, "a call has at most 4096 chunks and 4 MiB");
    store::Batch batch;
    for (const Bytes& chunk : content) {
        if (chunk.size() > chunk_bytes_max) return failure(Error::limit_exceeded, "a chunk has at most 1 MiB");
        batch.put(chunk);
    }
    return chunks.write(batch);
}

Result<Digest> upload(Network& network, const store::ChunkStore& own, const Digest& list, const TransferProgress& progress)
{
    ASSAY_TRY_ASSIGN(const store::ListedState listed, store::read_list(own, list));
    ASSAY_TRY_ASSIGN(Bytes list_bytes, own.get(list));
    ASSAY_TRY_ASSIGN(std::vector<Digest> addresses, store::pages_of_list(list_bytes, listed.tensors));
    addresses.insert(addresses.end(), listed.chunks.begin(), listed.chunks.end());
    std::vector<Bytes> batch{std::move(list_bytes)};
    std::size_t bytes = batch.front().size();
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        ASSAY_TRY_ASSIGN(Bytes chunk, own.get(addresses[i]));
        if (batch.size() == chunks_per_call_max || bytes + chunk.size() > transfer_bytes_max) {
            ASSAY_TRY(network.put_chunks(batch));
            if (progress) progress(i, addresses.size());
            batch.clear();
            bytes = 0;
        }
        bytes += chunk.size();
        batch.push_back(std::move(chunk));
    }
    ASSAY_TRY(network.put_chunks(batch));
    if (progress) progress(addresses.size(), addresses.size());
    return network.announce(list);
}

Result<Digest> fetch(Network& network, store::ChunkStore& own, const Digest& state, std::span<const program::Declaration> declarations,
                     const TransferProgress& progress)
{
    if (const auto known = find_list(own, state)) return *known;
    ASSAY_TRY_ASSIGN(const Digest list, network.list_of(state));
    ASSAY_TRY(fetch_chunks(network, own, std::array{list}, {}));
    ASSAY_TRY_ASSIGN(const Bytes list_bytes, own.get(list));
    ASSAY_TRY_ASSIGN(const std::vector<Digest> pages, store::pages_of_list(list_bytes, declarations));
    ASSAY_TRY(fetch_chunks(network, own, pages, {}));
    ASSAY_TRY_ASSIGN(const store::ListedState listed, store::read_list(own, list));
    if (listed.state != state)
        return failure(Error::state_mismatch, "the list that was given for " + short_hex(state) + " is of another state");
    ASSAY_TRY(fetch_chunks(network, own, listed.chunks, progress));
    ASSAY_TRY(own.put_name(name_of(state), list)); // the name says that all of it is there
    return list;
}

} // namespace assay::node
