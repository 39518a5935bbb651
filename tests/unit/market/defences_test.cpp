// A solver that lets itself be convicted of a segment that is right, to harm those who attested to it; and verifiers that attested to a
// wrong one and say that it was such a solver.
#include "tests/unit/market/world.hpp"

using namespace assay;
using namespace assay::test;

namespace {

// Whose trace is whose. The challenger of a right segment needs one that is wrong.
struct Cast {
    Run honest, lying{forged_sum()}, losing{lost_on_purpose(honest)};
};

Posting audited_by(std::uint8_t verifiers, std::uint8_t legs = 1)
{
    Posting posting = test::posting();
    posting.terms.segments = 2;
    posting.terms.verifiers = verifiers;
    posting.terms.legs_max = legs;
    return posting;
}

const std::array attesters{&verifier, &others[0], &others[1]};

// A run that all verifiers attested to. With three of them, others[0] and others[1] are two.
Digest attested(World& world, Run& run, const Posting& posting = audited_by(1))
{
    if (posting.terms.verifiers > 1)
        for (std::size_t i = 0; i < 2; ++i) CHECK(world.apply(others[i], Join{{200}}) == done);
    const Digest task = begin(world, posting);
    run.post(world, task), run.post(world, task);
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    for (std::size_t i = 0; i < posting.terms.verifiers; ++i) post_receipt(world, task, *attesters[i], run);
    CHECK(world.apply(solver, opened_by(world, task, run)) == done);
    for (std::size_t i = 0; i < posting.terms.verifiers; ++i) open_receipt(world, task, *attesters[i], run);
    CHECK(world.phase(task) == market::Phase::window);
    return task;
}

// By proof, of the first segment, in a game that the stranger began.
void convict(World& world, const Digest& task, Run& solvers, Run& challengers, const KeyPair& finder = stranger)
{
    CHECK(world.apply(finder, Challenge{task, 0}) == done);
    play_out(world, task, solvers.segments[0], challengers.segments[0], finder);
    REQUIRE(world.phase(task) == market::Phase::convicted);
    CHECK(world.task(task).conviction->segment == 0);
}

// A right run, attested to, of which the solver had itself convicted.
Digest framed(World& world, Cast& cast, const Posting& posting = audited_by(1))
{
    const Digest task = attested(world, cast.honest, posting);
    convict(world, task, cast.losing, cast.lying);
    return task;
}

// A wrong run, attested to and convicted, whose root the verifier defends all the same.
Digest falsely_defended(World& world, Cast& cast)
{
    const Digest task = attested(world, cast.lying);
    convict(world, task, cast.lying, cast.honest);
    CHECK(world.apply(verifier, Defend{task}) == done);
    return task;
}

// The last game of the task.
void play_defence(World& world, const Digest& task, const KeyPair& defender, Run& defenders, Run& contesters, const KeyPair& contester = stranger)
{
    play_out(world, task, defenders.segments[0], contesters.segments[0], contester, world.task(task).disputes.size() - 1, defender);
}

} // namespace

TEST_CASE("MARKET-25 MARKET-27 a verifier whose right root was convicted defends it, loses nothing, and the friend that convicted gets nothing")
{
    World world;
    Cast cast;
    const Digest task = framed(world, cast);
    CHECK(world.apply(stranger, Defend{task}) == Error::not_allowed);
    CHECK(world.apply(stranger, Contest{task, verifier.identity()}) == Error::not_allowed);
    CHECK(world.apply(verifier, Defend{task}) == done);
    CHECK(world.gain(verifier) == -100);
    CHECK(world.apply(verifier, Defend{task}) == Error::already_done);
    world.advance(task);
    CHECK(world.phase(task) == market::Phase::defending);
    CHECK(world.apply(verifier, Defend{task}) == Error::wrong_phase);
    world.wait(10);
    CHECK(world.apply(clerk, Advance{task}) == Error::too_early);
    world.wait(1);
    CHECK(world.apply(stranger, Contest{task, verifier.identity()}) == Error::too_late);
    world.advance(task, 0);
    CHECK(ended(world, task) == outcome("framed, defended"));
    CHECK(!world.task(task).conviction->segment);
    CHECK(!world.ledger.verifiers().at(0).left);
}

