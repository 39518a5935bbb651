// Writing from the chunks up, so that every digest names something that is already there; reading from the name down.
#include <assay/store/checkpoints.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <deque>
#include <utility>

#include <assay/commit/tensors.hpp>
#include <assay/hash/openssl.hpp>

namespace assay::store {

using program::Tensor;

namespace {

constexpr std::size_t batch_bytes_max = std::size_t{256} << 20;
constexpr std::size_t last_batch_bytes_max = std::size_t{4} << 20; // which is copied
constexpr std::size_t index_digits = 20;
constexpr std::size_t digest_bytes = sizeof(Digest::bytes);

// Spec: STORE-10.
struct StoredTensor {
    std::string name;
    program::TensorType type;
    std::vector<Digest> pages;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.name, self.type, self.pages);
    }
};

struct Manifest {
    std::vector<StoredTensor> tensors;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.tensors);
    }
};

constexpr std::string_view run_prefix = "run/";

std::string prefix_of(const Digest& task)
{
    return std::string{run_prefix} + to_hex(task) + "/";
}

// Zeros in front keep the order of names that of indices. Spec: STORE-11.
std::string name_of(const Digest& task, std::uint64_t index)
{
    const std::string number = std::to_string(index);
    return prefix_of(task) + std::string(index_digits - number.size(), '0') + number;
}

Failure in_checkpoint(std::uint64_t index, const Failure& failure)
{
    return assay::failure(failure.error, "checkpoint " + std::to_string(index) + ": " + failure.message());
}

// A batch that is written whenever it has grown.
class Writer {
public:
    explicit Writer(ChunkStore& store) : m_store(store) {}

    // Requires: the chunk stays where it is.
    Status put(ByteView chunk, const Digest& address)
    {
        if (m_bytes >= batch_bytes_max) ASSAY_TRY(write());
        m_bytes += chunk.size();
        m_addresses.push_back(address);
        m_chunks.push_back(chunk);
        return {};
    }
    Result<Digest> put_own(Bytes chunk)
    {
        const Digest address = merkle::leaf_hash(chunk, hash::sha256_openssl);
        m_own.push_back(std::move(chunk));
        ASSAY_TRY(put(m_own.back(), address));
        return address;
    }
    // What is left for the batch that comes last.
    Result<Batch> rest()
    {
        if (m_bytes >= last_batch_bytes_max) ASSAY_TRY(write());
        Batch batch;
        for (std::size_t i = 0; i < m_chunks.size(); ++i) batch.put(m_chunks[i], m_addresses[i]);
        return batch;
    }

private:
    Status write()
    {
        ASSAY_TRY(m_store.put_all(m_addresses, m_chunks));
        m_addresses.clear();
        m_chunks.clear();
        m_bytes = 0;
        return {};
    }

    ChunkStore& m_store;
    std::vector<Digest> m_addresses;
    std::vector<ByteView> m_chunks;
    std::deque<Bytes> m_own; // pages, a thirtieth of a state
    std::size_t m_bytes = 0;
};

// A state to be written; with the commitment to it, where it was committed to already.
struct Saved {
    std::span<const Tensor> tensors;
    const commit::StateCommitment* commitment = nullptr;

    [[nodiscard]] std::vector<Digest> chunk_hashes(std::size_t tensor) const
    {
        if (commitment != nullptr) return commitment->chunk_hashes(tensor);
        std::vector<Digest> hashes(commit::chunk_count(tensors[tensor].type()));
        merkle::leaf_hashes(tensors[tensor].bytes(), commit::chunk_bytes_max, hashes, hash::sha256_bulk);
        return hashes;
    }
    // Whether the store may lack it.
    [[nodiscard]] bool is_new(std::size_t tensor, std::uint64_t chunk) const
    {
        return commitment == nullptr || commitment->changed(tensor, chunk);
    }
};

Result<std::vector<Digest>> put_tensor(Writer& writer, const Saved& saved, std::size_t tensor)
{
    const std::vector<Digest> hashes = saved.chunk_hashes(tensor);
    std::vector<Digest> pages;
    for (std::uint64_t begin = 0; begin < hashes.size(); begin += page_digests_max) {
        Bytes page;
        for (std::uint64_t i = begin; i < std::min<std::uint64_t>(begin + page_digests_max, hashes.size()); ++i) {
            if (saved.is_new(tensor, i)) ASSAY_TRY(writer.put(commit::chunk_of(saved.tensors[tensor], i), hashes[i]));
            page.insert(page.end(), hashes[i].bytes.begin(), hashes[i].bytes.end());
        }
        ASSAY_TRY_ASSIGN(const Digest address, writer.put_own(std::move(page)));
        pages.push_back(address);
    }
    return pages;
}

// All that the list names. Returns: the list.
Result<Bytes> put_tensors(Writer& writer, std::span<const program::Declaration> declarations, const Saved& saved)
{
    ASSAY_CHECK(declarations.size() == saved.tensors.size());
    Manifest manifest;
    for (std::size_t i = 0; i < declarations.size(); ++i) {
        ASSAY_CHECK(declarations[i].type == saved.tensors[i].type());
        ASSAY_TRY_ASSIGN(std::vector<Digest> pages, put_tensor(writer, saved, i));
        manifest.tensors.push_back({declarations[i].name, declarations[i].type, std::move(pages)});
    }
    return encode(manifest);
}

