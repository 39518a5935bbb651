// The honest players. Each writes its move where it will lie: moves are large.
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

Result<StepRecord> record_leaf(Trace& trace, const TreeAddress& tree, std::uint64_t index)
{
    ASSAY_TRY_ASSIGN(const Bytes content, trace.leaf(tree, index));
    return decode<StepRecord>(content);
}

// An inclusion proof over hashes that may be refused. `hash_of` returns a Result.
template <class NodeHash>
Status prove(std::uint64_t index, std::uint64_t size, merkle::Proof& proof, NodeHash&& hash_of)
{
    const std::vector<merkle::Range> path = merkle::inclusion_path(index, size);
    proof.reserve(path.size());
    for (const merkle::Range range : path) {
        ASSAY_TRY_ASSIGN(const Digest hash, hash_of(range));
        proof.push_back(hash);
    }
    return {};
}

Status prove_own(Trace& trace, const TreeAddress& tree, std::uint64_t index, std::uint64_t size, merkle::Proof& proof)
{
    return prove(index, size, proof, [&](merkle::Range range) { return trace.hash(tree, range); });
}

// The entries of a front that are nodes of one width: hashes, and where they are leaves, what these hold.
Status write_row(const GameState& state, const merkle::FrontRow& row, Trace& trace, Front& front)
{
    const TreeAddress tree = address_of(state, state.layer);
    const bool leaves = row.width == 1;
    if (leaves && state.layer == Layer::element) {
        for (std::size_t i = 0; i < row.count; ++i) {
            ASSAY_TRY_ASSIGN(const StepRecord record, record_leaf(trace, tree, row.begin + i));
            front.records.push_back(record);
        }
        return {};
    }
    front.digests.resize(front.digests.size() + row.count);
    const std::span<Digest> digests = std::span{front.digests}.last(row.count);
    if (!leaves || state.layer == Layer::tensor) return trace.hashes(tree, row, digests);
    for (std::size_t i = 0; i < row.count; ++i) {
        ASSAY_TRY_ASSIGN(digests[i], trace.digest(tree, row.begin + i));
    }
    return {};
}

// The front below the layer's node.
Status write_front(const GameState& state, Trace& trace, Front& front)
{
    const merkle::Range node = state.tree(state.layer).node;
    const unsigned levels = levels_below(state.terms, state.layer, node);
    front.digests.reserve(merkle::front_size(node, levels));
    Status status;
    merkle::visit_front(node, levels, [&](const merkle::FrontRow& row) {
        if (status) status = write_row(state, row, trace, front);
    });
    return status;
}

Status write_open(const GameState& state, Trace& trace, Open& open)
{
    const TreeAddress tree = address_of(state, state.layer);
    const std::uint64_t size = state.tree(state.layer).size;
    ASSAY_TRY_ASSIGN(open.root, trace.hash(tree, {0, size}));
    if (state.layer != Layer::state && state.layer != Layer::tensor) ASSAY_TRY(prove_own(trace, tree, size - 1, size, open.pin));
    if (state.layer == Layer::element) {
        ASSAY_TRY_ASSIGN(open.last_record, record_leaf(trace, tree, size - 1));
    }
    return write_front(state, trace, open.front);
}

Status write_chunk(const GameState& state, Trace& trace, RevealChunk& reveal)
{
    ASSAY_TRY_ASSIGN(reveal.chunk, trace.leaf(address_of(state, Layer::tensor), state.tree(Layer::tensor).node.begin));
    return {};
}

Status write_solver_body(const GameState& state, Trace& trace, MoveBody& body)
{
    if (state.phase == Phase::opening) return write_open(state, trace, body.emplace<Open>());
    if (state.phase == Phase::revealing) return write_front(state, trace, body.emplace<Reveal>().front);
    ASSAY_CHECK(state.phase == Phase::revealing_chunk);
    return write_chunk(state, trace, body.emplace<RevealChunk>());
}

// A challenger's own run, and the game that it plays.
struct Challenger {
    const GameState& state;
    Trace& trace;
    hash::HashFunction hash;
    std::vector<Digest>& hashes; // memory for the part of a front
};

