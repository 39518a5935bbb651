#include "sim/synthetic_parts.hpp"

namespace assay::sim {

SyntheticTask::Parts::Parts(const SyntheticSizes& all, hash::HashFunction hash_function, program::Program program)
    : sizes(all), function(hash_function), committed(std::move(program), hash_function), values(all, committed.program()),
      segment(
          {{all.steps, all.period}}, [this](std::uint64_t i) { return merkle::leaf_hash(view_of(state(after(i))), function); },
          hash_function),
      data(
          {{2, 2}}, [this](std::uint64_t i) { return merkle::leaf_hash(view_of(data_tensor(i)), function); }, hash_function),
      states(all.period), steps(all.period), tensors(std::size_t{all.period} * 2 * head), elements(tensors.size()), digests(tensors.size()),
      state_digests(all.period), chunks(tensors.size())
{
}

Digest SyntheticTask::Parts::node_digest(std::uint32_t counter, std::uint32_t kind)
{
    auto& known = digests[slot(counter, kind)];
    if (!known) {
        const program::TensorType& type = values.descriptor(kind).output;
        known = commit::tensor_digest(type, tensor_tree(counter, kind).hash({0, commit::chunk_count(type)}), function);
    }
    return *known;
}

Digest SyntheticTask::Parts::state(std::uint32_t counter)
{
    auto& known = state_digests[counter];
    if (!known) known = commit::state_digest(sizes.states, state_tree(counter).hash({0, sizes.states}), function);
    return *known;
}

Digest SyntheticTask::Parts::false_tensor(std::uint32_t counter)
{
    Digest digest = state_tensor(counter);
    digest.bytes[0] ^= 1;
    return digest;
}

const Bytes& SyntheticTask::Parts::chunk(std::uint32_t counter, std::uint32_t kind, std::uint64_t index)
{
    const program::TensorType& type = values.descriptor(kind).output;
    Bytes& bytes = chunks[slot(counter, kind)][index % 4];
    if (bytes.empty()) {
        // The last chunk of a large tensor is as long as the others.
        const std::uint64_t first = index % 4 * commit::elements_per_chunk(type.type);
        for (std::uint64_t i = 0; i < commit::chunk_bytes(type, index) / program::width_of(type.type); ++i)
            for (const std::uint8_t byte : encode(values.element(counter, kind, first + i))) bytes.push_back(byte);
    }
    return bytes;
}

RegularTree& SyntheticTask::Parts::state_tree(std::uint32_t counter)
{
    auto& tree = states[counter];
    if (!tree)
        tree = std::make_unique<RegularTree>(
            std::vector<Run>{{sizes.states, 1}},
            [this, counter](std::uint64_t) { return merkle::leaf_hash(view_of(state_tensor(counter)), function); }, function);
    return *tree;
}

std::unique_ptr<RegularTree> SyntheticTask::Parts::make_step_tree(std::uint32_t counter, std::function<Digest()> state_after)
{
    const auto leaf = [this, counter, state_after = std::move(state_after)](std::uint64_t i) {
        const Digest content = i == sizes.nodes ? state_after() : node_digest(counter, kind_of(static_cast<std::uint32_t>(i)));
        return merkle::leaf_hash(view_of(content), function);
    };
    std::vector<Run> runs{{head, head}};
    if (sizes.nodes > head) runs.push_back({sizes.nodes, head});
    runs.push_back({std::uint64_t{sizes.nodes} + 1, 1});
    return std::make_unique<RegularTree>(std::move(runs), leaf, function);
}

RegularTree& SyntheticTask::Parts::step_tree(std::uint32_t counter)
{
    auto& tree = steps[counter];
    if (!tree) tree = make_step_tree(counter, [this, counter] { return state(after(counter)); });
    return *tree;
}

RegularTree& SyntheticTask::Parts::tensor_tree(std::uint32_t counter, std::uint32_t kind)
{
    auto& tree = tensors[slot(counter, kind)];
    if (!tree)
        tree = std::make_unique<RegularTree>(
            std::vector<Run>{{commit::chunk_count(values.descriptor(kind).output), 4}},
            [this, counter, kind](std::uint64_t i) { return merkle::leaf_hash(chunk(counter, kind, i), function); }, function);
    return *tree;
}

RegularTree& SyntheticTask::Parts::element_tree(std::uint32_t counter, std::uint32_t kind)
{
    auto& tree = elements[slot(counter, kind)];
    if (tree) return *tree;
    const std::uint64_t size = values.records(kind);
    std::vector<Run> runs{{std::min(size, records_apart), records_apart}};
    if (size > records_apart) {
        if (sizes.terms > records_apart) runs.push_back({sizes.terms, record_period});
        if (size > runs.back().end) runs.push_back({size, records_apart});
    }
    const auto leaf = [this, counter, kind](std::uint64_t i) {
        return merkle::leaf_hash(encode(values.record(counter, kind, i)), function);
    };
    tree = std::make_unique<RegularTree>(std::move(runs), leaf, function);
    return *tree;
}

SyntheticTask::Parts::FalseRun& SyntheticTask::Parts::false_run(std::uint32_t output)
{
    FalseRun& run = false_runs[output];
    if (!run.segment) {
        run.states.resize(sizes.period);
        run.digests.resize(sizes.period);
        run.steps.resize(sizes.period);
        run.seams.emplace(sizes.period);
        run.segment = std::make_unique<RegularTree>(
            std::vector<Run>{{sizes.steps, sizes.period}},
            [this, output](std::uint64_t i) { return merkle::leaf_hash(view_of(false_state(after(i), output)), function); }, function);
    }
    return run;
}

PatchedTree& SyntheticTask::Parts::false_state_tree(std::uint32_t counter, std::uint32_t output)
{
    auto& tree = false_run(output).states[counter];
    RegularTree& honest = state_tree(counter);
    const PatchedTree::Patch patch{output, merkle::leaf_hash(view_of(false_tensor(counter)), function)};
    if (!tree) tree = std::make_unique<PatchedTree>(honest, honest, std::vector{patch});
    return *tree;
}

Digest SyntheticTask::Parts::false_state(std::uint32_t counter, std::uint32_t output)
{
    auto& known = false_run(output).digests[counter];
    if (!known) known = commit::state_digest(sizes.states, false_state_tree(counter, output).hash({0, sizes.states}), function);
    return *known;
}

RegularTree& SyntheticTask::Parts::false_step_tree(std::uint32_t counter, std::uint32_t output)
{
    auto& tree = false_run(output).steps[counter];
    if (!tree) tree = make_step_tree(counter, [this, counter, output] { return false_state(after(counter), output); });
    return *tree;
}

SyntheticTask::SyntheticTask(std::unique_ptr<Parts> parts) : m_parts(std::move(parts)) {}
SyntheticTask::~SyntheticTask() = default;

Result<std::shared_ptr<SyntheticTask>> SyntheticTask::make(const SyntheticSizes& sizes, hash::HashFunction function)
{
    ASSAY_TRY(sim::validate(sizes));
    ASSAY_TRY_ASSIGN(program::Program program, synthetic_program(sizes));
    return std::shared_ptr<SyntheticTask>(new SyntheticTask(std::make_unique<Parts>(sizes, function, std::move(program))));
}

const SyntheticSizes& SyntheticTask::sizes() const
{
    return m_parts->sizes;
}

const commit::CommittedProgram& SyntheticTask::program() const
{
    return m_parts->committed;
}

std::uint64_t SyntheticTask::elements_of(std::uint32_t node) const
{
    return m_parts->values.descriptor(kind_of(node)).output.elements();
}

std::uint64_t SyntheticTask::records_of(std::uint32_t node) const
{
    const bool source = program::family_of(m_parts->values.descriptor(kind_of(node)).primitive) == program::Family::source;
    return source ? 1 : m_parts->values.records(kind_of(node));
}

replay::Segment SyntheticTask::segment() const
{
    const SyntheticSizes& all = sizes();
    auto data = std::make_shared<const std::vector<program::Tensor>>(synthetic_data(all));
    const program::TensorType word{program::DataType::unsigned32, program::Shape{1}};
    return {std::make_shared<const commit::CommittedProgram>(program()), data, synthetic_seed,
            std::vector<program::Tensor>(all.states, program::Tensor{word}), all.steps};
}

} // namespace assay::sim