Status put_state(ChunkStore& store, const std::string& name, std::span<const program::Declaration> declarations, const Saved& saved)
{
    Writer writer{store};
    ASSAY_TRY_ASSIGN(const Bytes list, put_tensors(writer, declarations, saved));
    ASSAY_TRY_ASSIGN(Batch last, writer.rest());
    last.put_name(name, last.put(list));
    return store.write(last);
}

Status check_sizes(const StoredTensor& stored)
{
    ASSAY_TRY(program::validate(stored.type.shape));
    const std::uint64_t chunks = commit::chunk_count(stored.type);
    if (stored.pages.size() != (chunks + page_digests_max - 1) / page_digests_max)
        return failure(Error::not_canonical, std::to_string(stored.pages.size()) + " pages for " + std::to_string(chunks) + " chunks");
    return {};
}

// The digests of a tensor's chunks. Their number is checked before the tensor's memory is asked for.
Result<std::vector<Digest>> get_pages(const ChunkStore& store, const StoredTensor& stored)
{
    ASSAY_TRY(check_sizes(stored));
    const std::uint64_t chunks = commit::chunk_count(stored.type);
    std::vector<Digest> digests;
    for (std::size_t i = 0; i < stored.pages.size(); ++i) {
        const auto page = store.get(stored.pages[i]);
        if (!page) return failure(page.error(), "page " + std::to_string(i) + ": " + page.failure().message());
        if (page->size() != digest_bytes * std::min(page_digests_max, chunks - digests.size()))
            return failure(Error::not_canonical, "page " + std::to_string(i) + " has " + std::to_string(page->size()) + " bytes");
        const std::size_t before = digests.size();
        digests.resize(before + page->size() / digest_bytes);
        std::memcpy(digests.data() + before, page->data(), page->size()); // a digest is its 32 bytes and nothing else
    }
    return digests;
}

Result<Tensor> get_tensor(const ChunkStore& store, const StoredTensor& stored)
{
    ASSAY_TRY_ASSIGN(const std::vector<Digest> chunks, get_pages(store, stored));
    Bytes bytes;
    bytes.reserve(stored.type.bytes());
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        const auto chunk = store.get(chunks[i]);
        if (!chunk) return failure(chunk.error(), "chunk " + std::to_string(i) + ": " + chunk.failure().message());
        if (chunk->size() != commit::chunk_bytes(stored.type, i))
            return failure(Error::not_canonical, "chunk " + std::to_string(i) + " has " + std::to_string(chunk->size()) + " bytes");
        bytes.insert(bytes.end(), chunk->begin(), chunk->end());
    }
    return Tensor::from_bytes(stored.type, std::move(bytes));
}

Result<Manifest> get_manifest(const ChunkStore& store, const Digest& list)
{
    const auto bytes = store.get(list);
    if (!bytes) return failure(bytes.error(), "list of tensors: " + bytes.failure().message());
    auto manifest = decode<Manifest>(*bytes);
    if (!manifest) return failure(manifest.error(), "list of tensors: " + manifest.failure().message());
    return manifest;
}

Failure in_tensor(const StoredTensor& stored, const Failure& failure)
{
    return assay::failure(failure.error, "tensor \"" + stored.name + "\": " + failure.message());
}

// A stranger's list may name one page often, and so be long to read.
Status check_length(const Manifest& manifest)
{
    std::uint64_t pages = 0;
    for (const StoredTensor& stored : manifest.tensors) pages += stored.pages.size();
    if (pages > listed_chunks_max / page_digests_max) return failure(Error::limit_exceeded, "a list names at most 4 GiB");
    return {};
}

} // namespace

Status save_checkpoint(ChunkStore& store, const Digest& task, std::uint64_t index, std::span<const program::Declaration> declarations,
                       std::span<const Tensor> state)
{
    const Status status = put_state(store, name_of(task, index), declarations, {state});
    if (!status) return in_checkpoint(index, status.failure());
    return {};
}

Status save_checkpoint(ChunkStore& store, const Digest& task, std::uint64_t index, std::span<const program::Declaration> declarations,
                       const commit::StateCommitment& state)
{
    const Status status = put_state(store, name_of(task, index), declarations, {state.state(), &state});
    if (!status) return in_checkpoint(index, status.failure());
    return {};
}

Result<Digest> save_list(ChunkStore& store, std::span<const program::Declaration> declarations, std::span<const Tensor> state)
{
    Writer writer{store};
    ASSAY_TRY_ASSIGN(const Bytes list, put_tensors(writer, declarations, {state}));
    ASSAY_TRY_ASSIGN(Batch last, writer.rest());
    const Digest address = last.put(list);
    ASSAY_TRY(store.write(last));
    return address;
}

