// A whole market run by its parties, to its settlement: honest, cheating, silent and lazy ones, and a checkpoint that is withheld.
#include "tests/unit/node/village.hpp"

using namespace assay;
using namespace assay::test;

namespace {

// Runs until the first task is closed. Returns: its history.
node::TaskHistory settle(Village& village)
{
    const bool is_closed = village.run([&] { return village.history() != nullptr && village.history()->is_closed; });
    std::string story;
    for (const std::string& line : village.story) story += line + '\n';
    CAPTURE(story);
    REQUIRE(is_closed);
    REQUIRE(village.chain().tasks().size() == 1);
    REQUIRE(village.run([&] { // until the submitter has seen it, too
        return static_cast<node::Submitter&>(*village.members().front()->party).history().value()->is_closed;
    }));
    return *village.history();
}

std::vector<program::Tensor> result_of(Village& village)
{
    auto result = static_cast<node::Submitter&>(*village.members().front()->party).result();
    REQUIRE(result);
    return *result;
}

} // namespace

TEST_CASE(
    "PARTY-1 PARTY-3 PARTY-6 PARTY-7 PARTY-8 PARTY-10 PARTY-11 an honest run is posted, bid for, trained, audited, paid and brought home")
{
    Village village;
    village.add("submitter", makes_submitter());
    village.add("solver", makes_solver(seed_of_solver, 300));
    village.add("other solver", makes_solver(seed_of_stranger, 400));
    village.add("verifier", makes_verifier(seed_of_verifier));
    village.add("other verifier", makes_verifier(seed_of_fifth));
    const node::TaskHistory history = settle(village);
    CHECK(history.is_complete());
    CHECK(result_of(village) == honest_result());
    CHECK(village.balance(seed_of_solver) > 10000 + 400 - 20);
    CHECK(village.balance(seed_of_verifier) > 10000 - 200); // its stake is still there, its fee beside it
    CHECK(village.chain().ledger().verifiers().at(0).stake == Amount{200});
    CHECK(village.chain().ledger().verifiers().at(1).stake == Amount{200});
}

TEST_CASE("PARTY-5 PARTY-9 a solver that forged a number is challenged by its verifiers and convicted in a dispute")
{
    Village village;
    village.add("submitter", makes_submitter());
    village.add("solver", makes_solver(seed_of_solver, 300, forges));
    village.add("verifier", makes_verifier(seed_of_verifier));
    village.add("other verifier", makes_verifier(seed_of_fifth));
    const node::TaskHistory history = settle(village);
    CHECK(history.is_convicted);
    CHECK_FALSE(history.is_complete());
    CHECK(village.balance(seed_of_solver) < 10000 - 500);
    CHECK(village.balance(seed_of_verifier) + village.balance(seed_of_fifth) > 20000 - 400 + 200);
    CHECK(village.balance(seed_of_submitter) > 10000 - 100); // the price is back, the audit was paid
}

TEST_CASE(
    "PARTY-9 AUDIT-7 a root that hides a wrong state between right ones is challenged, whether the solver stands by it in the game or not")
{
    const auto forges_the_middle = [](const program::Program&, const commit::Task&, std::uint64_t segment) -> Result<replay::Deviation> {
        replay::Deviation deviation;
        if (segment != 1) return deviation;
        deviation.state = [](std::uint64_t step, std::span<const program::Tensor>, std::vector<program::Tensor>& after) {
            if (step == 0) after.front().set_element(0, after.front().element(0) ^ 0x00100000);
            else after = toy::trace(4).final_state().value();
        };
        return deviation;
    };
    for (const bool stands_by_it : {true, false}) {
        CAPTURE(stands_by_it);
        Village village;
        village.add("submitter", makes_submitter());
        const auto times = std::make_shared<int>(0);
        village.add("solver", makes_solver(seed_of_solver, 300, [=](const auto& program, const auto& task, std::uint64_t segment) {
                        const bool forges_now = stands_by_it || segment != 1 || (*times)++ == 0;
                        return forges_now ? forges_the_middle(program, task, segment) : Result<replay::Deviation>{replay::Deviation{}};
                    }));
        village.add("verifier", makes_verifier(seed_of_verifier));
        village.add("other verifier", makes_verifier(seed_of_fifth));
        const node::TaskHistory history = settle(village);
        CHECK(history.is_convicted);
        CHECK(history.states.at(1) == toy::trace(4).after().value()); // the state was right
        for (const market::Verifier& one : village.chain().ledger().verifiers().entries()) CHECK(one.stake == Amount{200});
    }
}

