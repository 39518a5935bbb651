// From the posting to the acceptance: what is refused, and what broken promises cost.
#include "tests/unit/market/world.hpp"

using namespace assay;
using namespace assay::test;

namespace {

Digest post_task(World& world, const Posting& posting = test::posting())
{
    const Digest task = task_id(rules().network, submitter.identity(), world.ledger.account(submitter.identity())->transactions, posting);
    CHECK(world.apply(submitter, Post{posting}) == done);
    return task;
}

void commit_bid(World& world, const Digest& task, const KeyPair& bidder, std::uint64_t price, const Digest& salt = {})
{
    CHECK(world.apply(bidder, CommitBid{task, bid_digest(task, bidder.identity(), {price}, salt)}) == done);
}

} // namespace

TEST_CASE("MARKET-14 a posting with terms outside of their limits is refused")
{
    const auto refusal = [](auto change) {
        World world;
        Posting posting = test::posting();
        change(posting);
        return world.apply(submitter, Post{posting});
    };
    CHECK(refusal([](Posting&) {}) == done);
    CHECK(refusal([](Posting& p) { p.terms.stake = {(std::uint64_t{1} << 54) + 1}; }) == Error::invalid_terms);
    CHECK(refusal([](Posting& p) { p.terms.price_max = {std::uint64_t{1} << 54}; }) == Error::insufficient_funds);
    CHECK(refusal([](Posting& p) { p.terms.window = Tick{0}; }) == Error::invalid_terms);
    CHECK(refusal([](Posting& p) { p.terms.opening = Tick{phase_ticks_max + 1}; }) == Error::invalid_terms);
    CHECK(refusal([](Posting& p) { p.terms.finder_share = 501; }) == Error::invalid_terms);
    CHECK(refusal([](Posting& p) { p.terms.verifiers = 9; }) == Error::invalid_terms);
    CHECK(refusal([](Posting& p) { p.terms.segments = 0; }) == Error::invalid_terms);
    CHECK(refusal([](Posting& p) { p.terms.segments = 65; }) == Error::invalid_terms);
    CHECK(refusal([](Posting& p) { p.terms.legs_max = 0; }) == Error::invalid_terms);
    CHECK(refusal([](Posting& p) { p.terms.legs_max = 9; }) == Error::invalid_terms);
    CHECK(refusal([](Posting& p) { p.terms.silence_penalty = {501}; }) == Error::invalid_terms);
    CHECK(refusal([](Posting& p) { p.terms.challenge_bond = {}; }) == Error::invalid_terms);
    CHECK(refusal([](Posting& p) { p.terms.drawing = Tick{26}; }) == Error::invalid_terms); // above half of the unbonding time
    CHECK(refusal([](Posting& p) { p.terms.drawer = {}; }) == Error::invalid_key);
    CHECK(refusal([](Posting& p) { p.terms.dispute.reveal_levels = 9; }) == Error::invalid_terms);
    CHECK(refusal([](Posting& p) { p.terms.dispute.limits.evidence_bytes = 100; }) == Error::limit_exceeded);
    CHECK(refusal([](Posting& p) { p.task.interval = 0; }) == Error::invalid_statement);
    CHECK(refusal([](Posting& p) { p.task.steps = 0; }) == Error::invalid_statement);
    CHECK(refusal([](Posting& p) { p.task.steps = 2 * segments_max + 1; }) == Error::invalid_statement);
    CHECK(refusal([](Posting& p) { p.task.program.bytes[0] ^= 1; }) == Error::invalid_statement);
    CHECK(refusal([](Posting& p) { p.program.pop_back(); }) == Error::truncated_input);
    CHECK(refusal([](Posting& p) { p.program.resize(program_bytes_max + 1); }) == Error::limit_exceeded);
}

TEST_CASE("MARKET-7 MARKET-6 bids: one each, sealed, until the deadline's own tick")
{
    World world;
    const Digest task = post_task(world);
    commit_bid(world, task, solver, 300);
    CHECK(world.apply(solver, CommitBid{task, Digest{}}) == Error::already_done);
    CHECK(world.apply(stranger, CommitBid{Digest{{1}}, Digest{}}) == Error::unknown_subject);
    world.wait(10);
    commit_bid(world, task, stranger, 400);
    world.wait(1);
    CHECK(world.apply(verifier, CommitBid{task, Digest{}}) == Error::too_late);
    CHECK(world.apply(verifier, RevealBid{task, {1}, Digest{}}) == Error::unknown_subject);
    world.wait(9); // the last tick: the time to reveal runs from the end of bidding, whenever somebody says so
    CHECK(world.apply(solver, RevealBid{task, {300}, Digest{}}) == done);
    CHECK(world.apply(solver, RevealBid{task, {300}, Digest{}}) == Error::already_done);
    world.wait(1);
    CHECK(world.apply(stranger, RevealBid{task, {400}, Digest{}}) == Error::too_late);
}

