// A node: a chain and a store of chunks on disk, behind sockets. Spec: spec/wire.md, spec/node.md.
//
// One object is a whole node with its threads; it needs no other service. Parties reach it over TLS (assay/node/remote_network.hpp),
// people and monitors over HTTP, which is read-only.
#pragma once

#include <memory>

#include <assay/crypto/keys.hpp>
#include <assay/node/options.hpp>
#include <assay/store/ledger_store.hpp>

namespace assay::node {

struct HttpAnswer {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
};

struct NodeOptions {
    std::string folder;             // holds the folders "ledger" and "chunks"
    std::optional<Genesis> genesis; // needed where there is no chain yet
    crypto::Seed identity;          // the node's own
    std::string address = "127.0.0.1";
    std::uint16_t port = 0; // 0: any that is free
    std::optional<std::uint16_t> http_port;
    unsigned threads = 2; // that serve connections
    Limits limits;
    store::Durability durability = store::Durability::synchronised;
    // Follow the node at this address instead of making blocks.
    std::string upstream;
    std::uint16_t upstream_port = 0;
    std::optional<Digest> upstream_identity; // any, where none is named
    Log log = [](const LogEntry&) {};
};

class Node {
public:
    // Opens the store, and listens. Errors: those of LedgerStore and ChunkStore; invalid_input, with what to change: an address that
    // cannot be listened on, no genesis.
    static Result<std::unique_ptr<Node>> start(NodeOptions options);
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::uint16_t http_port() const; // 0 where there is none
    [[nodiscard]] Digest identity() const;
    [[nodiscard]] Head head() const;
    [[nodiscard]] const Genesis& genesis() const;
    [[nodiscard]] const Metrics& metrics() const;

    using Reader = std::function<void(const market::Chain&, const store::LedgerStore&)>;
    // Has the thread that owns the chain look at it, between two blocks. What it sees is on the disk.
    void read(Reader reader);

    using StoreReader = std::function<void(const store::LedgerStore&, const store::ChunkStore&)>;
    // The same of what is on the disk alone, by a thread that may take its time; the chain goes on meanwhile. Errors: storage_failed, where
    // the node is opening a store again; `reader` is not called then.
    Status look(const StoreReader& reader);
    // Has a thread that reads disks do this; not once the node is told to stop.
    void post(std::function<void()> work);

    // Answers GET requests other than /metrics, /healthy. May be called by several threads; `done` by any thread, once.
    using HttpHandler = std::function<void(const std::string& target, std::function<void(HttpAnswer)> done)>;
    void serve_http(HttpHandler handler);

    // Accepts nothing more, answers what was accepted, and closes. Takes 10 seconds at most. Spec: WIRE-8.
    void stop();

private:
    struct Parts;
    explicit Node(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> m_parts;
};

} // namespace assay::node
