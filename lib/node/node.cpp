// Spec: WIRE-6, WIRE-8.
#include <assay/node/node.hpp>

#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "node/connection.hpp"
#include "node/follower.hpp"
#include "node/http.hpp"

namespace assay::node {

namespace {

constexpr std::chrono::milliseconds sweep_every{50};
constexpr std::chrono::seconds stop_within{10};
constexpr int crowded_sweeps_max = 4; // over the limit for all together, before somebody has to go

} // namespace

// Members end in the reverse of this order: threads before what they use.
struct Node::Parts {
    NodeOptions options;
    Metrics metrics;
    Digest identity;
    std::unique_ptr<LedgerService> ledger;
    std::unique_ptr<ChunkDepot> chunks;
    std::optional<asio::thread_pool> disk;
    std::unique_ptr<Hub> hub;
    asio::io_context io;
    asio::steady_timer sweeper{io};
    tcp::acceptor acceptor{io};
    std::unique_ptr<HttpServer> http;
    std::unique_ptr<Follower> follower;
    std::uint16_t port = 0;

    std::mutex mutex;
    std::condition_variable changed;
    std::unordered_map<Connection*, std::shared_ptr<Connection>> connections;
    std::size_t handshakes = 0;
    int crowded_sweeps = 0; // the sweeper's
    bool is_accepting = false, is_stopping = false, is_stopped = false;
    std::vector<std::thread> threads;

    Status listen();
    void accept();
    void accept_if_room();
    void sweep();
    void shed(const std::vector<std::shared_ptr<Connection>>& all);
    std::vector<std::shared_ptr<Connection>> all_connections();
};

std::vector<std::shared_ptr<Connection>> Node::Parts::all_connections()
{
    const std::lock_guard lock{mutex};
    std::vector<std::shared_ptr<Connection>> all;
    all.reserve(connections.size());
    for (const auto& [key, connection] : connections) all.push_back(connection);
    return all;
}

Status Node::Parts::listen()
{
    boost::system::error_code error;
    const std::string where = options.address + " port " + std::to_string(options.port);
    const auto address = asio::ip::make_address(options.address, error);
    if (error) return failure(Error::invalid_input, options.address + " is no IP address: give one such as 127.0.0.1 or ::");
    const tcp::endpoint endpoint{address, options.port};
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(4096, error);
    if (error)
        return failure(Error::invalid_input, where + ": cannot listen there (" + error.message() + "): choose another address or port");
    port = acceptor.local_endpoint(error).port();
    return {};
}

// Where all connections hold too much for some time, they stop each other: the one that holds most goes.
void Node::Parts::shed(const std::vector<std::shared_ptr<Connection>>& all)
{
    crowded_sweeps = metrics.held_bytes < options.limits.held_bytes ? 0 : crowded_sweeps + 1;
    if (crowded_sweeps < crowded_sweeps_max || all.empty()) return;
    const auto most = std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) { return a->held() < b->held(); });
    (*most)->shed();
}

// More connections than are allowed wait in the system's queue.
void Node::Parts::accept_if_room()
{
    {
        const std::lock_guard lock{mutex};
        if (is_accepting || is_stopping || handshakes >= options.limits.handshakes || connections.size() >= options.limits.connections)
            return;
        is_accepting = true;
    }
    accept();
}

void Node::Parts::accept()
{
    acceptor.async_accept(asio::make_strand(io), [this](const boost::system::error_code& error, auto socket) {
        bool goes_on = true;
        if (!error) {
            auto connection = std::make_shared<Connection>(tcp::socket{std::move(socket)}, *hub);
            {
                const std::lock_guard lock{mutex};
                connections.emplace(connection.get(), connection);
                ++handshakes;
                goes_on = !is_stopping;
            }
            ++metrics.connections_accepted;
            ++metrics.connections_open;
            connection->start();
        } else if (error == asio::error::operation_aborted) {
            goes_on = false;
        } else {
            options.log({LogLevel::warning, "accept_failed", {{"reason", error.message()}}});
            goes_on = false; // out of descriptors, say: the sweeper tries again
        }
        {
            const std::lock_guard lock{mutex};
            is_accepting = false;
        }
        if (goes_on) accept_if_room();
    });
}

void Node::Parts::sweep()
{
    sweeper.expires_after(sweep_every);
    sweeper.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        const TimePoint now = std::chrono::steady_clock::now();
        const auto all = all_connections();
        for (const auto& connection : all) connection->sweep(now);
        shed(all);
        accept_if_room();
        sweep();
    });
}

Node::Node(std::unique_ptr<Parts> parts) : m_parts(std::move(parts)) {}