namespace {

// Sends a transaction of somebody who is no party of the village.
void submit(Village& village, const KeyPair& author, Body body)
{
    const std::uint64_t number = village.chain().ledger().account(author.identity())->transactions;
    REQUIRE(village.network().submit(sign(author, rules().network, {author.identity(), number, std::move(body)})));
}

} // namespace

TEST_CASE("PARTY-17 MARKET-25 verifiers defend a right root of which the solver had itself convicted, and keep their stakes")
{
    Village village;
    village.add("submitter", makes_submitter());
    // It trains honestly, and shows a friend another way to the same state.
    const auto times = std::make_shared<int>(0);
    village.add("solver", makes_solver(seed_of_solver, 300, [=](const auto&, const auto&, std::uint64_t segment) -> Result<replay::Deviation> {
                    replay::Deviation deviation;
                    if (segment != 1 || (*times)++ == 0) return deviation;
                    deviation.state = [](std::uint64_t step, std::span<const program::Tensor> before, std::vector<program::Tensor>& after) {
                        if (step == 0) after.assign(before.begin(), before.end());
                        else after = toy::trace(4).final_state().value();
                    };
                    return deviation;
                }));
    village.add("verifier", makes_verifier(seed_of_verifier));
    village.add("other verifier", makes_verifier(seed_of_fifth));
    const auto here = [&] { return village.chain().ledger().task(village.chain().tasks().at(0)); };
    REQUIRE(village.run([&] { return village.history() != nullptr && here()->phase == market::Phase::window; }));
    submit(village, stranger, Challenge{here()->id, 1});
    REQUIRE(village.run([&] { return here()->phase == market::Phase::convicted; }));
    CHECK(here()->conviction->finder == stranger.identity());
    CHECK(here()->conviction->segment == 1);
    REQUIRE(village.run([&] { return here()->phase == market::Phase::bidding; })); // another solver may do it
    for (const market::Verifier& one : village.chain().ledger().verifiers().entries()) {
        CHECK(one.stake == Amount{200});
        CHECK(!one.left);
    }
    CHECK(village.balance(seed_of_verifier) > 10000 - 200);
    CHECK(village.balance(seed_of_solver) < 10000 - 500);
    CHECK(village.balance(seed_of_stranger) == 10000 - 1); // its bond is back, and that is all
}

TEST_CASE("PARTY-17 MARKET-26 whoever convicted contests the defence of a wrong root")
{
    // What the solver's verifier friend attests to: a run that forges a number in the second segment.
    std::vector<Digest> roots;
    std::vector<program::Tensor> state = toy::segment(2).before;
    for (const std::uint64_t segment : {0, 1, 2}) {
        replay::Segment start = toy::segment(2);
        start.before = state;
        const program::Program program = start.program->program();
        const auto factory = [=, data = start.data, seed = start.seed] { return exec::make_interpreter(program, data, seed); };
        replay::RunTrace trace{std::move(start), factory, forges(program, {}, segment).value()};
        roots.push_back(trace.hash({dispute::TreeAddress::Kind::segment, 0, {}, 0}, {0, 2}).value());
        state = trace.final_state().value();
    }
    Village village;
    village.add("submitter", makes_submitter());
    village.add("solver", makes_solver(seed_of_solver, 300, forges));
    village.add("verifier", makes_verifier(seed_of_verifier));
    submit(village, stranger, Join{{200}});
    const auto here = [&] { return village.chain().tasks().empty() ? nullptr : village.chain().ledger().task(village.chain().tasks().front()); };
    const auto reach = [&](market::Phase phase) {
        REQUIRE(village.run([&] { return here() != nullptr && here()->phase == phase; }));
        return here()->id;
    };
    const Digest task = reach(market::Phase::replaying);
    submit(village, stranger, PostReceipt{task, receipt_digest(task, stranger.identity(), roots, Digest{{3}})});
    reach(market::Phase::attesting);
    submit(village, stranger, OpenReceipt{task, roots, Digest{{3}}});
    reach(market::Phase::convicted);
    submit(village, stranger, Defend{task});
    const node::TaskHistory history = settle(village);
    REQUIRE(history.contests.size() == 1);
    CHECK(history.contests[0] == node::TaskHistory::Contest{KeyPair{seed_of_verifier}.identity(), stranger.identity()});
    // The stranger loses bond and stake, the verifier has its fee, half of the solver's stake and half of the bond.
    CHECK(village.balance(seed_of_stranger) == 10000 - 4 - 200 - 100);
    CHECK(village.balance(seed_of_verifier) > 10000 - 200 + 20 + 250 + 50 - 60);
}