TEST_CASE("MARKET-26 whoever contests a right root loses the bond, half of it to the verifier, and the solver's conviction stays")
{
    World world;
    Cast cast;
    const Digest task = framed(world, cast);
    CHECK(world.apply(verifier, Defend{task}) == done);
    CHECK(world.apply(stranger, Contest{task, verifier.identity(), {99}}) == Error::limit_exceeded);
    CHECK(world.apply(stranger, Contest{task, solver.identity()}) == Error::not_allowed);
    CHECK(world.apply(stranger, Contest{task, verifier.identity(), {100}}) == done);
    // The game is about the same two states, and a subject of its own.
    const auto game = dispute::Game::decode(world.task(task).disputes.front().game);
    CHECK(game->state().statement.after == cast.honest.state(0));
    CHECK(game->state().parties == dispute::Parties{verifier.identity(), stranger.identity()});
    play_defence(world, task, verifier, cast.honest, cast.lying);
    CHECK(world.gain(verifier) == -100 + 50);
    world.advance(task), world.advance(task);
    CHECK(ended(world, task) == outcome("framed, defended against a contest"));
}

TEST_CASE("MARKET-26 a contester that falls silent loses like one that is wrong, and nothing is settled meanwhile")
{
    World world;
    Cast cast;
    const Digest task = framed(world, cast);
    CHECK(world.apply(verifier, Defend{task}) == done);
    world.advance(task);
    world.wait(10);
    CHECK(world.apply(stranger, Contest{task, verifier.identity()}) == done); // in the last tick
    const auto game = dispute::Game::decode(world.task(task).disputes.front().game);
    CHECK(world.apply(verifier, PlayMove{task, next_solver_move(*game, cast.honest.segments[0]).value()}) == done);
    world.wait(1);
    CHECK(world.apply(clerk, Advance{task}) == Error::wrong_phase);
    world.wait(5000);
    CHECK(world.apply(clerk, ClaimTimeout{task, game->id()}) == done);
    world.advance(task, 0);
    CHECK(ended(world, task) == outcome("framed, defended against a contest"));
}

TEST_CASE("MARKET-25 a root that nobody defends was attested to wrongly, and is paid for as ever")
{
    World world;
    Cast cast;
    const Digest task = framed(world, cast);
    world.wait(11);
    CHECK(world.apply(verifier, Defend{task}) == Error::too_late);
    world.advance(task, 0);
    CHECK(ended(world, task) == outcome("convicted after an attestation"));
}

TEST_CASE("MARKET-26 a verifier that defends a wrong root loses its bond besides its stake, half of it to whoever contests")
{
    World world;
    Cast cast;
    const Digest task = falsely_defended(world, cast);
    CHECK(world.apply(stranger, Contest{task, verifier.identity()}) == done);
    play_defence(world, task, verifier, cast.lying, cast.honest);
    CHECK(world.task(task).auditors[0].defence == Defence::fallen);
    CHECK(world.apply(verifier, Defend{task}) == Error::already_done);
    CHECK(world.apply(stranger, Contest{task, verifier.identity()}) == Error::not_allowed);
    world.advance(task); // nothing stands, so that there is nothing to wait for
    CHECK(ended(world, task) == outcome("wrong root defended"));
}

TEST_CASE("MARKET-26 the same by the clock")
{
    World world;
    Cast cast;
    const Digest task = falsely_defended(world, cast);
    CHECK(world.apply(stranger, Contest{task, verifier.identity()}) == done);
    world.wait(5000);
    CHECK(world.apply(clerk, ClaimTimeout{task, world.task(task).disputes.front().id}) == done);
    world.advance(task, 0);
    CHECK(ended(world, task) == outcome("wrong root defended"));
}