// The hash of a node in a tree that the solver opened, for a challenger who agrees with every leaf before the disputed one: what lies
// before is its own; what does not was revealed, or is above a part of a front.
Result<Digest> committed_hash(const Challenger& self, Layer layer, std::uint64_t disputed, merkle::Range range)
{
    if (range.end <= disputed) return self.trace.hash(address_of(self.state, layer), range);
    const std::vector<KnownNode>& known = self.state.tree(layer).known;
    // The first such node is of the highest front that reaches into the range, which then covers it.
    auto shown = std::find_if(known.begin(), known.end(),
                              [&](const KnownNode& one) { return one.range.begin == range.begin && one.range.end <= range.end; });
    ASSAY_CHECK(shown != known.end());
    const unsigned levels = merkle::height(range.size()) - merkle::height(shown->range.size());
    self.hashes.resize(merkle::front_size(range, levels));
    ASSAY_CHECK(self.hashes.size() <= static_cast<std::size_t>(known.end() - shown));
    for (Digest& hash : self.hashes) hash = (shown++)->hash;
    return merkle::root_from_front(range, levels, self.hashes, self.hash);
}

// A proof, against the solver's root, for a leaf before the one that is disputed.
Status prove_committed(const Challenger& self, Layer layer, std::uint64_t disputed, std::uint64_t index, merkle::Proof& proof)
{
    return prove(index, self.state.tree(layer).size, proof, [&](merkle::Range range) { return committed_hash(self, layer, disputed, range); });
}

// The same in a tree whose descent has ended.
Status prove_committed(const Challenger& self, Layer layer, std::uint64_t index, merkle::Proof& proof)
{
    return prove_committed(self, layer, self.state.tree(layer).node.begin, index, proof);
}

// The number of leading nodes of a row that are the challenger's own.
Result<std::size_t> equal_in(const Challenger& self, const merkle::FrontRow& row, std::span<const KnownNode> shown)
{
    constexpr std::size_t at_once = 16;
    std::array<Digest, at_once> own;
    for (std::size_t i = 0; i < row.count; i += at_once) {
        const std::size_t count = std::min(row.count - i, at_once);
        ASSAY_TRY(self.trace.hashes(address_of(self.state, self.state.layer), {row.node(i).begin, row.width, count}, std::span{own}.first(count)));
        for (std::size_t k = 0; k < count; ++k)
            if (own[k] != shown[i + k].hash) return i + k;
    }
    return row.count;
}

// The first node of the front that is not the challenger's own.
Result<std::uint32_t> first_difference(const Challenger& self)
{
    const merkle::Range node = self.state.tree(self.state.layer).node;
    const std::span<const KnownNode> shown = shown_nodes(self.state);
    Result<std::size_t> equal = std::size_t{0};
    std::size_t seen = 0;
    merkle::visit_front(node, levels_below(self.state.terms, self.state.layer, node), [&](const merkle::FrontRow& row) {
        if (!equal || *equal < seen) return;
        const Result<std::size_t> here = equal_in(self, row, shown.subspan(seen, row.count));
        seen += row.count;
        if (!here) equal = here;
        else *equal += *here;
    });
    if (!equal) return equal.failure();
    if (*equal == shown.size()) return failure(Error::no_disagreement, "every node of the front is the challenger's own");
    return static_cast<std::uint32_t>(*equal);
}

Status open_operand(const Challenger& self, const Input& input, std::uint32_t row, OperandOpening& opening)
{
    const program::Descriptor& node = *self.state.descriptor;
    const bool gathered = input.kind == Input::Kind::gathered;
    const std::uint64_t element = gathered ? program::gathered_element(node, input.value, row) : input.value;
    const program::Operand& operand = node.operands[gathered ? 0 : input.slot];
    const TreeAddress tree{Kind::tensor, self.state.step, operand.node, 0};
    const std::uint64_t chunk = element / commit::elements_per_chunk(operand.type.type);
    const std::uint64_t chunks = commit::chunk_count(operand.type);
    ASSAY_TRY_ASSIGN(opening.tensor_root, self.trace.hash(tree, {0, chunks}));
    ASSAY_TRY(prove_committed(self, Layer::step, operand.node.value, opening.tensor_proof));
    ASSAY_TRY_ASSIGN(opening.chunk, self.trace.leaf(tree, chunk));
    return prove_own(self.trace, tree, chunk, chunks, opening.chunk_proof);
}