TEST_CASE("PARTY-3 PARTY-6 a solver that falls silent is replaced, and the other one goes on from its checkpoint")
{
    for (const std::size_t records : {0U, 1U, 2U}) {
        Village village;
        village.add("submitter", makes_submitter());
        Village::Member& silent = village.add("silent solver", makes_solver(seed_of_solver, 300));
        village.add("solver", makes_solver(seed_of_stranger, 400));
        village.add("verifier", makes_verifier(seed_of_verifier));
        const auto phase = [&] { return village.chain().ledger().tasks().at(0).phase; };
        REQUIRE(village.run([&] {
            return village.history() != nullptr && phase() == market::Phase::running && village.history()->states.size() == records;
        }));
        silent.is_silent = true;
        // It is back for the audit of what it recorded: who keeps silent there, too, is convicted.
        if (records > 0) REQUIRE(village.run([&] { return phase() == market::Phase::opening; }));
        silent.is_silent = records == 0;
        REQUIRE(village.run([&] { return phase() == market::Phase::bidding; }));
        silent.is_silent = true;
        CHECK(settle(village).is_complete());
        CHECK(result_of(village) == honest_result());
        CHECK(village.balance(seed_of_solver) < 10000 + 300);
        CHECK(village.balance(seed_of_stranger) > 10000);
    }
}

TEST_CASE("PARTY-8 a verifier that does not look loses its stake")
{
    Village village;
    village.add("submitter", makes_submitter());
    village.add("solver", makes_solver(seed_of_solver, 300));
    village.add("verifier", makes_verifier(seed_of_verifier));
    village.add("lazy verifier", makes_verifier(seed_of_fifth, true));
    CHECK(settle(village).is_complete());
    const node::ChainView follower = village.chain();
    const auto stake = [&](const crypto::Seed& seed) {
        return follower.ledger().verifiers().at(*follower.ledger().account(KeyPair{seed}.identity())->verifier).stake;
    };
    CHECK(stake(seed_of_verifier) == Amount{200});
    CHECK(stake(seed_of_fifth) == Amount{140});
    // It is not drawn any more, takes its stake back when that is free, and joins anew.
    REQUIRE(village.run([&] { return village.chain().ledger().verifiers().size() == 3; }));
}

TEST_CASE("PARTY-9 somebody who looks at everything finds what nobody was drawn for, and lazy verifiers lose as well")
{
    Village village;
    node::NewTask task = toy_task();
    task.posting.terms.verifiers = 1;
    village.add("submitter", makes_submitter(task));
    village.add("solver", makes_solver(seed_of_solver, 300, forges));
    village.add("lazy verifier", makes_verifier(seed_of_verifier, true));
    village.add("whistleblower", [](node::Network& network, store::ChunkStore& own) -> std::unique_ptr<node::Party> {
        node::VerifierOptions options; // with no stake, it is never drawn
        options.everything = true;
        return std::make_unique<node::Verifier>(network, own, seed_of_fifth, std::move(options));
    });
    CHECK(settle(village).is_convicted);
    CHECK(village.balance(seed_of_fifth) > 10000 + 200);
}

TEST_CASE("PARTY-4 a checkpoint that is withheld is computed from the newest one that is there; a forgery before it is found as well")
{
    for (const bool is_forged : {false, true}) {
        Village village;
        village.add("submitter", makes_submitter());
        village.add("solver", makes_solver(seed_of_solver, 300, is_forged ? node::Cheating{forges} : node::Cheating{}));
        Village::Member& drawn = village.add("verifier", makes_verifier(seed_of_verifier));
        // The state after the second segment, as the solver records it.
        REQUIRE(village.run([&] { return village.history() != nullptr && village.history()->states.size() == 2; }));
        drawn.connection->hidden = village.history()->states[1];
        const node::TaskHistory history = settle(village);
        CHECK(history.is_convicted == is_forged);
    }
}

TEST_CASE("PARTY-14 the beacon draws where terms name it, and where the submitter is silent")
{
    for (const bool is_named : {true, false}) {
        Village village;
        node::NewTask task = toy_task();
        if (is_named) task.posting.terms.source = market::DrawSource::beacon;
        Village::Member& poster = village.add("submitter", makes_submitter(task));
        village.add("solver", makes_solver(seed_of_solver, 300));
        village.add("verifier", makes_verifier(seed_of_verifier));
        village.add("beacon", [](node::Network& network, store::ChunkStore& own) -> std::unique_ptr<node::Party> {
            return std::make_unique<node::Beacon>(network, own, seed_of_fifth);
        });
        REQUIRE(village.run([&] { return village.history() != nullptr && village.history()->states.size() == 3; }));
        poster.is_silent = !is_named;
        REQUIRE(village.run([&] { return village.chain().ledger().tasks().at(0).phase == market::Phase::window; }));
        CHECK(village.chain().ledger().tasks().at(0).auditors.size() == 1);
        poster.is_silent = false;
        CHECK(settle(village).is_complete());
    }
}

