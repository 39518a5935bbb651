// Who has what when a task has ended, to the unit: the rows of the table of outcomes in spec/market.md.
#include <assay/merkle/tree.hpp>

#include "tests/unit/market/world.hpp"

using namespace assay;
using namespace assay::test;

namespace {

// All segments are drawn.
Posting audited_whole()
{
    Posting posting = test::posting();
    posting.terms.segments = 2;
    return posting;
}

Digest recorded(World& world, Run& run, const Posting& posting = audited_whole())
{
    const Digest task = begin(world, posting);
    run.post(world, task);
    run.post(world, task);
    return task;
}

std::optional<Error> challenge(World& world, const Digest& task, const KeyPair& author = stranger, std::uint64_t segment = 0)
{
    return world.apply(author, Challenge{task, segment, amount_max});
}

} // namespace

TEST_CASE("MARKET-5 MARKET-6 MARKET-18 MARKET-20 AUDIT-3 an honest run is made, audited and paid the second score")
{
    World world;
    Run run;
    const Digest task = begin(world);
    Progress wrong = record(world, task, run.state(0));
    wrong.log.bytes[0] ^= 1;
    CHECK(post(world, wrong) == Error::invalid_record);
    wrong = record(world, task, run.state(0));
    wrong.index = 2;
    CHECK(post(world, wrong) == Error::invalid_record);
    wrong = record(world, task, run.state(0));
    wrong.previous.bytes[0] ^= 1;
    CHECK(post(world, wrong) == Error::invalid_record);
    CHECK(post(world, record(world, task, run.state(0), run.root(0), stranger), stranger) == Error::not_allowed);
    world.wait(10); // the deadline's own tick
    run.post(world, task);
    CHECK(world.phase(task) == market::Phase::running);
    run.post(world, task);
    audit(world, task, run, run);
    CHECK(world.apply(clerk, Advance{task}) == Error::too_early);
    world.wait(10);
    CHECK(world.apply(clerk, Advance{task}) == Error::too_early);
    world.advance(task, 1);
    CHECK(ended(world, task) == outcome("honest"));
    CHECK(world.ledger.verifiers().at(0).locked == Amount{});
    CHECK(world.apply(clerk, Advance{task}) == Error::wrong_phase);
    CHECK(challenge(world, task) == Error::wrong_phase);
    CHECK(world.ledger.account(solver.identity())->standing.deadlines.kept() > Availability::weight_one);
}

TEST_CASE("MARKET-9 a whistleblower convicts a run that its verifier attested to, and both lose their stakes")
{
    World world;
    Run lying{forged_sum()}, honest;
    const Digest task = recorded(world, lying);
    audit(world, task, lying, lying); // the verifier is the solver's friend
    world.wait(10);
    CHECK(challenge(world, task) == done); // in the window's last tick
    world.wait(1);
    CHECK(world.apply(clerk, Advance{task}) == Error::wrong_phase); // nothing is paid while a game is open
    CHECK(challenge(world, task, others[0]) == Error::too_late);
    play_out(world, task, lying.segments[0], honest.segments[0]);
    CHECK(world.phase(task) == market::Phase::convicted);
    CHECK(world.task(task).conviction->segment == 0);
    world.advance(task);
    // Half of 500 to the finder, the rest burned, and the verifier's 60 too; all of the escrow returns.
    CHECK(ended(world, task) == outcome("convicted after an attestation"));
    CHECK(world.ledger.verifiers().at(0).left.has_value());
}

TEST_CASE("MARKET-9 MARKET-18 a verifier that saw the fault is paid for its work, whoever convicts")
{
    World world;
    Run lying{forged_sum()}, honest;
    const Digest task = recorded(world, lying);
    audit(world, task, lying, honest);
    CHECK(challenge(world, task) == done);
    play_out(world, task, lying.segments[0], honest.segments[0]);
    world.advance(task);
    CHECK(ended(world, task) == outcome("convicted after a disagreement"));
}

TEST_CASE("MARKET-9 a solver that forged a number is convicted by proof before any audit, and slashed")
{
    World world;
    Run lying{forged_sum()}, honest;
    const Digest task = begin(world);
    lying.post(world, task);
    CHECK(challenge(world, task) == done);
    play_out(world, task, lying.segments[0], honest.segments[0]);
    CHECK(world.gain(stranger) == 0); // the bond is back
    world.advance(task);
    CHECK(ended(world, task) == outcome("convicted before the audit"));
}

