// One handler for each kind of move.
#include "dispute/descent.hpp"

#include <assay/commit/tensors.hpp>
#include <assay/dispute/referee.hpp>

namespace assay::dispute {

namespace {

// Whether the leaves of a layer's tree are digests that a front shows in place of their hashes.
bool has_digest_leaves(Layer layer)
{
    return layer == Layer::segment || layer == Layer::step || layer == Layer::state;
}

// Takes the front below the layer's node, whose hash is `above`.
Status take_front(Turn& turn, const Front& front, const Digest& above)
{
    GameState& state = turn.state;
    Descent& tree = state.tree(state.layer);
    const unsigned levels = levels_below(state.terms, state.layer, tree.node);
    ASSAY_TRY(front_hashes(state.layer, tree.node, levels, front, turn.hash, turn.hashes));
    ASSAY_TRY_ASSIGN(const Digest root, merkle::root_from_front(tree.node, levels, turn.hashes, turn.hash));
    if (root != above) return failure(Error::root_mismatch, "the front does not combine to the node above it");
    const std::size_t rounds = (merkle::height(tree.node.size()) + levels - 1) / levels;
    const std::size_t known = tree.known.size();
    tree.known.reserve(known + rounds * turn.hashes.size());
    tree.known.resize(known + turn.hashes.size());
    auto node = tree.known.begin() + static_cast<std::ptrdiff_t>(known);
    auto hash = turn.hashes.begin();
    merkle::visit_front(tree.node, levels, [&](const merkle::FrontRow& row) {
        for (std::size_t i = 0; i < row.count; ++i) *node++ = {row.node(i), *hash++};
    });
    state.front = front;
    state.phase = Phase::selecting;
    return {};
}

// What ties the root of a layer's tree to what is disputed above. Spec: DISPUTE-7.
Status check_pin(const Turn& turn, const Open& open)
{
    const GameState& state = turn.state;
    const std::uint64_t size = state.tree(state.layer).size;
    const auto pinned = [&](ByteView last_leaf) {
        return merkle::verify_inclusion(size - 1, size, merkle::leaf_hash(last_leaf, turn.hash), open.pin, open.root, turn.hash);
    };
    if (open.last_record.has_value() != (state.layer == Layer::element))
        return failure(Error::invalid_proof, "last_record is for elements only");
    switch (state.layer) {
    case Layer::segment: return pinned(view_of(state.statement.after));
    case Layer::step: return pinned(view_of(state.after));
    case Layer::element:
        if (open.last_record->result != state.value) return failure(Error::root_mismatch, "the last record's result is not the element");
        return pinned(encode(*open.last_record));
    case Layer::state:
        if (!open.pin.empty()) return failure(Error::wrong_proof_length, "a state has no pin");
        if (commit::state_digest(state.statement.program.output_count, open.root, turn.hash) != state.after)
            return failure(Error::root_mismatch, "the state does not have this root");
        return {};
    case Layer::tensor: break;
    }
    if (!open.pin.empty()) return failure(Error::wrong_proof_length, "a tensor has no pin");
    if (commit::tensor_digest(state.descriptor->output, open.root, turn.hash) != state.node_digest)
        return failure(Error::root_mismatch, "the tensor does not have this root");
    return {};
}

Status apply_open(Turn& turn, const Open& open)
{
    if (turn.state.phase != Phase::opening) return failure(Error::wrong_move, "nothing is to be opened");
    ASSAY_TRY(check_pin(turn, open));
    ASSAY_TRY(take_front(turn, open.front, open.root));
    Descent& tree = turn.state.tree(turn.state.layer);
    tree.root = tree.node_hash = open.root;
    return {};
}

Status apply_reveal(Turn& turn, const Reveal& reveal)
{
    if (turn.state.phase != Phase::revealing) return failure(Error::wrong_move, "no node is to be revealed");
    return take_front(turn, reveal.front, turn.state.tree(turn.state.layer).node_hash);
}

Status apply_chunk(Turn& turn, const RevealChunk& reveal)
{
    GameState& state = turn.state;
    if (state.phase != Phase::revealing_chunk) return failure(Error::wrong_move, "no chunk is to be revealed");
    const Descent& tree = state.tree(Layer::tensor);
    if (reveal.chunk.size() != commit::chunk_bytes(state.descriptor->output, tree.node.begin))
        return failure(Error::invalid_proof, "the chunk has " + std::to_string(reveal.chunk.size()) + " bytes");
    if (merkle::leaf_hash(reveal.chunk, turn.hash) != tree.node_hash)
        return failure(Error::root_mismatch, "the chunk is not the committed one");
    state.chunk = reveal.chunk;
    state.phase = Phase::selecting_element;
    return {};
}

Status check_no_descriptor(const Select& select)
{
    if (select.descriptor) return failure(Error::invalid_proof, "no node was selected that has a descriptor");
    return {};
}

// A step's leaf becomes the disputed node. Spec: DISPUTE-12.
Status take_node(Turn& turn, const Select& select, program::NodeIndex node)
{
    GameState& state = turn.state;
    if (!select.descriptor) return failure(Error::invalid_proof, "selecting a node shows its descriptor");
    const program::Descriptor& descriptor = select.descriptor->descriptor;
    ASSAY_TRY(commit::verify(*select.descriptor, node, state.statement.program, turn.hash));
    ASSAY_TRY(check_descriptor(descriptor, node));
    if (program::family_of(descriptor.primitive) == program::Family::source)
        return failure(Error::wrong_move, "a source is small enough to be proved");
    state.node = node;
    state.descriptor = descriptor;
    // Fronts of layers with digest leaves have digests only.
    state.node_digest = state.front.digests[select.index];
    enter(state, Layer::tensor, commit::chunk_count(descriptor.output));
    return {};
}

// A leaf of a tree over digests was selected: the next layer is below it.
Status descend_into_leaf(Turn& turn, const Select& select, std::uint64_t leaf)
{
    GameState& state = turn.state;
    const commit::ProgramCommitment& program = state.statement.program;
    if (state.layer == Layer::segment) {
        state.step = leaf;
        state.after = state.front.digests[select.index];
        enter(state, Layer::step, std::uint64_t{program.node_count} + 1);
        return {};
    }
    if (state.layer != Layer::step) return failure(Error::wrong_move, "what was selected is small enough to be proved");
    if (leaf < program.node_count) return take_node(turn, select, {static_cast<std::uint32_t>(leaf)});
    enter(state, Layer::state, program.output_count);
    return {};
}

Status select_node(Turn& turn, const Select& select)
{
    GameState& state = turn.state;
    const std::span<const KnownNode> shown = shown_nodes(state);
    if (select.index >= shown.size()) return failure(Error::nothing_selected, "the front has " + std::to_string(shown.size()) + " nodes");
    const KnownNode selected = shown[select.index];
    Descent& tree = state.tree(state.layer);
    const bool is_leaf = selected.range.is_leaf();
    // What has a descriptor is a node of the program.
    const bool is_node = state.layer == Layer::step && is_leaf && selected.range.begin < state.statement.program.node_count;
    if (!is_node) ASSAY_TRY(check_no_descriptor(select));
    if (!is_leaf) state.phase = Phase::revealing;
    else if (state.layer == Layer::tensor) state.phase = Phase::revealing_chunk;
    else ASSAY_TRY(descend_into_leaf(turn, select, selected.range.begin));
    tree.node = selected.range;
    tree.node_hash = selected.hash;
    return {};
}

Status select_element(GameState& state, const Select& select)
{
    if (select.index >= chunk_elements(state))
        return failure(Error::nothing_selected, "the chunk has " + std::to_string(chunk_elements(state)) + " elements");
    ASSAY_TRY(check_no_descriptor(select));
    const program::DataType type = state.descriptor->output.type;
    const std::uint64_t element = state.tree(Layer::tensor).node.begin * commit::elements_per_chunk(type) + select.index;
    const std::uint64_t steps = program::step_count(*state.descriptor, element);
    if (steps == 1) return failure(Error::wrong_move, "an element of a single step is small enough to be proved");
    state.element = element;
    state.value = program::element_of(state.chunk, type, select.index);
    enter(state, Layer::element, steps);
    return {};
}

Status apply_select(Turn& turn, const Select& select)
{
    GameState& state = turn.state;
    if (state.phase == Phase::selecting) return select_node(turn, select);
    if (state.phase != Phase::selecting_element) return failure(Error::wrong_move, "nothing is to be selected");
    return select_element(state, select);
}

// Spec: DISPUTE-13, DISPUTE-14.
Status apply_prove(Turn& turn)
{
    GameState& state = turn.state;
    const bool on_chunk = state.phase == Phase::selecting_element;
    const bool on_leaf = state.phase == Phase::selecting && state.layer != Layer::segment && state.layer != Layer::tensor;
    if (!on_chunk && !on_leaf) return failure(Error::wrong_move, "nothing is to be proved");
    ASSAY_TRY_ASSIGN(state.verdict, judge(place_of(state, turn.game), turn.move, turn.hash));
    state.phase = Phase::settled;
    return {};
}

} // namespace

Status front_hashes(Layer layer, merkle::Range node, unsigned levels, const Front& front, hash::HashFunction function, std::vector<Digest>& hashes)
{
    const std::size_t size = merkle::front_size(node, levels);
    const std::size_t records = layer == Layer::element ? merkle::front_leaves(node, levels) : 0;
    if (front.records.size() != records || front.digests.size() != size - records)
        return failure(Error::wrong_proof_length, "the front has not one entry for each of its " + std::to_string(size) + " nodes");
    hashes.resize(size);
    std::span<const Digest> digests = front.digests;
    std::span<Digest> to_fill = hashes;
    auto record = front.records.begin();
    merkle::visit_front(node, levels, [&](const merkle::FrontRow& row) {
        const bool leaves = row.width == 1;
        const std::span<Digest> filled = to_fill.first(row.count);
        to_fill = to_fill.subspan(row.count);
        if (leaves && layer == Layer::element) {
            for (Digest& hash : filled) hash = merkle::leaf_hash(encode_within<program::StepRecord::encoded_bytes>(*record++), function);
            return;
        }
        if (leaves && has_digest_leaves(layer)) merkle::leaf_hashes(digests.first(row.count), filled, function);
        else std::copy_n(digests.begin(), row.count, filled.begin());
        digests = digests.subspan(row.count);
    });
    return {};
}

void enter(GameState& state, Layer layer, std::uint64_t size)
{
    state.layer = layer;
    state.phase = Phase::opening;
    state.front = {};
    state.tree(layer) = Descent{size, {}, {0, size}, {}, {}};
}

Status check_descriptor(const program::Descriptor& descriptor, program::NodeIndex node)
{
    std::vector<program::TensorType> operands;
    for (const program::Operand& operand : descriptor.operands) {
        ASSAY_TRY(program::validate(operand.type.shape));
        if (operand.node >= node) return failure(Error::invalid_node, "an operand does not stand before its node");
        operands.push_back(operand.type);
    }
    ASSAY_TRY_ASSIGN(const program::TensorType output, program::infer_type(descriptor.primitive, descriptor.attributes, operands));
    if (output != descriptor.output) return failure(Error::invalid_node, "the descriptor has another output type than its primitive");
    return {};
}

Status apply_body(Turn& turn, const MoveBody& body)
{
    if (const auto* open = std::get_if<Open>(&body)) return apply_open(turn, *open);
    if (const auto* reveal = std::get_if<Reveal>(&body)) return apply_reveal(turn, *reveal);
    if (const auto* chunk = std::get_if<RevealChunk>(&body)) return apply_chunk(turn, *chunk);
    if (const auto* select = std::get_if<Select>(&body)) return apply_select(turn, *select);
    return apply_prove(turn);
}

} // namespace assay::dispute
