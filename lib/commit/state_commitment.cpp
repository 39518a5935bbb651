// Neighbouring chunks that changed are hashed in one call, which is what makes hashing in bulk fast.
#include <assay/commit/state_commitment.hpp>

#include <algorithm>

namespace assay::commit {

using program::Tensor;

void StateCommitment::update(Committed& committed, const Tensor& tensor, const Tensor* before)
{
    const std::uint64_t chunks = committed.chunks.size();
    const auto differs = [&](std::uint64_t chunk) {
        return before == nullptr || !std::ranges::equal(chunk_of(tensor, chunk), chunk_of(*before, chunk));
    };
    bool any = before == nullptr;
    for (std::uint64_t begin = 0; begin < chunks;) {
        std::uint64_t end = begin;
        while (end < chunks && differs(end)) committed.changed[end++] = true;
        const std::uint64_t first_byte = begin * chunk_bytes_max;
        const std::uint64_t last_byte = std::min(end * chunk_bytes_max, tensor.type().bytes());
        if (end > begin) {
            merkle::leaf_hashes(tensor.bytes().subspan(first_byte, last_byte - first_byte), chunk_bytes_max,
                                std::span{committed.chunks}.subspan(begin, end - begin), m_function);
            any = true;
        }
        if (end < chunks) committed.changed[end++] = false;
        begin = end;
    }
    if (any) committed.digest = tensor_digest(tensor.type(), merkle::Tree::from_leaf_hashes(committed.chunks, m_function).root());
}

Digest StateCommitment::commit(std::vector<Tensor>& state)
{
    const bool first = m_tensors.empty();
    ASSAY_CHECK(first || state.size() == m_state.size());
    m_tensors.resize(state.size());
    std::vector<Digest> digests;
    for (std::size_t i = 0; i < state.size(); ++i) {
        ASSAY_CHECK(first || state[i].type() == m_state[i].type());
        m_tensors[i].chunks.resize(chunk_count(state[i].type()));
        m_tensors[i].changed.resize(m_tensors[i].chunks.size());
        update(m_tensors[i], state[i], first ? nullptr : &m_state[i]);
        digests.push_back(m_tensors[i].digest);
    }
    m_state.swap(state);
    m_digest = state_digest(digests, m_function);
    return m_digest;
}

} // namespace assay::commit
