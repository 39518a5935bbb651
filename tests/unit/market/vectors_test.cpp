// The vectors of spec/market.md: every kind of transaction, and chains that anybody can follow. The files are compared with what this
// library makes, and read as another implementation would read them.
#include "tests/unit/market/world.hpp"

#include <assay/hash/openssl.hpp>

#include "tests/vectors.hpp"

using namespace assay;
using namespace assay::test;

namespace {

std::string word_for(Error error)
{
    return std::string{name_of(error)};
}

// One of each kind, with values that mean nothing.
std::vector<std::pair<std::string, Body>> bodies()
{
    const Digest task{{1}}, other{{2}}, salt{{3}};
    const Progress progress{task, solver.identity(), 1, other, salt, Digest{{4}}, Digest{}};
    const SignedProgress record = sign(solver, rules().network, progress);
    Posting posting = test::posting();
    posting.program = {1, 2, 3};
    return {{"transfer", Transfer{stranger.identity(), {5}}},
            {"join", Join{{200}}},
            {"leave", Leave{7}},
            {"post", Post{posting}},
            {"withdraw", Withdraw{task}},
            {"commit bid", CommitBid{task, bid_digest(task, solver.identity(), {300}, salt)}},
            {"reveal bid", RevealBid{task, {300}, salt}},
            {"accept", Accept{task}},
            {"post progress", PostProgress{record}},
            {"prove fraud", ProveFraud{task, {record, record, Rewrite{other, {salt}}}}},
            {"draw", Draw{task, drawer.prove(crypto::VrfSuite::elligator, draw_input(rules().network, task, digest_of(progress)))}},
            {"post receipt", PostReceipt{task, receipt_digest(task, verifier.identity(), std::vector{other}, salt)}},
            {"open segments", OpenSegments{task, {{other, salt}}}},
            {"open receipt", OpenReceipt{task, {other}, salt}},
            {"challenge", Challenge{task, 3, {100}}},
            {"play move", PlayMove{task, {other, 1, salt, dispute::Select{2, {}}}}},
            {"claim timeout", ClaimTimeout{task, other}},
            {"reveal plant", RevealPlant{task, {solver.identity(), 2, salt}}},
            {"advance", Advance{task}},
            {"demand", Demand{task, 1, {other, 2, solver.identity(), salt, 0, {4, 8}, {}, {}}}},
            {"answer demand", AnswerDemand{task, {other, salt, task, {other}, {salt}, {Bytes{1, 2}}}}},
            {"claim withheld", ClaimWithheld{task, other}},
            {"defend", Defend{task}},
            {"contest", Contest{task, verifier.identity(), {100}}}};
}

std::string transactions_text()
{
    std::ostringstream out;
    out << "# One signed transaction of each kind (MARKET-4): its encoding, the tagged digest of the transaction, and what becomes of it on "
           "the wire.\n";
    std::uint64_t number = 0;
    for (const auto& [name, body] : bodies()) {
        const SignedTransaction made = sign(solver, rules().network, {solver.identity(), number++, body});
        out << "\nname: " << name << "\nkind: " << body.index() << "\nnetwork: " << to_hex(rules().network)
            << "\ntransaction: " << to_hex(encode(made.transaction)) << "\ndigest: " << to_hex(digest_of(made.transaction))
            << "\nsigned: " << to_hex(encode(made)) << "\n";
    }
    return out.str();
}

// A chain that a world's history makes: a block ends where time goes on, or where what was refused after it comes to an end.
std::string chain_text(const std::string& about, const World& world)
{
    std::ostringstream out;
    const Ledger start = World::start(rules());
    out << "# " << about << "\n\nname: genesis\nrules: " << to_hex(encode(start.rules())) << "\nstart: " << start.now().value << "\n";
    for (const Account& account : start.accounts().entries())
        out << "account: " << to_hex(account.id) << "\nunits: " << account.balance.units << "\n";
    out << "state: " << to_hex(digest_of(Ledger{start}.summary())) << "\n";
    Chain chain{start};
    Tick now = start.now();
    std::vector<SignedTransaction> batch;
    std::string refused;
    const auto seal = [&] {
        if (batch.empty() && refused.empty()) return;
        const Block block = chain.seal(now, batch).value();
        REQUIRE(block.transactions.size() == batch.size());
        out << "\nname: block " << block.header.height << "\nblock: " << to_hex(encode(block)) << "\nheader: " << to_hex(digest_of(block.header))
            << "\nstate: " << to_hex(block.header.state) << "\n"
            << refused;
        batch.clear();
        refused.clear();
    };
    for (const World::Happened& happened : world.history) {
        if (const Tick* tick = std::get_if<Tick>(&happened)) {
            seal();
            now = *tick;
            continue;
        }
        const auto& [transaction, error] = std::get<std::pair<SignedTransaction, std::optional<Error>>>(happened);
        if (error) {
            refused += "refused: " + to_hex(encode(transaction)) + "\nerror: " + word_for(*error) + "\n";
            continue;
        }
        if (!refused.empty()) seal();
        batch.push_back(transaction);
    }
    seal();
    return out.str();
}

World honest_world()
{
    World world;
    Run run;
    const Digest task = begin(world);
    run.post(world, task), run.post(world, task);
    audit(world, task, run, run);
    world.advance(task);
    CHECK(ended(world, task) == outcome("honest"));
    return world;
}

World convicted_world()
{
    World world;
    Run lying{forged_sum()}, honest;
    const Digest task = begin(world);
    lying.post(world, task), lying.post(world, task);
    audit(world, task, lying, lying);
    CHECK(world.apply(stranger, Challenge{task, 0}) == done);
    play_out(world, task, lying.segments[0], honest.segments[0]);
    world.advance(task);
    CHECK(world.phase(task) == market::Phase::closed);
    return world;
}

World framed_world()
{
    World world;
    Run honest, lying{forged_sum()}, losing{lost_on_purpose(honest)};
    const Digest task = begin(world);
    honest.post(world, task), honest.post(world, task);
    audit(world, task, honest, honest);
    CHECK(world.apply(stranger, Challenge{task, 0}) == done);
    play_out(world, task, losing.segments[0], lying.segments[0]);
    CHECK(world.apply(verifier, Defend{task}) == done);
    CHECK(world.apply(stranger, Contest{task, verifier.identity()}) == done);
    play_out(world, task, honest.segments[0], lying.segments[0], stranger, 0, verifier);
    world.advance(task), world.advance(task);
    CHECK(ended(world, task) == outcome("framed, defended against a contest"));
    return world;
}

// Compares a file with what it should be; writes that beside the test where it is not.
void compare(const std::string& file, const std::string& text)
{
    std::ifstream in(ASSAY_SOURCE_DIR "/tests/vectors/market/" + file);
    std::ostringstream there;
    there << in.rdbuf();
    const bool same = there.str() == text;
    if (!same) std::ofstream(file) << text;
    CHECK_MESSAGE(same, "what it should be was written to " << file << " in the working directory");
}

void follow(const std::string& file)
{
    const std::vector<test::Record> records = read_vectors("market/" + file);
    const test::Record& genesis = records.at(0);
    std::vector<Allocation> money;
    const auto accounts = genesis.all("account"), units = genesis.all("units");
    for (std::size_t i = 0; i < accounts.size(); ++i) money.push_back({digest_from_hex(accounts[i]).value(), {std::stoull(units.at(i))}});
    Chain chain{Ledger::start(decode<Rules>(genesis.bytes("rules")).value(), money, Tick{genesis.number("start")}).value()};
    CHECK(digest_of(chain.ledger().summary()) == genesis.digest("state"));
    for (std::size_t i = 1; i < records.size(); ++i) {
        CAPTURE(records[i].text("name"));
        REQUIRE(chain.follow(decode<Block>(records[i].bytes("block")).value()));
        CHECK(chain.head() == records[i].digest("header"));
        CHECK(digest_of(chain.ledger().summary()) == records[i].digest("state"));
        const auto refused = records[i].all("refused"), errors = records[i].all("error");
        for (std::size_t j = 0; j < refused.size(); ++j) {
            Ledger ledger = chain.ledger();
            const auto transaction = decode<SignedTransaction>(bytes_from_hex(refused[j]).value()).value();
            CHECK(word_for(ledger.apply(transaction).error()) == errors.at(j));
        }
    }
}

} // namespace

