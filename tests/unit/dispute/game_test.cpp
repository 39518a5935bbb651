// The rules of the game itself: turns, numbers, clocks, refusals that change nothing, silence at every point.
#include "tests/unit/dispute/toy.hpp"

using namespace assay;
using namespace assay::toy;

namespace {

replay::Deviation forged_sum()
{
    replay::Deviation deviation;
    deviation.node = [](std::uint64_t step, NodeIndex node, Tensor& output) {
        if (step != 3 || node.value != 8) return false;
        output.set_element(0, output.element(0) ^ 0x00100000);
        return true;
    };
    return deviation;
}

// A game against a forged sum, which goes through segment, step, tensor and element.
Transcript forged_game()
{
    replay::RunTrace solver = trace(5, forged_sum());
    replay::RunTrace challenger = trace(5);
    const Outcome outcome = play(solver, challenger, 1);
    REQUIRE(outcome.verdict == Verdict::convicted);
    return outcome.transcript;
}

Game start(const Transcript& transcript)
{
    auto game = Game::start(transcript.statement, transcript.terms, transcript.parties, transcript.started);
    REQUIRE(game);
    return *game;
}

// The game before each move of the transcript.
template <class Visit>
void at_every_move(const Transcript& transcript, Visit visit)
{
    Game game = start(transcript);
    for (const TimedMove& timed : transcript.moves) {
        visit(game, timed);
        REQUIRE(game.apply(timed.move, timed.at));
    }
    CHECK(game.is_settled());
}

void refused(const Game& game, const Move& move, Tick at, Error error)
{
    Game copy = game;
    const auto status = copy.apply(move, at);
    REQUIRE(!status);
    CHECK(status.error() == error);
    CHECK(copy.encode() == game.encode());
}

} // namespace

TEST_CASE("DISPUTE-5 a move of another game, an old or a future move, or one of the other side is refused and changes nothing")
{
    at_every_move(forged_game(), [](const Game& game, const TimedMove& timed) {
        Move move = timed.move;
        move.game.bytes[0] ^= 1;
        refused(game, move, timed.at, Error::wrong_game);
        move = timed.move;
        ++move.number;
        refused(game, move, timed.at, Error::future_move);
        move = timed.move;
        move.previous.bytes[31] ^= 1;
        refused(game, move, timed.at, Error::wrong_history);
        const bool solver = game.to_move() == Side::solver;
        refused(game, game.next_move(solver ? MoveBody{Select{}} : MoveBody{Reveal{}}), timed.at, Error::wrong_turn);
    });
}

TEST_CASE("DISPUTE-5 a move that was made changes nothing when it comes again, at any time and after the end; another one with its number "
          "is refused")
{
    const Transcript transcript = forged_game();
    Game game = start(transcript);
    const auto all_again = [&] {
        const Bytes before = game.encode();
        for (std::size_t i = 0; i < game.state().moves(); ++i)
            for (const Tick at : {Tick{0}, transcript.moves[i].at, Tick{~std::uint64_t{0}}}) {
                const auto again = game.apply(transcript.moves[i].move, at);
                REQUIRE(again);
                CHECK(*again == Applied::already_made);
                CHECK(game.encode() == before);
                Move other = transcript.moves[i].move;
                other.previous.bytes[0] ^= 1;
                refused(game, other, at, Error::stale_move);
            }
    };
    for (const TimedMove& timed : transcript.moves) {
        all_again();
        const auto made = game.apply(timed.move, timed.at);
        REQUIRE(made);
        CHECK(*made == Applied::made);
    }
    all_again();
    Move after_the_end = transcript.moves.back().move;
    ++after_the_end.number;
    refused(game, after_the_end, transcript.moves.back().at, Error::game_over);
}

TEST_CASE("DISPUTE-10 a move at the deadline is in time, one tick later it is not, and then a timeout can be claimed, at any time")
{
    at_every_move(forged_game(), [](const Game& game, const TimedMove& timed) {
        const Tick deadline = game.deadline();
        const Tick late{deadline.value + 1};
        Game in_time = game;
        CHECK(in_time.apply(timed.move, deadline));
        refused(game, timed.move, late, Error::too_late);
        Game silent = game;
        CHECK(silent.claim_timeout(deadline).error() == Error::too_early);
        CHECK(silent.encode() == game.encode());
        for (const Tick claimed : {late, Tick{time_max}, Tick{~std::uint64_t{0}}}) {
            silent = game;
            REQUIRE(silent.claim_timeout(claimed));
            CHECK(silent.verdict() == (game.to_move() == Side::solver ? Verdict::convicted : Verdict::upheld));
            CHECK(*silent.claim_timeout(claimed) == Applied::already_made);
            CHECK(silent.apply(timed.move, timed.at).error() == Error::game_over);
        }
        const Tick before{game.state().turn_started.value - 1};
        refused(game, timed.move, before, Error::too_early);
        silent = game;
        CHECK(silent.claim_timeout(before).error() == Error::too_early);
        CHECK(silent.encode() == game.encode());
    });
}

