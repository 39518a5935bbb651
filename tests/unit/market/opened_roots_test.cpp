// A solver that blinds a root which is not its segment's, to make honest verifiers disagree with a right result.
#include "tests/unit/market/world.hpp"

using namespace assay;
using namespace assay::test;

namespace {

const Digest made_up{{7}};

// States are right; the first segment's root is made up. All segments are drawn, and the receipt is posted.
Digest recorded(World& world, Run& run)
{
    Posting posting = test::posting();
    posting.terms.segments = 2;
    const Digest task = begin(world, posting);
    CHECK(post(world, record(world, task, run.state(0), made_up)) == done);
    run.post(world, task);
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    post_receipt(world, task, verifier, run);
    return task;
}

OpenSegments as_committed(const Digest& task, Run& run)
{
    return {task, {{made_up, Digest{{8}}}, {run.root(1), Digest{{8}}}}};
}

std::optional<Error> next_move(World& world, const Digest& task, Run& run)
{
    const auto game = dispute::Game::decode(world.task(task).disputes.front().game);
    return world.apply(solver, PlayMove{task, next_solver_move(*game, run.segments[0]).value()});
}

} // namespace

TEST_CASE("AUDIT-7 a root opened in the audit that is not the game's convicts: the game comes after")
{
    World world;
    Run run;
    const Digest task = recorded(world, run);
    CHECK(world.apply(solver, as_committed(task, run)) == done);
    open_receipt(world, task, verifier, run);
    CHECK(!world.task(task).agrees(world.task(task).auditors[0], 0));
    CHECK(world.task(task).agrees(world.task(task).auditors[0], 1));
    CHECK(world.apply(verifier, Challenge{task, 0}) == done);
    CHECK(next_move(world, task, run) == done); // the honest tree, which is not what it opened
    CHECK(world.phase(task) == market::Phase::convicted);
    world.advance(task);
    CHECK(ended(world, task) == Gains{0, -500, 20 + 250, 0, 230});
}

TEST_CASE("AUDIT-7 the same, where the game has begun before the roots are opened")
{
    World world;
    Run run;
    const Digest task = recorded(world, run);
    CHECK(world.apply(verifier, Challenge{task, 0}) == done);
    CHECK(next_move(world, task, run) == done);
    CHECK(world.phase(task) == market::Phase::opening);
    CHECK(world.apply(solver, as_committed(task, run)) == done);
    CHECK(world.phase(task) == market::Phase::convicted);
    CHECK(world.task(task).conviction->finder == verifier.identity());
    world.advance(task);
    CHECK(ended(world, task) == Gains{0, -500, 250, 0, 250});
}

TEST_CASE("AUDIT-7 a game that opens what the audit opened goes on")
{
    World world;
    Run run, lying{forged_sum()};
    Posting posting = test::posting();
    posting.terms.segments = 2;
    const Digest task = begin(world, posting);
    run.post(world, task), run.post(world, task);
    CHECK(world.apply(stranger, Challenge{task, 0}) == done);
    CHECK(next_move(world, task, run) == done);
    audit(world, task, run, run);
    CHECK(world.task(task).disputes.size() == 1);
    play_out(world, task, run.segments[0], lying.segments[0]);
    world.advance(task);
    CHECK(ended(world, task) == Gains{-420, 450, 20, -100, 50});
}

TEST_CASE("AUDIT-7 the root of a segment of one step is that of its last state, and no other can be opened")
{
    World world;
    Run run{{}, 1};
    Posting posting = test::posting();
    posting.terms.segments = 2;
    posting.task.steps = 2;
    posting.task.interval = 1;
    const Digest task = begin(world, posting);
    CHECK(post(world, record(world, task, run.state(0), made_up)) == done);
    run.post(world, task);
    CHECK(run.root(1) == merkle::leaf_hash(view_of(run.state(1))));
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    post_receipt(world, task, verifier, run);
    CHECK(world.apply(solver, as_committed(task, run)) == Error::commitment_mismatch);
    world.advance(task), world.advance(task);
    CHECK(world.phase(task) == market::Phase::convicted);
    World honest;
    const Digest good = begin(honest, posting);
    run.post(honest, good), run.post(honest, good);
    audit(honest, good, run, run);
    honest.advance(good);
    CHECK(ended(honest, good) == Gains{-420, 400, 20, 0, 0});
}
