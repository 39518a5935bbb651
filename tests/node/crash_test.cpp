// Nodes that are killed at any moment, and disks that fail. After each: nothing acknowledged is lost, and the stored state is the one that
// the blocks lead to.
#include <csignal>
#include <cstdlib>
#include <optional>
#include <random>
#include <thread>

#include "tests/unit/node/nodes.hpp"
#include "tests/unit/store/process.hpp"

using namespace assay;
using namespace assay::test;

namespace {

int rounds(int otherwise)
{
    const char* const text = std::getenv("ASSAY_ROUNDS");
    return text == nullptr ? otherwise : std::atoi(text);
}

// The process of child.cpp.
Process child_process(const std::string& verb, const Folder& folder, const std::string& environment = "")
{
    return Process{environment + " exec " ASSAY_NODE_CHILD " " + verb + " " + folder.store() + " 2>&1"};
}

// How many transactions of the solver's are in the chain, whose state is checked against its blocks.
std::uint64_t checked_transactions(const Folder& folder)
{
    const auto ledger = store::LedgerStore::open(folder.store() + "/ledger", store::OpenMode::existing_only);
    REQUIRE(ledger);
    const auto verified = store::verify_chain(**ledger, node::begin_chain(genesis()).value());
    CAPTURE(verified ? std::string{} : verified.failure().message());
    REQUIRE(verified);
    const market::Chain chain = (*ledger)->load().value();
    REQUIRE(chain.ledger().counted() == chain.ledger().supply());
    return chain.ledger().account(solver.identity())->transactions;
}

} // namespace

TEST_CASE("STORE-14 STORE-15 a node that is killed at random moments loses nothing that it acknowledged")
{
    constexpr int rounds_of_a_chain = 25; // each is followed by a look at all of its blocks
    std::optional<Folder> chain;
    std::mt19937_64 random{7};
    std::uint64_t next = 0;
    for (int round = 0; round < rounds(4); ++round) {
        if (round % rounds_of_a_chain == 0) chain.emplace(), next = 0;
        const Folder& folder = *chain;
        Process child = child_process("serve", folder);
        const auto process = static_cast<pid_t>(std::stol(child.line()));
        node::RemoteOptions options;
        options.port = static_cast<std::uint16_t>(std::stoul(child.line()));
        options.identity = Seed{{2}};
        options.patience = std::chrono::milliseconds{0};
        std::thread killer([&, after = std::chrono::microseconds{random() % 150'000}] {
            std::this_thread::sleep_for(after);
            kill(process, SIGKILL);
        });
        const auto network = node::RemoteNetwork::make(options).value();
        std::uint64_t acknowledged = next;
        for (bool goes_on = true; goes_on;) {
            std::vector<SignedTransaction> batch;
            for (std::uint64_t i = 0; i < 20; ++i) batch.push_back(pay(acknowledged + i, 1));
            const auto heights = network->submit_all(batch);
            goes_on = heights.has_value();
            if (!heights) break;
            for (const auto& height : *heights) acknowledged += height.has_value() ? 1 : 0;
        }
        killer.join();
        while (!child.line().empty()) {
        }
        next = checked_transactions(folder);
        CHECK(next >= acknowledged);
        CHECK(next <= acknowledged + 20);
    }
}

TEST_CASE("STORE-14 a node that is killed in the middle of any write keeps what it acknowledged")
{
    // How many calls a whole run makes follows from running into the end of it.
    std::mt19937_64 random{11};
    const bool all = std::getenv("ASSAY_ROUNDS") != nullptr;
    int killed = 0;
    for (std::uint64_t at = 1; at < 1000; at += all ? 1 : 13 + random() % 8) {
        const Folder folder;
        std::uint64_t acknowledged = 0;
        bool ended = false;
        {
            Process child =
                child_process("script", folder, "LD_PRELOAD=" ASSAY_NODE_FAULTS " ASSAY_FAULT=kill ASSAY_FAULT_AT=" + std::to_string(at));
            for (std::string line = child.line(); !line.empty(); line = child.line()) {
                ended = line == "end";
                if (!ended) acknowledged = std::stoull(line) + 1;
            }
        }
        CAPTURE(at);
        // Killed while it made its stores, or before a chain had begun, a node makes them again.
        CHECK(started(folder)->head().height >= acknowledged);
        CHECK(checked_transactions(folder) >= acknowledged);
        if (ended) break;
        ++killed;
    }
    MESSAGE("killed at " << killed << " calls");
    CHECK(killed > 2);
}

TEST_CASE(
    "NET-5 STORE-20 setting the machine's clock an hour forwards or backwards moves no block's time, while a node runs or before it starts")
{
    const Folder folder;
    const auto began = std::chrono::steady_clock::now();
    std::optional<Tick> first, last;
    std::uint64_t number = 0;
    for (const char* const set_before : {"0", "3600", "-3600"}) {
        Process child = child_process("serve", folder, "LD_PRELOAD=" ASSAY_NODE_FAULTS " ASSAY_CLOCK=" + std::string{set_before});
        const auto process = static_cast<pid_t>(std::stol(child.line()));
        node::RemoteOptions options;
        options.port = static_cast<std::uint16_t>(std::stoul(child.line()));
        options.identity = Seed{{2}};
        const auto network = node::RemoteNetwork::make(options).value();
        for (const int set_meanwhile : {0, SIGUSR1, SIGUSR2}) { // by an hour forwards, backwards by two
            REQUIRE(kill(process, set_meanwhile) == 0);
            const auto height = network->submit(pay(number++, 1));
            REQUIRE(height);
            const Tick now = network->blocks(*height, 1)->front().header.now;
            if (!first) first = now;
            CHECK(now >= last.value_or(*first));
            last = now;
        }
        REQUIRE(kill(process, SIGKILL) == 0);
        while (!child.line().empty()) {
        }
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began).count();
    CHECK(last->value - first->value <= static_cast<std::uint64_t>(seconds) + 1); // a tick is a second here
    CHECK(checked_transactions(folder) == number);
}

TEST_CASE("STORE-14 WIRE-5 a node whose disk fails for a while refuses, opens its store again, and goes on")
{
    std::mt19937_64 random{13};
    const bool all = std::getenv("ASSAY_ROUNDS") != nullptr;
    for (std::uint64_t at = 1; at < 120; at += all ? 1 : 40 + random() % 8) {
        const Folder folder;
        bool ended = false;
        std::string last;
        {
            Process child =
                child_process("script", folder, "LD_PRELOAD=" ASSAY_NODE_FAULTS " ASSAY_FAULT=fail ASSAY_FAULT_AT=" + std::to_string(at));
            for (std::string line = child.line(); !line.empty(); line = child.line()) last = line, ended = line == "end";
        }
        CAPTURE(at);
        CAPTURE(last);
        CHECK(ended);
        CHECK(checked_transactions(folder) == 60);
    }
}

TEST_CASE("STORE-14 WIRE-5 a full disk is reported, and once there is room the node goes on")
{
    const Folder folder;
    std::string outcome;
    {
        Process child = child_process("starve", folder);
        outcome = child.line();
    }
    CAPTURE(outcome);
    CHECK(outcome.starts_with("good"));
    CHECK(checked_transactions(folder) > 10);
}