TEST_CASE("DISPUTE-10 time beyond what a turn is granted is counted once, for the side that spent it; what is left of a grant is lost")
{
    const Transcript transcript = forged_game();
    Game game = start(transcript);
    std::uint64_t solver = 0;
    std::uint64_t challenger = 0;
    Tick now = transcript.started;
    for (const TimedMove& timed : transcript.moves) {
        const std::uint64_t granted = granted_time(game.state()).value;
        const std::uint64_t spent = timed.move.number % 3 == 0 ? granted - 1 : granted + timed.move.number % 3;
        if (spent > granted) (game.to_move() == Side::solver ? solver : challenger) += spent - granted;
        now.value += spent;
        REQUIRE(game.apply(timed.move, now));
        CHECK(game.state().solver_used.value == solver);
        CHECK(game.state().challenger_used.value == challenger);
    }
    CHECK(solver > 0);
    CHECK(challenger > 0);
}

TEST_CASE("DISPUTE-26 whoever has nothing left on its clock still has the time that latency and bytes take, and loses one tick later")
{
    Transcript transcript = forged_game();
    transcript.terms.solver_clock = transcript.terms.challenger_clock = Tick{1};
    Game game = start(transcript);
    replay::RunTrace solver = trace(5, forged_sum());
    replay::RunTrace challenger = trace(5);
    Tick now = transcript.started;
    while (!game.is_settled()) {
        const auto move = game.to_move() == Side::solver ? next_solver_move(game, solver) : next_challenger_move(game, challenger);
        REQUIRE(move);
        const GameState& state = game.state();
        const std::uint64_t left = game.to_move() == Side::solver ? 1 - state.solver_used.value : 1 - state.challenger_used.value;
        const std::uint64_t bytes = state.received_bytes + encode(*move).size();
        CHECK(granted_time(state).value >= state.terms.latency.value + (bytes + 99) / 100);
        now.value += granted_time(state).value + left;
        CHECK(game.deadline() == now);
        refused(game, *move, Tick{now.value + 1}, Error::too_late);
        REQUIRE(game.apply(*move, now));
    }
    CHECK(game.verdict() == Verdict::convicted);
    CHECK(game.state().solver_used.value == 1);
}

TEST_CASE("DISPUTE-26 no move is longer than the place that it is made at allows, and a proof no longer than the terms allow")
{
    at_every_move(forged_game(),
                  [](const Game& game, const TimedMove& timed) { CHECK(encode(timed.move).size() <= move_bytes_max(game.state())); });
    Transcript transcript = forged_game();
    Game game = start(transcript);
    const Move long_open = game.next_move(Open{{}, merkle::Proof(100), {}, {}});
    refused(game, long_open, transcript.started, Error::limit_exceeded);
    const auto settles_with_limit = [&](std::uint32_t limit) {
        replay::RunTrace solver = trace(5, forged_sum());
        replay::RunTrace challenger = trace(5);
        Terms agreed = transcript.terms;
        agreed.limits.evidence_bytes = limit;
        return play_out(transcript.statement, agreed, transcript.parties, Tick{10}, solver, challenger)->timeout_claimed == std::nullopt;
    };
    const auto last = static_cast<std::uint32_t>(encode(transcript.moves.back().move).size());
    CHECK(settles_with_limit(last));
    CHECK(!settles_with_limit(last - 1));
}