TEST_CASE("MARKET-9 a solver that does not answer a challenge is convicted by the clock")
{
    World world;
    Run run;
    const Digest task = begin(world);
    CHECK(challenge(world, task) == Error::index_out_of_range);
    run.post(world, task);
    CHECK(challenge(world, task) == done);
    const Digest game = world.task(task).disputes.front().id;
    CHECK(world.apply(clerk, ClaimTimeout{task, game}) == Error::too_early);
    CHECK(world.apply(clerk, ClaimTimeout{task, Digest{{1}}}) == Error::unknown_subject);
    world.wait(5000);
    CHECK(world.apply(clerk, ClaimTimeout{task, game}) == done);
    CHECK(!world.task(task).conviction->segment);
    world.advance(task);
    CHECK(ended(world, task) == outcome("convicted before the audit"));
}

TEST_CASE("MARKET-9 a false challenge is played to its end, and half of its bond is the solver's")
{
    World world;
    Run honest, lying{forged_sum()};
    const Digest task = recorded(world, honest);
    CHECK(challenge(world, task) == done);
    CHECK(play_out(world, task, honest.segments[0], lying.segments[0]) > 4);
    CHECK(world.phase(task) == market::Phase::drawing);
    audit(world, task, honest, honest);
    world.advance(task);
    CHECK(ended(world, task) == outcome("false challenge"));
}

TEST_CASE("MARKET-9 a challenger that falls silent loses like one that is wrong")
{
    World world;
    Run honest;
    const Digest task = recorded(world, honest);
    CHECK(challenge(world, task) == done);
    const auto game = dispute::Game::decode(world.task(task).disputes.front().game);
    CHECK(world.apply(solver, PlayMove{task, next_solver_move(*game, honest.segments[0]).value()}) == done);
    audit(world, task, honest, honest);
    world.wait(5000);
    CHECK(world.apply(clerk, ClaimTimeout{task, game->id()}) == done);
    world.advance(task, 0);
    CHECK(ended(world, task) == outcome("false challenge"));
}

TEST_CASE("MARKET-9 of several challengers the first conviction ends the task, and the others get their bonds back")
{
    World world;
    Run lying{forged_sum()}, honest;
    const Digest task = recorded(world, lying);
    for (const KeyPair& other : others) CHECK(challenge(world, task, other, 1) == done);
    CHECK(challenge(world, task) == done);
    CHECK(challenge(world, task) == done); // one may open two
    CHECK(world.task(task).disputes.size() == 6);
    play_out(world, task, lying.segments[0], honest.segments[0], stranger, 4);
    CHECK(world.phase(task) == market::Phase::convicted);
    CHECK(world.task(task).disputes.empty());
    for (const KeyPair& other : others) CHECK(world.gain(other) == 0);
    world.advance(task);
    CHECK(ended(world, task) == outcome("convicted before the audit"));
}

TEST_CASE("MARKET-16 sixteen open challenges double the bond of the next, so that shutting others out costs more than they have")
{
    World world;
    Run lying{forged_sum()}, honest;
    const Digest task = recorded(world, lying);
    // Friends of the solver fill sixteen places.
    for (int i = 0; i < 16; ++i) CHECK(challenge(world, task, others[static_cast<std::size_t>(i % 4)], 1) == done);
    CHECK(world.apply(stranger, Challenge{task, 0, {199}}) == Error::limit_exceeded);
    CHECK(world.apply(stranger, Challenge{task, 0, {200}}) == done);
    CHECK(world.gain(stranger) == -200);
    play_out(world, task, lying.segments[0], honest.segments[0], stranger, 16);
    world.advance(task);
    CHECK(ended(world, task) == outcome("convicted before the audit"));
}

