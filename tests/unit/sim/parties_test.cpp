// Colluding pairs against a third party; and every adversary over a run that is really replayed.
#include <doctest/doctest.h>

#include <algorithm>

#include <assay/dispute/players.hpp>
#include <assay/dispute/transcript.hpp>
#include <assay/hash/openssl.hpp>
#include <assay/sim/simulator.hpp>

using namespace assay;
using namespace assay::sim;
using dispute::Side;
using dispute::Verdict;

namespace {

// A side of a game: what it knows, and how it plays. Null is honest.
struct Seat {
    dispute::Trace& trace;
    const Adversary* adversary = nullptr;
};

// Plays to the end: what arrives in time and is accepted is made; where nothing is, the clock runs out. Returns: the verdict.
Verdict settle(dispute::Game& game, Seat solver, Seat challenger, Random& random)
{
    std::vector<dispute::Move> heard;
    for (std::uint64_t now = game.state().turn_started.value + 1; !game.is_settled(); ++now) {
        const Side side = game.to_move();
        const Seat& seat = side == Side::solver ? solver : challenger;
        const View view{game, side, Tick{now}, random, seat.trace, heard};
        std::vector<Send> sends;
        seat.adversary == nullptr ? honest_answer(view, sends) : answer_of(*seat.adversary, view, sends);
        std::stable_sort(sends.begin(), sends.end(), [](const Send& a, const Send& b) { return a.wait < b.wait; });
        const std::uint32_t moves = game.state().moves();
        for (const Send& send : sends) {
            const bool by_challenger =
                std::holds_alternative<dispute::Select>(send.move.body) || std::holds_alternative<dispute::Prove>(send.move.body);
            if (by_challenger != (side == Side::challenger) || game.is_settled()) continue;
            now = std::max(now, game.state().turn_started.value) + send.wait;
            const Bytes before = game.encode();
            if (!game.apply(send.move, Tick{now})) CHECK(game.encode() == before);
            if (game.state().moves() != moves) break;
        }
        if (!game.is_settled() && game.state().moves() == moves) {
            now = std::max(now, game.deadline().value + 1);
            REQUIRE(game.claim_timeout(Tick{now}));
        }
    }
    return *game.verdict();
}

dispute::Terms terms()
{
    dispute::Terms all;
    all.reveal_levels = all.segment_levels = 2;
    all.solver_clock = all.challenger_clock = Tick{500};
    all.latency = Tick{2};
    all.solver_bond = 1000;
    all.challenger_bond = 100;
    return all;
}

dispute::Game start(const dispute::Statement& statement, std::uint8_t challenger)
{
    dispute::Parties parties;
    parties.challenger.bytes[0] = challenger;
    auto game = dispute::Game::start(statement, terms(), parties, Tick{10}, hash::sha256_openssl);
    REQUIRE(game);
    return *game;
}

// What a solver and its accomplice have together after their game: of a lost bond half goes to the winner, half is burned.
std::int64_t joint_gain(Verdict verdict)
{
    const auto lost = static_cast<std::int64_t>(verdict == Verdict::convicted ? terms().solver_bond : terms().challenger_bond);
    return -(lost - lost / 2);
}

} // namespace

TEST_CASE("DISPUTE-29 colluding pairs: whatever they do in their own game costs them, and the third party convicts in its own")
{
    SyntheticSizes sizes;
    sizes.steps = 9;
    const auto task = SyntheticTask::make(sizes, hash::sha256_openssl);
    REQUIRE(task);
    for (const Collusion& pair : collusions()) {
        const Adversary* solver = find_adversary(Side::solver, pair.solver);
        const Adversary* accomplice = find_adversary(Side::challenger, pair.challenger);
        REQUIRE(solver != nullptr);
        REQUIRE(accomplice != nullptr);
        CAPTURE(pair.name);
        for (std::uint64_t seed = 0; seed < 10; ++seed) {
            Random random{seed};
            const Lie lie = choose_lie(solver->lie, **task, random);
            SyntheticTrace claimed{*task, lie}, truth{*task};
            SyntheticTrace friendly{*task, accomplice->lie == LieKind::truth ? lie : choose_lie(accomplice->lie, **task, random)};
            const dispute::Statement statement = claimed.statement({}, 0);
            dispute::Game own = start(statement, 1), third = start(statement, 2);
            const Verdict between = settle(own, {claimed, solver}, {friendly, accomplice}, random);
            CHECK(joint_gain(between) < 0);
            if (lie.where == Lie::Where::nothing) continue; // a right result: the third party has nothing to dispute
            CHECK(settle(third, {claimed, solver}, {truth}, random) == Verdict::convicted);
        }
    }
}

TEST_CASE("DISPUTE-22 DISPUTE-23 every adversary loses over a run that is really replayed")
{
    SyntheticSizes sizes;
    sizes.steps = 3;
    sizes.elements = 257;
    sizes.terms = 5;
    sizes.states = 2;
    const auto task = SyntheticTask::make(sizes, hash::sha256_openssl);
    REQUIRE(task);
    const auto replayed = [&](const Lie& lie) {
        replay::Segment own = (*task)->segment();
        const auto factory = [program = own.program->program(), data = own.data, seed = own.seed] {
            return exec::make_interpreter(program, data, seed);
        };
        replay::Deviation deviation = deviation_of(lie);
        // What is false inside of a step may reach no state: here the state after it is false as well.
        if (lie.where != Lie::Where::nothing && !deviation.state)
            deviation.state = [lie](std::uint64_t step, std::span<const program::Tensor>, std::vector<program::Tensor>& after) {
                program::Tensor& tensor = after[lie.output % after.size()];
                if (step == lie.step) tensor.set_element(0, tensor.element(0) ^ 4);
            };
        return replay::RunTrace{std::move(own), factory, std::move(deviation), hash::sha256_openssl};
    };
    for (const Adversary& one : adversaries())
        for (std::uint64_t seed = 0; seed < 2; ++seed) {
            CAPTURE(one.name);
            Random random{seed};
            const bool solves = one.side == Side::solver;
            replay::RunTrace honest = replayed({}), liar = replayed(choose_lie(one.lie, **task, random));
            const auto statement = (solves ? liar : honest).statement({}, 0);
            REQUIRE(statement);
            dispute::Game game = start(*statement, 1);
            const Verdict verdict = solves ? settle(game, {liar, &one}, {honest}, random) : settle(game, {honest}, {liar, &one}, random);
            CHECK(verdict == (solves ? Verdict::convicted : Verdict::upheld));
        }
}
