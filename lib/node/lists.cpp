// Lists of tensors by the digest of what they list, and their way between two stores.
#include <assay/node/lists.hpp>

#include <assay/hash/openssl.hpp>
#include <assay/store/checkpoints.hpp>

#include "node/arrivals.hpp"

namespace assay::node {

namespace {

std::string name_of(const Digest& state)
{
    return "state/" + to_hex(state);
}

constexpr std::uint8_t leaf_prefix = 0; // MERKLE-1
constexpr std::size_t looked_up_at_once = 2048;

// Chunks that travel in one call.
std::size_t batch_length(std::span<const Bytes> chunks)
{
    std::size_t bytes = 0, count = 0;
    while (count < chunks.size() && count < chunks_per_call_max && bytes + chunks[count].size() <= transfer_bytes_max)
        bytes += chunks[count++].size();
    return count;
}

// Stores the chunks from place `at` on that `own` has not, as they arrive, until `is_enough`. What of them it has is looked up while others are on
// their way. Returns: the place up to which all are there.
Result<std::size_t> fetch_chunks(Network& network, store::ChunkStore& own, std::span<const Digest> addresses, std::size_t at = 0,
                                 const TransferProgress& progress = {}, const std::function<bool()>& is_enough = {})
{
    std::uint64_t done = at;
    const NextChunks next = [&]() -> Result<std::vector<Digest>> {
        std::vector<Digest> missing;
        while (missing.empty() && at < addresses.size() && !(is_enough && is_enough())) {
            const std::span<const Digest> some = addresses.subspan(at, std::min(looked_up_at_once, addresses.size() - at));
            at += some.size();
            ASSAY_TRY_ASSIGN(missing, own.missing(some));
            missing.erase(std::unique(missing.begin(), missing.end()), missing.end()); // a new state is mostly zeros
            done += some.size() - missing.size();
        }
        return missing;
    };
    Arrivals arrivals{own};
    const Status streamed = network.stream(next, [&](ArrivedChunks arrived) -> Status {
        if (progress) progress(done, addresses.size());
        done += arrived.chunks.size();
        return arrivals.take(std::move(arrived));
    });
    ASSAY_TRY(arrivals.finish()); // whatever became of the rest
    ASSAY_TRY(streamed);
    if (progress) progress(at, addresses.size());
    return at;
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

Result<Upload> Upload::start(const store::ChunkStore& own, const Digest& list)
{
    ASSAY_TRY_ASSIGN(const store::ListedState listed, store::read_list(own, list));
    ASSAY_TRY_ASSIGN(const Bytes list_bytes, own.get(list));
    ASSAY_TRY_ASSIGN(const std::vector<Digest> pages, store::pages_of_list(list_bytes, listed.tensors));
    std::vector<Digest> addresses{list};
    addresses.insert(addresses.end(), pages.begin(), pages.end());
    addresses.insert(addresses.end(), listed.chunks.begin(), listed.chunks.end());
    return Upload{own, std::move(addresses)};
}

Status Upload::step(Network& network)
{
    ASSAY_CHECK(!is_done());
    std::vector<Bytes> batch;
    std::size_t bytes = 0;
    for (std::size_t i = m_done; i < m_addresses.size() && batch.size() < chunks_per_call_max; ++i) {
        ASSAY_TRY_ASSIGN(Bytes chunk, m_own->get(m_addresses[i]));
        if (!batch.empty() && bytes + chunk.size() > transfer_bytes_max) break;
        bytes += chunk.size();
        batch.push_back(std::move(chunk));
    }
    if (!batch.empty()) ASSAY_TRY(network.put_chunks(batch));
    m_done += batch.size();
    if (m_done < m_addresses.size()) return {};
    ASSAY_TRY_ASSIGN(m_digest, network.announce(m_addresses.front()));
    return {};
}

Result<Digest> upload(Network& network, const store::ChunkStore& own, const Digest& list)
{
    ASSAY_TRY_ASSIGN(Upload going, Upload::start(own, list));
    while (!going.is_done()) ASSAY_TRY(going.step(network));
    return going.digest();
}

Download::Download(const Digest& state, std::span<const program::Declaration> declarations)
    : m_state(state), m_declarations(declarations.begin(), declarations.end())
{
}

Status Download::find_pages(Network& network, store::ChunkStore& own)
{
    ASSAY_TRY_ASSIGN(const Digest list, network.list_of(m_state));
    ASSAY_TRY(fetch_chunks(network, own, std::array{list}));
    ASSAY_TRY_ASSIGN(const Bytes list_bytes, own.get(list));
    ASSAY_TRY_ASSIGN(std::vector<Digest> pages, store::pages_of_list(list_bytes, m_declarations));
    m_pages = Part{std::move(pages)};
    m_list = list;
    return {};
}

// A list that is another state's is asked for again by the next call.
Status Download::find_chunks(const store::ChunkStore& own)
{
    const Digest list = *std::exchange(m_list, std::nullopt);
    ASSAY_TRY_ASSIGN(store::ListedState listed, store::read_list(own, list));
    if (listed.state != m_state)
        return failure(Error::state_mismatch, "the list that was given for " + short_hex(m_state) + " is of another state");
    m_chunks = Part{std::move(listed.chunks)};
    m_list = list;
    return {};
}

// Where it fails, what has arrived is looked up again.
Result<bool> Download::fetch_part(Network& network, store::ChunkStore& own, Part& part, const TransferProgress& progress,
                                  const std::function<bool()>& is_enough)
{
    ASSAY_TRY_ASSIGN(part.done, fetch_chunks(network, own, part.addresses, std::exchange(part.done, 0), progress, is_enough));
    return part.done == part.addresses.size();
}

Result<std::optional<Digest>> Download::go_on(Network& network, store::ChunkStore& own, const TransferProgress& progress,
                                              const std::function<bool()>& is_enough)
{
    if (const auto known = find_list(own, m_state)) return std::optional{*known};
    if (!m_list) ASSAY_TRY(find_pages(network, own));
    if (!m_chunks) {
        ASSAY_TRY_ASSIGN(const bool has_pages, fetch_part(network, own, m_pages, {}, is_enough));
        if (!has_pages) return std::optional<Digest>{};
        ASSAY_TRY(find_chunks(own));
    }
    ASSAY_TRY_ASSIGN(const bool has_chunks, fetch_part(network, own, *m_chunks, progress, is_enough));
    if (!has_chunks) return std::optional<Digest>{};
    ASSAY_TRY(own.put_name(name_of(m_state), *m_list)); // the name says that all of it is there
    return m_list;
}

Result<Digest> fetch(Network& network, store::ChunkStore& own, const Digest& state, std::span<const program::Declaration> declarations,
                     const TransferProgress& progress)
{
    ASSAY_TRY_ASSIGN(const std::optional<Digest> list, Download(state, declarations).go_on(network, own, progress));
    return *list;
}

} // namespace assay::node