Result<std::unique_ptr<Node>> Node::start(NodeOptions options)
{
    auto parts = std::make_unique<Parts>();
    Parts& node = *parts;
    node.options = std::move(options);
    const NodeOptions& given = node.options;
    const crypto::KeyPair keys{given.identity};
    node.identity = keys.identity();
    std::optional<Genesis> genesis = given.genesis;
    const bool is_follower = !given.upstream.empty();
    if (is_follower) {
        ASSAY_TRY_ASSIGN(node.follower, Follower::connect(given));
        if (!genesis) {
            ASSAY_TRY_ASSIGN(genesis, node.follower->genesis());
        }
    }
    std::error_code error;
    std::filesystem::create_directories(given.folder, error);
    if (error)
        return failure(Error::storage_failed,
                       given.folder + ": cannot be made (" + error.message() + "): check the path and its permissions");
    ASSAY_TRY_ASSIGN(node.ledger,
                     LedgerService::open(given.folder + "/ledger", genesis,
                                         {given.durability, given.limits.queued_transactions, is_follower}, node.metrics, given.log));
    ASSAY_TRY_ASSIGN(node.chunks, ChunkDepot::open(given.folder + "/chunks", *node.ledger, given.limits, node.metrics));
    ASSAY_TRY_ASSIGN(TlsContext tls, TlsContext::make(TlsRole::server, given.identity));
    node.disk.emplace(2);
    node.hub.reset(new Hub{given.limits, node.metrics, given.log, std::move(tls), *node.ledger, *node.chunks, *node.disk,
                           Peers{given.limits}, 0,
                           [&node](Connection* connection) {
                               {
                                   const std::lock_guard lock{node.mutex};
                                   node.connections.erase(connection);
                               }
                               --node.metrics.connections_open;
                               node.changed.notify_all();
                           },
                           [&node](Connection*, bool) {
                               {
                                   const std::lock_guard lock{node.mutex};
                                   --node.handshakes;
                               }
                               node.accept_if_room();
                           }});
    ASSAY_TRY(node.listen());
    if (given.http_port) {
        ASSAY_TRY_ASSIGN(node.http, HttpServer::listen(node.io, given.address, *given.http_port, node.metrics, given.log));
    }
    node.ledger->on_block([&node] {
        if (node.hub->waits > 0)
            for (const auto& connection : node.all_connections()) connection->chain_grew();
    });
    node.accept_if_room();
    node.sweep();
    for (unsigned i = 0; i < std::max(1U, given.threads); ++i) node.threads.emplace_back([&node] { node.io.run(); });
    if (node.follower) node.follower->start(*node.ledger, *node.chunks);
    given.log({LogLevel::info,
               "node_started",
               {{"identity", to_hex(node.identity)},
                {"port", std::to_string(node.port)},
                {"height", std::to_string(node.ledger->head().height)}}});
    return std::unique_ptr<Node>{new Node(std::move(parts))};
}

Node::~Node()
{
    stop();
}

void Node::stop()
{
    Parts& node = *m_parts;
    {
        const std::lock_guard lock{node.mutex};
        if (std::exchange(node.is_stopped, true)) return;
        node.is_stopping = true;
    }
    if (node.follower) node.follower->stop();
    asio::post(node.io, [&node] {
        boost::system::error_code ignored;
        node.acceptor.close(ignored);
    });
    for (const auto& connection : node.all_connections()) connection->drain();
    {
        std::unique_lock lock{node.mutex};
        node.changed.wait_for(lock, stop_within, [&] { return node.connections.empty(); });
    }
    node.disk->join();
    node.ledger->stop();
    node.io.stop();
    for (std::thread& thread : node.threads) thread.join();
    node.options.log({LogLevel::info, "node_stopped", {{"height", std::to_string(node.ledger->head().height)}}});
}

std::uint16_t Node::port() const
{
    return m_parts->port;
}

std::uint16_t Node::http_port() const
{
    return m_parts->http ? m_parts->http->port() : std::uint16_t{0};
}

Digest Node::identity() const
{
    return m_parts->identity;
}

Head Node::head() const
{
    return m_parts->ledger->head();
}

const Genesis& Node::genesis() const
{
    return m_parts->ledger->genesis();
}

const Metrics& Node::metrics() const
{
    return m_parts->metrics;
}

void Node::read(Reader reader)
{
    m_parts->ledger->read(std::move(reader));
}

Status Node::look(const StoreReader& reader)
{
    return m_parts->ledger->with_store([&](const store::LedgerStore& ledger) {
        return m_parts->chunks->with([&](const store::ChunkStore& chunks) -> Status {
            reader(ledger, chunks);
            return {};
        });
    });
}

void Node::post(std::function<void()> work)
{
    const std::lock_guard lock{m_parts->mutex};
    if (!m_parts->is_stopped) asio::post(*m_parts->disk, std::move(work));
}

void Node::serve_http(HttpHandler handler)
{
    if (m_parts->http) m_parts->http->serve(std::move(handler));
}

} // namespace assay::node
