// Writing from the chunks up, so that every digest names something that is already there; reading from the name down.
#include <assay/store/checkpoints.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

#include <assay/commit/tensors.hpp>

namespace assay::store {

using program::Tensor;

namespace {

constexpr std::size_t batch_bytes_max = std::size_t{4} << 20;
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

Failure in_checkpoint(std::uint64_t index, const std::string& place, const Failure& failure)
{
    return assay::failure(failure.error, "checkpoint " + std::to_string(index) + place + ": " + failure.message());
}

// A batch that is written whenever it has grown.
class Writer {
public:
    explicit Writer(ChunkStore& store) : m_store(store) {}

    Result<Digest> put(ByteView chunk)
    {
        if (m_bytes >= batch_bytes_max) ASSAY_TRY(write());
        m_bytes += chunk.size();
        return m_batch.put(chunk);
    }
    void put_name(std::string_view name, const Digest& target) { m_batch.put_name(name, target); }

    Status write()
    {
        const Batch full = std::exchange(m_batch, {});
        m_bytes = 0;
        return m_store.write(full);
    }

private:
    ChunkStore& m_store;
    Batch m_batch;
    std::size_t m_bytes = 0;
};

Result<std::vector<Digest>> put_tensor(Writer& writer, const Tensor& tensor)
{
    std::vector<Digest> pages;
    Bytes page;
    const std::uint64_t chunks = commit::chunk_count(tensor.type());
    for (std::uint64_t i = 0; i < chunks; ++i) {
        ASSAY_TRY_ASSIGN(const Digest chunk, writer.put(commit::chunk_of(tensor, i)));
        page.insert(page.end(), chunk.bytes.begin(), chunk.bytes.end());
        if ((i + 1) % page_digests_max != 0 && i + 1 != chunks) continue;
        ASSAY_TRY_ASSIGN(const Digest address, writer.put(page));
        pages.push_back(address);
        page.clear();
    }
    return pages;
}

Status put_state(ChunkStore& store, const std::string& name, std::span<const program::Declaration> declarations,
                 std::span<const Tensor> state)
{
    Writer writer{store};
    Manifest manifest;
    for (std::size_t i = 0; i < state.size(); ++i) {
        ASSAY_TRY_ASSIGN(std::vector<Digest> pages, put_tensor(writer, state[i]));
        manifest.tensors.push_back({declarations[i].name, state[i].type(), std::move(pages)});
    }
    ASSAY_TRY_ASSIGN(const Digest root, writer.put(encode(manifest)));
    writer.put_name(name, root);
    return writer.write();
}

// The digests of a tensor's chunks. Their number is checked before the tensor's memory is asked for.
Result<std::vector<Digest>> get_pages(const ChunkStore& store, const StoredTensor& stored)
{
    ASSAY_TRY(program::validate(stored.type.shape));
    const std::uint64_t chunks = commit::chunk_count(stored.type);
    if (stored.pages.size() != (chunks + page_digests_max - 1) / page_digests_max)
        return failure(Error::not_canonical, std::to_string(stored.pages.size()) + " pages for " + std::to_string(chunks) + " chunks");
    std::vector<Digest> digests;
    for (std::size_t i = 0; i < stored.pages.size(); ++i) {
        const auto page = store.get(stored.pages[i]);
        if (!page) return failure(page.error(), "page " + std::to_string(i) + ": " + page.failure().message());
        if (page->size() != digest_bytes * std::min(page_digests_max, chunks - digests.size()))
            return failure(Error::not_canonical, "page " + std::to_string(i) + " has " + std::to_string(page->size()) + " bytes");
        for (std::size_t at = 0; at < page->size(); at += digest_bytes) {
            Digest digest;
            std::copy_n(page->begin() + static_cast<std::ptrdiff_t>(at), digest_bytes, digest.bytes.begin());
            digests.push_back(digest);
        }
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

} // namespace

Status save_checkpoint(ChunkStore& store, const Digest& task, std::uint64_t index, std::span<const program::Declaration> declarations,
                       std::span<const Tensor> state)
{
    ASSAY_CHECK(declarations.size() == state.size());
    for (std::size_t i = 0; i < state.size(); ++i) ASSAY_CHECK(declarations[i].type == state[i].type());
    const Status status = put_state(store, name_of(task, index), declarations, state);
    if (!status) return in_checkpoint(index, "", status.failure());
    return {};
}

Result<std::vector<Tensor>> load_checkpoint(const ChunkStore& store, const Digest& task, std::uint64_t index)
{
    const auto root = store.get_name(name_of(task, index));
    if (!root) return in_checkpoint(index, "", root.failure());
    const auto bytes = store.get(*root);
    if (!bytes) return in_checkpoint(index, ", its list of tensors", bytes.failure());
    const auto manifest = decode<Manifest>(*bytes);
    if (!manifest) return in_checkpoint(index, ", its list of tensors", manifest.failure());
    std::vector<Tensor> state;
    for (const StoredTensor& stored : manifest->tensors) {
        auto tensor = get_tensor(store, stored);
        if (!tensor) return in_checkpoint(index, ", tensor \"" + stored.name + "\"", tensor.failure());
        state.push_back(std::move(*tensor));
    }
    return state;
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