TEST_CASE("MARKET-8 two signed records of one checkpoint convict, and the finder gets half of the stake")
{
    World world;
    Run run;
    const Digest task = begin(world);
    const Progress first = record(world, task, run.state(0));
    CHECK(post(world, first) == done);
    const auto fraud = [&](auto change) {
        Progress second = first;
        change(second);
        return ProveFraud{task, {sign(solver, rules().network, first), sign(solver, rules().network, second), {}}};
    };
    CHECK(world.apply(stranger, fraud([](Progress&) {})) == Error::fault_not_shown);
    CHECK(world.apply(stranger, fraud([](Progress& p) { p.previous = Digest{{1}}; })) == Error::fault_not_shown);
    CHECK(world.apply(stranger, fraud([](Progress& p) { p.index = 2; })) == Error::fault_not_shown);
    CHECK(world.apply(stranger, fraud([](Progress& p) { p.task = Digest{{1}}; })) == Error::fault_not_shown);
    ProveFraud unsigned_one = fraud([](Progress& p) { p.state = Digest{{99}}; });
    unsigned_one.fraud.second.signature.bytes[0] ^= 1;
    CHECK(world.apply(stranger, unsigned_one) == Error::invalid_signature);
    CHECK(world.apply(stranger, fraud([](Progress& p) { p.blinded = Digest{{99}}; })) == done);
    CHECK(world.apply(stranger, fraud([](Progress& p) { p.state = Digest{{99}}; })) == Error::wrong_phase);
    world.advance(task);
    CHECK(ended(world, task) == outcome("convicted before the audit"));
}

TEST_CASE("MARKET-8 a later log that holds another state than an earlier record convicts")
{
    World world;
    Run run;
    const Digest task = begin(world);
    run.post(world, task);
    const Progress first = record(world, task, run.state(1), run.root(1));
    run.post(world, task);
    // What it signed for somebody else: a run whose first state is another.
    std::vector<Digest> leaves;
    for (const Digest& state : {world.task(task).task.initial, Digest{{66}}, first.state}) leaves.push_back(merkle::leaf_hash(view_of(state)));
    const merkle::Tree log = merkle::Tree::from_leaf_hashes(leaves);
    Progress rewritten = first;
    rewritten.log = log.root();
    const Progress earlier{task, solver.identity(), 1, run.state(0), {}, {}, {}};
    const auto fraud = [&](const Progress& before, const Digest& state, std::uint64_t leaf) {
        return ProveFraud{task,
                          {sign(solver, rules().network, before), sign(solver, rules().network, rewritten), Rewrite{state, log.prove_inclusion(leaf)}}};
    };
    CHECK(world.apply(stranger, fraud(earlier, run.state(0), 1)) == Error::fault_not_shown); // the same state is no rewrite
    CHECK(world.apply(stranger, fraud(earlier, Digest{{67}}, 1)) == Error::root_mismatch);
    CHECK(world.apply(stranger, fraud(earlier, Digest{{66}}, 0)) == Error::root_mismatch);
    CHECK(world.apply(stranger, fraud(earlier, Digest{{66}}, 2)) == Error::wrong_proof_length);
    Progress later = earlier;
    later.index = 3;
    CHECK(world.apply(stranger, fraud(later, Digest{{66}}, 1)) == Error::fault_not_shown);
    CHECK(world.apply(stranger, fraud(earlier, Digest{{66}}, 1)) == done);
    world.advance(task);
    CHECK(ended(world, task) == outcome("convicted before the audit"));
}

TEST_CASE("MARKET-10 a solver that falls silent before its first record loses the penalty, and nothing is paid")
{
    World world;
    const Digest task = begin(world);
    world.advance(task);
    CHECK(ended(world, task) == outcome("silent before a record"));
    CHECK(world.ledger.account(solver.identity())->standing.deadlines.missed() == Availability::weight_one);
}

