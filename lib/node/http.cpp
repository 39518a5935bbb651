#include "node/http.hpp"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#pragma GCC diagnostic pop

namespace assay::node {

namespace beast = boost::beast;
namespace http = beast::http;

namespace {

constexpr std::size_t connections_max = 256;
constexpr std::uint32_t header_bytes_max = 8192;
constexpr std::chrono::seconds read_within{30}, write_within{30};
// A page runs nothing and loads nothing but what this node serves as files of their own. Spec: API-7.
constexpr const char* content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// One browser's connection.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
public:
    HttpConnection(tcp::socket socket, HttpServer& server) : m_stream(std::move(socket)), m_server(server) {}
    ~HttpConnection() { m_server.left(); }
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;

    void read()
    {
        m_parser.emplace();
        m_parser->header_limit(header_bytes_max);
        m_parser->body_limit(0);
        m_stream.expires_after(read_within);
        http::async_read(m_stream, m_buffer, *m_parser, [self = shared_from_this()](beast::error_code error, std::size_t) {
            if (!error) self->handle();
            else if (error != http::error::end_of_stream && error != beast::error::timeout)
                self->write({400, "text/plain", "not a request\n"}, false);
        });
    }

private:
    void handle()
    {
        const auto& request = m_parser->get();
        const bool keep = request.keep_alive();
        m_is_head = request.method() == http::verb::head;
        if (request.method() != http::verb::get && !m_is_head) return write({405, "text/plain", "this node is read with GET\n"}, false);
        // The request's time is over; a handler may take its own.
        m_stream.expires_never();
        m_server.answer(std::string{request.target()}, [self = shared_from_this(), keep](HttpAnswer answer) {
            asio::post(self->m_stream.get_executor(),
                       [self, keep, answer = std::move(answer)]() mutable { self->write(std::move(answer), keep); });
        });
    }

    void write(HttpAnswer answer, bool keep)
    {
        m_answer.emplace();
        m_answer->result(answer.status);
        m_answer->set(http::field::server, "assay");
        m_answer->set(http::field::content_type, answer.content_type);
        m_answer->set(http::field::cache_control, "no-store");
        m_answer->set("X-Content-Type-Options", "nosniff");
        m_answer->set("Referrer-Policy", "no-referrer");
        m_answer->set("Content-Security-Policy", content_security_policy);
        m_answer->keep_alive(keep);
        const std::size_t length = answer.body.size();
        if (!m_is_head) m_answer->body() = std::move(answer.body);
        m_answer->content_length(length);
        m_stream.expires_after(write_within);
        http::async_write(m_stream, *m_answer, [self = shared_from_this(), keep](beast::error_code error, std::size_t) {
            if (!error && keep) return self->read();
            beast::error_code ignored;
            self->m_stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
        });
    }

    beast::tcp_stream m_stream;
    HttpServer& m_server;
    beast::flat_buffer m_buffer{header_bytes_max + 1024};
    std::optional<http::request_parser<http::empty_body>> m_parser;
    std::optional<http::response<http::string_body>> m_answer;
    bool m_is_head = false;
};

} // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::listen(asio::io_context& io, const std::string& address, std::uint16_t port,
                                                       const Metrics& metrics, Log log)
{
    auto server = std::unique_ptr<HttpServer>{new HttpServer(io, metrics, std::move(log))};
    boost::system::error_code error;
    const tcp::endpoint endpoint{asio::ip::make_address(address, error), port};
    tcp::acceptor& acceptor = server->m_acceptor;
    if (!error) acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(128, error);
    if (error)
        return failure(Error::invalid_input, address + " port " + std::to_string(port) + ": cannot serve HTTP there (" + error.message() +
                                                 "): choose another address or port");
    server->m_port = acceptor.local_endpoint(error).port();
    server->accept();
    return server;
}

void HttpServer::accept()
{
    m_acceptor.async_accept(asio::make_strand(m_io), [this](const boost::system::error_code& error, auto socket) {
        if (error == asio::error::operation_aborted) return;
        if (!error && ++m_connections <= connections_max) std::make_shared<HttpConnection>(tcp::socket{std::move(socket)}, *this)->read();
        else if (!error) --m_connections;
        accept();
    });
}

void HttpServer::serve(Node::HttpHandler handler)
{
    const std::lock_guard lock{m_mutex};
    m_handler = std::make_shared<const Node::HttpHandler>(std::move(handler));
}

void HttpServer::answer(const std::string& target, std::function<void(HttpAnswer)> done)
{
    if (target == "/metrics") return done({200, "text/plain; version=0.0.4", m_metrics.to_text()});
    if (target == "/healthy") return done({200, "text/plain", "yes\n"});
    std::shared_ptr<const Node::HttpHandler> handler;
    {
        const std::lock_guard lock{m_mutex};
        handler = m_handler;
    }
    if (handler) (*handler)(target, std::move(done));
    else done({404, "text/plain", "nothing is served here\n"});
}

} // namespace assay::node