Status write_source_evidence(const Challenger& self, const program::Descriptor& source, SourceEvidence& evidence)
{
    const GameState& state = self.state;
    const bool is_state = source.primitive == program::Primitive::state;
    const std::uint32_t count = is_state ? state.statement.program.state_count : state.statement.program.data_count;
    const std::uint32_t index = std::get<program::SourceAttributes>(source.attributes).index;
    const TreeAddress list{is_state ? Kind::state_before : Kind::data, state.step, {}, 0};
    if (is_state && state.step > 0) {
        ASSAY_TRY_ASSIGN(evidence.before, self.trace.digest({Kind::segment, 0, {}, 0}, state.step - 1));
        ASSAY_TRY(prove_committed(self, Layer::segment, state.step - 1, evidence.before_proof));
    }
    ASSAY_TRY_ASSIGN(evidence.list_root, self.trace.hash(list, {0, count}));
    ASSAY_TRY_ASSIGN(evidence.tensor, self.trace.digest(list, index));
    return prove_own(self.trace, list, index, count, evidence.tensor_proof);
}

Status write_output_evidence(const Challenger& self, std::uint32_t output, OutputEvidence& evidence)
{
    evidence.output = self.trace.program().open_output(output);
    const program::NodeIndex node = evidence.output.node;
    ASSAY_TRY_ASSIGN(evidence.tensor, self.trace.digest({Kind::step, self.state.step, {}, 0}, node.value));
    return prove_committed(self, Layer::step, node.value, evidence.tensor_proof);
}

Status write_element_evidence(const Challenger& self, std::uint64_t element, ElementEvidence& evidence)
{
    const program::ScalarStep step = program::scalar_step(*self.state.descriptor, element, 0);
    std::uint32_t row = 0;
    for (const std::size_t i : {std::size_t{1}, std::size_t{0}, std::size_t{2}}) {
        if (step.inputs[i].kind != Input::Kind::operand && step.inputs[i].kind != Input::Kind::gathered) continue;
        OperandOpening opening;
        ASSAY_TRY(open_operand(self, step.inputs[i], row, opening));
        const program::DataType type = self.state.descriptor->operands[step.inputs[i].slot].type.type;
        if (i == 1) row = program::element_of(opening.chunk, type, step.inputs[i].value % commit::elements_per_chunk(type));
        // Openings stand in the order x, y, z, but y comes first here because a gathered x depends on it.
        evidence.operands.insert(i == 0 ? evidence.operands.begin() : evidence.operands.end(), std::move(opening));
    }
    return {};
}

// Which part of a record is wrong: an input that is not what it continues or reads, otherwise the arithmetic.
Status write_record_evidence(const Challenger& self, std::uint64_t index, const StepRecord& shown, Evidence& evidence)
{
    const program::ScalarStep step = program::scalar_step(*self.state.descriptor, self.state.element, index);
    const TreeAddress tree = address_of(self.state, Layer::element);
    ASSAY_TRY_ASSIGN(const StepRecord own, record_leaf(self.trace, tree, index));
    for (std::uint8_t i = 0; i < 3; ++i) {
        if (own.inputs[i] == shown.inputs[i] || step.inputs[i].kind == Input::Kind::immediate) continue;
        if (step.inputs[i].kind == Input::Kind::accumulator) {
            JoinEvidence& join = evidence.emplace<JoinEvidence>();
            join.input = i;
            ASSAY_TRY_ASSIGN(join.record, record_leaf(self.trace, tree, step.inputs[i].value));
            return prove_committed(self, Layer::element, index, step.inputs[i].value, join.record_proof);
        }
        InputEvidence& input = evidence.emplace<InputEvidence>();
        input.input = i;
        return open_operand(self, step.inputs[i], shown.inputs[1], input.operand);
    }
    evidence = ArithmeticEvidence{};
    return {};
}

Status select(std::uint32_t index, MoveBody& body)
{
    body.emplace<Select>().index = index;
    return {};
}

// A proof about an entry, whose evidence is still to be written.
Prove& begin_proof(std::uint32_t index, MoveBody& body)
{
    Prove& proof = body.emplace<Prove>();
    proof.selection.index = index;
    return proof;
}

