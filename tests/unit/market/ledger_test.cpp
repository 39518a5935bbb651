// The ledger on the toy task: money, blocks and proofs, an honest run from posting to payment, and a solver that falls silent.
#include "tests/unit/market/world.hpp"

using namespace assay;
using namespace assay::test;

namespace {

Draw draw(const World& world, const Digest& task)
{
    return {task, drawer.prove(crypto::VrfSuite::elligator, draw_input(rules().network, task, world.ledger.task(task)->leg->last_record))};
}

} // namespace

TEST_CASE("MARKET-1 MARKET-2 MARKET-3 transfers move money, cost the fee, and make none")
{
    World world;
    CHECK(world.apply(solver, Transfer{stranger.identity(), {5}}) == done);
    CHECK(world.balance(solver) == 994);
    CHECK(world.balance(stranger) == 1005);
    CHECK(world.apply(solver, Transfer{stranger.identity(), {994}}) == Error::insufficient_funds);
    CHECK(world.apply(solver, Transfer{Digest{{1}}, {9}}) == Error::limit_exceeded);
    CHECK(world.apply(solver, Transfer{Digest{{1}}, {10}}) == done);
    CHECK(world.ledger.burned() == Amount{2});
    CHECK(add(amount_max, Amount{1}).error() == Error::limit_exceeded);
    CHECK(portion({7}, 1, 2) == Amount{3});
}

TEST_CASE("MARKET-4 a transaction is its author's, once, on its network")
{
    World world;
    const Transaction transfer{solver.identity(), 0, Transfer{stranger.identity(), {5}}};
    const SignedTransaction good = sign(solver, rules().network, transfer);
    CHECK(world.ledger.apply(sign(solver, Digest{{1}}, transfer)).error() == Error::invalid_signature);
    CHECK(world.ledger.apply(sign(stranger, rules().network, transfer)).error() == Error::wrong_signer);
    CHECK(world.ledger.apply(good));
    CHECK(world.ledger.apply(good).error() == Error::stale_transaction);
    CHECK(world.ledger.apply(sign(solver, rules().network, {solver.identity(), 2, transfer.body})).error() == Error::future_transaction);
}

TEST_CASE("MARKET-5 MARKET-6 MARKET-7 AUDIT-1 AUDIT-2 AUDIT-3 an honest run is bid for, made, audited and paid")
{
    World world;
    const Digest task = begin(world);
    Progress wrong = record(world, task, Digest{{1}});
    wrong.log.bytes[0] ^= 1;
    CHECK(world.apply(solver, PostProgress{sign(solver, rules().network, wrong)}) == Error::invalid_record);
    for (const std::uint8_t state : std::array<std::uint8_t, 2>{1, 2})
        CHECK(world.apply(solver, PostProgress{sign(solver, rules().network, record(world, task, Digest{{state}}))}) == done);
    Draw forged = draw(world, task);
    forged.proof.bytes[40] ^= 1;
    CHECK(world.apply(stranger, forged) == Error::invalid_randomness);
    CHECK(world.apply(stranger, draw(world, task)) == done);
    const std::vector<Digest> roots{Digest{{7}}};
    CHECK(world.apply(stranger, PostReceipt{task, Digest{}}) == Error::not_allowed);
    CHECK(world.apply(verifier, PostReceipt{task, receipt_digest(task, verifier.identity(), roots, Digest{{3}})}) == done);
    CHECK(world.apply(solver, OpenSegments{task, {{Digest{{6}}, Digest{{8}}}}}) == Error::commitment_mismatch);
    CHECK(world.apply(solver, OpenSegments{task, {{Digest{{7}}, Digest{{8}}}}}) == done);
    CHECK(world.apply(verifier, OpenReceipt{task, roots, Digest{{4}}}) == Error::commitment_mismatch);
    CHECK(world.apply(verifier, OpenReceipt{task, roots, Digest{{3}}}) == done);
    CHECK(world.apply(stranger, Advance{task}) == Error::too_early);
    world.wait(11);
    const std::uint64_t before = world.balance(solver);
    CHECK(world.apply(stranger, Advance{task}) == done);
    CHECK(world.balance(solver) == before + 400 + 500);
    CHECK(world.ledger.task(task)->phase == market::Phase::closed);
    CHECK(world.ledger.verifiers().at(0).locked == Amount{});
    CHECK(world.apply(stranger, Advance{task}) == Error::wrong_phase);
}

