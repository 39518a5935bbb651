// The truth, and where a lie departs from it: at most a tree of each kind is patched.
#include <assay/sim/synthetic.hpp>

#include "sim/synthetic_parts.hpp"

namespace assay::sim {

using dispute::TreeAddress;
using program::StepRecord;
using Kind = TreeAddress::Kind;
using Where = Lie::Where;

namespace {

constexpr std::uint32_t flipped = 4; // the bit that a lie changes

Bytes bytes_of(const Digest& digest)
{
    return {digest.bytes.begin(), digest.bytes.end()};
}

void write_element(Bytes& chunk, program::DataType type, std::uint64_t index, std::uint32_t value)
{
    for (std::size_t i = 0; i < program::width_of(type); ++i)
        chunk[index * program::width_of(type) + i] = static_cast<std::uint8_t>(value >> 8 * i);
}

} // namespace

// The trees that this trace has for itself; made when they are first asked for.
struct SyntheticTrace::Patches {
    std::optional<PatchedTree> segment, step, tensor, element;
    std::optional<Digest> node_digest;
    std::optional<Bytes> chunk;
};

SyntheticTrace::SyntheticTrace(std::shared_ptr<SyntheticTask> task, Lie lie)
    : m_task(std::move(task)), m_lie(lie), m_patches(std::make_unique<Patches>())
{
    if (lie.where == Where::nothing) return;
    const SyntheticSizes& sizes = m_task->sizes();
    ASSAY_CHECK(lie.step < sizes.steps && lie.output < sizes.states);
    if (lie.where == Where::output) return;
    ASSAY_CHECK(lie.node < sizes.nodes && lie.element < m_task->elements_of(lie.node));
    ASSAY_CHECK(lie.where == Where::node || (lie.record < m_task->records_of(lie.node) && lie.part < 4));
}

SyntheticTrace::~SyntheticTrace() = default;
SyntheticTrace::SyntheticTrace(SyntheticTrace&&) noexcept = default;

bool SyntheticTrace::is_false_after(std::uint64_t step) const
{
    return m_lie.where != Where::nothing && step >= m_lie.step;
}

bool SyntheticTrace::is_false_node(const TreeAddress& tree) const
{
    return (m_lie.where == Where::node || m_lie.where == Where::record) && tree.step == m_lie.step && tree.node.value == m_lie.node;
}

std::uint32_t SyntheticTrace::false_element() const
{
    auto& parts = m_task->parts();
    return parts.values.element(parts.before(m_lie.step), kind_of(m_lie.node), m_lie.element) ^ flipped;
}

const Bytes& SyntheticTrace::false_chunk()
{
    if (!m_patches->chunk) {
        auto& parts = m_task->parts();
        const program::DataType type = parts.values.descriptor(kind_of(m_lie.node)).output.type;
        const std::uint64_t per_chunk = commit::elements_per_chunk(type);
        m_patches->chunk = parts.chunk(parts.before(m_lie.step), kind_of(m_lie.node), m_lie.element / per_chunk);
        write_element(*m_patches->chunk, type, m_lie.element % per_chunk, false_element());
    }
    return *m_patches->chunk;
}

StepRecord SyntheticTrace::record(std::uint64_t index)
{
    auto& parts = m_task->parts();
    StepRecord record = parts.values.record(parts.before(m_lie.step), kind_of(m_lie.node), index);
    if (m_lie.where == Where::record && index == m_lie.record) {
        if (m_lie.part < 3) record.inputs[m_lie.part] ^= flipped;
        else record.result ^= flipped;
    }
    // Whatever the records are, the last one ends in the element that was committed.
    if (index + 1 == m_task->records_of(m_lie.node)) record.result = false_element();
    return record;
}

PatchedTree& SyntheticTrace::false_tensor_tree()
{
    auto& parts = m_task->parts();
    RegularTree& honest = parts.tensor_tree(parts.before(m_lie.step), kind_of(m_lie.node));
    const program::DataType type = parts.values.descriptor(kind_of(m_lie.node)).output.type;
    if (!m_patches->tensor) {
        const PatchedTree::Patch patch{m_lie.element / commit::elements_per_chunk(type), merkle::leaf_hash(false_chunk(), parts.function)};
        m_patches->tensor.emplace(honest, honest, std::vector{patch});
    }
    return *m_patches->tensor;
}

const Digest& SyntheticTrace::false_node_digest()
{
    if (!m_patches->node_digest) {
        const program::TensorType& type = m_task->parts().values.descriptor(kind_of(m_lie.node)).output;
        m_patches->node_digest = commit::tensor_digest(type, false_tensor_tree().hash({0, commit::chunk_count(type)}), m_task->parts().function);
    }
    return *m_patches->node_digest;
}

Digest SyntheticTrace::segment_hash(merkle::Range node)
{
    auto& parts = m_task->parts();
    if (m_lie.where == Where::nothing) return parts.segment.hash(node);
    if (!m_patches->segment) {
        const Digest first_false = parts.false_state(parts.after(m_lie.step), m_lie.output);
        const PatchedTree::Patch patch{m_lie.step, merkle::leaf_hash(view_of(first_false), parts.function)};
        m_patches->segment.emplace(parts.segment, *parts.false_run(m_lie.output).segment, std::vector{patch});
    }
    return m_patches->segment->hash(node);
}

Digest SyntheticTrace::step_hash(std::uint64_t step, merkle::Range node)
{
    auto& parts = m_task->parts();
    if (!is_false_after(step)) return parts.step_tree(parts.before(step)).hash(node);
    RegularTree& other = parts.false_step_tree(parts.before(step), m_lie.output);
    if (step != m_lie.step || m_lie.where == Where::output) return other.hash(node);
    if (!m_patches->step) {
        const PatchedTree::Patch patch{m_lie.node, merkle::leaf_hash(view_of(false_node_digest()), parts.function)};
        m_patches->step.emplace(other, other, std::vector{patch});
    }
    return m_patches->step->hash(node);
}

Digest SyntheticTrace::element_hash(const TreeAddress& tree, merkle::Range node)
{
    auto& parts = m_task->parts();
    RegularTree& honest = parts.element_tree(parts.before(tree.step), kind_of(tree.node.value));
    if (!is_false_node(tree)) return honest.hash(node);
    if (!m_patches->element) {
        std::vector<PatchedTree::Patch> patches;
        const std::uint64_t last = m_task->records_of(m_lie.node) - 1;
        if (m_lie.where == Where::record && m_lie.record < last)
            patches.push_back({m_lie.record, merkle::leaf_hash(encode(record(m_lie.record)), parts.function)});
        patches.push_back({last, merkle::leaf_hash(encode(record(last)), parts.function)});
        m_patches->element.emplace(honest, honest, std::move(patches));
    }
    return m_patches->element->hash(node);
}

std::uint64_t SyntheticTrace::size_of(const TreeAddress& tree) const
{
    const SyntheticSizes& sizes = m_task->sizes();
    switch (tree.kind) {
    case Kind::segment: return sizes.steps;
    case Kind::data: return 2;
    case Kind::state_before:
    case Kind::state_after: return tree.step < sizes.steps ? sizes.states : 0;
    case Kind::step: return tree.step < sizes.steps ? std::uint64_t{sizes.nodes} + 1 : 0;
    case Kind::tensor:
    case Kind::element: break;
    }
    if (tree.step >= sizes.steps || tree.node.value >= sizes.nodes) return 0;
    if (tree.kind == Kind::tensor) return commit::chunk_count(m_task->parts().values.descriptor(kind_of(tree.node.value)).output);
    const std::uint64_t records = m_task->records_of(tree.node.value);
    return records > 1 && tree.element == 0 ? records : 0;
}

Result<Digest> SyntheticTrace::hash(const TreeAddress& tree, merkle::Range node)
{
    if (!merkle::is_node(node, size_of(tree))) return failure(Error::not_available, "the run has no such tree, or the tree no such node");
    auto& parts = m_task->parts();
    switch (tree.kind) {
    case Kind::segment: return segment_hash(node);
    case Kind::data: return parts.data.hash(node);
    case Kind::state_before:
        if (tree.step > 0 && is_false_after(tree.step - 1)) return parts.false_state_tree(parts.before(tree.step), m_lie.output).hash(node);
        return parts.state_tree(parts.before(tree.step)).hash(node);
    case Kind::state_after:
        if (is_false_after(tree.step)) return parts.false_state_tree(parts.after(tree.step), m_lie.output).hash(node);
        return parts.state_tree(parts.after(tree.step)).hash(node);
    case Kind::step: return step_hash(tree.step, node);
    case Kind::tensor:
        if (is_false_node(tree)) return false_tensor_tree().hash(node);
        return parts.tensor_tree(parts.before(tree.step), kind_of(tree.node.value)).hash(node);
    case Kind::element: return element_hash(tree, node);
    }
    return failure(Error::not_available);
}

Digest SyntheticTrace::state_tensor(std::uint32_t counter, bool is_false, std::uint64_t index) const
{
    auto& parts = m_task->parts();
    return is_false && index == m_lie.output ? parts.false_tensor(counter) : parts.state_tensor(counter);
}

Digest SyntheticTrace::state_after(std::uint64_t step) const
{
    auto& parts = m_task->parts();
    return is_false_after(step) ? parts.false_state(parts.after(step), m_lie.output) : parts.state(parts.after(step));
}

Result<Bytes> SyntheticTrace::leaf(const TreeAddress& tree, std::uint64_t index)
{
    if (index >= size_of(tree)) return failure(Error::not_available, "the run has no such tree, or the tree no such leaf");
    auto& parts = m_task->parts();
    const std::uint32_t counter = parts.before(tree.step);
    const std::uint32_t kind = kind_of(tree.node.value);
    switch (tree.kind) {
    case Kind::segment: return bytes_of(state_after(index));
    case Kind::data: return bytes_of(parts.data_tensor(index));
    case Kind::state_before: return bytes_of(state_tensor(counter, tree.step > 0 && is_false_after(tree.step - 1), index));
    case Kind::state_after: return bytes_of(state_tensor(parts.after(tree.step), is_false_after(tree.step), index));
    case Kind::step:
        if (index == m_task->sizes().nodes) return bytes_of(state_after(tree.step));
        if (is_false_node({Kind::tensor, tree.step, {static_cast<std::uint32_t>(index)}, 0})) return bytes_of(false_node_digest());
        return bytes_of(parts.node_digest(counter, kind_of(static_cast<std::uint32_t>(index))));
    case Kind::tensor: {
        const program::DataType type = parts.values.descriptor(kind).output.type;
        if (is_false_node(tree) && index == m_lie.element / commit::elements_per_chunk(type)) return false_chunk();
        return parts.chunk(counter, kind, index);
    }
    case Kind::element: return encode(is_false_node(tree) ? record(index) : parts.values.record(counter, kind, index));
    }
    return failure(Error::not_available);
}

dispute::Statement SyntheticTrace::statement(const Digest& task, std::uint64_t segment_index) const
{
    auto& parts = m_task->parts();
    return {task,
            segment_index,
            program().commitment(),
            commit::state_digest(2, parts.data.hash({0, 2}), parts.function),
            synthetic_seed,
            parts.state(0),
            state_after(m_task->sizes().steps - 1),
            m_task->sizes().steps};
}

} // namespace assay::sim
