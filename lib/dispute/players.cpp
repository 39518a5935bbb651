// The honest players.
#include <assay/dispute/players.hpp>

#include <assay/commit/tensors.hpp>

namespace assay::dispute {

using program::Input;
using program::StepRecord;
using Kind = TreeAddress::Kind;

namespace {

TreeAddress address_of(const GameState& state, Layer layer)
{
    constexpr std::array kinds{Kind::segment, Kind::step, Kind::state_after, Kind::tensor, Kind::element};
    return {kinds[static_cast<std::size_t>(layer)], state.step, state.node, state.element};
}

Result<Digest> digest_leaf(Trace& trace, const TreeAddress& tree, std::uint64_t index)
{
    ASSAY_TRY_ASSIGN(const Bytes content, trace.leaf(tree, index));
    return decode<Digest>(content);
}

Result<StepRecord> record_leaf(Trace& trace, const TreeAddress& tree, std::uint64_t index)
{
    ASSAY_TRY_ASSIGN(const Bytes content, trace.leaf(tree, index));
    return decode<StepRecord>(content);
}

// An inclusion proof over hashes that may be refused. `hash_of` returns a Result.
template <class NodeHash>
Result<merkle::Proof> prove(std::uint64_t index, std::uint64_t size, NodeHash&& hash_of)
{
    merkle::Proof proof;
    for (const merkle::Range range : merkle::inclusion_path(index, size)) {
        ASSAY_TRY_ASSIGN(const Digest hash, hash_of(range));
        proof.push_back(hash);
    }
    return proof;
}

Result<merkle::Proof> prove_own(Trace& trace, const TreeAddress& tree, std::uint64_t index, std::uint64_t size)
{
    return prove(index, size, [&](merkle::Range range) { return trace.hash(tree, range); });
}

Result<Front> front_below(const GameState& state, merkle::Range node, Trace& trace)
{
    const TreeAddress tree = address_of(state, state.layer);
    Front front;
    for (const merkle::Range range : merkle::front(node, levels_below(state.terms, state.layer, node))) {
        if (range.is_leaf() && state.layer == Layer::element) {
            ASSAY_TRY_ASSIGN(const StepRecord record, record_leaf(trace, tree, range.begin));
            front.records.push_back(record);
            continue;
        }
        const bool content = range.is_leaf() && state.layer != Layer::tensor;
        ASSAY_TRY_ASSIGN(const Digest digest, content ? digest_leaf(trace, tree, range.begin) : trace.hash(tree, range));
        front.digests.push_back(digest);
    }
    return front;
}

Result<MoveBody> open_layer(const GameState& state, Trace& trace)
{
    const TreeAddress tree = address_of(state, state.layer);
    const std::uint64_t size = state.tree(state.layer).size;
    Open open;
    ASSAY_TRY_ASSIGN(open.root, trace.hash(tree, {0, size}));
    if (state.layer != Layer::state && state.layer != Layer::tensor) {
        ASSAY_TRY_ASSIGN(open.pin, prove_own(trace, tree, size - 1, size));
    }
    if (state.layer == Layer::element) {
        ASSAY_TRY_ASSIGN(open.last_record, record_leaf(trace, tree, size - 1));
    }
    ASSAY_TRY_ASSIGN(open.front, front_below(state, {0, size}, trace));
    return MoveBody{std::move(open)};
}

Result<MoveBody> solver_body(const GameState& state, Trace& trace)
{
    if (state.phase == Phase::opening) return open_layer(state, trace);
    if (state.phase == Phase::revealing) {
        ASSAY_TRY_ASSIGN(Front front, front_below(state, state.tree(state.layer).node, trace));
        return MoveBody{Reveal{std::move(front)}};
    }
    ASSAY_CHECK(state.phase == Phase::revealing_chunk);
    ASSAY_TRY_ASSIGN(Bytes chunk, trace.leaf(address_of(state, Layer::tensor), state.tree(Layer::tensor).node.begin));
    return MoveBody{RevealChunk{std::move(chunk)}};
}

// A challenger's own run, and what its game hashes with.
struct Challenger {
    Trace& trace;
    hash::HashFunction hash;
};

// The hash of a node in a tree that the solver opened, for a challenger who agrees with every leaf before the selected one: what lies
// before is its own, what was revealed is known, and what is above is made of these.
Result<Digest> committed_hash(const GameState& state, Layer layer, const Challenger& self, merkle::Range range)
{
    const Descent& tree = state.tree(layer);
    if (range.end <= tree.node.begin) return self.trace.hash(address_of(state, layer), range);
    for (const KnownNode& known : tree.known)
        if (known.range == range) return known.hash;
    ASSAY_CHECK(!range.is_leaf());
    const auto [left, right] = merkle::children(range);
    ASSAY_TRY_ASSIGN(const Digest left_hash, committed_hash(state, layer, self, left));
    ASSAY_TRY_ASSIGN(const Digest right_hash, committed_hash(state, layer, self, right));
    return merkle::node_hash(left_hash, right_hash, self.hash);
}

// A proof, against the solver's root, for a leaf before the one that is disputed.
Result<merkle::Proof> prove_committed(const GameState& state, Layer layer, const Challenger& self, std::uint64_t index)
{
    return prove(index, state.tree(layer).size, [&](merkle::Range range) { return committed_hash(state, layer, self, range); });
}

Result<std::optional<std::uint32_t>> first_difference(const GameState& state, const Challenger& self)
{
    const TreeAddress tree = address_of(state, state.layer);
    const std::span<const KnownNode> shown = shown_nodes(state);
    for (std::uint32_t i = 0; i < shown.size(); ++i) {
        ASSAY_TRY_ASSIGN(const Digest own, self.trace.hash(tree, shown[i].range));
        if (own != shown[i].hash) return std::optional{i};
    }
    return std::optional<std::uint32_t>{};
}

Result<OperandOpening> open_operand(const GameState& state, const Challenger& self, const Input& input, std::uint32_t row)
{
    const program::Descriptor& node = *state.descriptor;
    const bool gathered = input.kind == Input::Kind::gathered;
    const std::uint64_t element = gathered ? program::gathered_element(node, input.value, row) : input.value;
    const program::Operand& operand = node.operands[gathered ? 0 : input.slot];
    const TreeAddress tree{Kind::tensor, state.step, operand.node, 0};
    const std::uint64_t chunk = element / commit::elements_per_chunk(operand.type.type);
    const std::uint64_t chunks = commit::chunk_count(operand.type);
    OperandOpening opening;
    ASSAY_TRY_ASSIGN(opening.tensor_root, self.trace.hash(tree, {0, chunks}));
    ASSAY_TRY_ASSIGN(opening.tensor_proof, prove_committed(state, Layer::step, self, operand.node.value));
    ASSAY_TRY_ASSIGN(opening.chunk, self.trace.leaf(tree, chunk));
    ASSAY_TRY_ASSIGN(opening.chunk_proof, prove_own(self.trace, tree, chunk, chunks));
    return opening;
}

Result<Evidence> source_evidence(GameState state, const Challenger& self)
{
    const bool is_state = state.descriptor->primitive == program::Primitive::state;
    const std::uint32_t count = is_state ? state.statement.program.state_count : state.statement.program.data_count;
    const std::uint32_t index = std::get<program::SourceAttributes>(state.descriptor->attributes).index;
    const TreeAddress list{is_state ? Kind::state_before : Kind::data, state.step, {}, 0};
    SourceEvidence evidence;
    if (is_state && state.step > 0) {
        ASSAY_TRY_ASSIGN(evidence.before, digest_leaf(self.trace, {Kind::segment, 0, {}, 0}, state.step - 1));
        ASSAY_TRY_ASSIGN(evidence.before_proof, prove_committed(state, Layer::segment, self, state.step - 1));
    }
    ASSAY_TRY_ASSIGN(evidence.list_root, self.trace.hash(list, {0, count}));
    ASSAY_TRY_ASSIGN(evidence.tensor, digest_leaf(self.trace, list, index));
    ASSAY_TRY_ASSIGN(evidence.tensor_proof, prove_own(self.trace, list, index, count));
    return Evidence{std::move(evidence)};
}

Result<Evidence> output_evidence(const GameState& state, const Challenger& self, std::uint32_t output)
{
    OutputEvidence evidence{self.trace.program().open_output(output), {}, {}};
    const program::NodeIndex node = evidence.output.node;
    ASSAY_TRY_ASSIGN(evidence.tensor, digest_leaf(self.trace, {Kind::step, state.step, {}, 0}, node.value));
    ASSAY_TRY_ASSIGN(evidence.tensor_proof, prove_committed(state, Layer::step, self, node.value));
    return Evidence{std::move(evidence)};
}

Result<Evidence> element_evidence(const GameState& state, const Challenger& self)
{
    const program::ScalarStep step = program::scalar_step(*state.descriptor, state.element, 0);
    std::uint32_t row = 0;
    ElementEvidence evidence;
    for (const std::size_t i : {std::size_t{1}, std::size_t{0}, std::size_t{2}}) {
        if (step.inputs[i].kind != Input::Kind::operand && step.inputs[i].kind != Input::Kind::gathered) continue;
        ASSAY_TRY_ASSIGN(OperandOpening opening, open_operand(state, self, step.inputs[i], row));
        const program::DataType type = state.descriptor->operands[step.inputs[i].slot].type.type;
        if (i == 1) row = program::element_of(opening.chunk, type, step.inputs[i].value % commit::elements_per_chunk(type));
        // Openings stand in the order x, y, z, but y comes first here because a gathered x depends on it.
        evidence.operands.insert(i == 0 ? evidence.operands.begin() : evidence.operands.end(), std::move(opening));
    }
    return Evidence{std::move(evidence)};
}

// Which part of a record is wrong: an input that is not what it continues or reads, otherwise the arithmetic.
Result<Evidence> record_evidence(const GameState& state, const Challenger& self, std::uint64_t index, const StepRecord& shown)
{
    const program::ScalarStep step = program::scalar_step(*state.descriptor, state.element, index);
    const TreeAddress tree = address_of(state, Layer::element);
    ASSAY_TRY_ASSIGN(const StepRecord own, record_leaf(self.trace, tree, index));
    for (std::uint8_t i = 0; i < 3; ++i) {
        if (own.inputs[i] == shown.inputs[i] || step.inputs[i].kind == Input::Kind::immediate) continue;
        if (step.inputs[i].kind == Input::Kind::accumulator) {
            JoinEvidence evidence{i, {}, {}};
            ASSAY_TRY_ASSIGN(evidence.record, record_leaf(self.trace, tree, step.inputs[i].value));
            ASSAY_TRY_ASSIGN(evidence.record_proof, prove_committed(state, Layer::element, self, step.inputs[i].value));
            return Evidence{std::move(evidence)};
        }
        ASSAY_TRY_ASSIGN(OperandOpening operand, open_operand(state, self, step.inputs[i], shown.inputs[1]));
        return Evidence{InputEvidence{i, std::move(operand)}};
    }
    return Evidence{ArithmeticEvidence{}};
}

// What to do with the first node of the front that differs.
Result<MoveBody> select_or_prove(const GameState& state, const Challenger& self, std::uint32_t index)
{
    const merkle::Range range = shown_nodes(state)[index].range;
    if (!range.is_leaf() || state.layer == Layer::segment || state.layer == Layer::tensor) return MoveBody{Select{index, std::nullopt}};
    // The state as it is once this leaf is selected.
    GameState place = state;
    place.tree(state.layer).node = range;
    if (state.layer == Layer::element) {
        ASSAY_TRY_ASSIGN(Evidence evidence, record_evidence(place, self, range.begin, shown_record(state, index)));
        return MoveBody{Prove{{index, std::nullopt}, std::move(evidence)}};
    }
    if (state.layer == Layer::state) {
        ASSAY_TRY_ASSIGN(Evidence evidence, output_evidence(place, self, static_cast<std::uint32_t>(range.begin)));
        return MoveBody{Prove{{index, std::nullopt}, std::move(evidence)}};
    }
    if (range.begin == state.statement.program.node_count) return MoveBody{Select{index, std::nullopt}};
    place.node = {static_cast<std::uint32_t>(range.begin)};
    Select select{index, self.trace.program().open_descriptor(place.node)};
    place.descriptor = select.descriptor->descriptor;
    if (program::family_of(place.descriptor->primitive) != program::Family::source) return MoveBody{std::move(select)};
    ASSAY_TRY_ASSIGN(Evidence evidence, source_evidence(std::move(place), self));
    return MoveBody{Prove{std::move(select), std::move(evidence)}};
}

Result<MoveBody> select_element(const GameState& state, const Challenger& self)
{
    const std::uint64_t chunk = state.tree(Layer::tensor).node.begin;
    ASSAY_TRY_ASSIGN(const Bytes own, self.trace.leaf(address_of(state, Layer::tensor), chunk));
    const program::DataType type = state.descriptor->output.type;
    const std::uint64_t count = chunk_elements(state);
    for (std::uint32_t i = 0; i < count; ++i) {
        if (program::element_of(own, type, i) == program::element_of(state.chunk, type, i)) continue;
        GameState place = state;
        place.element = chunk * commit::elements_per_chunk(type) + i;
        if (program::step_count(*state.descriptor, place.element) > 1) return MoveBody{Select{i, std::nullopt}};
        ASSAY_TRY_ASSIGN(Evidence evidence, element_evidence(place, self));
        return MoveBody{Prove{{i, std::nullopt}, std::move(evidence)}};
    }
    return failure(Error::no_disagreement, "the chunk is the challenger's own");
}

Result<MoveBody> challenger_body(const GameState& state, const Challenger& self)
{
    if (state.phase == Phase::selecting_element) return select_element(state, self);
    ASSAY_TRY_ASSIGN(const std::optional<std::uint32_t> index, first_difference(state, self));
    if (!index) return failure(Error::no_disagreement, "every node of the front is the challenger's own");
    return select_or_prove(state, self, *index);
}

Result<Move> numbered(const Game& game, Result<MoveBody> body)
{
    if (!body) return body.failure();
    return game.next_move(std::move(*body));
}

} // namespace

Result<Move> next_solver_move(const Game& game, Trace& trace)
{
    ASSAY_CHECK(game.to_move() == Side::solver);
    return numbered(game, solver_body(game.state(), trace));
}

Result<Move> next_challenger_move(const Game& game, Trace& trace)
{
    ASSAY_CHECK(game.to_move() == Side::challenger);
    return numbered(game, challenger_body(game.state(), {trace, game.hash_function()}));
}

} // namespace assay::dispute