TEST_CASE("MARKET-8 two signed records of one checkpoint convict, and the finder gets half of the stake")
{
    World world;
    const Digest task = begin(world);
    const Progress first = record(world, task, Digest{{1}});
    CHECK(world.apply(solver, PostProgress{sign(solver, rules().network, first)}) == done);
    Progress second = first;
    second.state = Digest{{99}};
    const Fraud fraud{sign(solver, rules().network, first), sign(solver, rules().network, second), {}};
    CHECK(world.apply(stranger, ProveFraud{task, {fraud.first, fraud.first, {}}}) == Error::fault_not_shown);
    CHECK(world.apply(stranger, ProveFraud{task, fraud}) == done);
    world.wait(11);
    const std::uint64_t before = world.balance(stranger);
    CHECK(world.apply(submitter, Advance{task}) == done);
    CHECK(world.balance(stranger) == before + 250);
    CHECK(world.ledger.task(task)->phase == market::Phase::closed);
}

TEST_CASE("MARKET-9 a challenge whose maker falls silent costs its bond; a solver that falls silent is convicted by the clock")
{
    World world;
    const Digest task = begin(world);
    CHECK(world.apply(stranger, Challenge{task, 0}) == Error::index_out_of_range);
    CHECK(world.apply(solver, PostProgress{sign(solver, rules().network, record(world, task, Digest{{1}}))}) == done);
    CHECK(world.apply(stranger, Challenge{task, 0}) == done);
    const Digest game = world.ledger.task(task)->disputes.front().id;
    CHECK(world.apply(stranger, ClaimTimeout{task, game}) == Error::too_early);
    world.wait(5000);
    const std::uint64_t before = world.balance(stranger);
    CHECK(world.apply(submitter, ClaimTimeout{task, game}) == done);
    CHECK(world.balance(stranger) == before + 100);
    CHECK(world.ledger.task(task)->phase == market::Phase::convicted);
}

TEST_CASE("MARKET-10 a solver that falls silent is audited as far as it got, and the rest is open for bids again only where terms say so")
{
    World world;
    const Digest task = begin(world);
    world.wait(11);
    const std::uint64_t before = world.balance(solver);
    CHECK(world.apply(stranger, Advance{task}) == done);
    CHECK(world.balance(solver) == before + 450);
    CHECK(world.ledger.task(task)->phase == market::Phase::closed);
}

TEST_CASE("MARKET-11 MARKET-12 blocks are followed to the same state, and a light client checks one entry")
{
    const Ledger start = World{}.ledger;
    Chain maker{start}, follower{start};
    const std::vector<SignedTransaction> transactions{
        sign(solver, rules().network, {solver.identity(), 0, Transfer{stranger.identity(), {5}}}),
        sign(solver, rules().network, {solver.identity(), 0, Transfer{stranger.identity(), {6}}})};
    const Block block = maker.seal(Tick{2}, transactions).value();
    CHECK(block.transactions.size() == 1);
    Block other = block;
    other.header.state.bytes[0] ^= 1;
    CHECK(follower.follow(other).error() == Error::invalid_block);
    CHECK(follower.follow(block));
    CHECK(follower.head() == maker.head());
    CHECK(follower.follow(block).error() == Error::invalid_block);
    const StateProof proof = follower.ledger().prove(TableName::accounts, 1);
    CHECK(verify(proof, block.header.state));
    StateProof richer = proof;
    richer.entry[32] ^= 1;
    CHECK(verify(richer, block.header.state).error() == Error::root_mismatch);
}
