// What a node shows: JSON of a chain with a dispute in it, over HTTP too; and the file that a network begins with.
#include "tests/unit/node/nodes.hpp"

#include <condition_variable>
#include <mutex>

#include <arpa/inet.h>
#include <assay/store/memory_store.hpp>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "app/api.hpp"
#include "app/genesis_file.hpp"
#include "app/window.hpp"

using namespace assay;
using namespace assay::test;
using nlohmann::json;

namespace {

// A chain with a task whose first segment is challenged, and three moves of that game.
struct Shown {
    Folder folder;
    Digest task;
    std::unique_ptr<store::LedgerStore> ledgers = store::LedgerStore::open(folder.store(), store::OpenMode::create_if_missing).value();
    std::optional<Chain> chain;

    Shown()
    {
        World world;
        replay::RunTrace run = toy::trace(2);
        task = begin(world);
        CHECK(world.apply(solver, PostProgress{sign(solver, rules().network, record(world, task, run.after().value()))}) == done);
        chain.emplace(world.ledger);
        REQUIRE(ledgers->begin(Bytes{1}, *chain));
        make(stranger, Challenge{task, 0});
        for (int moves = 0; moves < 3; ++moves) {
            const auto game = dispute::Game::decode(chain->ledger().task(task)->disputes.front().game).value();
            if (game.to_move() == dispute::Side::solver) make(solver, PlayMove{task, next_solver_move(game, run).value()});
            else make(stranger, PlayMove{task, game.next_move(dispute::Select{0, {}})});
        }
    }
    void make(const KeyPair& author, Body body, std::uint64_t ticks = 1)
    {
        const std::uint64_t number = chain->ledger().account(author.identity())->transactions;
        auto sealed = chain->seal_checked(Tick{chain->ledger().now().value + ticks},
                                          {sign(author, rules().network, {author.identity(), number, std::move(body)})});
        REQUIRE(sealed);
        REQUIRE(sealed->block);
        const store::BlockEvents block{*sealed->block, sealed->events};
        REQUIRE(ledgers->append({&block, 1}, *chain));
    }
    [[nodiscard]] json get(const std::string& target, unsigned status = 200) const
    {
        const app::ApiAnswer given = app::answer_api(target, *chain, *ledgers, genesis(), Tick{chain->ledger().now().value + 3});
        const auto* const work = std::get_if<app::Work>(&given);
        const node::HttpAnswer answer = work != nullptr ? (*work)(*ledgers, store::MemoryChunkStore{}) : std::get<node::HttpAnswer>(given);
        CHECK(answer.status == status);
        return json::parse(answer.body);
    }
};

std::string http_get(std::uint16_t port, const std::string& request)
{
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    (void)!::send(socket, request.data(), request.size(), 0);
    std::string answer;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::recv(socket, buffer, sizeof buffer, 0)) > 0;) answer.append(buffer, static_cast<std::size_t>(got));
    ::close(socket);
    return answer;
}

} // namespace

TEST_CASE("API-1 API-2 API-3 a chain as JSON")
{
    const Shown shown;
    const json network = shown.get("/api/network");
    CHECK(network["height"] == shown.chain->height());
    CHECK(network["clock"] == network["now"].get<std::uint64_t>() + 3);
    CHECK(network["head"] == to_hex(shown.chain->head()));
    CHECK(network["supply"] == std::to_string(shown.chain->ledger().supply().units));
    const json tasks = shown.get("/api/tasks?count=1");
    CHECK(tasks["count"] == 1);
    CHECK(tasks["tasks"][0]["phase"] == "running");
    CHECK(tasks["tasks"][0]["checkpoints"] == 1);
    CHECK(tasks["tasks"][0]["segments"] == 2);
    const std::string id = to_hex(shown.task);
    const json task = shown.get("/api/tasks/" + id);
    CHECK(task["leg"]["solver"] == to_hex(solver.identity()));
    CHECK(task["terms"]["stake"] == "500");
    CHECK(task["conviction"].is_null());
    CHECK(task["checkpoint_states"].size() == 1);
    const json events = shown.get("/api/tasks/" + id + "/events?from=2&count=2");
    REQUIRE(events["events"].size() == 2);
    CHECK(events["events"][0]["kind"] == "moved");
    const json accounts = shown.get("/api/accounts");
    CHECK(accounts["accounts"].size() == shown.chain->ledger().accounts().size());
    const json account = shown.get("/api/accounts/" + to_hex(verifier.identity()));
    CHECK(account["verifier"]["stake"] == "200");
    const json blocks = shown.get("/api/blocks?from=0&count=1");
    CHECK(blocks["blocks"][0]["transactions"][0]["kind"] == "challenge");
    CHECK(shown.get("/api/blocks")["blocks"].size() == 4);
    const json losses = shown.get("/api/tasks/" + id + "/losses");
    CHECK(losses["count"] == 0); // this chain begins after the record
    CHECK(losses["has_loss"] == false);
    for (const char* wrong : {"/api/", "/api/tasks/00", "/api/accounts/zz", "/api/blocks/1"})
        CHECK(shown.get(wrong, 404).contains("error"));
    CHECK(shown.get("/api/tasks/" + id + "/other", 404).contains("error"));
    CHECK(shown.get("/api/tasks?count=x&from=99999999999999999999&=")["tasks"].size() == 1);
    CHECK(shown.get("/api/tasks?from=7")["tasks"].empty());
}