TEST_CASE("MARKET-4 MARKET-7 MARKET-20 vectors/market/transactions.txt: every kind of transaction")
{
    compare("transactions.txt", transactions_text());
    const std::vector<test::Record> records = read_vectors("market/transactions.txt");
    REQUIRE(records.size() == std::variant_size_v<Body>);
    for (std::size_t i = 0; i < records.size(); ++i) {
        const test::Record& one = records[i];
        CAPTURE(one.text("name"));
        const auto transaction = decode<Transaction>(one.bytes("transaction"));
        REQUIRE(transaction);
        CHECK(transaction->body.index() == i);
        CHECK(one.number("kind") == i);
        // As the pages say: the tag's length, the tag, the encoding.
        Bytes tagged{17};
        for (const char letter : std::string{"assay.transaction"}) tagged.push_back(static_cast<std::uint8_t>(letter));
        const Bytes bytes = one.bytes("transaction");
        tagged.insert(tagged.end(), bytes.begin(), bytes.end());
        CHECK(hash::sha256(tagged) == one.digest("digest"));
        const auto made = decode<SignedTransaction>(one.bytes("signed"));
        REQUIRE(made);
        CHECK(made->transaction == *transaction);
        CHECK(verify(*made, one.digest("network")));
    }
}

TEST_CASE("MARKET-11 MARKET-12 MARKET-5 vectors/market/honest.txt: a task from posting to payment, with what is refused on the way")
{
    compare("honest.txt", chain_text("An honest run is bid for, made, audited and paid; and what was refused after each block.", honest_world()));
    follow("honest.txt");
}

TEST_CASE("MARKET-11 MARKET-9 vectors/market/convicted.txt: a run that its verifier attested to is disputed down to one operation")
{
    compare("convicted.txt",
            chain_text("A solver forges a number, its verifier attests to it, and a challenger convicts both.", convicted_world()));
    follow("convicted.txt");
}

TEST_CASE("MARKET-25 MARKET-26 MARKET-27 vectors/market/framed.txt: a solver has itself convicted of a right segment, and its verifier defends it")
{
    compare("framed.txt", chain_text("A solver loses a game about a right segment on purpose; the verifier that attested to it defends it "
                                     "against a contest, and the task is settled.",
                                     framed_world()));
    follow("framed.txt");
}
