// Capability is measured, not claimed: by a benchmark whose seed nobody could know.
#include "tests/unit/market/world.hpp"

using namespace assay;
using namespace assay::test;

namespace {

Rules measured()
{
    Rules rules = test::rules();
    rules.benchmark = Benchmark{posting().task, 6400};
    return rules;
}

Posting benchmark()
{
    Posting posting = test::posting();
    posting.terms.source = DrawSource::beacon;
    return posting;
}

std::uint64_t speed(const World& world)
{
    return world.ledger.account(solver.identity())->standing.operations_per_tick;
}

// Records in the third and fifth tick of the clock.
Digest recorded(World& world, Run& run)
{
    const Digest task = begin(world, benchmark());
    const Tick first{world.ledger.now().value + 1};
    world.wait(3);
    CHECK(world.apply(solver, beacon_draw(task, first)) == done);
    run.post(world, task);
    world.wait(2);
    run.post(world, task);
    return task;
}

} // namespace

TEST_CASE("AUDIT-8 a benchmark is drawn by the beacon and is one solver's")
{
    World world{measured()};
    CHECK(world.apply(submitter, Post{test::posting()}) == Error::invalid_terms);
    Posting twice = benchmark();
    twice.terms.legs_max = 2;
    CHECK(world.apply(submitter, Post{twice}) == Error::invalid_terms);
    CHECK(World{}.apply(submitter, Post{test::posting()}) == done); // elsewhere it is a task like any other
    Rules broken = measured();
    broken.benchmark->task.interval = 0;
    CHECK(Ledger::start(broken, {}, Tick{1}).error() == Error::invalid_terms);
}

TEST_CASE("AUDIT-8 the seed comes from the beacon, after the acceptance")
{
    World world{measured()};
    Run run;
    const Digest task = begin(world, benchmark());
    const Tick first{world.ledger.now().value + 1};
    CHECK(world.task(task).leg->begun == first);
    CHECK(post(world, record(world, task, run.state(0))) == Error::wrong_phase);
    CHECK(world.apply(solver, beacon_draw(task, first)) == Error::too_early);
    world.wait(2);
    CHECK(world.apply(solver, beacon_draw(task, Tick{first.value + 1})) == Error::invalid_randomness);
    CHECK(world.apply(solver, own_draw(world, task)) == Error::invalid_randomness);
    const Draw draw = beacon_draw(task, first);
    CHECK(world.apply(solver, draw) == done);
    CHECK(world.apply(solver, draw) == Error::wrong_phase);
    const auto output = crypto::verify(beacon.public_key(), crypto::VrfSuite::elligator, beacon_input(rules().network, first), draw.proof);
    CHECK(world.task(task).leg->seed == benchmark_seed(*output, task, 0));
    CHECK(world.task(task).leg->seed != world.task(task).task.seed);
    // Disputes are about that seed.
    run.post(world, task);
    CHECK(world.apply(stranger, Challenge{task, 0}) == done);
    const auto game = dispute::Game::decode(world.task(task).disputes.front().game);
    CHECK(game->state().statement.seed == world.task(task).leg->seed);
}

TEST_CASE("AUDIT-8 a verifier's attestation makes the measured speed count, from the beacon's tick to the last record's")
{
    World world{measured()};
    Run run;
    const Digest task = recorded(world, run);
    world.wait(1);
    CHECK(world.apply(clerk, beacon_draw(task, world.task(task).leg->beacon_tick)) == done);
    post_receipt(world, task, verifier, run);
    CHECK(world.apply(solver, opened_by(world, task, run)) == done);
    open_receipt(world, task, verifier, run);
    CHECK(speed(world) == 0);
    world.advance(task);
    CHECK(ended(world, task) == Gains{-420, 400, 20, 0, 0});
    CHECK(speed(world) == 6400 / 5);
}

TEST_CASE("AUDIT-8 without an attestation nothing was measured")
{
    Run run, other{forged_sum()};
    World nobody{measured()};
    const Digest task = recorded(nobody, run);
    nobody.advance(task);
    nobody.advance(task);
    CHECK(ended(nobody, task) == Gains{-400, 400, 0, 0, 0});
    CHECK(speed(nobody) == 0);
    World denied{measured()};
    const Digest disputed = recorded(denied, run);
    denied.wait(1);
    CHECK(denied.apply(clerk, beacon_draw(disputed, denied.task(disputed).leg->beacon_tick)) == done);
    post_receipt(denied, disputed, verifier, other);
    CHECK(denied.apply(solver, opened_by(denied, disputed, run)) == done);
    open_receipt(denied, disputed, verifier, other);
    denied.advance(disputed);
    CHECK(speed(denied) == 0);
}

TEST_CASE("AUDIT-8 a beacon that does not draw the seed costs nobody anything")
{
    World world{measured()};
    const Digest task = begin(world, benchmark());
    world.advance(task);
    CHECK(ended(world, task) == Gains{});
    CHECK(world.ledger.account(solver.identity())->standing.deadlines.missed() == 0);
}