TEST_CASE("MARKET-26 MARKET-27 a cheat that a friend convicts first saves no verifier that attested to it: anyone may contest")
{
    World world;
    Cast cast;
    const Digest task = attested(world, cast.lying);
    // The honest one had begun a game, which the friend's conviction ends.
    CHECK(world.apply(others[2], Challenge{task, 0}) == done);
    CHECK(world.apply(stranger, Challenge{task, 0}) == done);
    play_out(world, task, cast.lying.segments[0], cast.honest.segments[0], stranger, 1);
    REQUIRE(world.phase(task) == market::Phase::convicted);
    CHECK(world.apply(verifier, Defend{task}) == done);
    // The friend contests, and lets the verifier win.
    CHECK(world.apply(stranger, Contest{task, verifier.identity()}) == done);
    CHECK(world.apply(others[2], Contest{task, verifier.identity()}) == done);
    CHECK(world.apply(others[3], Contest{task, verifier.identity()}) == done);
    CHECK(world.task(task).disputes.size() == 3);
    play_out(world, task, cast.lying.segments[0], cast.honest.segments[0], others[2], 1, verifier);
    // What else there was about this root is over, and the bonds are back.
    CHECK(world.task(task).disputes.empty());
    CHECK(world.gain(others[2]) == 50);
    CHECK(world.gain(others[3]) == 0);
    world.advance(task);
    CHECK(ended(world, task) == Gains{0, -500, -160, 250, 360});
}

TEST_CASE("MARKET-27 a false defence that nobody contests stands, and costs the finder its share")
{
    World world;
    Cast cast;
    const Digest task = falsely_defended(world, cast);
    world.advance(task), world.advance(task);
    CHECK(ended(world, task) == outcome("framed, defended")); // the ledger sees what is said, and nobody said more
}

TEST_CASE("MARKET-27 one defence that stands serves all who have its root; one that is lost on purpose harms its maker only")
{
    World world;
    Cast cast;
    const Digest task = framed(world, cast, audited_by(3));
    CHECK(world.apply(others[0], Defend{task}) == done); // the solver's friend
    CHECK(world.apply(verifier, Defend{task}) == done);
    CHECK(world.apply(stranger, Contest{task, others[0].identity()}) == done);
    play_defence(world, task, others[0], cast.losing, cast.lying);
    CHECK(world.task(task).conviction.has_value());
    world.advance(task), world.advance(task);
    CHECK(world.gain(others[0]) == -100 + 20);
    CHECK(world.gain(others[1]) == 20); // did nothing
    CHECK(ended(world, task) == Gains{0, -500, 20, 50, 500 - 60 + 50});
    World alone;
    const Digest other = framed(alone, cast, audited_by(3));
    CHECK(alone.apply(others[0], Defend{other}) == done);
    CHECK(alone.apply(stranger, Contest{other, others[0].identity()}) == done);
    play_defence(alone, other, others[0], cast.losing, cast.lying);
    alone.advance(other);
    // So whoever is honest does not leave it to others.
    CHECK(alone.gain(others[0]) == -100 - 60);
    CHECK(ended(alone, other) == Gains{0, -500, -60, 300, 500 - 250 + 3 * 60 + 50});
}

TEST_CASE("MARKET-26 a verifier cannot defend its root with the tree of another")
{
    World world;
    Cast cast;
    // States are right, the first root is made up, and a lazy verifier has copied it.
    const Digest made_up{{7}};
    const Digest task = begin(world, audited_by(1));
    CHECK(post(world, record(world, task, cast.honest.state(0), made_up)) == done);
    cast.honest.post(world, task);
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    const std::vector<Digest> roots{made_up, cast.honest.root(1)};
    CHECK(world.apply(verifier, PostReceipt{task, receipt_digest(task, verifier.identity(), roots, Digest{{3}})}) == done);
    CHECK(world.apply(solver, OpenSegments{task, {{made_up, Digest{{8}}}, {roots[1], Digest{{8}}}}}) == done);
    CHECK(world.apply(verifier, OpenReceipt{task, roots, Digest{{3}}}) == done);
    CHECK(world.apply(stranger, Challenge{task, 0}) == done);
    const auto open_tree = [&](const KeyPair& who) {
        const auto game = dispute::Game::decode(world.task(task).disputes.front().game);
        return world.apply(who, PlayMove{task, next_solver_move(*game, cast.honest.segments[0]).value()});
    };
    CHECK(open_tree(solver) == done);
    REQUIRE(world.phase(task) == market::Phase::convicted);
    CHECK(world.apply(verifier, Defend{task}) == done);
    CHECK(world.apply(stranger, Contest{task, verifier.identity()}) == done);
    CHECK(open_tree(verifier) == done);
    CHECK(world.task(task).auditors[0].defence == Defence::fallen);
    world.advance(task);
    CHECK(ended(world, task) == outcome("wrong root defended"));
}