TEST_CASE("API-4 a dispute narrows, and its verdict stays")
{
    Shown shown;
    const std::string target = "/api/tasks/" + to_hex(shown.task) + "/disputes";
    const json open = shown.get(target)["disputes"][0];
    CHECK(open["segment"] == 0);
    CHECK(open["is_open"] == true);
    CHECK(open["moves"].size() == 3);
    CHECK(open["moves"][0]["side"] == "solver");
    CHECK(open["steps"].size() >= 1);
    CHECK(open["verdict"].is_null());
    CHECK(open["turn"].is_string());
    CHECK(open["bond"] == "100");
    CHECK(open["clocks"]["solver"]["allowed"] == 1000);
    CHECK(open["moves"][1]["kind"] == "selects");
    CHECK(open["layers"][0]["layer"] == "segment");
    CHECK(open["layers"][0]["size"] == 2);
    CHECK(open["layers"][0]["ranges"][0] == json{{"move", 0}, {"begin", 0}, {"end", 2}});
    CHECK(open["layers"][0]["ranges"][1] == json{{"move", 1}, {"begin", 0}, {"end", 1}});
    CHECK(shown.get(target)["count"] == 1);
    CHECK(shown.get(target + "?from=1")["disputes"].empty());
    shown.make(stranger, ClaimTimeout{shown.task, shown.chain->ledger().task(shown.task)->disputes.front().id}, 100'000'000);
    const json over = shown.get(target)["disputes"][0];
    CHECK(over["is_open"] == false);
    CHECK(over["by_clock"] == true);
    CHECK(over["verdict"].is_string());
    CHECK(over["turn"].is_null());
}

TEST_CASE("API-1 API-4 the worked example is what a node answers")
{
    const Shown shown;
    std::ifstream page(ASSAY_SOURCE_DIR "/spec/api.md");
    int examples = 0;
    for (std::string line; std::getline(page, line);) {
        if (!line.starts_with("GET ")) continue;
        const std::string target = line.substr(4);
        std::string written;
        while (std::getline(page, line) && line != "```") written += line + "\n";
        const json answer = shown.get(target);
        CHECK_MESSAGE(json::parse(written, nullptr, false) == answer, target << " is answered\n" << answer.dump(1));
        ++examples;
    }
    CHECK(examples == 2);
}

TEST_CASE("API-1 API-7 a node answers over HTTP what it is asked, and nothing else")
{
    const Folder folder;
    node::NodeOptions options;
    options.http_port = 0;
    const auto server = started(folder, options);
    app::serve_window(*server);
    const std::uint16_t port = server->http_port();
    const std::string end = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    CHECK(http_get(port, "GET /api/network" + end).find("\"height\":0") != std::string::npos);
    const std::string page = http_get(port, "GET /" + end);
    CHECK(page.find("text/html") != std::string::npos);
    CHECK(page.find(
              "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';") !=
          std::string::npos);
    CHECK(page.find("unsafe") == std::string::npos);
    CHECK(http_get(port, "GET /window/main.js" + end).find("text/javascript") != std::string::npos);
    CHECK(http_get(port, "GET /api/tasks/" + std::string(64, '0') + "/losses" + end).starts_with("HTTP/1.1 404"));
    CHECK(http_get(port, "GET /metrics" + end).find("assay_connections_open 0") != std::string::npos);
    CHECK(http_get(port, "GET /healthy" + end).starts_with("HTTP/1.1 200"));
    CHECK(http_get(port, "GET /other" + end).starts_with("HTTP/1.1 404"));
    CHECK(http_get(port, "HEAD /healthy" + end).starts_with("HTTP/1.1 200"));
    CHECK(http_get(port, "POST /api/network" + end).starts_with("HTTP/1.1 405"));
    CHECK(http_get(port, "nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
    CHECK(http_get(port, "GET /" + std::string(20'000, 'a') + end).starts_with("HTTP/1.1 4"));
}

TEST_CASE("API-5 a genesis file is read, and what is wrong with one is named")
{
    const json good{{"name", "mine"},
                    {"fee", 1},
                    {"account_minimum", "10"},
                    {"verifier_minimum", 100},
                    {"unbonding_ticks", 50},
                    {"beacon", to_hex(beacon.public_key().bytes)},
                    {"accounts", {{{"id", to_hex(solver.identity())}, {"amount", 1000}}}}};
    const auto genesis = app::parse_genesis(good.dump(), "file");
    REQUIRE(genesis);
    CHECK(genesis->rules.account_minimum == Amount{10});
    CHECK(genesis->tick_milliseconds == 1000);
    CHECK(genesis->allocations == std::vector<Allocation>{{solver.identity(), {1000}}});
    const auto complaint = [&](const json& change, const char* removed = nullptr) {
        json file = good;
        file.merge_patch(change);
        if (removed != nullptr) file.erase(removed);
        const auto parsed = app::parse_genesis(file.dump(), "file");
        REQUIRE(!parsed);
        CHECK(parsed.error() == Error::invalid_input);
        return parsed.failure().detail;
    };
    CHECK(complaint({{"fees", 1}}).find("fees is no field") != std::string::npos);
    CHECK(complaint(json::object(), "fee").find("fee is missing") != std::string::npos);
    CHECK(complaint({{"fee", -1}}).find("fee is no whole number") != std::string::npos);
    CHECK(complaint({{"beacon", "00"}}).find("beacon is not 64") != std::string::npos);
    CHECK(complaint({{"beacon", std::string(64, '0')}}).find("invalid_key") != std::string::npos);
    CHECK(complaint({{"tick_milliseconds", 0}}).find("tick_milliseconds") != std::string::npos);
    CHECK(complaint({{"accounts", json::array()}}).find("accounts") != std::string::npos);
    CHECK(complaint({{"accounts", {{{"id", "00"}, {"amount", 1}}}}}).find("accounts[0].id") != std::string::npos);
    CHECK(app::parse_genesis("{", "file").error() == Error::invalid_input);
    CHECK(app::read_genesis("/nowhere").error() == Error::file_unreadable);
}
