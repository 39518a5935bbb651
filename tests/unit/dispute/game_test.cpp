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
    const Status status = copy.apply(move, at);
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
        if (timed.move.number > 0) {
            move.number = timed.move.number - 1;
            refused(game, move, timed.at, Error::stale_move);
        }
        const bool solver = game.to_move() == Side::solver;
        refused(game, Move{game.id(), timed.move.number, solver ? MoveBody{Select{}} : MoveBody{Reveal{}}}, timed.at, Error::wrong_turn);
    });
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
        for (const Tick claimed : {late, Tick{time_max}}) {
            silent = game;
            REQUIRE(silent.claim_timeout(claimed));
            CHECK(silent.verdict() == (game.to_move() == Side::solver ? Verdict::convicted : Verdict::upheld));
            CHECK(silent.claim_timeout(claimed).error() == Error::game_over);
            CHECK(silent.apply(timed.move, timed.at).error() == Error::game_over);
        }
        refused(game, timed.move, Tick{game.state().turn_started.value - 1}, Error::too_early);
    });
}

TEST_CASE("DISPUTE-10 time that is spent is counted once, for the side that spent it")
{
    const Transcript transcript = forged_game();
    Game game = start(transcript);
    std::uint64_t solver = 0;
    std::uint64_t challenger = 0;
    Tick now = transcript.started;
    for (const TimedMove& timed : transcript.moves) {
        const std::uint64_t spent = 1 + timed.move.number % 5;
        (game.to_move() == Side::solver ? solver : challenger) += spent;
        now.value += spent;
        REQUIRE(game.apply(timed.move, now));
        CHECK(game.state().solver_used.value == solver);
        CHECK(game.state().challenger_used.value == challenger);
    }
}

TEST_CASE("DISPUTE-6 DISPUTE-7 DISPUTE-8 DISPUTE-14 a move with any byte changed is undecodable, refused without a trace, or leads to a state of its own, never to a crash")
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
                if (const Status status = copy.apply(*move, timed.at); !status) {
                    ++refusals;
                    CHECK(copy.encode() == game.encode());
                }
                // The challenger's own selections are free, and so are proofs that show nothing; the solver's openings are not.
                else CHECK(game.to_move() == Side::challenger);
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
    CHECK(game_id(transcript.statement, terms(5), transcript.parties) != id);
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
    CHECK(error_of([](Transcript& t) { t.terms.challenger_clock = Tick{time_max + 1}; }) == Error::invalid_terms);
    CHECK(error_of([](Transcript& t) { t.statement.steps = 0; }) == Error::invalid_statement);
    CHECK(error_of([](Transcript& t) { t.statement.steps = steps_max + 1; }) == Error::invalid_statement);
    CHECK(error_of([](Transcript& t) { t.statement.program.node_count = 0; }) == Error::invalid_statement);
    CHECK(error_of([](Transcript& t) { t.statement.program.output_count = 0; }) == Error::invalid_statement);
    CHECK(error_of([](Transcript& t) { t.started = Tick{time_max + 1}; }) == Error::limit_exceeded);
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
    REQUIRE(game->apply({game->id(), 0, open}, Tick{1}));
    refused(*game, {game->id(), 1, Select{0, broken}}, Tick{2}, Error::invalid_node);
}
