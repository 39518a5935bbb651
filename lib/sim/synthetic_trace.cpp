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

PatchedTree& SyntheticTrace::false_segment_tree()
{
    auto& parts = m_task->parts();
    if (!m_patches->segment) {
        const Digest first_false = parts.false_state(parts.after(m_lie.step), m_lie.output);
        const PatchedTree::Patch patch{m_lie.step, merkle::leaf_hash(view_of(first_false), parts.function)};
        auto& run = parts.false_run(m_lie.output);
        m_patches->segment.emplace(parts.segment, *run.segment, std::vector{patch}, &*run.seams);
    }
    return *m_patches->segment;
}

PatchedTree& SyntheticTrace::false_step_tree()
{
    auto& parts = m_task->parts();
    if (!m_patches->step) {
        RegularTree& other = parts.false_step_tree(parts.before(m_lie.step), m_lie.output);
        const PatchedTree::Patch patch{m_lie.node, merkle::leaf_hash(view_of(false_node_digest()), parts.function)};
        m_patches->step.emplace(other, other, std::vector{patch});
    }
    return *m_patches->step;
}

PatchedTree& SyntheticTrace::false_element_tree()
{
    auto& parts = m_task->parts();
    if (!m_patches->element) {
        RegularTree& honest = parts.element_tree(parts.before(m_lie.step), kind_of(m_lie.node));
        std::vector<PatchedTree::Patch> patches;
        const std::uint64_t last = m_task->records_of(m_lie.node) - 1;
        if (m_lie.where == Where::record && m_lie.record < last)
            patches.push_back({m_lie.record, merkle::leaf_hash(encode(record(m_lie.record)), parts.function)});
        patches.push_back({last, merkle::leaf_hash(encode(record(last)), parts.function)});
        m_patches->element.emplace(honest, honest, std::move(patches));
    }
    return *m_patches->element;
}

// Hands `use` the tree, which is a RegularTree or a PatchedTree. Requires: a tree of the run.
template <class Use>
auto SyntheticTrace::with_tree(const TreeAddress& tree, Use use)
{
    auto& parts = m_task->parts();
    const std::uint32_t before = parts.before(tree.step);
    switch (tree.kind) {
    case Kind::segment: return m_lie.where == Where::nothing ? use(parts.segment) : use(false_segment_tree());
    case Kind::data: return use(parts.data);
    case Kind::state_before:
        if (tree.step > 0 && is_false_after(tree.step - 1)) return use(parts.false_state_tree(before, m_lie.output));
        return use(parts.state_tree(before));
    case Kind::state_after:
        if (is_false_after(tree.step)) return use(parts.false_state_tree(parts.after(tree.step), m_lie.output));
        return use(parts.state_tree(parts.after(tree.step)));
    case Kind::step:
        if (!is_false_after(tree.step)) return use(parts.step_tree(before));
        if (tree.step == m_lie.step && m_lie.where != Where::output) return use(false_step_tree());
        return use(parts.false_step_tree(before, m_lie.output));
    case Kind::tensor: return is_false_node(tree) ? use(false_tensor_tree()) : use(parts.tensor_tree(before, kind_of(tree.node.value)));
    case Kind::element: break;
    }
    return is_false_node(tree) ? use(false_element_tree()) : use(parts.element_tree(before, kind_of(tree.node.value)));
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
    return with_tree(tree, [node](auto& hashes) { return hashes.hash(node); });
}

Status SyntheticTrace::hashes(const TreeAddress& tree, const merkle::FrontRow& row, std::span<Digest> hashes)
{
    if (!merkle::is_node(row.node(row.count - 1), size_of(tree))) return failure(Error::not_available, "the run has no such tree, or the tree no such row");
    with_tree(tree, [&](auto& all) { all.hashes(row, hashes); });
    return {};
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

Result<Digest> SyntheticTrace::digest(const TreeAddress& tree, std::uint64_t index)
{
    if (index >= size_of(tree)) return failure(Error::not_available, "the run has no such tree, or the tree no such leaf");
    auto& parts = m_task->parts();
    const std::uint32_t counter = parts.before(tree.step);
    switch (tree.kind) {
    case Kind::segment: return state_after(index);
    case Kind::data: return parts.data_tensor(index);
    case Kind::state_before: return state_tensor(counter, tree.step > 0 && is_false_after(tree.step - 1), index);
    case Kind::state_after: return state_tensor(parts.after(tree.step), is_false_after(tree.step), index);
    case Kind::step: break;
    case Kind::tensor:
    case Kind::element: return failure(Error::not_available, "the tree's leaves are no digests");
    }
    if (index == m_task->sizes().nodes) return state_after(tree.step);
    if (is_false_node({Kind::tensor, tree.step, {static_cast<std::uint32_t>(index)}, 0})) return false_node_digest();
    return parts.node_digest(counter, kind_of(static_cast<std::uint32_t>(index)));
}

Result<Bytes> SyntheticTrace::leaf(const TreeAddress& tree, std::uint64_t index)
{
    if (tree.kind != Kind::tensor && tree.kind != Kind::element) {
        ASSAY_TRY_ASSIGN(const Digest content, digest(tree, index));
        return bytes_of(content);
    }
    if (index >= size_of(tree)) return failure(Error::not_available, "the run has no such tree, or the tree no such leaf");
    auto& parts = m_task->parts();
    const std::uint32_t counter = parts.before(tree.step);
    const std::uint32_t kind = kind_of(tree.node.value);
    if (tree.kind == Kind::element) return encode(is_false_node(tree) ? record(index) : parts.values.record(counter, kind, index));
    const program::DataType type = parts.values.descriptor(kind).output.type;
    if (is_false_node(tree) && index == m_lie.element / commit::elements_per_chunk(type)) return false_chunk();
    return parts.chunk(counter, kind, index);
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
