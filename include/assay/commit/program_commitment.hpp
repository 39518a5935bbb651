// What a program's identity is: a tree over its nodes' descriptors and one over its outputs. A referee that is shown one descriptor
// needs no program. Spec: spec/commitments.md, COMMIT-5 and COMMIT-6.
#pragma once

#include <assay/merkle/tree.hpp>
#include <assay/program/program.hpp>

namespace assay::commit {

struct ProgramCommitment {
    std::uint32_t node_count = 0;
    Digest node_root; // leaves: encoded descriptors
    std::uint32_t state_count = 0;
    std::uint32_t data_count = 0;
    std::uint32_t output_count = 0;
    Digest output_root; // leaves: encoded node indices, u32

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.node_count, self.node_root, self.state_count, self.data_count, self.output_count, self.output_root);
    }
    friend bool operator==(const ProgramCommitment&, const ProgramCommitment&) = default;
};

// The program's identity. Spec: COMMIT-6.
Digest digest_of(const ProgramCommitment& commitment);

// A node's descriptor, shown to stand in the program at `node`.
template <class Held>
struct BasicDescriptorOpening {
    program::Descriptor descriptor;
    typename Held::Proof proof;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.descriptor, self.proof);
    }
    friend bool operator==(const BasicDescriptorOpening&, const BasicDescriptorOpening&) = default;
};
using DescriptorOpening = BasicDescriptorOpening<merkle::Owned>;

// Errors: as merkle::check_inclusion. Nothing is allocated. The shorter forms take an opening.
BasicStatus<Refusal> verify(const program::Descriptor& descriptor, ListView<Digest> proof, program::NodeIndex node,
                            const ProgramCommitment& commitment, hash::HashFunction function = hash::sha256);
template <class Held>
BasicStatus<Refusal> verify(const BasicDescriptorOpening<Held>& opening, program::NodeIndex node, const ProgramCommitment& commitment,
                            hash::HashFunction function = hash::sha256)
{
    return verify(opening.descriptor, opening.proof, node, commitment, function);
}

// The node behind an output, shown to be so.
template <class Held>
struct BasicOutputOpening {
    program::NodeIndex node;
    typename Held::Proof proof;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.node, self.proof);
    }
    friend bool operator==(const BasicOutputOpening&, const BasicOutputOpening&) = default;
};
using OutputOpening = BasicOutputOpening<merkle::Owned>;

BasicStatus<Refusal> verify(program::NodeIndex behind, ListView<Digest> proof, std::uint32_t output, const ProgramCommitment& commitment,
                            hash::HashFunction function = hash::sha256);
template <class Held>
BasicStatus<Refusal> verify(const BasicOutputOpening<Held>& opening, std::uint32_t output, const ProgramCommitment& commitment,
                            hash::HashFunction function = hash::sha256)
{
    return verify(opening.node, opening.proof, output, commitment, function);
}

// A program together with its trees, for players, who open parts of it. A value that does not change.
class CommittedProgram {
public:
    explicit CommittedProgram(program::Program program, hash::HashFunction function = hash::sha256);

    [[nodiscard]] const program::Program& program() const { return m_program; }
    [[nodiscard]] const ProgramCommitment& commitment() const { return m_commitment; }
    // Requires: a node, or an output, of the program.
    [[nodiscard]] DescriptorOpening open_descriptor(program::NodeIndex node) const;
    [[nodiscard]] OutputOpening open_output(std::uint32_t output) const;

private:
    program::Program m_program;
    merkle::Tree m_nodes;
    merkle::Tree m_outputs;
    ProgramCommitment m_commitment;
};

} // namespace assay::commit
