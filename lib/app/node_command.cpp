#include "app/node_command.hpp"

#include <charconv>
#include <csignal>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <assay/node/key_file.hpp>
#include <assay/node/node.hpp>

#include "app/files.hpp"
#include "app/genesis_file.hpp"
#include "app/window.hpp"

namespace assay::app {

struct NodeCommand::Options {
    CLI::App* command = nullptr;
    CLI::App* check = nullptr;
    node::NodeOptions node;
    std::string config, genesis, key, passphrase_file, follow, follow_identity, log_level = "info";
    std::uint16_t http_port = 7341;
    bool no_http = false, unsynchronised = false;
};

namespace {

constexpr const char* description =
    "Runs a node: keeps a network's ledger and its checkpoints on disk, and serves them to parties over TLS and to people over HTTP.\n\n"
    "Everything is in this one process and one folder. To begin a network:\n"
    "  assay key make node.key                      the node's identity\n"
    "  assay node --folder data --key node.key --genesis network.json\n"
    "where network.json says who owns what at the start:\n"
    "  {\"name\": \"mine\", \"tick_milliseconds\": 1000, \"fee\": 1, \"account_minimum\": 10, \"verifier_minimum\": 100,\n"
    "   \"unbonding_ticks\": 20000, \"beacon\": \"KEY\", \"accounts\": [{\"id\": \"IDENTITY\", \"amount\": 1000000}]}\n"
    "Later starts need no genesis. A second node that follows the first, verifies all of it, and can be read in its place:\n"
    "  assay node --folder copy --key other.key --follow 127.0.0.1:7340 --port 7350 --http-port 7351\n"
    "To let it take over, stop both and start it without --follow.\n\n"
    "A page about the network, with its tasks, runs, audits, money and disputes as they go on, is at http://127.0.0.1:7341/ (--http-port);\n"
    "the same as JSON is below /api/, for monitors there are /metrics and /healthy. All of it is read-only, for whoever reaches the port.\n\n"
    "Each option may stand in a file (--config FILE, as name=value lines), or in the environment (ASSAY_NODE_FOLDER and so on); a flag\n"
    "goes before the environment, and that before the file. SIGTERM or Ctrl-C stops it after it has answered what it accepted.";

struct Endpoint {
    std::string host;
    std::uint16_t port = 0;
};

Result<Endpoint> parse_endpoint(const std::string& text)
{
    const std::size_t colon = text.rfind(':');
    Endpoint endpoint{text.substr(0, colon), 0};
    if (colon != std::string::npos) {
        const auto read = std::from_chars(text.data() + colon + 1, text.data() + text.size(), endpoint.port);
        if (read.ec == std::errc{} && read.ptr == text.data() + text.size() && endpoint.port != 0 && colon > 0) return endpoint;
    }
    return failure(Error::invalid_input, "--follow " + text + ": give HOST:PORT, such as 127.0.0.1:7340");
}

// One JSON object a line.
node::Log json_log(const std::string& level)
{
    auto logger = std::make_shared<spdlog::logger>("node", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::from_str(level));
    logger->flush_on(spdlog::level::info);
    return [logger](const node::LogEntry& entry) {
        constexpr std::array levels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};
        constexpr std::array names{"debug", "info", "warning", "error"};
        const auto index = static_cast<std::size_t>(entry.level);
        if (!logger->should_log(levels[index])) return;
        const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
        nlohmann::ordered_json line{{"ms", now}, {"level", names[index]}, {"event", entry.event}};
        for (const auto& [name, value] : entry.fields) line[name] = value;
        logger->log(levels[index], line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    };
}

void add_limits(CLI::App& app, node::Limits& limits)
{
    const auto add = [&](const char* name, auto& value, const char* help) {
        app.add_option(name, value, help)->check(CLI::PositiveNumber)->capture_default_str()->group("Limits");
    };
    add("--connections", limits.connections, "Connections at a time; more wait in the system's queue");
    add("--peer-connections", limits.connections_per_peer, "Connections of one identity");
    add("--peer-requests", limits.requests_per_second, "Requests of one identity in a second; who sends more is read from more slowly");
    add("--peer-chunk-bytes", limits.chunk_bytes_per_peer, "Bytes of chunks that one identity may store");
    add("--held-bytes", limits.held_bytes,
        "Bytes of requests and answers that all connections may hold; beyond, nobody is read from, and who holds most is closed");
    add("--recent-chunk-bytes", limits.recent_chunk_bytes, "Bytes of chunks that are held in memory as well as on the disk");
    add("--queued-transactions", limits.queued_transactions, "Transactions of all peers that may wait for a block");
    add("--frame-seconds", limits.frame_seconds, "Time for a peer to finish a request that it has begun, beside a second for each 64 KiB");
    add("--write-seconds", limits.write_seconds, "Time for a peer to read something of its answers");
    add("--idle-seconds", limits.idle_seconds, "Time without a request after which a connection is closed");
}

} // namespace

NodeCommand::NodeCommand(CLI::App& app) : m_options(std::make_unique<Options>())
{
    Options& o = *m_options;
    o.node.port = 7340;
    CLI::App& node = *(o.command = app.add_subcommand("node", description));
    node.add_option("--config", o.config, "A file with options, as name=value lines");
    node.add_option("--folder", o.node.folder, "Where ledger and chunks are kept")->envname("ASSAY_NODE_FOLDER");
    node.add_option("--key", o.key, "The node's key file (assay key make)")->envname("ASSAY_NODE_KEY");
    node.add_option("--passphrase-file", o.passphrase_file, "A file whose first line is the key's passphrase")
        ->envname("ASSAY_NODE_PASSPHRASE_FILE");
    node.add_option("--genesis", o.genesis, "What the network begins with; needed at the first start only")->envname("ASSAY_NODE_GENESIS");
    node.add_option("--address", o.node.address, "The IP address to listen on; :: or 0.0.0.0 for all")
        ->envname("ASSAY_NODE_ADDRESS")
        ->capture_default_str();
    node.add_option("--port", o.node.port, "Port for parties, over TLS; 0 for any that is free")
        ->envname("ASSAY_NODE_PORT")
        ->capture_default_str();
    node.add_option("--http-port", o.http_port, "Port for the page, the JSON API and /metrics")
        ->envname("ASSAY_NODE_HTTP_PORT")
        ->capture_default_str();
    node.add_flag("--no-http", o.no_http, "Serve no HTTP")->envname("ASSAY_NODE_NO_HTTP");
    node.add_option("--follow", o.follow, "HOST:PORT of a node to replicate instead of making blocks")->envname("ASSAY_NODE_FOLLOW");
    node.add_option("--follow-identity", o.follow_identity, "The identity that node must have; any, where none is given")
        ->envname("ASSAY_NODE_FOLLOW_IDENTITY");
    node.add_option("--threads", o.node.threads, "Threads that serve connections")
        ->check(CLI::Range(1, 256))
        ->envname("ASSAY_NODE_THREADS")
        ->capture_default_str();
    node.add_option("--log-level", o.log_level, "debug, info, warning or error")
        ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
        ->envname("ASSAY_NODE_LOG_LEVEL")
        ->capture_default_str();
    node.add_flag("--unsynchronised", o.unsynchronised,
                  "Acknowledge before the disk has it: faster, and a power failure may lose what was acknowledged");
    add_limits(node, o.node.limits);
    o.check = app.add_subcommand(
        "node-check", "Verifies the whole chain in a node's folder, from its genesis: every signature, every rule, every digest");
    o.check->add_option("folder", o.node.folder, "The node's folder; the node must not be running")->required();
}

NodeCommand::~NodeCommand() = default;

bool NodeCommand::parsed() const
{
    return m_options->command->parsed() || m_options->check->parsed();
}

namespace {

// Options that neither a flag nor the environment has set. CLI11 reads files for the whole program only, not for one of its commands.
Status apply_config(CLI::App& command, const std::string& path)
{
    try {
        for (const CLI::ConfigItem& item : CLI::ConfigINI().from_file(path)) {
            CLI::Option* const option = item.parents.empty() ? command.get_option_no_throw("--" + item.name) : nullptr;
            if (option == nullptr)
                return failure(Error::invalid_input, path + ": " + item.fullname() + " is no option: see assay node --help");
            if (option->count() > 0) continue;
            for (const std::string& value : item.inputs) option->add_result(value);
            option->run_callback();
        }
    } catch (const CLI::Error& error) {
        return failure(Error::invalid_input, path + ": " + error.what());
    }
    return {};
}

Status check_folder(const std::string& folder)
{
    ASSAY_TRY_ASSIGN(const auto ledger, store::LedgerStore::open(folder + "/ledger", store::OpenMode::existing_only));
    ASSAY_TRY_ASSIGN(const std::optional<Bytes> stored, ledger->genesis());
    if (!stored) return failure(Error::not_available, folder + ": there is no chain here");
    ASSAY_TRY_ASSIGN(const node::Genesis genesis, decode<node::Genesis>(*stored));
    ASSAY_TRY_ASSIGN(market::Chain start, node::begin_chain(genesis));
    ASSAY_TRY_ASSIGN(const std::uint64_t blocks, store::verify_chain(*ledger, std::move(start)));
    ASSAY_TRY_ASSIGN(market::Chain chain, ledger->load());
    fmt::print("{} blocks follow from the genesis; head {}; state {}\n", blocks, to_hex(chain.head()),
               to_hex(digest_of(chain.ledger().summary())));
    return {};
}

// Where people find the page, from this machine at least.
std::string page_address(const std::string& address, std::uint16_t port)
{
    const bool is_any = address == "0.0.0.0" || address == "::";
    const bool has_colons = address.find(':') != std::string::npos;
    const std::string host = is_any ? "localhost" : has_colons ? "[" + address + "]" : address;
    return fmt::format("http://{}:{}/", host, port);
}

} // namespace

Status NodeCommand::run() const
{
    const Options& o = *m_options;
    if (o.check->parsed()) return check_folder(o.node.folder);
    if (!o.config.empty()) ASSAY_TRY(apply_config(*o.command, o.config));
    if (o.node.folder.empty()) return failure(Error::invalid_input, "the node needs a folder for its data: give --folder FOLDER");
    node::NodeOptions options = o.node;
    if (o.key.empty())
        return failure(Error::invalid_input, "the node needs a key of its own: make one with `assay key make FILE`, and give --key FILE");
    ASSAY_TRY_ASSIGN(options.identity, node::read_key(o.key, [&]() -> Result<std::string> {
                         if (o.passphrase_file.empty())
                             return failure(Error::invalid_input, o.key + " is encrypted: give --passphrase-file FILE");
                         ASSAY_TRY_ASSIGN(const Bytes content, read_file(o.passphrase_file));
                         const std::string text{content.begin(), content.end()};
                         return text.substr(0, text.find('\n'));
                     }));
    if (!o.genesis.empty()) {
        ASSAY_TRY_ASSIGN(options.genesis, read_genesis(o.genesis));
    }
    if (!o.follow.empty()) {
        ASSAY_TRY_ASSIGN(const Endpoint endpoint, parse_endpoint(o.follow));
        options.upstream = endpoint.host;
        options.upstream_port = endpoint.port;
        if (!o.follow_identity.empty()) {
            options.upstream_identity = digest_from_hex(o.follow_identity);
            if (!options.upstream_identity) return failure(Error::invalid_input, "--follow-identity: give 64 hexadecimal digits");
        }
    }
    if (!o.no_http) options.http_port = o.http_port;
    if (o.unsynchronised) options.durability = store::Durability::buffered;
    options.log = json_log(o.log_level);

    // Blocked in all threads that are started from here on, so that this one receives them.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ASSAY_TRY_ASSIGN(const std::unique_ptr<node::Node> node, node::Node::start(std::move(options)));
    node::Node* const running = node.get();
    serve_window(*running);
    fmt::print("node {} listens on port {}{}\n", to_hex(running->identity()), running->port(),
               running->http_port() == 0 ? "" : fmt::format(", http on port {}", running->http_port()));
    if (running->http_port() != 0) fmt::print("a page about this network: {}\n", page_address(o.node.address, running->http_port()));
    std::fflush(stdout);
    int received = 0;
    sigwait(&signals, &received);
    running->stop();
    return {};
}

} // namespace assay::app
