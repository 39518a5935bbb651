// A chain on disk, and what becomes of it when its process or its files are damaged.
#include <doctest/doctest.h>

#include <chrono>

#include <assay/store/ledger_store.hpp>
#include <rocksdb/db.h>
#include <tests/unit/market/world.hpp>
#include <tests/unit/store/folder.hpp>

using namespace assay;
using namespace assay::test;
using store::LedgerStore;
using store::OpenMode;

namespace {

const Bytes genesis_bytes{1, 2, 3};

Chain first_chain()
{
    return Chain{World{}.ledger};
}

std::unique_ptr<LedgerStore> begun(const Folder& folder, Chain& chain)
{
    auto opened = LedgerStore::open(folder.store(), OpenMode::create_if_missing);
    REQUIRE(opened);
    REQUIRE((*opened)->begin(genesis_bytes, chain));
    return std::move(*opened);
}

SignedTransaction transfer(const KeyPair& author, std::uint64_t number, std::uint64_t amount)
{
    return sign(author, rules().network, {author.identity(), number, Transfer{verifier.identity(), {amount}}});
}

store::BlockEvents next_block(Chain& chain, std::vector<SignedTransaction> transactions, std::uint64_t ticks = 1)
{
    const auto sealed = chain.seal_checked(Tick{chain.ledger().now().value + ticks}, std::move(transactions));
    REQUIRE(sealed);
    REQUIRE(sealed->block);
    return {*sealed->block, sealed->events};
}

Digest state_of(Chain& chain)
{
    return digest_of(chain.ledger().summary());
}

} // namespace

TEST_CASE("STORE-13 STORE-14 STORE-15 a chain is the same after it was closed and opened")
{
    const Folder folder;
    Chain chain = first_chain();
    {
        const auto ledgers = begun(folder, chain);
        CHECK(ledgers->begin(genesis_bytes, chain).error() == Error::already_done);
        for (std::uint64_t i = 0; i < 3; ++i) {
            const store::BlockEvents block = next_block(chain, {transfer(submitter, i, 10)});
            REQUIRE(ledgers->append({&block, 1}, chain, i == 1 ? store::Durability::buffered : store::Durability::synchronised));
        }
        // A task is the largest entry there is, and a new one.
        const store::BlockEvents block = next_block(chain, {sign(submitter, rules().network, {submitter.identity(), 3, Post{posting()}})});
        REQUIRE(block.block.transactions.size() == 1);
        REQUIRE(ledgers->append({&block, 1}, chain));
    }
    const auto ledgers = LedgerStore::open(folder.store(), OpenMode::existing_only).value();
    CHECK(ledgers->genesis().value() == genesis_bytes);
    CHECK(ledgers->height().value() == 4);
    Chain loaded = ledgers->load().value();
    CHECK(loaded.head() == chain.head());
    CHECK(loaded.height() == 4);
    CHECK(state_of(loaded) == state_of(chain));
    CHECK(store::verify_chain(*ledgers, first_chain()).value() == 4);
    // What was loaded goes on.
    const store::BlockEvents block = next_block(loaded, {transfer(submitter, 4, 1)});
    REQUIRE(ledgers->append({&block, 1}, loaded));
    Chain again = ledgers->load().value();
    CHECK(state_of(again) == state_of(loaded));
    CHECK(ledgers->blocks(3, 10, 1U << 20).value().size() == 2);
    CHECK(ledgers->blocks(3, 1, 1U << 20).value().size() == 1);
    CHECK(ledgers->blocks(0, 10, 1).value().size() == 1);
    CHECK(ledgers->blocks(5, 10, 1).value().empty());
    CHECK(decode<Block>(ledgers->blocks(4, 1, 1).value().front()).value() == block.block);
}

TEST_CASE("STORE-16 STORE-17 where a transaction went is known, and what a party stores")
{
    const Folder folder;
    Chain chain = first_chain();
    const auto ledgers = begun(folder, chain);
    const SignedTransaction made = transfer(submitter, 0, 10);
    const store::BlockEvents block = next_block(chain, {made});
    REQUIRE(ledgers->append({&block, 1}, chain));
    const auto applied = ledgers->find(submitter.identity(), 0).value();
    REQUIRE(applied);
    CHECK(*applied == store::AppliedTransaction{0, digest_of(made.transaction)});
    CHECK(!ledgers->find(submitter.identity(), 1).value());
    CHECK(!ledgers->find(solver.identity(), 0).value());
    CHECK(ledgers->stored_bytes(solver.identity()).value() == 0);
    REQUIRE(ledgers->set_stored_bytes(solver.identity(), 70));
    CHECK(ledgers->stored_bytes(solver.identity()).value() == 70);
}

