// Replaying, and keeping what a dispute asks about.
#include <assay/replay/run_trace.hpp>

#include <assay/commit/tensors.hpp>

namespace assay::replay {

using dispute::TreeAddress;
using program::NodeIndex;
using program::Tensor;
using Kind = TreeAddress::Kind;

namespace {

Bytes bytes_of(ByteView view)
{
    return {view.begin(), view.end()};
}

} // namespace

RunTrace::RunTrace(Segment segment, ExecutorFactory factory, Deviation deviation, hash::HashFunction function)
    : m_segment(std::move(segment)), m_factory(std::move(factory)), m_deviation(std::move(deviation)), m_function(function),
      m_before(commit_state(m_segment.before)), m_data(commit_state(*m_segment.data))
{
    ASSAY_CHECK(m_segment.steps == 1 || (m_segment.steps > 1 && m_segment.program->program().is_iterable()));
}

RunTrace::State RunTrace::commit_state(std::vector<Tensor> tensors) const
{
    State state;
    for (const Tensor& tensor : tensors) state.digests.push_back(commit::tensor_digest(tensor, m_function));
    state.tree = commit::digest_tree(state.digests, m_function);
    state.tensors = std::move(tensors);
    return state;
}

Digest RunTrace::before() const
{
    return commit::state_digest(static_cast<std::uint32_t>(m_before.digests.size()), m_before.tree.root());
}

Result<Digest> RunTrace::after()
{
    ASSAY_TRY(replay());
    return m_state_digests.back();
}

Result<std::vector<Tensor>> RunTrace::final_state()
{
    ASSAY_TRY(replay());
    return m_after.back().tensors;
}

Result<dispute::Statement> RunTrace::statement(const Digest& task, std::uint64_t segment_index)
{
    ASSAY_TRY_ASSIGN(const Digest last, after());
    return dispute::Statement{task,           segment_index, m_segment.program->commitment(), commit::state_digest(m_data.digests, m_function),
                              m_segment.seed, before(),      last,                            m_segment.steps};
}

Status RunTrace::replay()
{
    if (!m_after.empty()) return {};
    ASSAY_TRY_ASSIGN(m_executor, m_factory());
    std::vector<State> after;
    for (std::uint64_t step = 0; step < m_segment.steps; ++step) {
        const std::vector<Tensor>& start = step == 0 ? m_before.tensors : after.back().tensors;
        ASSAY_TRY(m_executor->load(start));
        if (m_deviation.node) {
            ASSAY_TRY(m_executor->traced_step([&](NodeIndex node, Tensor& output) { return m_deviation.node(step, node, output); }));
        } else {
            m_executor->step();
        }
        std::vector<Tensor> outputs = m_executor->outputs();
        if (m_deviation.state) m_deviation.state(step, start, outputs);
        after.push_back(commit_state(std::move(outputs)));
    }
    for (const State& state : after) m_state_digests.push_back(commit::state_digest(state.digests, m_function));
    m_segment_tree = commit::digest_tree(m_state_digests, m_function);
    m_after = std::move(after);
    return {};
}

Status RunTrace::trace(std::uint64_t step)
{
    ASSAY_TRY(replay());
    if (m_step && m_step->step == step) return {};
    m_element.reset();
    m_step.reset();
    TracedStep traced;
    traced.step = step;
    ASSAY_TRY(m_executor->load(state_before(step).tensors));
    ASSAY_TRY(m_executor->traced_step([&](NodeIndex node, Tensor& output) {
        const bool changed = m_deviation.node && m_deviation.node(step, node, output);
        traced.digests.push_back(commit::tensor_digest(output, m_function));
        traced.outputs.push_back(output);
        return changed;
    }));
    traced.digests.push_back(m_state_digests[step]);
    traced.chunks.resize(traced.outputs.size());
    traced.tree = commit::digest_tree(traced.digests, m_function);
    m_step = std::move(traced);
    return {};
}

const merkle::Tree& RunTrace::chunks_of(NodeIndex node)
{
    auto& tree = m_step->chunks[node.value];
    if (!tree) tree = commit::chunk_tree(m_step->outputs[node.value], m_function);
    return *tree;
}

Status RunTrace::evaluate(const TreeAddress& address)
{
    ASSAY_TRY(trace(address.step));
    if (m_element && m_element->address.node == address.node && m_element->address.element == address.element) return {};
    const program::Descriptor node = m_segment.program->program().descriptor(address.node);
    const auto read = [&](std::uint8_t slot, std::uint64_t element) { return m_step->outputs[node.operands[slot].node.value].element(element); };
    ElementRecords element;
    element.address = address;
    element.records = program::evaluate_steps<program::IntegerArithmetic>(node, address.element, m_segment.seed, read);
    if (m_deviation.records) m_deviation.records(address.step, address.node, address.element, element.records);
    // A forged element needs a last record that ends in it; for an honest one this changes nothing.
    element.records.back().result = m_step->outputs[address.node.value].element(address.element);
    std::vector<Digest> leaves;
    for (const program::StepRecord& record : element.records) leaves.push_back(merkle::leaf_hash(encode(record), m_function));
    element.tree = merkle::Tree::from_leaf_hashes(std::move(leaves), m_function);
    m_element = std::move(element);
    return {};
}

Result<const merkle::Tree*> RunTrace::tree_of(const TreeAddress& address)
{
    switch (address.kind) {
    case Kind::data: return &m_data.tree;
    case Kind::segment: ASSAY_TRY(replay()); return &m_segment_tree;
    case Kind::state_before: ASSAY_TRY(replay()); return &state_before(address.step).tree;
    case Kind::state_after: ASSAY_TRY(replay()); return &m_after[address.step].tree;
    case Kind::step: ASSAY_TRY(trace(address.step)); return &m_step->tree;
    case Kind::tensor: ASSAY_TRY(trace(address.step)); return &chunks_of(address.node);
    case Kind::element: ASSAY_TRY(evaluate(address)); return &m_element->tree;
    }
    return failure(Error::not_available);
}

Result<Digest> RunTrace::hash(const TreeAddress& address, merkle::Range node)
{
    ASSAY_TRY_ASSIGN(const merkle::Tree* tree, tree_of(address));
    if (!merkle::is_node(node, tree->size())) return failure(Error::not_available, "the tree has no such node");
    return tree->hash(node);
}

Result<Bytes> RunTrace::leaf(const TreeAddress& address, std::uint64_t index)
{
    ASSAY_TRY_ASSIGN(const merkle::Tree* tree, tree_of(address));
    if (index >= tree->size()) return failure(Error::not_available, "the tree has no such leaf");
    switch (address.kind) {
    case Kind::data: return bytes_of(view_of(m_data.digests[index]));
    case Kind::segment: return bytes_of(view_of(m_state_digests[index]));
    case Kind::state_before: return bytes_of(view_of(state_before(address.step).digests[index]));
    case Kind::state_after: return bytes_of(view_of(m_after[address.step].digests[index]));
    case Kind::step: return bytes_of(view_of(m_step->digests[index]));
    case Kind::tensor: return bytes_of(commit::chunk_of(m_step->outputs[address.node.value], index));
    case Kind::element: return encode(m_element->records[index]);
    }
    return failure(Error::not_available);
}

} // namespace assay::replay
