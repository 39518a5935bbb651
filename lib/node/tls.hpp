// TLS 1.3 whose certificates are the parties' own Ed25519 keys, over a socket that never blocks. Spec: WIRE-1, WIRE-2.
//
// OpenSSL works on the socket itself: a connection that is idle holds no buffer, and nothing is copied between layers.
#pragma once

#include <memory>
#include <span>

#include <openssl/ssl.h>

#include <assay/crypto/keys.hpp>

namespace assay::node {

enum class TlsRole { server, client };

// Certificate and settings that many connections share. May be used by several threads.
class TlsContext {
public:
    // Errors: out_of_memory.
    static Result<TlsContext> make(TlsRole role, const crypto::Seed& identity);

    [[nodiscard]] SSL_CTX* get() const { return m_context.get(); }
    [[nodiscard]] TlsRole role() const { return m_role; }

private:
    struct Free {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    };
    TlsContext(TlsRole role, SSL_CTX* context) : m_role(role), m_context(context) {}

    TlsRole m_role;
    std::unique_ptr<SSL_CTX, Free> m_context;
};

// What a call came to.
enum class Progress {
    done,       // for reading and writing: `bytes` of them
    want_read,  // call again when the socket can be read
    want_write, // call again when the socket can be written
    closed,     // the other side has ended the connection
    failed,     // it is of no more use; error_text() says why
};
struct Step {
    Progress progress = Progress::failed;
    std::size_t bytes = 0;
};

// One connection's state. The socket is the caller's, and does not block.
class TlsStream {
public:
    // Errors: out_of_memory.
    static Result<TlsStream> make(const TlsContext& context, int socket);

    Progress handshake();
    Step read(std::span<std::uint8_t> space);
    // Writes a record at most, of record_bytes_max. With `more` the system may wait for the next one before it sends.
    static constexpr std::size_t record_bytes_max = SSL3_RT_MAX_PLAIN_LENGTH;
    Step write(ByteView bytes, bool more = false);
    // Tells the other side that nothing more comes. Does not wait.
    void shut_down();

    // The other side's key. Requires: the handshake is done.
    [[nodiscard]] crypto::PublicKey peer() const;
    [[nodiscard]] const std::string& error_text() const { return m_error; }

private:
    struct Free {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };
    explicit TlsStream(SSL* ssl) : m_ssl(ssl) {}
    Progress progress_of(int result);

    std::unique_ptr<SSL, Free> m_ssl;
    std::string m_error;
};

} // namespace assay::node