TEST_CASE("MARKET-7 a bid that is not revealed costs its bond")
{
    World world;
    const Digest task = post_task(world);
    for (const KeyPair* bidder : {&solver, &stranger}) commit_bid(world, task, *bidder, 300);
    world.wait(11);
    CHECK(world.apply(solver, RevealBid{task, {300}, Digest{}}) == done);
    world.advance(task, 10);
    CHECK(world.apply(solver, Accept{task}) == done);
    CHECK(gains(world) == Gains{-1060, -500, 0, -10, 10}); // the solver's own bond is back, its stake locked
    CHECK(world.task(task).leg->payment == Amount{1000});  // nobody else bid
}

TEST_CASE("MARKET-7 MARKET-18 the only winner that does not accept loses its bond")
{
    World world;
    const Digest task = post_task(world);
    commit_bid(world, task, solver, 300);
    world.wait(11);
    CHECK(world.apply(solver, RevealBid{task, {300}, Digest{}}) == done);
    world.advance(task);
    world.wait(11);
    CHECK(world.apply(solver, Accept{task}) == Error::too_late);
    world.advance(task, 0);
    CHECK(ended(world, task) == outcome("not accepted"));
}

TEST_CASE("MARKET-7 a task that is not taken up costs the winner's bond; the next is asked, and at the end the submitter has its escrow back")
{
    World world;
    const Digest task = post_task(world);
    commit_bid(world, task, solver, 300);
    commit_bid(world, task, stranger, 400);
    world.wait(11);
    CHECK(world.apply(solver, RevealBid{task, {300}, Digest{}}) == done);
    CHECK(world.apply(stranger, RevealBid{task, {400}, Digest{}}) == done);
    world.advance(task);
    CHECK(world.task(task).leg->solver == solver.identity());
    world.advance(task);
    CHECK(world.task(task).leg->solver == stranger.identity());
    CHECK(world.apply(solver, Accept{task}) == Error::not_allowed);
    world.advance(task);
    CHECK(ended(world, task) == Gains{0, -10, 0, -10, 20});
    // Not to keep a promise is remembered.
    CHECK(world.ledger.account(solver.identity())->standing.deadlines.missed() == Availability::weight_one);
}

TEST_CASE("MARKET-7 MARKET-3 a submitter withdraws a task that nobody was assigned to, and nobody else does")
{
    World world;
    const Digest task = post_task(world);
    commit_bid(world, task, solver, 300);
    CHECK(gains(world) == Gains{-1060, -10, 0, 0, 0});
    CHECK(world.apply(stranger, Withdraw{task}) == Error::not_allowed);
    CHECK(world.apply(submitter, Withdraw{task}) == done);
    CHECK(ended(world, task) == outcome("withdrawn"));
    CHECK(world.apply(submitter, Withdraw{task}) == Error::wrong_phase);
    World other;
    CHECK(other.apply(submitter, Withdraw{begin(other)}) == Error::wrong_phase);
    World late;
    const Digest bid_for = post_task(late);
    late.wait(11);
    CHECK(late.apply(submitter, Withdraw{bid_for}) == Error::too_late);
}

TEST_CASE("MARKET-15 among equal bids the salts decide, all of which are sealed before any is known")
{
    std::map<Digest, int> wins;
    for (std::uint8_t trial = 0; trial < 32; ++trial) {
        World world;
        const Digest task = post_task(world);
        const Digest salts[2]{Digest{{trial}}, Digest{{99}}};
        commit_bid(world, task, solver, 300, salts[0]);
        commit_bid(world, task, stranger, 300, salts[1]);
        world.wait(11);
        CHECK(world.apply(stranger, RevealBid{task, {300}, salts[1]}) == done);
        CHECK(world.apply(solver, RevealBid{task, {300}, salts[0]}) == done);
        world.advance(task);
        // As the page says: the beacon is over the salts in the order of the commitments.
        const Digest tie = hash::tagged_digest("assay.bids", std::vector<Digest>{salts[0], salts[1]});
        const bool is_first = tie_digest(tie, task, solver.identity()) < tie_digest(tie, task, stranger.identity());
        CHECK(world.task(task).leg->solver == (is_first ? solver : stranger).identity());
        ++wins[world.task(task).leg->solver];
    }
    CHECK(wins[solver.identity()] > 4);
    CHECK(wins[stranger.identity()] > 4);
}

TEST_CASE("AUCTION-6 MARKET-7 a bidder with a better record wins at a higher price")
{
    World world;
    Posting posting = test::posting();
    posting.terms.worth_in_time = {2000};
    const Digest first = bid_for(world, test::posting());
    for (std::uint8_t i = 1; i <= 2; ++i) CHECK(post(world, record(world, first, Digest{{i}})) == done); // two deadlines kept
    const std::uint32_t reliable = world.ledger.account(solver.identity())->standing.deadlines.lower_bound();
    CHECK(reliable > 300'000);
    const Digest second = post_task(world, posting);
    commit_bid(world, second, solver, 400);
    commit_bid(world, second, stranger, 300);
    world.wait(11);
    CHECK(world.apply(solver, RevealBid{second, {400}, Digest{}}) == done);
    CHECK(world.apply(stranger, RevealBid{second, {300}, Digest{}}) == done);
    world.advance(second);
    CHECK(world.task(second).leg->solver == solver.identity());
    CHECK(world.task(second).leg->payment.units == 300 + 2000 * std::uint64_t{reliable} / 1'000'000);
}