TEST_CASE("DISPUTE-6 DISPUTE-7 DISPUTE-8 DISPUTE-14 a move with any byte changed is undecodable, refused without a trace, or leads to a "
          "state of its own, never to a crash")
{
    std::uint64_t refusals = 0;
    at_every_move(forged_game(), [&](const Game& game, const TimedMove& timed) {
        const Bytes bytes = encode(timed.move);
        for (std::size_t i = 0; i < bytes.size(); ++i)
            for (const std::uint8_t flip : {std::uint8_t{1}, std::uint8_t{0x80}}) {
                Bytes changed = bytes;
                changed[i] ^= flip;
                const auto move = decode<Move>(changed);
                if (!move) continue;
                Game copy = game;
                if (const auto status = copy.apply(*move, timed.at); !status) {
                    ++refusals;
                    CHECK(copy.encode() == game.encode());
                }
                // The challenger's own selections are free, and so are proofs that show nothing; the solver's openings are not.
                else
                    CHECK(game.to_move() == Side::challenger);
            }
    });
    CHECK(refusals > 1000);
}

TEST_CASE("DISPUTE-1 DISPUTE-3 every field of statement, terms and parties changes the game's identity")
{
    const Transcript transcript = forged_game();
    const Bytes statement = encode(transcript.statement);
    const Digest id = game_id(transcript.statement, transcript.terms, transcript.parties);
    for (std::size_t i = 0; i < statement.size(); ++i) {
        Bytes changed = statement;
        changed[i] ^= 1;
        const auto other = decode<Statement>(changed);
        REQUIRE(other);
        CHECK(game_id(*other, transcript.terms, transcript.parties) != id);
    }
    const Bytes agreed = encode(transcript.terms);
    for (std::size_t i = 0; i < agreed.size(); ++i) {
        Bytes changed = agreed;
        changed[i] ^= 1;
        CHECK(game_id(transcript.statement, *decode<Terms>(changed), transcript.parties) != id);
    }
    CHECK(game_id(transcript.statement, transcript.terms, Parties{}) != id);
}

TEST_CASE("DISPUTE-2 statements and terms outside of the limits start no game")
{
    const Transcript transcript = forged_game();
    const auto error_of = [&](auto change) {
        Transcript changed = transcript;
        change(changed);
        return Game::start(changed.statement, changed.terms, changed.parties, changed.started).error();
    };
    CHECK(error_of([](Transcript& t) { t.terms.reveal_levels = 0; }) == Error::invalid_terms);
    CHECK(error_of([](Transcript& t) { t.terms.reveal_levels = 9; }) == Error::invalid_terms);
    CHECK(error_of([](Transcript& t) { t.terms.solver_clock = Tick{0}; }) == Error::invalid_terms);
    CHECK(error_of([](Transcript& t) { t.terms.challenger_clock = Tick{clock_max + 1}; }) == Error::invalid_terms);
    CHECK(error_of([](Transcript& t) { t.terms.segment_levels = 0; }) == Error::invalid_terms);
    CHECK(error_of([](Transcript& t) { t.terms.segment_levels = 16; }) == Error::invalid_terms);
    CHECK(error_of([](Transcript& t) { t.terms.latency = Tick{latency_max + 1}; }) == Error::invalid_terms);
    CHECK(error_of([](Transcript& t) { t.terms.bytes_per_tick = 0; }) == Error::invalid_terms);
    CHECK(error_of([](Transcript& t) { t.statement.steps = 0; }) == Error::invalid_statement);
    CHECK(error_of([](Transcript& t) { t.statement.steps = steps_max + 1; }) == Error::invalid_statement);
    CHECK(error_of([](Transcript& t) { t.statement.program.node_count = 0; }) == Error::invalid_statement);
    CHECK(error_of([](Transcript& t) { t.statement.program.output_count = 0; }) == Error::invalid_statement);
    CHECK(error_of([](Transcript& t) { t.started = Tick{time_max + 1}; }) == Error::limit_exceeded);
}

TEST_CASE("DISPUTE-2 statements and terms at their limits start a game, and one beyond them starts none, is played by nobody and judged by nobody")
{
    const Transcript transcript = forged_game();
    const auto starts = [&](auto change) {
        Transcript changed = transcript;
        change(changed);
        return Game::start(changed.statement, changed.terms, changed.parties, changed.started).has_value();
    };
    for (const std::uint8_t levels : std::array<std::uint8_t, 2>{1, 8}) CHECK(starts([&](Transcript& t) { t.terms.reveal_levels = levels; }));
    for (const std::uint8_t levels : std::array<std::uint8_t, 2>{1, 15}) CHECK(starts([&](Transcript& t) { t.terms.segment_levels = levels; }));
    for (const std::uint64_t ticks : {std::uint64_t{1}, clock_max}) {
        CHECK(starts([&](Transcript& t) { t.terms.solver_clock = Tick{ticks}; }));
        CHECK(starts([&](Transcript& t) { t.terms.challenger_clock = Tick{ticks}; }));
    }
    for (const std::uint64_t ticks : {std::uint64_t{0}, latency_max}) CHECK(starts([&](Transcript& t) { t.terms.latency = Tick{ticks}; }));
    CHECK(starts([](Transcript& t) { t.terms.bytes_per_tick = 1; }));
    for (const std::uint64_t steps : {std::uint64_t{1}, steps_max}) CHECK(starts([&](Transcript& t) { t.statement.steps = steps; }));
    CHECK(starts([](Transcript& t) { t.started = Tick{time_max}; }));
    Transcript bad = transcript;
    bad.terms.reveal_levels = 0;
    CHECK(dispute::replay(bad).error() == Error::invalid_terms);
    replay::RunTrace run = trace(3);
    CHECK(play_out(bad.statement, bad.terms, bad.parties, bad.started, run, run).error() == Error::invalid_terms);
}

