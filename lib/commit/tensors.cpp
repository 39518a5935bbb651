// Digests of tensors and of lists of tensors.
#include <assay/commit/tensors.hpp>

#include <tuple>

namespace assay::commit {

namespace {

struct TensorContent {
    program::TensorType type;
    Digest root;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.type, self.root);
    }
};

struct StateContent {
    std::uint32_t count;
    Digest root;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.count, self.root);
    }
};

} // namespace

std::uint64_t chunk_count(const program::TensorType& type)
{
    return (type.bytes() + chunk_bytes_max - 1) / chunk_bytes_max;
}

std::uint64_t elements_per_chunk(program::DataType type)
{
    return chunk_bytes_max / program::width_of(type);
}

std::uint64_t chunk_bytes(const program::TensorType& type, std::uint64_t chunk)
{
    ASSAY_CHECK(chunk < chunk_count(type));
    return std::min(chunk_bytes_max, type.bytes() - chunk * chunk_bytes_max);
}

ByteView chunk_of(const program::Tensor& tensor, std::uint64_t chunk)
{
    return tensor.bytes().subspan(chunk * chunk_bytes_max, chunk_bytes(tensor.type(), chunk));
}

merkle::Tree chunk_tree(const program::Tensor& tensor, hash::HashFunction function)
{
    std::vector<Digest> leaves(chunk_count(tensor.type()));
    merkle::leaf_hashes(tensor.bytes(), chunk_bytes_max, leaves, function);
    return merkle::Tree::from_leaf_hashes(std::move(leaves), function);
}

Digest tensor_digest(const program::TensorType& type, const Digest& root)
{
    return hash::tagged_digest("assay.tensor", TensorContent{type, root});
}

Digest tensor_digest(const program::Tensor& tensor, hash::HashFunction function)
{
    return tensor_digest(tensor.type(), chunk_tree(tensor, function).root());
}

merkle::Tree digest_tree(std::span<const Digest> digests, hash::HashFunction function)
{
    std::vector<Digest> leaves;
    leaves.reserve(digests.size());
    for (const Digest& digest : digests) leaves.push_back(merkle::leaf_hash(view_of(digest), function));
    return merkle::Tree::from_leaf_hashes(std::move(leaves), function);
}

Digest state_digest(std::uint32_t count, const Digest& root)
{
    return hash::tagged_digest("assay.state", StateContent{count, root});
}

Digest state_digest(std::span<const Digest> tensor_digests, hash::HashFunction function)
{
    return state_digest(static_cast<std::uint32_t>(tensor_digests.size()), digest_tree(tensor_digests, function).root());
}

Digest state_digest(std::span<const program::Tensor> tensors, hash::HashFunction function)
{
    std::vector<Digest> digests;
    for (const program::Tensor& tensor : tensors) digests.push_back(tensor_digest(tensor, function));
    return state_digest(digests, function);
}

} // namespace assay::commit