TEST_CASE("MARKET-10 a solver that falls silent is audited and paid for what it did, and another continues from its last checkpoint")
{
    World world;
    Run run;
    Posting posting = test::posting();
    posting.terms.legs_max = 2;
    const Digest task = begin(world, posting);
    run.post(world, task);
    world.advance(task); // the second record did not come
    CHECK(world.phase(task) == market::Phase::drawing);
    audit(world, task, run, run);
    CHECK(world.task(task).drawn == std::vector<std::uint64_t>{0}); // the last record's segment always is
    world.advance(task);
    CHECK(world.phase(task) == market::Phase::bidding);
    CHECK(gains(world) == Gains{-1080, 150, 20, 0, 50}); // half of 400, less the penalty; the escrow is still held
    // The stranger does the rest for what it asks.
    CHECK(world.apply(stranger, CommitBid{task, bid_digest(task, stranger.identity(), {600}, Digest{})}) == done);
    world.wait(11);
    CHECK(world.apply(stranger, RevealBid{task, {600}, Digest{}}) == done);
    world.advance(task, 10);
    CHECK(world.apply(stranger, Accept{task}) == done);
    CHECK(world.task(task).leg->first == 1);
    // The earlier solver is out of it: nobody challenges what was settled.
    CHECK(challenge(world, task, others[0], 0) == Error::index_out_of_range);
    Progress not_first = record(world, task, run.state(1), run.root(1), stranger);
    not_first.previous = Digest{{1}};
    CHECK(post(world, not_first, stranger) == Error::invalid_record);
    run.post(world, task, stranger);
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    CHECK(world.task(task).drawn == std::vector<std::uint64_t>{1});
    post_receipt(world, task, verifier, run);
    CHECK(world.apply(stranger, opened_by(world, task, run)) == done);
    open_receipt(world, task, verifier, run);
    world.advance(task);
    // The only bid of the second leg is paid the reserve of 1000, for its half of the segments.
    CHECK(ended(world, task) == Gains{-740, 150, 40, 500, 50});
}

TEST_CASE("MARKET-10 MARKET-18 where no other leg is allowed, what was done is paid for, and the rest returns")
{
    World world;
    Run run;
    const Digest task = begin(world);
    run.post(world, task);
    world.advance(task);
    audit(world, task, run, run);
    world.advance(task);
    CHECK(ended(world, task) == outcome("silent after half"));
}

TEST_CASE("MARKET-10 a task is opened for bids as often as its terms allow, and then what is left returns")
{
    World world;
    Posting posting = test::posting();
    posting.terms.legs_max = 2;
    const Digest task = begin(world, posting);
    world.advance(task);
    CHECK(world.phase(task) == market::Phase::bidding);
    CHECK(world.apply(solver, CommitBid{task, bid_digest(task, solver.identity(), {300}, Digest{})}) == done);
    world.wait(11);
    CHECK(world.apply(solver, RevealBid{task, {300}, Digest{}}) == done);
    world.advance(task, 10);
    CHECK(world.apply(solver, Accept{task}) == done);
    world.advance(task);
    CHECK(ended(world, task) == Gains{0, -100, 0, 0, 100});
    World nobody;
    const Digest alone = begin(nobody, posting);
    nobody.advance(alone);
    nobody.wait(10);
    nobody.advance(alone); // no bids
    CHECK(ended(nobody, alone) == outcome("silent before a record"));
}

TEST_CASE("MARKET-8 MARKET-10 who continues its own leg signs the same record again, and that is no fraud")
{
    World world;
    Run run;
    Posting posting = test::posting();
    posting.terms.legs_max = 2;
    const Digest task = begin(world, posting);
    run.post(world, task);
    const Progress late = record(world, task, run.state(1), run.root(1)); // signed, but it comes too late
    world.advance(task);
    audit(world, task, run, run);
    world.advance(task);
    CHECK(world.apply(solver, CommitBid{task, bid_digest(task, solver.identity(), {300}, Digest{})}) == done);
    world.wait(11);
    CHECK(world.apply(solver, RevealBid{task, {300}, Digest{}}) == done);
    world.advance(task, 10);
    CHECK(world.apply(solver, Accept{task}) == done);
    const Progress again = record(world, task, run.state(1), run.root(1));
    CHECK(again != late);
    CHECK(post(world, again) == done);
    const Fraud framed{sign(solver, rules().network, late), sign(solver, rules().network, again), {}};
    CHECK(world.apply(stranger, ProveFraud{task, framed}) == Error::fault_not_shown);
}

TEST_CASE("MARKET-6 AUDIT-4 a submitter that is gone for good harms nobody: the beacon draws, and all are paid")
{
    World world;
    Run run;
    const Digest task = recorded(world, run);
    world.wait(11);
    const Tick tick = world.task(task).deadline;
    CHECK(world.apply(clerk, beacon_draw(task, Tick{tick.value + 1})) == done);
    post_receipt(world, task, verifier, run);
    CHECK(world.apply(solver, opened_by(world, task, run)) == done);
    open_receipt(world, task, verifier, run);
    world.advance(task);
    CHECK(ended(world, task) == outcome("honest"));
}