TEST_CASE("DISPUTE-24 a transcript is judged again from its bytes, and one that was truncated or changed is not")
{
    const Transcript transcript = forged_game();
    const auto decoded = decode<Transcript>(encode(transcript));
    REQUIRE(decoded);
    CHECK(*decoded == transcript);
    Transcript shorter = transcript;
    shorter.moves.pop_back();
    const auto open = dispute::replay(shorter);
    REQUIRE(open);
    CHECK(!open->is_settled());
    Transcript doubled = transcript;
    doubled.moves.insert(doubled.moves.begin() + 1, doubled.moves.front());
    CHECK(dispute::replay(doubled).error() == Error::stale_move);
    Transcript swapped = transcript;
    std::swap(swapped.moves[0], swapped.moves[2]);
    CHECK(dispute::replay(swapped).error() == Error::future_move);
}

TEST_CASE("DISPUTE-4 a descriptor that is in the program's commitment, but that no program allows, is refused when it is selected")
{
    replay::RunTrace solver = trace(1);
    const auto statement = solver.statement(Digest{}, 0);
    REQUIRE(statement);
    // A commitment over one descriptor that adds a tensor of 2 elements to one of 3.
    const program::TensorType two{DataType::binary32, Shape{2}};
    const program::TensorType three{DataType::binary32, Shape{3}};
    commit::DescriptorOpening broken{{Primitive::add, program::NoAttributes{}, {{{0}, two}, {{0}, three}}, three, "broken"}, {}};
    Statement other = *statement;
    other.program.node_count = 1;
    other.program.node_root = merkle::leaf_hash(encode(broken.descriptor));
    auto game = Game::start(other, terms(2), parties(), Tick{0});
    REQUIRE(game);
    const Digest forged = merkle::leaf_hash(Bytes{1});
    const std::array leaves{merkle::leaf_hash(view_of(forged)), merkle::leaf_hash(view_of(other.after))};
    const Open open{merkle::node_hash(leaves[0], leaves[1]), {leaves[0]}, std::nullopt, {{forged, other.after}, {}}};
    REQUIRE(game->apply(game->next_move(open), Tick{1}));
    refused(*game, game->next_move(Select{0, broken}), Tick{2}, Error::invalid_node);
}

TEST_CASE("DISPUTE-25 stored bytes with any change are refused, or are a game that can be played on: whatever is decided about it, nothing "
          "is looked at that is not there")
{
    std::uint64_t refusals = 0;
    std::uint64_t accepted = 0;
    at_every_move(forged_game(), [&](const Game& game, const TimedMove& timed) {
        replay::RunTrace solver = trace(5, forged_sum());
        replay::RunTrace challenger = trace(5);
        const Bytes bytes = game.encode();
        for (std::size_t i = 0; i < bytes.size(); i += 1 + i % 3)
            for (const std::uint8_t flip : {std::uint8_t{1}, std::uint8_t{0x80}}) {
                Bytes changed = bytes;
                changed[i] ^= flip;
                const auto stored = Game::decode(changed);
                if (!stored) {
                    ++refusals;
                    continue;
                }
                ++accepted;
                CHECK(stored->encode() == changed);
                if (stored->is_settled()) continue;
                Game played = *stored;
                CHECK(played.deadline() >= played.state().turn_started);
                (void)played.apply(played.next_move(timed.move.body), played.deadline());
                if (played.is_settled()) continue;
                REQUIRE(played.claim_timeout(Tick{~std::uint64_t{0}}));
            }
    });
    CHECK(refusals > 1000);
    CHECK(accepted > 1000);
}
