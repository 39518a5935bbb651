// Lists of tensors by the digest of what they list, and their way between two stores.
#include <assay/node/lists.hpp>

#include <algorithm>

#include <assay/store/checkpoints.hpp>

namespace assay::node {

namespace {

std::string name_of(const Digest& state)
{
    return "state/" + to_hex(state);
}

// Chunks that travel in one call.
std::size_t batch_length(std::span<const Bytes> chunks)
{
    std::size_t bytes = 0, count = 0;
    while (count < chunks.size() && count < chunks_per_call_max && bytes + chunks[count].size() <= transfer_bytes_max)
        bytes += chunks[count++].size();
    return count;
}

// Stores the chunks that `own` has not, as they arrive.
Status fetch_chunks(Network& network, store::ChunkStore& own, std::span<const Digest> addresses, const TransferProgress& progress)
{
    std::vector<Digest> missing;
    for (const Digest& address : addresses) {
        ASSAY_TRY_ASSIGN(const bool is_there, own.contains(address));
        if (!is_there) missing.push_back(address);
    }
    std::span<const Digest> left = missing;
    while (!left.empty()) {
        if (progress) progress(addresses.size() - left.size(), addresses.size());
        ASSAY_TRY_ASSIGN(const std::vector<Bytes> chunks, network.chunks(left.first(std::min(left.size(), chunks_per_call_max))));
        if (chunks.empty() || chunks.size() > left.size()) return failure(Error::chunk_missing, "the answer has another number of chunks");
        store::Batch batch;
        for (std::size_t i = 0; i < chunks.size(); ++i)
            if (batch.put(chunks[i]) != left[i])
                return failure(Error::chunk_damaged, "chunk " + to_hex(left[i]) + " came with other bytes");
        ASSAY_TRY(own.write(batch));
        left = left.subspan(chunks.size());
    }
    if (progress) progress(addresses.size(), addresses.size());
    return {};
}

} // namespace

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