TEST_CASE("STORE-13 STORE-15 a changed or missing entry is noticed, and so is another database")
{
    const Folder folder;
    Chain chain = first_chain();
    {
        const auto ledgers = begun(folder, chain);
        CHECK(LedgerStore::open(folder.store(), OpenMode::existing_only).error() == Error::storage_failed);
        const store::BlockEvents block = next_block(chain, {transfer(submitter, 0, 10)});
        REQUIRE(ledgers->append({&block, 1}, chain));
    }
    const auto tamper = [&](const std::string& key, const std::string& value) {
        rocksdb::DB* opened = nullptr;
        REQUIRE(rocksdb::DB::Open({}, folder.store(), &opened).ok());
        const std::unique_ptr<rocksdb::DB> rocks{opened};
        REQUIRE((value.empty() ? rocks->Delete({}, key) : rocks->Put({}, key, value)).ok());
    };
    const std::string slot(8, '\0');
    Account account = chain.ledger().accounts().at(0);
    ++account.transactions;
    const Bytes changed = encode(account);
    tamper("\x04" + slot, {changed.begin(), changed.end()});
    CHECK(LedgerStore::open(folder.store(), OpenMode::existing_only).value()->load().error() == Error::invalid_block);
    tamper("\x04" + slot, "");
    CHECK(LedgerStore::open(folder.store(), OpenMode::existing_only).value()->load().error() == Error::invalid_block);
    CHECK(store::RocksDbChunkStore::open(folder.store(), OpenMode::existing_only).error() == Error::storage_failed);
}

TEST_CASE("STORE-19 a game's transcript stays when the ledger has forgotten the game")
{
    World world;
    replay::RunTrace run = toy::trace(2);
    const Digest task = begin(world);
    CHECK(world.apply(solver, PostProgress{sign(solver, rules().network, record(world, task, run.after().value()))}) == done);
    const Folder folder;
    Chain chain{world.ledger};
    const auto ledgers = begun(folder, chain);
    const auto make = [&](const KeyPair& author, Body body, std::uint64_t ticks = 1) {
        const std::uint64_t number = chain.ledger().account(author.identity())->transactions;
        const store::BlockEvents block =
            next_block(chain, {sign(author, rules().network, {author.identity(), number, std::move(body)})}, ticks);
        REQUIRE(ledgers->append({&block, 1}, chain));
    };
    make(stranger, Challenge{task, 0});
    const Digest id = chain.ledger().task(task)->disputes.front().id;
    std::uint32_t moves = 0;
    for (; moves < 3; ++moves) {
        const auto game = dispute::Game::decode(chain.ledger().task(task)->disputes.front().game).value();
        const bool is_solvers = game.to_move() == dispute::Side::solver;
        if (!is_solvers) break;
        make(solver, PlayMove{task, next_solver_move(game, run).value()});
    }
    make(solver, ClaimTimeout{task, id}, 100'000'000);
    REQUIRE(chain.ledger().task(task)->disputes.empty());
    const auto games = ledgers->games(task).value();
    REQUIRE(games.size() == 1);
    CHECK(games.front().game == id);
    CHECK(games.front().transcript.moves.size() == moves);
    const auto settled = dispute::replay(games.front().transcript);
    REQUIRE(settled);
    CHECK(settled->id() == id);
    CHECK(settled->verdict() == dispute::Verdict::upheld);
    const auto events = ledgers->events(task, 0, 100).value();
    REQUIRE(events.size() == moves + 5); // the bond goes in; half of it to the solver, half is burned
    CHECK(events.front().event.kind == EventKind::taken);
    CHECK(events[1].event.kind == EventKind::challenged);
    CHECK(events.back().event.kind == EventKind::upheld);
    CHECK(ledgers->events(task, 1, 1).value().size() == 1);
}