TEST_CASE("PARTY-15 a task is taken back while bids are sealed, and not later")
{
    for (const bool is_early : {true, false}) {
        Village village;
        village.add("submitter", makes_submitter());
        village.add("solver", makes_solver(seed_of_solver, 300));
        village.add("verifier", makes_verifier(seed_of_verifier));
        REQUIRE(village.run([&] {
            return village.history() != nullptr && (is_early || village.chain().ledger().tasks().at(0).phase == market::Phase::running);
        }));
        static_cast<node::Submitter&>(*village.members().front()->party).withdraw();
        const node::TaskHistory history = settle(village);
        CHECK(history.is_complete() == !is_early);
        CHECK(history.states.empty() == is_early);
    }
}

TEST_CASE("PARTY-15 what a solver cannot make out about one task keeps it from no other")
{
    Village village;
    village.add("submitter", makes_submitter());
    Village::Member& winner = village.add("solver", makes_solver(seed_of_solver, 300));
    winner.is_silent = true;
    node::NewTask other = toy_task();
    other.posting.terms.drawer = node::Identity{seed_of_stranger}.drawer().public_key();
    other.posting.terms.verifiers = 0;
    village.add("other submitter", [other](node::Network& network, store::ChunkStore& own) -> std::unique_ptr<node::Party> {
        return node::Submitter::start(network, own, seed_of_stranger, other, {}).value();
    });
    REQUIRE(village.run([&] { return village.chain().tasks().size() == 2; }));
    // Its bid for the first task is a name for what is not there.
    const Digest first = village.chain().tasks().front(), second = village.chain().tasks().back();
    REQUIRE(winner.own.put_name("bid/" + to_hex(first) + "/0", Digest{{9}}));
    winner.is_silent = false;
    REQUIRE(village.run([&] { return village.chain().task(second)->is_closed; }));
    CHECK(village.chain().task(second)->is_complete());
}

namespace {

// Whose solver's states can be demanded.
node::NewTask demandable_task()
{
    node::NewTask task = toy_task();
    dispute::DataTerms data;
    data.lanes = data.levels = 2;
    data.bytes_per_tick = 1 << 20;
    data.clock = Tick{4};
    data.fee = 40;
    task.posting.terms.data = data;
    return task;
}

} // namespace

TEST_CASE("PARTY-18 a solver that keeps its states back is asked for one, and convicted")
{
    for (const bool withholds : {true, false}) {
        CAPTURE(withholds);
        Village village;
        village.add("submitter", makes_submitter(demandable_task()));
        village.add("solver", [withholds](node::Network& network, store::ChunkStore& own) {
            return std::make_unique<node::Solver>(network, own, seed_of_solver, node::SolverOptions{Amount{300}, 1, {}, {}, withholds});
        });
        village.add("verifier", makes_verifier(seed_of_verifier));
        const node::TaskHistory history = settle(village);
        const auto count = [&](std::string_view what) {
            return std::count_if(village.story.begin(), village.story.end(), [&](const std::string& line) { return line.find(what) != std::string::npos; });
        };
        CHECK(history.is_convicted == withholds);
        CHECK(history.is_complete() == !withholds);
        CHECK(count("is withheld") == withholds);
        CHECK(count("shows a part of checkpoint") == 0);
        CHECK((village.balance(seed_of_solver) < 10000) == withholds);
        CHECK(village.balance(seed_of_verifier) > 10000 - 1000);
    }
}