TEST_CASE("MARKET-25 who is convicted of the root that it opened, by showing another, frames nobody either")
{
    World world;
    Cast cast;
    const Digest task = attested(world, cast.honest);
    CHECK(world.apply(stranger, Challenge{task, 0}) == done);
    const auto game = dispute::Game::decode(world.task(task).disputes.front().game);
    // The tree of a run that ends in the same state by another way.
    replay::Deviation detour;
    detour.state = [right = cast.honest.segments[0].final_state().value()](std::uint64_t step, auto before, std::vector<program::Tensor>& after) {
        if (step == 0) after.assign(before.begin(), before.end());
        else after = right;
    };
    Run other{detour};
    const dispute::Move move = next_solver_move(*game, other.segments[0]).value();
    CHECK(world.apply(solver, PlayMove{task, move}) == done);
    REQUIRE(world.phase(task) == market::Phase::convicted);
    CHECK(world.apply(verifier, Defend{task}) == done);
    world.advance(task), world.advance(task);
    CHECK(ended(world, task) == outcome("framed, defended"));
}

TEST_CASE("MARKET-25 a verifier whose receipt was closed opens it and defends what it says; who saw something else is not paid beside it")
{
    World world;
    Cast cast;
    for (std::size_t i = 0; i < 2; ++i) CHECK(world.apply(others[i], Join{{200}}) == done);
    const Digest task = begin(world, audited_by(3));
    cast.honest.post(world, task), cast.honest.post(world, task);
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    post_receipt(world, task, verifier, cast.honest);
    post_receipt(world, task, others[0], cast.lying);
    convict(world, task, cast.losing, cast.lying);
    CHECK(world.apply(verifier, Defend{task}) == Error::not_allowed); // its receipt is closed
    open_receipt(world, task, verifier, cast.honest);
    open_receipt(world, task, others[0], cast.lying);
    CHECK(world.apply(others[0], Defend{task}) == Error::not_allowed); // nobody was convicted of that
    CHECK(world.apply(verifier, Defend{task}) == done);
    world.advance(task), world.advance(task);
    CHECK(world.gain(others[0]) == 0);
    CHECK(ended(world, task) == outcome("framed, defended"));
}

TEST_CASE("MARKET-27 AUDIT-9 a plant in a segment that is defended is none: the solver's stake is slashed")
{
    World world;
    Cast cast;
    const Plant plant{solver.identity(), 0, Digest{{5}}};
    Posting posting = audited_by(1);
    posting.plant = plant_digest(plant);
    const Digest task = framed(world, cast, posting);
    CHECK(world.apply(submitter, RevealPlant{task, plant}) == done);
    CHECK(world.apply(submitter, RevealPlant{task, plant}) == Error::already_done);
    CHECK(world.apply(verifier, Defend{task}) == done);
    world.advance(task), world.advance(task);
    CHECK(ended(world, task) == outcome("framed, defended"));
}

TEST_CASE("MARKET-18 MARKET-27 a task whose solver let itself be convicted is open again from where the leg began")
{
    World world;
    Cast cast;
    const Digest task = framed(world, cast, audited_by(1, 2));
    CHECK(world.apply(verifier, Defend{task}) == done);
    world.advance(task), world.advance(task);
    CHECK(world.phase(task) == market::Phase::bidding);
    CHECK(world.task(task).checkpoints.empty());
    CHECK(world.task(task).auditors.empty());
    world.wait(11);
    world.advance(task); // no bids
    CHECK(ended(world, task) == outcome("framed, defended"));
}

TEST_CASE("MARKET-25 a conviction without a segment puts nobody's root in doubt")
{
    World world;
    Cast cast;
    const Digest task = attested(world, cast.honest);
    CHECK(world.apply(stranger, Challenge{task, 0}) == done);
    world.wait(5000);
    CHECK(world.apply(clerk, ClaimTimeout{task, world.task(task).disputes.front().id}) == done);
    CHECK(world.apply(verifier, Defend{task}) == Error::not_allowed);
    world.advance(task);
    CHECK(ended(world, task) == Gains{0, -500, 20, 250, 230});
}
