// Digests of tensors and of lists of tensors.
#include <assay/commit/tensors.hpp>

namespace assay::commit {

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

Digest tensor_digest(const program::Tensor& tensor, hash::HashFunction function)
{
    return tensor_digest(tensor.type(), chunk_tree(tensor, function).root(), function);
}

merkle::Tree digest_tree(std::span<const Digest> digests, hash::HashFunction function)
{
    std::vector<Digest> leaves(digests.size());
    merkle::leaf_hashes(digests, leaves, function);
    return merkle::Tree::from_leaf_hashes(std::move(leaves), function);
}

Digest state_digest(std::span<const Digest> tensor_digests, hash::HashFunction function)
{
    return state_digest(static_cast<std::uint32_t>(tensor_digests.size()), digest_tree(tensor_digests, function).root(), function);
}

Digest state_digest(std::span<const program::Tensor> tensors, hash::HashFunction function)
{
    std::vector<Digest> digests;
    for (const program::Tensor& tensor : tensors) digests.push_back(tensor_digest(tensor, function));
    return state_digest(digests, function);
}

} // namespace assay::commit
