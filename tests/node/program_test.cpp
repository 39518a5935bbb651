// `assay node` as a person starts it: options from flags, environment and a file, what it says when they are wrong, and its end.
#include <csignal>
#include <cstdio>

#include <sys/wait.h>

#include "tests/unit/node/nodes.hpp"

#include <assay/node/key_file.hpp>

using namespace assay;
using namespace assay::test;

namespace {

// A command of the program, in a shell that prints its process id first.
class Program {
public:
    explicit Program(const std::string& arguments, const std::string& environment = "")
        : m_pipe(popen(("echo $$; " + environment + " exec " ASSAY_PROGRAM " " + arguments + " 2>&1").c_str(), "r"))
    {
        REQUIRE(m_pipe != nullptr);
        process = static_cast<pid_t>(std::stol(line()));
    }
    ~Program()
    {
        if (m_pipe != nullptr) pclose(m_pipe);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    std::string line()
    {
        char buffer[2000] = "";
        m_is_ended = std::fgets(buffer, sizeof buffer, m_pipe) == nullptr;
        std::string text = buffer;
        if (text.ends_with('\n')) text.pop_back();
        return text;
    }
    // The first line that holds this; empty where there is none.
    std::string line_with(const std::string& part)
    {
        for (std::string text = line(); !m_is_ended; text = line())
            if (text.find(part) != std::string::npos) return text;
        return {};
    }
    // Reads to the end. Returns: the exit status.
    int finish()
    {
        while (!m_is_ended) line();
        const int status = pclose(std::exchange(m_pipe, nullptr));
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    pid_t process = 0;

private:
    std::FILE* m_pipe;
    bool m_is_ended = false;
};

void write_text(const std::filesystem::path& path, const std::string& text)
{
    std::ofstream(path) << text;
}

std::string network_file()
{
    return R"({"name": "test", "fee": 0, "account_minimum": 1, "verifier_minimum": 1, "unbonding_ticks": 5, "beacon": ")" +
           to_hex(beacon.public_key().bytes) + R"(", "accounts": [{"id": ")" + to_hex(solver.identity()) + R"(", "amount": 1000}]})";
}

} // namespace

TEST_CASE("WIRE-8 API-5 the program runs a node until it is told to stop, and checks the chain that it left")
{
    const Folder folder;
    const std::string base = folder.path().string();
    REQUIRE(node::write_key(base + "/node.key", Seed{{77}}, ""));
    write_text(base + "/network.json", network_file());
    write_text(base + "/node.conf", "http-port=0\nkey=\"" + base + "/node.key\"\n");
    {
        Program program("node --config " + base + "/node.conf --genesis " + base + "/network.json --port 0",
                        "ASSAY_NODE_FOLDER=" + base + "/data");
        const std::string line = program.line_with("listens on port ");
        CAPTURE(line);
        REQUIRE(!line.empty());
        CHECK(line.find(to_hex(crypto::KeyPair{Seed{{77}}}.identity())) != std::string::npos);
        CHECK(!program.line_with("a page about this network: http://127.0.0.1:").empty());
        node::RemoteOptions options;
        options.port = static_cast<std::uint16_t>(std::stoul(line.substr(line.find("listens on port ") + 16)));
        options.identity = Seed{{2}};
        const auto network = node::RemoteNetwork::make(options).value();
        const Digest name = network->genesis().value().rules.network;
        CHECK(network->submit(sign(solver, name, {solver.identity(), 0, Transfer{submitter.identity(), {5}}})));
        REQUIRE(kill(program.process, SIGTERM) == 0);
        CHECK(program.finish() == 0);
    }
    Program check("node-check " + base + "/data");
    CHECK(check.line().starts_with("1 blocks follow from the genesis"));
    CHECK(check.finish() == 0);
}

TEST_CASE("API-5 what a node cannot be started with is said, with what to change")
{
    const Folder folder;
    const std::string base = folder.path().string();
    REQUIRE(node::write_key(base + "/node.key", Seed{{77}}, ""));
    write_text(base + "/network.json", "{\"name\": \"test\"}");
    const auto complaint = [&](const std::string& arguments) {
        Program program("node --folder " + base + "/data --port 0 --no-http " + arguments);
        const std::string text = program.line();
        CHECK(program.finish() == 1);
        return text;
    };
    CHECK(complaint("").find("assay key make") != std::string::npos);
    CHECK(complaint("--key " + base + "/none").find(base + "/none") != std::string::npos);
    CHECK(complaint("--key " + base + "/node.key --genesis " + base + "/network.json").find("fee") != std::string::npos);
    CHECK(complaint("--key " + base + "/node.key --follow nowhere").find("HOST:PORT") != std::string::npos);
    CHECK(complaint("--key " + base + "/node.key").find("there is no") != std::string::npos);
    Program help("node --help");
    CHECK(!help.line_with("To begin a network").empty());
    CHECK(!help.line_with("http://127.0.0.1:7341/").empty());
}