TEST_CASE("PARTY-15 a long upload gives way to what is more urgent, and goes on")
{
    store::MemoryChunkStore own, there;
    const std::vector<program::Declaration> declarations{{"w", {program::DataType::unsigned8, program::Shape{10 << 20}}}};
    Bytes content(10 << 20);
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::uint8_t>(i * i >> 11 ^ i);
    const std::vector<program::Tensor> state{program::Tensor::from_bytes(declarations.front().type, std::move(content)).value()};
    const Digest list = store::save_list(own, declarations, state).value();
    const auto network = node::LocalNetwork::start({rules(), {}, Tick{1}, 1000}, there, [] { return Tick{1}; }).value();
    node::Upload going = node::Upload::start(own, list).value();
    int steps = 0;
    for (std::uint64_t before = 0; !going.is_done(); before = going.chunks_done(), ++steps) {
        CHECK(network->list_of(commit::state_digest(state)).error() == Error::not_available);
        REQUIRE(going.step(*network));
        CHECK(going.chunks_done() > before);
    }
    CHECK(steps == 3); // of 4 MiB each
    CHECK(network->list_of(going.digest()).value() == list);
    CHECK(store::load_list(there, list).value().front() == state.front());
}

TEST_CASE("PARTY-16 a solver shows a state that somebody demands, and goes on with its run")
{
    Village village;
    node::NewTask task = demandable_task();
    village.add("submitter", makes_submitter(task));
    village.add("solver", makes_solver(seed_of_solver, 300));
    village.add("verifier", makes_verifier(seed_of_verifier));
    REQUIRE(village.run([&] { return village.history() != nullptr && village.history()->states.size() == 1; }));
    const Digest id = village.chain().tasks().front();
    const TaskState here = *village.chain().ledger().task(id);
    const auto program = toy::segment(2).program;
    const auto output = program->open_output(0);
    const Demand demand{id, 1,
                        {digest_of(here.keeping()), 0, stranger.identity(), here.state_at(1), 0, {0, 1}, output,
                         program->open_descriptor(output.node)}};
    REQUIRE(village.network().submit(sign(stranger, rules().network, {stranger.identity(), 0, demand})));
    CHECK(settle(village).is_complete());
    CHECK(village.balance(seed_of_stranger) == 10000 - 1 - 40);
}

TEST_CASE("PARTY-1 a chain that does not follow, or that changes, is not believed")
{
    class Bad final : public node::Network {
    public:
        explicit Bad(node::Network& behind) : m_behind(behind) {}
        std::function<void(std::vector<Block>&)> change;
        std::optional<node::Head> shown;
        Result<node::Genesis> genesis() override { return m_behind.genesis(); }
        Result<node::Head> head() override { return shown ? *shown : m_behind.head(); }
        Result<std::uint64_t> submit(const SignedTransaction& transaction) override { return m_behind.submit(transaction); }
        Result<std::vector<Block>> blocks(std::uint64_t from, std::size_t limit) override
        {
            auto blocks = m_behind.blocks(from, limit);
            if (blocks && change) change(*blocks);
            return blocks;
        }
        Status put_chunks(std::span<const Bytes> chunks) override { return m_behind.put_chunks(chunks); }
        Result<std::vector<Bytes>> chunks(std::span<const Digest> addresses) override { return m_behind.chunks(addresses); }
        Result<Digest> announce(const Digest& list) override { return m_behind.announce(list); }
        Result<Digest> list_of(const Digest& state) override { return m_behind.list_of(state); }
        Result<node::Head> wait(std::uint64_t height, std::chrono::milliseconds most) override { return m_behind.wait(height, most); }

    private:
        node::Network& m_behind;
    };
    Village village;
    village.add("submitter", makes_submitter());
    village.add("solver", makes_solver(seed_of_solver, 300));
    REQUIRE(settle(village).states.size() == 3);
    Bad bad{village.network()};
    const std::vector<std::function<void(std::vector<Block>&)>> changes{
        [](auto& blocks) { blocks[1].header.state.bytes[0] ^= 1; },
        [](auto& blocks) { blocks[2].transactions.clear(); },
        [](auto& blocks) { std::swap(blocks[1], blocks[2]); },
        [](auto& blocks) { blocks[2].transactions.front().signature.bytes[3] ^= 1; },
        [](auto& blocks) { blocks.clear(); },
    };
    for (const auto& change : changes) {
        auto follower = node::ChainView::start(bad);
        REQUIRE(follower);
        bad.change = change;
        const auto refused = follower->follow(bad);
        REQUIRE(refused.has_value() == false);
        bad.change = {};
        CHECK(follower->follow(bad).has_value() == false); // what lied once is not believed again
    }
    auto follower = node::ChainView::start(bad);
    REQUIRE(follower->follow(bad));
    for (const node::Head& head : {node::Head{follower->height() - 1, {}, Tick{9}}, node::Head{follower->height(), Digest{{1}}, Tick{9}}}) {
        node::ChainView other = *follower;
        bad.shown = head;
        CHECK(other.follow(bad).error() == Error::invalid_block);
    }
}
