// Read-only HTTP for people and monitors: /metrics, /healthy, and what a handler answers. Spec: spec/api.md.
#pragma once

#include <assay/node/node.hpp>

#include "node/asio.hpp"

namespace assay::node {

class HttpServer {
public:
    // Errors: invalid_input, with what to change.
    static Result<std::unique_ptr<HttpServer>> listen(asio::io_context& io, const std::string& address, std::uint16_t port,
                                                      const Metrics& metrics, Log log);
    [[nodiscard]] std::uint16_t port() const { return m_port; }
    void serve(Node::HttpHandler handler);

    // Finds the answer to a request for `target`; `done` may be called by any thread.
    void answer(const std::string& target, std::function<void(HttpAnswer)> done);
    void left() { --m_connections; }

private:
    HttpServer(asio::io_context& io, const Metrics& metrics, Log log) : m_io(io), m_acceptor(io), m_metrics(metrics), m_log(std::move(log))
    {
    }
    void accept();

    asio::io_context& m_io;
    tcp::acceptor m_acceptor;
    const Metrics& m_metrics;
    Log m_log;
    std::uint16_t m_port = 0;
    std::atomic<std::size_t> m_connections{0};
    std::mutex m_mutex;
    std::shared_ptr<const Node::HttpHandler> m_handler;
};

} // namespace assay::node
