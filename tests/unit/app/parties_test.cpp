// Submitter, solvers, verifiers and a watcher as the program runs them, each in a thread of its own, on a network inside of the process:
// a transformer on text, to its settlement.
#include <doctest/doctest.h>

#include <fstream>
#include <thread>

#include <assay/commit/tensors.hpp>
#include <assay/node/local_network.hpp>
#include <assay/store/memory_store.hpp>

#include "app/files.hpp"
#include "app/new_task.hpp"
#include "app/parties.hpp"
#include "tests/unit/store/folder.hpp"

using namespace assay;
using namespace assay::app;

namespace {

constexpr std::uint32_t tick_milliseconds = 50;

struct Town {
    test::Folder folder;
    store::MemoryChunkStore chunks;
    std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
    std::unique_ptr<node::LocalNetwork> network;
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    std::vector<std::string> failures;
    std::mutex mutex;

    Town()
    {
        node::Genesis genesis;
        genesis.rules.network = Digest{{42}};
        genesis.rules.fee = {1};
        genesis.rules.account_minimum = {1};
        genesis.rules.verifier_minimum = {1};
        genesis.rules.unbonding = Tick{20000};
        genesis.rules.beacon = crypto::VrfKey{crypto::Seed{{99}}}.public_key();
        genesis.tick_milliseconds = tick_milliseconds;
        for (std::uint8_t i = 1; i <= 5; ++i) genesis.allocations.push_back({crypto::KeyPair{crypto::Seed{{i}}}.identity(), {10000}});
        network = node::LocalNetwork::start(genesis, chunks, [this] {
                      const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
                      return Tick{static_cast<std::uint64_t>(passed.count()) / tick_milliseconds};
                  }).value();
        std::ofstream text{path("text")};
        for (int i = 0; i < 400; ++i) text << "the quick brown fox number " << i * i % 97 << " jumps over the lazy dog\n";
    }
    [[nodiscard]] std::string path(const std::string& name) const { return (folder.path() / name).string(); }

    void begin(const std::string& name, std::function<Status()> body)
    {
        threads.emplace_back([this, name, body = std::move(body)] {
            const Status status = body();
            const std::lock_guard lock{mutex};
            if (!status) failures.push_back(name + ": " + status.failure().message());
        });
    }
    void add_solver(std::uint8_t seed, std::uint64_t price, const std::string& cheat = {})
    {
        SolveOptions options;
        options.party.folder = path("solver" + std::to_string(seed));
        options.party.tasks = 1;
        options.price = price;
        options.cheat = cheat;
        begin("solver", [=, this] { return solve(*network, crypto::Seed{{seed}}, options, stop); });
    }
    void add_verifier(std::uint8_t seed, bool is_lazy = false)
    {
        VerifyOptions options;
        options.party.folder = path("verifier" + std::to_string(seed));
        options.party.tasks = 1;
        options.stake = 500;
        options.is_lazy = is_lazy;
        begin("verifier", [=, this] { return verify(*network, crypto::Seed{{seed}}, options, stop); });
    }
    SubmitOptions submission()
    {
        SubmitOptions options;
        options.party.folder = path("submitter");
        options.problem.input = path("text");
        options.problem.gpt.layers = 1;
        options.problem.gpt.heads = 2;
        options.problem.gpt.width = 16;
        options.problem.gpt.context = 16;
        options.problem.batch = 4;
        options.problem.steps = 30;
        options.problem.warm_up_steps = 5;
        options.training.interval = 10;
        options.offer.segments = 3;
        options.offer.bidding = 1;
        options.offer.answering = 3;
        options.offer.window = 1;
        options.offer.demand = 0; // no time for it in this window
        options.offer.recording = options.offer.replaying = 60;
        return options;
    }
    Outcome settle()
    {
        begin("watcher", [this] { return watch(*network, {1}, stop); });
        const auto outcome = submit(*network, crypto::Seed{{1}}, submission(), stop);
        if (!outcome) FAIL(outcome.failure().message());
        for (std::thread& thread : threads) thread.join();
        threads.clear();
        for (const std::string& failure : failures) FAIL_CHECK(failure);
        return *outcome;
    }
    std::uint64_t balance(std::uint8_t seed)
    {
        auto follower = node::ChainView::start(*network);
        REQUIRE(follower->follow(*network));
        return follower->ledger().account(crypto::KeyPair{crypto::Seed{{seed}}}.identity())->balance.units;
    }
};

} // namespace

TEST_CASE("MARKET-21 states of a task that is submitted can be demanded, in a time that leaves room to act on the answer")
{
    Town town;
    SubmitOptions options = town.submission();
    const auto problem = make_problem(options.problem);
    REQUIRE_MESSAGE(problem, problem.failure().message());
    const node::Genesis genesis = town.network->genesis().value();
    const auto posted = [&](double window, double demand) {
        options.offer.window = window;
        options.offer.demand = demand;
        return make_new_task(*problem, options.problem, options.training, options.offer, genesis, node::Identity{crypto::Seed{{1}}});
    };
    const auto task = posted(40, 10);
    REQUIRE_MESSAGE(task, task.failure().message());
    const market::Terms terms = task->posting.terms;
    REQUIRE(terms.data);
    CHECK(terms.data->clock == Tick{200});
    CHECK(terms.data->fee == 2 * fee_of(genesis.rules, 16 << 10).units);
    CHECK(2 * market::answer_ticks_max(*terms.data).value <= terms.window.value);
    CHECK(!posted(40, 0)->posting.terms.data);
    CHECK(posted(39, 10).failure().message().find("--demand") != std::string::npos);
    CHECK(posted(40, -1).failure().message().find("--demand") != std::string::npos);
}

TEST_CASE("PARTY-2 PARTY-11 a transformer is trained by whoever bids less, audited, and brought home; a lazy verifier loses its stake")
{
    Town town;
    // What a solver leaves behind that was killed while it made its store.
    std::filesystem::create_directories(town.path("solver2/store.unfinished"));
    std::ofstream{town.path("solver2/store.unfinished/CURRENT")} << "half";
    town.add_solver(2, 400);
    town.add_solver(3, 600);
    town.add_verifier(4);
    town.add_verifier(5, true);
    REQUIRE(town.settle() == Outcome::complete);
    CHECK(town.balance(2) > 10000 + 500);
    CHECK_FALSE(std::filesystem::exists(town.path("solver2/store.unfinished")));
    const auto file = read_file(town.path("submitter/result"));
    REQUIRE(file);
    const auto named = decode<std::vector<NamedTensor>>(*file);
    REQUIRE(named);
    std::vector<program::Tensor> state;
    for (const NamedTensor& tensor : *named) state.push_back(program::Tensor::from_bytes(tensor.type, tensor.bytes).value());
    auto follower = node::ChainView::start(*town.network);
    REQUIRE(follower->follow(*town.network));
    CHECK(commit::state_digest(std::span<const program::Tensor>{state}) == follower->task(follower->tasks().front())->states.back());
    CHECK(follower->ledger().verifiers().at(0).stake.units + follower->ledger().verifiers().at(1).stake.units == 1000 - 200);
}

TEST_CASE("PARTY-9 a transformer's solver that cheats is convicted in a dispute, and the reward comes back")
{
    Town town;
    town.add_solver(2, 400, "nudged-weight");
    town.add_verifier(4);
    town.add_verifier(5);
    CHECK(town.settle() == Outcome::convicted);
    CHECK(town.balance(2) < 10000 - 2000);
    CHECK(town.balance(1) > 10000 - 200);
}
