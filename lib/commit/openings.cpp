// What of commitments a judge needs: digests that are functions of a root, and openings of a program's parts. Nothing here allocates.
#include <assay/commit/program_commitment.hpp>
#include <assay/commit/tensors.hpp>

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

Digest tensor_digest(const program::TensorType& type, const Digest& root, hash::HashFunction function)
{
    const auto content = encode_within<program::type_bytes_max + 32>(TensorContent{type, root});
    return hash::tagged_digest_of_encoding("assay.tensor", content, function);
}

Digest state_digest(std::uint32_t count, const Digest& root, hash::HashFunction function)
{
    return hash::tagged_digest_of_encoding("assay.state", encode_within<4 + 32>(StateContent{count, root}), function);
}

BasicStatus<Refusal> verify(const program::Descriptor& descriptor, ListView<Digest> proof, program::NodeIndex node,
                            const ProgramCommitment& commitment, hash::HashFunction function)
{
    const Digest leaf = merkle::leaf_hash(encode_within<program::descriptor_bytes_max>(descriptor), function);
    return merkle::check_inclusion(node.value, commitment.node_count, leaf, proof, commitment.node_root, function);
}

BasicStatus<Refusal> verify(program::NodeIndex behind, ListView<Digest> proof, std::uint32_t output, const ProgramCommitment& commitment,
                            hash::HashFunction function)
{
    const Digest leaf = merkle::leaf_hash(encode_within<4>(behind), function);
    return merkle::check_inclusion(output, commitment.output_count, leaf, proof, commitment.output_root, function);
}

} // namespace assay::commit