// A node of the program differs: a source is proved to be wrong, any other is selected.
Status select_or_prove_node(const Challenger& self, std::uint32_t index, program::NodeIndex node, MoveBody& body)
{
    const commit::CommittedProgram& program = self.trace.program();
    if (program::family_of(program.program().node(node).primitive) != program::Family::source) {
        Select& select = body.emplace<Select>();
        select.index = index;
        select.descriptor = program.open_descriptor(node);
        return {};
    }
    Prove& proof = begin_proof(index, body);
    proof.selection.descriptor = program.open_descriptor(node);
    return write_source_evidence(self, proof.selection.descriptor->descriptor, proof.evidence.emplace<SourceEvidence>());
}

// What to do with the first node of the front that differs.
Status select_or_prove(const Challenger& self, std::uint32_t index, MoveBody& body)
{
    const GameState& state = self.state;
    const merkle::Range range = shown_nodes(state)[index].range;
    if (!range.is_leaf() || state.layer == Layer::segment || state.layer == Layer::tensor) return select(index, body);
    if (state.layer == Layer::element)
        return write_record_evidence(self, range.begin, shown_record(state, index), begin_proof(index, body).evidence);
    if (state.layer == Layer::state)
        return write_output_evidence(self, static_cast<std::uint32_t>(range.begin), begin_proof(index, body).evidence.emplace<OutputEvidence>());
    if (range.begin == state.statement.program.node_count) return select(index, body);
    return select_or_prove_node(self, index, {static_cast<std::uint32_t>(range.begin)}, body);
}

Status select_element(const Challenger& self, MoveBody& body)
{
    const GameState& state = self.state;
    const std::uint64_t chunk = state.tree(Layer::tensor).node.begin;
    ASSAY_TRY_ASSIGN(const Bytes own, self.trace.leaf(address_of(state, Layer::tensor), chunk));
    const program::DataType type = state.descriptor->output.type;
    const std::uint64_t count = chunk_elements(state);
    for (std::uint32_t i = 0; i < count; ++i) {
        if (program::element_of(own, type, i) == program::element_of(state.chunk, type, i)) continue;
        const std::uint64_t element = chunk * commit::elements_per_chunk(type) + i;
        if (program::step_count(*state.descriptor, element) > 1) return select(i, body);
        return write_element_evidence(self, element, begin_proof(i, body).evidence.emplace<ElementEvidence>());
    }
    return failure(Error::no_disagreement, "the chunk is the challenger's own");
}

Status write_challenger_body(const Challenger& self, MoveBody& body)
{
    if (self.state.phase == Phase::selecting_element) return select_element(self, body);
    ASSAY_TRY_ASSIGN(const std::uint32_t index, first_difference(self));
    return select_or_prove(self, index, body);
}

} // namespace

Status Trace::hashes(const TreeAddress& tree, const merkle::FrontRow& row, std::span<Digest> hashes)
{
    for (std::size_t i = 0; i < row.count; ++i) {
        ASSAY_TRY_ASSIGN(hashes[i], hash(tree, row.node(i)));
    }
    return {};
}

Result<Digest> Trace::digest(const TreeAddress& tree, std::uint64_t index)
{
    ASSAY_TRY_ASSIGN(const Bytes content, leaf(tree, index));
    return decode<Digest>(content);
}

Status write_next_move(const Game& game, Trace& trace, Move& move)
{
    game.address(move);
    if (game.to_move() == Side::solver) return write_solver_body(game.state(), trace, move.body);
    std::vector<Digest> hashes;
    return write_challenger_body({game.state(), trace, game.hash_function(), hashes}, move.body);
}

Result<Move> next_solver_move(const Game& game, Trace& trace)
{
    ASSAY_CHECK(game.to_move() == Side::solver);
    Move move;
    ASSAY_TRY(write_next_move(game, trace, move));
    return move;
}

Result<Move> next_challenger_move(const Game& game, Trace& trace)
{
    ASSAY_CHECK(game.to_move() == Side::challenger);
    Move move;
    ASSAY_TRY(write_next_move(game, trace, move));
    return move;
}

} // namespace assay::dispute
