// The trees behind a program's identity.
#include <assay/commit/program_commitment.hpp>

namespace assay::commit {

namespace {

merkle::Tree node_tree(const program::Program& program, hash::HashFunction function)
{
    std::vector<Digest> leaves;
    for (std::uint32_t i = 0; i < program.nodes().size(); ++i) leaves.push_back(merkle::leaf_hash(encode(program.descriptor({i})), function));
    return merkle::Tree::from_leaf_hashes(std::move(leaves), function);
}

merkle::Tree output_tree(const program::Program& program, hash::HashFunction function)
{
    std::vector<Digest> leaves;
    for (const program::Output& output : program.outputs()) leaves.push_back(merkle::leaf_hash(encode(output.node), function));
    return merkle::Tree::from_leaf_hashes(std::move(leaves), function);
}

std::uint32_t count_of(std::size_t size)
{
    return static_cast<std::uint32_t>(size);
}

} // namespace

Digest digest_of(const ProgramCommitment& commitment)
{
    return hash::tagged_digest("assay.program", commitment);
}

CommittedProgram::CommittedProgram(program::Program program, hash::HashFunction function)
    : m_program(std::move(program)), m_nodes(node_tree(m_program, function)), m_outputs(output_tree(m_program, function)),
      m_commitment{count_of(m_program.nodes().size()), m_nodes.root(),
                   count_of(m_program.states().size()), count_of(m_program.data().size()),
                   count_of(m_program.outputs().size()), m_outputs.root()}
{
}

DescriptorOpening CommittedProgram::open_descriptor(program::NodeIndex node) const
{
    return {m_program.descriptor(node), m_nodes.prove_inclusion(node.value)};
}

OutputOpening CommittedProgram::open_output(std::uint32_t output) const
{
    return {m_program.outputs()[output].node, m_outputs.prove_inclusion(output)};
}

} // namespace assay::commit
