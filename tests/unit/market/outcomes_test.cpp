// What becomes of money when somebody withdraws, does not keep a promise, or loses a dispute that is played to its end.
#include "tests/unit/market/world.hpp"

using namespace assay;
using namespace assay::test;

namespace {

replay::Deviation forged_sum()
{
    replay::Deviation deviation;
    deviation.node = [](std::uint64_t step, program::NodeIndex node, program::Tensor& output) {
        if (step != 1 || node.value != 8) return false;
        output.set_element(0, output.element(0) ^ 0x00100000);
        return true;
    };
    return deviation;
}

// Plays the only game of the task to its end, every move a transaction of its side's. Returns: how many there were.
int play_out(World& world, const Digest& task, dispute::Trace& solvers, dispute::Trace& challengers)
{
    for (int moves = 0;; ++moves) {
        const auto& disputes = world.ledger.task(task)->disputes;
        if (disputes.empty()) return moves;
        const auto game = dispute::Game::decode(disputes.front().game);
        REQUIRE(game);
        const bool is_solvers = game->to_move() == dispute::Side::solver;
        const auto move = is_solvers ? next_solver_move(*game, solvers) : next_challenger_move(*game, challengers);
        REQUIRE(move);
        // Nobody makes the other side's moves.
        CHECK(world.apply(is_solvers ? stranger : solver, PlayMove{task, *move}) == Error::not_allowed);
        REQUIRE(world.apply(is_solvers ? solver : stranger, PlayMove{task, *move}) == done);
        world.wait(1);
    }
}

// The first segment's record of a solver whose run this is, and a stranger's challenge of it.
Digest challenge(World& world, replay::RunTrace& run)
{
    const Digest task = begin(world);
    const auto after = run.after();
    REQUIRE(after);
    CHECK(world.apply(solver, PostProgress{sign(solver, rules().network, record(world, task, *after))}) == done);
    CHECK(world.apply(stranger, Challenge{task, 0}) == done);
    return task;
}

} // namespace

TEST_CASE("MARKET-9 a false challenge is played to its end, and half of its bond is the solver's")
{
    World world;
    replay::RunTrace honest = toy::trace(2);
    replay::RunTrace lying = toy::trace(2, forged_sum());
    const Digest task = challenge(world, honest);
    const std::uint64_t solvers = world.balance(solver), challengers = world.balance(stranger);
    const std::uint64_t burned = world.ledger.burned().units;
    const auto moves = static_cast<std::uint64_t>(play_out(world, task, honest, lying));
    REQUIRE(moves > 4);
    CHECK(world.ledger.task(task)->phase == market::Phase::running);
    // Both paid a unit for each of their moves; what a refused transaction costs is nothing.
    CHECK(world.balance(solver) + world.balance(stranger) == solvers + 50 + challengers - moves);
    CHECK(world.ledger.burned().units == burned + 50 + moves);
}

TEST_CASE("MARKET-9 MARKET-3 a solver that forged a number is convicted by proof, and slashed")
{
    World world;
    replay::RunTrace lying = toy::trace(2, forged_sum());
    replay::RunTrace honest = toy::trace(2);
    const Digest task = challenge(world, lying);
    const std::uint64_t challengers = world.balance(stranger);
    const auto moves = static_cast<std::uint64_t>(play_out(world, task, lying, honest));
    CHECK(world.ledger.task(task)->phase == market::Phase::convicted);
    CHECK(world.balance(stranger) > challengers + 100 - moves); // the bond is back
    world.wait(11);
    const std::uint64_t before = world.balance(stranger), solvers = world.balance(solver);
    CHECK(world.apply(submitter, Advance{task}) == done);
    CHECK(world.balance(stranger) == before + 250);
    CHECK(world.balance(solver) == solvers);
    CHECK(world.ledger.task(task)->phase == market::Phase::closed);
}

TEST_CASE("MARKET-7 a bid that is not revealed costs its bond")
{
    World world;
    const Digest task = task_id(rules().network, submitter.identity(), 0, posting());
    CHECK(world.apply(submitter, Post{posting()}) == done);
    for (const KeyPair* bidder : {&solver, &stranger})
        CHECK(world.apply(*bidder, CommitBid{task, bid_digest(task, bidder->identity(), {300}, Digest{})}) == done);
    world.wait(11);
    CHECK(world.apply(solver, RevealBid{task, {300}, Digest{}}) == done);
    world.wait(10);
    const std::uint64_t before = world.balance(stranger);
    CHECK(world.apply(submitter, Advance{task}) == done);
    CHECK(world.apply(solver, Accept{task}) == done);
    CHECK(world.balance(stranger) == before);
    CHECK(world.balance(solver) == 1000 - 500 - 3); // its own bond is back, its stake locked
}

TEST_CASE("MARKET-7 a task that is not taken up costs the winner's bond, and the submitter gets its escrow back")
{
    World world;
    const Digest task = task_id(rules().network, submitter.identity(), 0, posting());
    const std::uint64_t whole = world.balance(submitter);
    CHECK(world.apply(submitter, Post{posting()}) == done);
    CHECK(world.apply(solver, CommitBid{task, bid_digest(task, solver.identity(), {300}, Digest{})}) == done);
    world.wait(11);
    CHECK(world.apply(solver, RevealBid{task, {300}, Digest{}}) == done);
    world.wait(10);
    CHECK(world.apply(stranger, Advance{task}) == done);
    world.wait(11);
    CHECK(world.apply(solver, Accept{task}).has_value());
    CHECK(world.apply(stranger, Advance{task}) == done);
    CHECK(world.balance(solver) == 1000 - 10 - 2);
    CHECK(world.ledger.task(task)->phase == market::Phase::closed);
    CHECK(world.balance(submitter) == whole - 1);
}

TEST_CASE("MARKET-7 MARKET-3 a submitter withdraws a task that nobody was assigned to, and nobody else does")
{
    World world;
    const std::uint64_t whole = world.balance(submitter);
    const Digest task = task_id(rules().network, submitter.identity(), 0, posting());
    CHECK(world.apply(submitter, Post{posting()}) == done);
    CHECK(world.balance(submitter) < whole - 1000);
    CHECK(world.apply(stranger, Withdraw{task}) == Error::not_allowed);
    CHECK(world.apply(submitter, Withdraw{task}) == done);
    CHECK(world.balance(submitter) == whole - 2);
    World other;
    CHECK(other.apply(submitter, Withdraw{begin(other)}).has_value());
}

TEST_CASE("MARKET-3 a verifier leaves with its stake after the unbonding time")
{
    World world;
    CHECK(world.apply(verifier, Join{{200}}) == done);
    CHECK(world.apply(verifier, Join{{200}}) == Error::already_done);
    CHECK(world.apply(stranger, Leave{0}) == Error::not_allowed);
    CHECK(world.apply(verifier, Leave{0}) == done);
    world.wait(50);
    CHECK(world.apply(verifier, Leave{0}) == Error::too_early);
    world.wait(1);
    CHECK(world.apply(verifier, Leave{0}) == done);
    CHECK(world.balance(verifier) == 1000 - 3);
}
