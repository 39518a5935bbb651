// The digest of a state that changes and is committed to again and again: what did not change is not hashed again.
// Spec: spec/commitments.md, COMMIT-1 to COMMIT-4.
#pragma once

#include <assay/commit/tensors.hpp>

namespace assay::commit {

// Keeps the last state and the hashes of its chunks. One thread may use it at a time. Memory: the state, and a sixteenth of it.
class StateCommitment {
public:
    explicit StateCommitment(hash::HashFunction function = hash::sha256) : m_function(function) {}

    // Takes over the next state, and leaves the one before in its place, or nothing after the first, so that its memory can serve again.
    // Returns: its state_digest. Requires: the same types as the state before, if there was one.
    // Cost: one pass of comparing, and of hashing over the chunks that changed.
    Digest commit(std::vector<program::Tensor>& state);

    // The last state, its digest, and the hashes of the chunks of one of its tensors. Requires: a state was committed to.
    [[nodiscard]] const std::vector<program::Tensor>& state() const { return m_state; }
    [[nodiscard]] const Digest& digest() const { return m_digest; }
    [[nodiscard]] const std::vector<Digest>& chunk_hashes(std::size_t tensor) const { return m_tensors[tensor].chunks; }

    // Whether a chunk of a tensor is other than in the state before, as all of the first state's are.
    [[nodiscard]] bool changed(std::size_t tensor, std::uint64_t chunk) const { return m_tensors[tensor].changed[chunk]; }

private:
    struct Committed {
        std::vector<Digest> chunks;
        std::vector<bool> changed;
        Digest digest;
    };
    void update(Committed& committed, const program::Tensor& tensor, const program::Tensor* before);

    hash::HashFunction m_function;
    std::vector<program::Tensor> m_state;
    std::vector<Committed> m_tensors;
    Digest m_digest;
};

} // namespace assay::commit