Result<Digest> list_of_checkpoint(const ChunkStore& store, const Digest& task, std::uint64_t index)
{
    auto list = store.get_name(name_of(task, index));
    if (!list) return in_checkpoint(index, list.failure());
    return list;
}

Result<std::vector<Tensor>> load_list(const ChunkStore& store, const Digest& list)
{
    ASSAY_TRY_ASSIGN(const Manifest manifest, get_manifest(store, list));
    std::vector<Tensor> state;
    for (const StoredTensor& stored : manifest.tensors) {
        auto tensor = get_tensor(store, stored);
        if (!tensor) return in_tensor(stored, tensor.failure());
        state.push_back(std::move(*tensor));
    }
    return state;
}

Result<Tensor> load_tensor(const ChunkStore& store, const Digest& list, std::size_t place, const program::TensorType& type)
{
    ASSAY_TRY_ASSIGN(const Manifest manifest, get_manifest(store, list));
    if (place >= manifest.tensors.size())
        return failure(Error::index_out_of_range, std::to_string(manifest.tensors.size()) + " tensors are listed");
    const StoredTensor& stored = manifest.tensors[place];
    if (stored.type != type) return in_tensor(stored, failure(Error::wrong_type, "listed as " + to_string(stored.type)));
    auto tensor = get_tensor(store, stored);
    if (!tensor) return in_tensor(stored, tensor.failure());
    return tensor;
}

Result<std::vector<Tensor>> load_checkpoint(const ChunkStore& store, const Digest& task, std::uint64_t index)
{
    ASSAY_TRY_ASSIGN(const Digest list, list_of_checkpoint(store, task, index));
    auto state = load_list(store, list);
    if (!state) return in_checkpoint(index, state.failure());
    return state;
}

Result<ListedState> read_list(const ChunkStore& store, const Digest& list)
{
    ASSAY_TRY_ASSIGN(const Manifest manifest, get_manifest(store, list));
    ASSAY_TRY(check_length(manifest));
    ListedState listed;
    std::vector<Digest> digests;
    for (const StoredTensor& stored : manifest.tensors) {
        auto chunks = get_pages(store, stored);
        if (!chunks) return in_tensor(stored, chunks.failure());
        listed.chunks.insert(listed.chunks.end(), chunks->begin(), chunks->end());
        listed.tensors.push_back({stored.name, stored.type});
        digests.push_back(commit::tensor_digest(stored.type, merkle::Tree::from_leaf_hashes(std::move(*chunks), hash::sha256_bulk).root()));
    }
    listed.state = commit::state_digest(digests, hash::sha256_bulk);
    return listed;
}

Result<std::vector<Digest>> pages_of_list(ByteView list, std::span<const program::Declaration> declarations)
{
    ASSAY_TRY_ASSIGN(const Manifest manifest, decode<Manifest>(list));
    ASSAY_TRY(check_length(manifest));
    if (manifest.tensors.size() != declarations.size())
        return failure(Error::state_mismatch, std::to_string(manifest.tensors.size()) + " tensors are listed");
    std::vector<Digest> pages;
    for (std::size_t i = 0; i < declarations.size(); ++i) {
        const StoredTensor& stored = manifest.tensors[i];
        if (stored.type != declarations[i].type)
            return failure(Error::state_mismatch, "tensor \"" + declarations[i].name + "\" is listed as " + to_string(stored.type));
        ASSAY_TRY(check_sizes(stored));
        pages.insert(pages.end(), stored.pages.begin(), stored.pages.end());
    }
    return pages;
}

Result<std::vector<program::Declaration>> declarations_of_list(ByteView list)
{
    ASSAY_TRY_ASSIGN(const Manifest manifest, decode<Manifest>(list));
    ASSAY_TRY(check_length(manifest));
    std::vector<program::Declaration> declarations;
    for (const StoredTensor& stored : manifest.tensors) {
        ASSAY_TRY(check_sizes(stored));
        declarations.push_back({stored.name, stored.type});
    }
    return declarations;
}

Result<std::vector<std::uint64_t>> list_checkpoints(const ChunkStore& store, const Digest& task)
{
    const std::string prefix = prefix_of(task);
    ASSAY_TRY_ASSIGN(const std::vector<std::string> names, store.names(prefix));
    std::vector<std::uint64_t> indices;
    for (const std::string& name : names) {
        std::uint64_t index = 0;
        const char* end = name.data() + name.size();
        const auto read = std::from_chars(name.data() + prefix.size(), end, index);
        if (read.ec == std::errc{} && read.ptr == end && name == name_of(task, index)) indices.push_back(index);
    }
    return indices;
}

Result<std::vector<Digest>> list_runs(const ChunkStore& store)
{
    ASSAY_TRY_ASSIGN(const std::vector<std::string> names, store.names(run_prefix));
    std::vector<Digest> tasks;
    for (const std::string& name : names) {
        const auto task = digest_from_hex(std::string_view{name}.substr(run_prefix.size(), 2 * digest_bytes));
        if (task && (tasks.empty() || tasks.back() != *task)) tasks.push_back(*task);
    }
    return tasks;
}

} // namespace assay::store
