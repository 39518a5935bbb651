// Turns, numbers, clocks. What a move means is in descent.cpp, where everything is checked before anything is changed.
#include <assay/dispute/game.hpp>

#include "dispute/descent.hpp"
#include "dispute/sizes.hpp"

namespace assay::dispute {

namespace {

// With 16 nodes a reveal nearly all games and moves have fewer.
constexpr std::size_t usual_moves = 32, usual_move_bytes = 2048;

constexpr std::string_view move_tag = "assay.move";

Side author_of(const MoveBody& body)
{
    return std::holds_alternative<Select>(body) || std::holds_alternative<Prove>(body) ? Side::challenger : Side::solver;
}

Tick& used_by(GameState& state, Side side)
{
    return side == Side::solver ? state.solver_used : state.challenger_used;
}

// What is left on the clock of the side to move.
std::uint64_t remaining(const GameState& state)
{
    const bool solver = side_to_move(state.phase) == Side::solver;
    return solver ? state.terms.solver_clock.value - state.solver_used.value
                  : state.terms.challenger_clock.value - state.challenger_used.value;
}

// The longest that the side to move may take for this turn. Spec: DISPUTE-10.
std::uint64_t turn_length(const GameState& state)
{
    return granted_time(state).value + remaining(state);
}

Status check_not_before(const GameState& state, Tick now)
{
    if (now < state.turn_started) return failure(Error::too_early, "time went back from tick " + std::to_string(state.turn_started.value));
    return {};
}

Status check_size(std::size_t bytes, std::uint64_t bytes_max)
{
    if (bytes > bytes_max) return failure(Error::limit_exceeded, "no move here has " + std::to_string(bytes) + " bytes");
    return {};
}

// A move's place in the game's history. Spec: DISPUTE-5.
Status check_place(const Game& game, const Move& move)
{
    if (move.number < game.state().moves()) return failure(Error::stale_move, "another move " + std::to_string(move.number) + " was made");
    if (game.is_settled()) return failure(Error::game_over);
    if (move.number > game.state().moves()) return failure(Error::future_move, "move " + std::to_string(game.state().moves()) + " is next");
    const Digest& last = game.state().made.empty() ? game.id() : game.state().made.back();
    if (move.previous != last) return failure(Error::wrong_history, "the last move is " + short_hex(last));
    return {};
}

} // namespace

std::string_view name_of(Layer layer)
{
    constexpr std::array<std::string_view, 5> names{"segment", "step", "state", "tensor", "element"};
    return names[static_cast<std::size_t>(layer)];
}

unsigned levels_below(const Terms& terms, Layer layer, merkle::Range node)
{
    const unsigned levels = layer == Layer::segment ? terms.segment_levels : terms.reveal_levels;
    return merkle::height(node.size()) == levels + 1 ? levels + 1 : levels;
}

std::span<const KnownNode> shown_nodes(const GameState& state)
{
    return std::span{state.tree(state.layer).known}.last(state.front.digests.size() + state.front.records.size());
}

const program::StepRecord& shown_record(const GameState& state, std::uint32_t index)
{
    const merkle::Range node = state.tree(state.layer).node;
    return state.front.records[merkle::front_entry(node, levels_below(state.terms, state.layer, node), index)->leaves_before];
}

std::uint64_t chunk_elements(const GameState& state)
{
    return state.chunk.size() / program::width_of(state.descriptor->output.type);
}

Place place_of(const GameState& state, const Digest& game)
{
    ASSAY_CHECK(state.phase == Phase::selecting || state.phase == Phase::selecting_element);
    const Descent& tree = state.tree(state.layer);
    Place place;
    place.game = game;
    place.number = state.moves();
    place.previous = state.made.empty() ? game : state.made.back();
    place.evidence_bytes = state.terms.limits.evidence_bytes;
    place.statement = state.statement;
    place.layer = state.layer;
    place.step = state.step;
    place.segment_root = state.tree(Layer::segment).root;
    place.step_root = state.tree(Layer::step).root;
    place.element_root = state.tree(Layer::element).root;
    place.node = tree.node;
    place.levels = static_cast<std::uint8_t>(levels_below(state.terms, state.layer, tree.node));
    place.digests = state.front.digests;
    place.records = state.front.records;
    if (state.layer == Layer::tensor || state.layer == Layer::element) place.descriptor = state.descriptor;
    place.element = state.element;
    if (state.layer == Layer::tensor) place.chunk = state.chunk;
    return place;
}

Digest digest_of(const Place& place, hash::HashFunction function)
{
    return hash::tagged_digest("assay.place", place, function);
}

Digest digest_of(const Move& move, hash::HashFunction function)
{
    return hash::tagged_digest(move_tag, move, function);
}

Game::Game(GameState state, hash::HashFunction function)
    : m_id(game_id(state.statement, state.terms, state.parties, function)), m_hash(function), m_state(std::move(state))
{
}

Result<Game> Game::start(Statement statement, Terms terms, Parties parties, Tick now, hash::HashFunction function)
{
    ASSAY_TRY(validate(statement, terms));
    if (now.value > time_max) return failure(Error::limit_exceeded, "a game starts at tick 2^62 at the latest");
    GameState state;
    state.made.reserve(usual_moves);
    state.statement = statement;
    state.terms = terms;
    state.parties = parties;
    state.turn_started = now;
    state.after = state.statement.after;
    // A single step needs no segment's tree. Spec: DISPUTE-11.
    if (state.statement.steps == 1) enter(state, Layer::step, std::uint64_t{state.statement.program.node_count} + 1);
    else enter(state, Layer::segment, state.statement.steps);
    return Game{std::move(state), function};
}

Result<Game> Game::decode(ByteView bytes, hash::HashFunction function)
{
    ASSAY_TRY_ASSIGN(GameState state, assay::decode<GameState>(bytes));
    ASSAY_TRY(validate(state.statement, state.terms));
    ASSAY_TRY(check_form(state, function));
    return Game{std::move(state), function};
}

Move Game::next_move(MoveBody body) const
{
    Move move;
    move.body = std::move(body);
    address(move);
    return move;
}

void Game::address(Move& move) const
{
    ASSAY_CHECK(!is_settled());
    move.game = m_id;
    move.number = m_state.moves();
    move.previous = m_state.made.empty() ? m_id : m_state.made.back();
}

Result<Applied> Game::apply(const Move& move, Tick now)
{
    if (move.game != m_id) return failure(Error::wrong_game, "the move names " + short_hex(move.game));
    m_tagged.clear();
    m_tagged.reserve(usual_move_bytes);
    hash::append_tag(m_tagged, move_tag);
    const std::size_t tag_bytes = m_tagged.size();
    Encoder{m_tagged}(move);
    const ByteView tagged = m_tagged, encoded = tagged.subspan(tag_bytes);
    const Digest digest = m_hash(std::array{tagged});
    if (move.number < m_state.moves() && m_state.made[move.number] == digest) return Applied::already_made;
    ASSAY_TRY(check_place(*this, move));
    ASSAY_TRY(check_not_before(m_state, now));
    const Side side = to_move();
    if (author_of(move.body) != side) return failure(Error::wrong_turn);
    const std::uint64_t elapsed = now.value - m_state.turn_started.value;
    const std::uint64_t bytes_max = move_bytes_max(m_state), granted = granted_time(m_state, bytes_max).value;
    if (elapsed > granted + remaining(m_state)) return failure(Error::too_late, "the deadline was tick " + std::to_string(deadline().value));
    ASSAY_TRY(check_size(encoded.size(), bytes_max));
    Turn turn{m_state, m_hash, m_id, encoded, m_hashes};
    ASSAY_TRY(apply_body(turn, move.body));
    if (elapsed > granted) used_by(m_state, side).value += elapsed - granted;
    m_state.turn_started = now;
    m_state.received_bytes = encoded.size();
    m_state.made.push_back(digest);
    return Applied::made;
}

Result<Applied> Game::claim_timeout(Tick now)
{
    if (m_state.out_of_time) return Applied::already_made;
    if (is_settled()) return failure(Error::game_over);
    ASSAY_TRY(check_not_before(m_state, now));
    if (now.value - m_state.turn_started.value <= turn_length(m_state))
        return failure(Error::too_early, "the deadline is tick " + std::to_string(deadline().value));
    m_state.out_of_time = to_move();
    m_state.verdict = to_move() == Side::solver ? Verdict::convicted : Verdict::upheld;
    m_state.phase = Phase::settled;
    return Applied::made;
}

Side Game::to_move() const
{
    ASSAY_CHECK(!is_settled());
    return side_to_move(m_state.phase);
}

Tick Game::deadline() const
{
    ASSAY_CHECK(!is_settled());
    return {m_state.turn_started.value + turn_length(m_state)};
}

} // namespace assay::dispute
