// The ledger's frame: money, numbers, verifiers' places, blocks and proofs. What becomes of tasks is in outcomes_test.cpp and audit_test.cpp.
#include "tests/unit/market/world.hpp"

using namespace assay;
using namespace assay::test;

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

TEST_CASE("MARKET-4 MARKET-5 a transaction is its author's, once, on its network")
{
    World world;
    const Transaction transfer{solver.identity(), 0, Transfer{stranger.identity(), {5}}};
    const SignedTransaction good = sign(solver, rules().network, transfer);
    CHECK(world.ledger.apply(sign(solver, Digest{{1}}, transfer)).error() == Error::invalid_signature);
    CHECK(world.ledger.apply(sign(stranger, rules().network, transfer)).error() == Error::wrong_signer);
    CHECK(world.ledger.apply(good));
    CHECK(world.ledger.apply(good).error() == Error::stale_transaction);
    CHECK(world.ledger.apply(sign(solver, rules().network, {solver.identity(), 2, transfer.body})).error() == Error::future_transaction);
    CHECK(world.ledger.apply(Transaction{Digest{{55}}, 0, transfer.body}).error() == Error::unknown_subject);
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
    const auto refused = [&](auto change) {
        Block other = block;
        change(other);
        const Bytes before = follower.ledger().encode();
        const Status status = follower.follow(other);
        CHECK(follower.ledger().encode() == before);
        CHECK(follower.height() == 0);
        return status ? std::nullopt : std::optional{status.error()};
    };
    CHECK(refused([](Block& other) { other.header.state.bytes[0] ^= 1; }) == Error::invalid_block);
    CHECK(refused([](Block& other) { other.header.height = 1; }) == Error::invalid_block);
    CHECK(refused([](Block& other) { other.header.previous.bytes[0] = 1; }) == Error::invalid_block);
    CHECK(refused([](Block& other) { other.header.transactions.bytes[0] ^= 1; }) == Error::invalid_block);
    CHECK(refused([](Block& other) { other.transactions.clear(); }) == Error::invalid_block);
    CHECK(refused([](Block& other) { other.header.now = Tick{3}; }) == Error::invalid_block);
    CHECK(refused([](Block& other) { other.header.now = Tick{0}; }) == Error::too_early);
    CHECK(follower.follow(block));
    CHECK(follower.head() == maker.head());
    CHECK(follower.follow(block).error() == Error::invalid_block);
    const StateProof proof = follower.ledger().prove(TableName::accounts, 1);
    CHECK(verify(proof, block.header.state));
    CHECK(decode<Account>(proof.entry)->balance == Amount{994});
    StateProof richer = proof;
    richer.entry[32] ^= 1;
    CHECK(verify(richer, block.header.state).error() == Error::root_mismatch);
    StateProof elsewhere = proof;
    elsewhere.slot = 2;
    CHECK(verify(elsewhere, block.header.state).error() == Error::root_mismatch);
    elsewhere = proof;
    elsewhere.summary.burned.units ^= 1;
    CHECK(verify(elsewhere, block.header.state).error() == Error::root_mismatch);
}

TEST_CASE("MARKET-12 a light client checks a task and a verifier")
{
    World world;
    const Digest task = begin(world);
    const Digest state = digest_of(world.ledger.summary());
    const StateProof posted = world.ledger.prove(TableName::tasks, 0);
    CHECK(verify(posted, state));
    CHECK(decode<TaskState>(posted.entry)->id == task);
    const StateProof joined = world.ledger.prove(TableName::verifiers, 0);
    CHECK(verify(joined, state));
    CHECK(decode<Verifier>(joined.entry)->owner == verifier.identity());
    // No entry of one table passes for one of another.
    StateProof crossed = joined;
    crossed.table = TableName::tasks;
    CHECK(verify(crossed, state).error() == Error::root_mismatch);
}

TEST_CASE("MARKET-2 a transaction of a KiB and more burns a fee for each whole one")
{
    Rules rules = test::rules();
    rules.kibibyte_fee = {7};
    World world{rules};
    const Transaction small{submitter.identity(), 0, Transfer{stranger.identity(), {5}}};
    CHECK(encode(small).size() < 1024);
    CHECK(world.ledger.apply(small));
    CHECK(world.ledger.burned() == Amount{1});
    const Transaction large{submitter.identity(), 1, Post{posting()}};
    const std::uint64_t kibibytes = encode(large).size() / 1024;
    CHECK(kibibytes >= 1);
    CHECK(world.ledger.apply(large));
    CHECK(world.ledger.burned() == Amount{1 + 1 + 7 * kibibytes});
    CHECK(fee_of(rules, 1023) == Amount{1});
    CHECK(fee_of(rules, 1024) == Amount{8});
    CHECK(world.ledger.check());
}

TEST_CASE("MARKET-3 MARKET-17 a verifier leaves with its stake after the unbonding time, and may come again")
{
    World world;
    CHECK(world.apply(verifier, Join{{99}}) == Error::invalid_terms);
    CHECK(world.apply(verifier, Join{{200}}) == done);
    CHECK(world.apply(verifier, Join{{200}}) == Error::already_done);
    CHECK(world.apply(stranger, Leave{0}) == Error::not_allowed);
    CHECK(world.apply(verifier, Leave{0}) == done);
    world.wait(50);
    CHECK(world.apply(verifier, Leave{0}) == Error::too_early);
    world.wait(1);
    CHECK(world.apply(verifier, Leave{0}) == done);
    CHECK(world.gain(verifier) == 0);
    CHECK(world.apply(verifier, Leave{0}) == Error::not_allowed);
    CHECK(world.apply(verifier, Join{{200}}) == done);
    CHECK(world.ledger.account(verifier.identity())->verifier == 1);
}

TEST_CASE("MARKET-17 when all places are taken, a new verifier gets the first that was given up")
{
    Rules rules = test::rules();
    rules.fee = {};
    std::vector<Allocation> money;
    for (std::uint32_t i = 0; i <= verifiers_max; ++i) {
        Digest id;
        for (std::size_t byte = 0; byte < 4; ++byte) id.bytes[byte] = static_cast<std::uint8_t>(i >> 8 * byte);
        money.push_back({id, {1000}});
    }
    Ledger ledger = Ledger::start(rules, money, Tick{1}).value();
    for (std::uint32_t i = 0; i < verifiers_max; ++i) REQUIRE(ledger.apply(Transaction{money[i].account, 0, Join{{100}}}));
    const Digest late = money.back().account;
    CHECK(ledger.apply(Transaction{late, 0, Join{{100}}}).error() == Error::limit_exceeded);
    for (const std::uint32_t slot : {7U, 5U}) CHECK(ledger.apply(Transaction{money[slot].account, 1, Leave{slot}}));
    CHECK(ledger.apply(Transaction{late, 0, Join{{100}}}).error() == Error::limit_exceeded);
    REQUIRE(ledger.advance(Tick{52}));
    for (const std::uint32_t slot : {7U, 5U}) CHECK(ledger.apply(Transaction{money[slot].account, 2, Leave{slot}}));
    CHECK(ledger.apply(Transaction{late, 0, Join{{100}}}));
    CHECK(ledger.account(late)->verifier == 5);
    CHECK(ledger.verifiers().size() == verifiers_max);
    CHECK(ledger.check());
}
