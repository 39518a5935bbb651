// A ledger about the toy task, with its parties: for the tests of the market.
#pragma once

#include "tests/unit/dispute/toy.hpp"

#include <assay/market/block.hpp>
#include <assay/market/draw.hpp>

namespace assay::test {

using namespace market;
using crypto::KeyPair;
using crypto::Seed;

inline const KeyPair submitter{Seed{{1}}}, solver{Seed{{2}}}, verifier{Seed{{3}}}, stranger{Seed{{4}}};
inline const crypto::VrfKey drawer{Seed{{5}}}, beacon{Seed{{6}}};

inline Rules rules()
{
    Rules rules;
    rules.network = Digest{{77}};
    rules.fee = {1};
    rules.account_minimum = {10};
    rules.verifier_minimum = {100};
    rules.unbonding = Tick{50};
    rules.beacon = beacon.public_key();
    return rules;
}

inline Posting posting()
{
    Posting posting;
    const replay::Segment segment = toy::segment(2);
    replay::RunTrace trace = toy::trace(2);
    posting.program = segment.program->program().encode();
    posting.task = {commit::digest_of(segment.program->commitment()), trace.statement(Digest{}, 0)->data, 42, 4, 2, trace.before()};
    Terms& terms = posting.terms;
    terms.price_max = {1000};
    terms.bid_bond = {10};
    terms.stake = {500};
    terms.silence_penalty = {50};
    terms.challenge_bond = {100};
    terms.audit_fee = {20};
    terms.verifier_stake = {60};
    terms.jackpot = {40};
    terms.bidding = terms.revealing = terms.accepting = terms.recording = terms.drawing = terms.replaying = terms.opening = terms.window =
        Tick{10};
    terms.drawer = drawer.public_key();
    terms.dispute = toy::terms(2);
    return posting;
}

// A ledger with time at hand; every transaction is checked for what it may never do.
struct World {
    Ledger ledger = [] {
        const std::array<Allocation, 4> money{
            {{submitter.identity(), {5000}}, {solver.identity(), {1000}}, {verifier.identity(), {1000}}, {stranger.identity(), {1000}}}};
        return Ledger::start(rules(), money, Tick{1}).value();
    }();

    std::optional<Error> apply(const KeyPair& author, Body body)
    {
        const Transaction transaction{author.identity(), ledger.account(author.identity())->transactions, std::move(body)};
        const Bytes before = ledger.encode();
        const auto events = ledger.apply(sign(author, rules().network, transaction));
        CHECK(ledger.counted() == ledger.supply());
        if (!events) CHECK(ledger.encode() == before);
        const auto stored = Ledger::decode(ledger.encode());
        REQUIRE(stored);
        CHECK(digest_of(Ledger{*stored}.summary()) == digest_of(ledger.summary()));
        return events ? std::nullopt : std::optional{events.error()};
    }
    void wait(std::uint64_t ticks) { REQUIRE(ledger.advance(Tick{ledger.now().value + ticks}, Digest{{9}})); }
    [[nodiscard]] std::uint64_t balance(const KeyPair& keys) const { return ledger.account(keys.identity())->balance.units; }
};

inline constexpr std::nullopt_t done = std::nullopt;

// Posts, bids and accepts. Returns: the task.
inline Digest begin(World& world)
{
    CHECK(world.apply(verifier, Join{{200}}) == done);
    const Digest task = task_id(rules().network, submitter.identity(), 0, posting());
    CHECK(world.apply(submitter, Post{posting()}) == done);
    CHECK(world.apply(solver, CommitBid{task, bid_digest(task, solver.identity(), {300}, Digest{})}) == done);
    CHECK(world.apply(stranger, CommitBid{task, bid_digest(task, stranger.identity(), {400}, Digest{})}) == done);
    CHECK(world.apply(solver, RevealBid{task, {300}, Digest{}}) == Error::wrong_phase);
    world.wait(11);
    CHECK(world.apply(solver, RevealBid{task, {301}, Digest{}}) == Error::commitment_mismatch);
    CHECK(world.apply(solver, RevealBid{task, {300}, Digest{}}) == done);
    CHECK(world.apply(stranger, RevealBid{task, {400}, Digest{}}) == done);
    CHECK(world.apply(stranger, Advance{task}) == Error::too_early);
    world.wait(10);
    CHECK(world.apply(stranger, Advance{task}) == done);
    CHECK(world.apply(stranger, Accept{task}) == Error::not_allowed);
    CHECK(world.apply(solver, Accept{task}) == done);
    CHECK(world.ledger.task(task)->leg->payment == Amount{400});
    return task;
}

// The solver's next record, which claims `state`.
inline Progress record(const World& world, const Digest& task, const Digest& state)
{
    const TaskState& here = *world.ledger.task(task);
    merkle::CompactRange log = here.log;
    commit::append_checkpoint(log, state);
    const std::uint64_t segment = here.checkpoints.size();
    return {task,
            solver.identity(),
            segment + 1,
            state,
            log.root(),
            blinded_root(task, solver.identity(), segment, Digest{{7}}, Digest{{8}}),
            here.leg->last_record};
}

} // namespace assay::test
