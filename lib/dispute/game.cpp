// The transitions of the game. Each handler works on a copy that replaces the state only when everything was in order.
#include <assay/dispute/game.hpp>

#include <assay/commit/tensors.hpp>
#include <assay/dispute/referee.hpp>

namespace assay::dispute {

namespace {

Side side_to_move(Phase phase)
{
    return phase == Phase::selecting || phase == Phase::selecting_element ? Side::challenger : Side::solver;
}

Side author_of(const MoveBody& body)
{
    return std::holds_alternative<Select>(body) || std::holds_alternative<Prove>(body) ? Side::challenger : Side::solver;
}

// Whether the leaves of a layer's tree are digests that a front shows in place of their hashes.
bool has_digest_leaves(Layer layer)
{
    return layer == Layer::segment || layer == Layer::step || layer == Layer::state;
}

// The hashes behind a front's content, in the order of its nodes. Spec: DISPUTE-8.
Result<std::vector<Digest>> front_hashes(Layer layer, std::span<const merkle::Range> ranges, const Front& front)
{
    std::vector<Digest> hashes;
    std::size_t digests = 0;
    std::size_t records = 0;
    for (const merkle::Range range : ranges) {
        if (range.is_leaf() && layer == Layer::element) {
            if (records == front.records.size()) break;
            hashes.push_back(merkle::leaf_hash(encode(front.records[records++])));
            continue;
        }
        if (digests == front.digests.size()) break;
        const Digest& digest = front.digests[digests++];
        hashes.push_back(range.is_leaf() && has_digest_leaves(layer) ? merkle::leaf_hash(view_of(digest)) : digest);
    }
    if (hashes.size() != ranges.size() || digests != front.digests.size() || records != front.records.size())
        return failure(Error::wrong_proof_length, "the front has not one entry for each of its " + std::to_string(ranges.size()) + " nodes");
    return hashes;
}

// Takes the front below `node` of the layer's tree, whose hash is `expected`.
Status take_front(GameState& state, merkle::Range node, const Digest& expected, const Front& front)
{
    const std::vector<merkle::Range> ranges = merkle::front(node, state.terms.reveal_levels);
    ASSAY_TRY_ASSIGN(const std::vector<Digest> hashes, front_hashes(state.layer, ranges, front));
    ASSAY_TRY_ASSIGN(const Digest root, merkle::root_from_front(node, state.terms.reveal_levels, hashes));
    if (root != expected) return failure(Error::root_mismatch, "the front does not combine to the node above it");
    Descent& tree = state.tree(state.layer);
    for (std::size_t i = 0; i < ranges.size(); ++i) tree.known.push_back({ranges[i], hashes[i]});
    state.front_of = node;
    state.front = front;
    state.phase = Phase::selecting;
    return {};
}

void enter(GameState& state, Layer layer, std::uint64_t size)
{
    state.layer = layer;
    state.phase = Phase::opening;
    state.front = {};
    state.tree(layer) = Descent{size, {}, {0, size}, {}};
}

// What ties the root of a layer's tree to what is disputed above. Spec: DISPUTE-7.
Status check_pin(const GameState& state, const Open& open)
{
    const std::uint64_t size = state.tree(state.layer).size;
    const auto pinned = [&](const Digest& last_leaf) { return merkle::verify_inclusion(size - 1, size, last_leaf, open.pin, open.root); };
    if (open.last_record.has_value() != (state.layer == Layer::element)) return failure(Error::invalid_proof, "last_record is for elements only");
    switch (state.layer) {
    case Layer::segment: return pinned(merkle::leaf_hash(view_of(state.statement.after)));
    case Layer::step: return pinned(merkle::leaf_hash(view_of(state.after)));
    case Layer::element:
        if (open.last_record->result != state.value) return failure(Error::root_mismatch, "the last record's result is not the element");
        return pinned(merkle::leaf_hash(encode(*open.last_record)));
    case Layer::state:
        if (!open.pin.empty()) return failure(Error::wrong_proof_length, "a state has no pin");
        if (commit::state_digest(state.statement.program.output_count, open.root) != state.after)
            return failure(Error::root_mismatch, "the state does not have this root");
        return {};
    case Layer::tensor:
        if (!open.pin.empty()) return failure(Error::wrong_proof_length, "a tensor has no pin");
        if (commit::tensor_digest(state.descriptor->output, open.root) != state.node_digest)
            return failure(Error::root_mismatch, "the tensor does not have this root");
        return {};
    }
    return failure(Error::wrong_move);
}

Status apply_body(GameState& state, const Open& open)
{
    if (state.phase != Phase::opening) return failure(Error::wrong_move, "nothing is to be opened");
    ASSAY_TRY(check_pin(state, open));
    Descent& tree = state.tree(state.layer);
    tree.root = open.root;
    return take_front(state, {0, tree.size}, open.root, open.front);
}

Status apply_body(GameState& state, const Reveal& reveal)
{
    if (state.phase != Phase::revealing) return failure(Error::wrong_move, "no node is to be revealed");
    const Descent& tree = state.tree(state.layer);
    const merkle::Range node = tree.node;
    for (const KnownNode& known : tree.known)
        if (known.range == node) return take_front(state, node, Digest{known.hash}, reveal.front);
    ASSAY_CHECK(false);
    return {};
}

Status apply_body(GameState& state, const RevealChunk& reveal)
{
    if (state.phase != Phase::revealing_chunk) return failure(Error::wrong_move, "no chunk is to be revealed");
    const Descent& tree = state.tree(Layer::tensor);
    if (reveal.chunk.size() != commit::chunk_bytes(state.descriptor->output, tree.node.begin))
        return failure(Error::invalid_proof, "the chunk has " + std::to_string(reveal.chunk.size()) + " bytes");
    const Digest hash = merkle::leaf_hash(reveal.chunk);
    for (const KnownNode& known : tree.known)
        if (known.range == tree.node && known.hash != hash) return failure(Error::root_mismatch, "the chunk is not the committed one");
    state.chunk = reveal.chunk;
    state.phase = Phase::selecting_element;
    return {};
}

// A commitment that nobody checked could hold anything: what is not a node's descriptor must not be evaluated.
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

// Takes a step's leaf as the disputed node. Spec: DISPUTE-12.
Status take_node(GameState& state, std::uint64_t leaf, const Select& select)
{
    state.node = {static_cast<std::uint32_t>(leaf)};
    if (!select.descriptor) return failure(Error::invalid_proof, "selecting a node shows its descriptor");
    ASSAY_TRY(commit::verify(*select.descriptor, state.node, state.statement.program));
    ASSAY_TRY(check_descriptor(select.descriptor->descriptor, state.node));
    state.descriptor = select.descriptor->descriptor;
    return {};
}

// A leaf of a tree over digests was selected: the next layer is below it.
Status descend_into_leaf(GameState& state, std::uint64_t leaf, const Digest& content, const Select& select)
{
    if (state.layer == Layer::segment) {
        state.step = leaf;
        state.after = content;
        enter(state, Layer::step, std::uint64_t{state.statement.program.node_count} + 1);
        return {};
    }
    if (state.layer == Layer::step && leaf == state.statement.program.node_count) {
        enter(state, Layer::state, state.statement.program.output_count);
        return {};
    }
    if (state.layer != Layer::step) return failure(Error::wrong_move, "what was selected is small enough to be proved");
    ASSAY_TRY(take_node(state, leaf, select));
    if (program::family_of(state.descriptor->primitive) == program::Family::source)
        return failure(Error::wrong_move, "a source is small enough to be proved");
    state.node_digest = content;
    enter(state, Layer::tensor, commit::chunk_count(state.descriptor->output));
    return {};
}

// The digest that a front shows for its node `index`: fronts of layers with digest leaves have digests only.
const Digest& shown_digest(const GameState& state, std::uint32_t index)
{
    return state.front.digests[index];
}

Status select_node(GameState& state, const Select& select)
{
    const std::vector<merkle::Range> ranges = front_ranges(state);
    if (select.index >= ranges.size()) return failure(Error::nothing_selected, "the front has " + std::to_string(ranges.size()) + " nodes");
    const merkle::Range range = ranges[select.index];
    const bool shows_node = state.layer == Layer::step && range.is_leaf() && range.begin < state.statement.program.node_count;
    if (select.descriptor.has_value() && !shows_node) return failure(Error::invalid_proof, "no node was selected that has a descriptor");
    state.tree(state.layer).node = range;
    if (!range.is_leaf()) {
        state.phase = Phase::revealing;
        return {};
    }
    if (state.layer == Layer::tensor) {
        state.phase = Phase::revealing_chunk;
        return {};
    }
    if (state.layer == Layer::element) return failure(Error::wrong_move, "a record is small enough to be proved");
    return descend_into_leaf(state, range.begin, Digest{shown_digest(state, select.index)}, select);
}

Status take_element(GameState& state, const Select& select)
{
    if (select.index >= chunk_elements(state)) return failure(Error::nothing_selected, "the chunk has " + std::to_string(chunk_elements(state)) + " elements");
    if (select.descriptor) return failure(Error::invalid_proof, "no node was selected that has a descriptor");
    const program::DataType type = state.descriptor->output.type;
    state.element = state.tree(Layer::tensor).node.begin * commit::elements_per_chunk(type) + select.index;
    state.value = program::element_of(state.chunk, type, select.index);
    return {};
}

Status apply_body(GameState& state, const Select& select)
{
    if (state.phase == Phase::selecting) return select_node(state, select);
    if (state.phase != Phase::selecting_element) return failure(Error::wrong_move, "nothing is to be selected");
    ASSAY_TRY(take_element(state, select));
    const std::uint64_t steps = program::step_count(*state.descriptor, state.element);
    if (steps == 1) return failure(Error::wrong_move, "an element of a single step is small enough to be proved");
    enter(state, Layer::element, steps);
    return {};
}

// Brings the state to the place that a proof is about. Spec: DISPUTE-13.
Status take_place(GameState& state, const Select& select)
{
    if (state.phase == Phase::selecting_element) return take_element(state, select);
    if (state.phase != Phase::selecting) return failure(Error::wrong_move, "nothing is to be proved");
    const std::vector<merkle::Range> ranges = front_ranges(state);
    if (select.index >= ranges.size() || !ranges[select.index].is_leaf()) return failure(Error::nothing_selected, "the selection is not a leaf of the front");
    state.tree(state.layer).node = ranges[select.index];
    if (state.layer == Layer::step && ranges[select.index].begin < state.statement.program.node_count) {
        ASSAY_TRY(take_node(state, ranges[select.index].begin, select));
        state.node_digest = shown_digest(state, select.index);
        return {};
    }
    if (select.descriptor) return failure(Error::invalid_proof, "no node was selected that has a descriptor");
    return {};
}

Status apply_body(GameState& state, const Prove& proof)
{
    ASSAY_TRY(take_place(state, proof.selection));
    ASSAY_TRY_ASSIGN(const Finding finding, judge(state, proof));
    state.verdict = finding == Finding::fault ? Verdict::convicted : Verdict::upheld;
    state.phase = Phase::settled;
    return {};
}

Tick& used_by(GameState& state, Side side)
{
    return side == Side::solver ? state.solver_used : state.challenger_used;
}

std::uint64_t remaining(const GameState& state)
{
    const bool solver = side_to_move(state.phase) == Side::solver;
    return solver ? state.terms.solver_clock.value - state.solver_used.value : state.terms.challenger_clock.value - state.challenger_used.value;
}

// Spec: DISPUTE-10. Clocks stop at time_max, so that deadlines never wrap.
Status check_time(const GameState& state, Tick now)
{
    if (now < state.turn_started) return failure(Error::too_early, "time went back from tick " + std::to_string(state.turn_started.value));
    if (now.value > time_max) return failure(Error::limit_exceeded, "a time is at most 2^62 ticks");
    return {};
}

} // namespace

std::string_view name_of(Layer layer)
{
    constexpr std::array<std::string_view, 5> names{"segment", "step", "state", "tensor", "element"};
    return names[static_cast<std::size_t>(layer)];
}

std::vector<merkle::Range> front_ranges(const GameState& state)
{
    return merkle::front(state.front_of, state.terms.reveal_levels);
}

std::uint64_t chunk_elements(const GameState& state)
{
    return state.chunk.size() / program::width_of(state.descriptor->output.type);
}

Game::Game(GameState state) : m_id(game_id(state.statement, state.terms, state.parties)), m_state(std::move(state)) {}

Result<Game> Game::start(Statement statement, Terms terms, Parties parties, Tick now)
{
    ASSAY_TRY(validate(statement, terms));
    if (now.value > time_max) return failure(Error::limit_exceeded, "a time is at most 2^62 ticks");
    GameState state;
    state.statement = std::move(statement);
    state.terms = terms;
    state.parties = parties;
    state.turn_started = now;
    state.after = state.statement.after;
    // A single step needs no segment's tree. Spec: DISPUTE-11.
    if (state.statement.steps == 1) enter(state, Layer::step, std::uint64_t{state.statement.program.node_count} + 1);
    else enter(state, Layer::segment, state.statement.steps);
    return Game{std::move(state)};
}

Result<Game> Game::decode(ByteView bytes)
{
    ASSAY_TRY_ASSIGN(GameState state, assay::decode<GameState>(bytes));
    ASSAY_TRY(validate(state.statement, state.terms));
    return Game{std::move(state)};
}

Status Game::apply(const Move& move, Tick now)
{
    if (is_settled()) return failure(Error::game_over);
    if (move.game != m_id) return failure(Error::wrong_game, "the move names " + short_hex(move.game));
    if (move.number < m_state.moves) return failure(Error::stale_move, "move " + std::to_string(move.number) + " was made");
    if (move.number > m_state.moves) return failure(Error::future_move, "move " + std::to_string(m_state.moves) + " is next");
    ASSAY_TRY(check_time(m_state, now));
    const Side side = to_move();
    if (author_of(move.body) != side) return failure(Error::wrong_turn);
    const std::uint64_t elapsed = now.value - m_state.turn_started.value;
    if (elapsed > remaining(m_state)) return failure(Error::too_late, "the deadline was tick " + std::to_string(deadline().value));
    GameState next = m_state;
    ASSAY_TRY(std::visit([&](const auto& body) { return apply_body(next, body); }, move.body));
    used_by(next, side).value += elapsed;
    next.turn_started = now;
    ++next.moves;
    m_state = std::move(next);
    return {};
}

Status Game::claim_timeout(Tick now)
{
    if (is_settled()) return failure(Error::game_over);
    ASSAY_TRY(check_time(m_state, now));
    if (now.value - m_state.turn_started.value <= remaining(m_state))
        return failure(Error::too_early, "the deadline is tick " + std::to_string(deadline().value));
    m_state.out_of_time = to_move();
    m_state.verdict = to_move() == Side::solver ? Verdict::convicted : Verdict::upheld;
    m_state.phase = Phase::settled;
    return {};
}

Side Game::to_move() const
{
    ASSAY_CHECK(!is_settled());
    return side_to_move(m_state.phase);
}

Tick Game::deadline() const
{
    ASSAY_CHECK(!is_settled());
    return {m_state.turn_started.value + remaining(m_state)};
}

} // namespace assay::dispute
