// Spec: WIRE-1, WIRE-2.
#include "node/tls.hpp"

#include <cerrno>
#include <cstring>

#include <openssl/err.h>
#include <openssl/x509.h>

#include <sys/socket.h>

#include <assay/node/messages.hpp>

namespace assay::node {

namespace {

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeCertificate {
    void operator()(X509* certificate) const { X509_free(certificate); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;

std::string last_error()
{
    const unsigned long code = ERR_get_error();
    if (code == 0) return "no reason given";
    std::array<char, 200> text{};
    ERR_error_string_n(code, text.data(), text.size());
    ERR_clear_error();
    return text.data();
}

Failure no_memory()
{
    return failure(Error::out_of_memory, "OpenSSL: " + last_error());
}

Certificate certificate_of(EVP_PKEY* key)
{
    Certificate certificate{X509_new()};
    if (!certificate) return nullptr;
    X509* x = certificate.get();
    constexpr long version_3 = 2;
    X509_NAME* const name = X509_get_subject_name(x);
    const bool good =
        X509_set_version(x, version_3) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1 &&
        ASN1_TIME_set_string(X509_getm_notBefore(x), "19700101000000Z") == 1 &&
        ASN1_TIME_set_string(X509_getm_notAfter(x), "99991231235959Z") == 1 &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("assay"), -1, -1, 0) == 1 &&
        X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1 && X509_sign(x, key, nullptr) != 0;
    return good ? std::move(certificate) : nullptr;
}

std::optional<crypto::PublicKey> key_of(X509* certificate)
{
    EVP_PKEY* const key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
    if (key == nullptr || EVP_PKEY_id(key) != EVP_PKEY_ED25519) return {};
    crypto::PublicKey raw;
    std::size_t size = raw.bytes.size();
    if (EVP_PKEY_get_raw_public_key(key, raw.bytes.data(), &size) != 1 || size != raw.bytes.size()) return {};
    return raw;
}

// Any acceptable key will do: that the other side holds it is what the handshake shows, and what it may do is decided by its identity.
int accept_key(X509_STORE_CTX* store, void*)
{
    const auto key = key_of(X509_STORE_CTX_get0_cert(store));
    if (key && crypto::validate(*key)) return 1;
    X509_STORE_CTX_set_error(store, X509_V_ERR_INVALID_PURPOSE);
    return 0;
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size, void*)
{
    while (in_size > 0 && in_size > in[0]) {
        const std::string_view offered{reinterpret_cast<const char*>(in + 1), in[0]};
        if (offered == wire_protocol) {
            *out = in + 1;
            *out_size = in[0];
            return SSL_TLSEXT_ERR_OK;
        }
        in_size -= 1U + in[0];
        in += 1 + in[0];
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool set_up(SSL_CTX* context, TlsRole role, EVP_PKEY* key, X509* certificate)
{
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(context, accept_key, nullptr);
    constexpr long certificates_bytes_max = 4096;
    SSL_CTX_set_max_cert_list(context, certificates_bytes_max);
    SSL_CTX_set_read_ahead(context, 1);
    bool good = SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
                SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
                SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256") == 1 &&
                SSL_CTX_set1_groups_list(context, "X25519") == 1 && SSL_CTX_set1_sigalgs_list(context, "ed25519") == 1 &&
                SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1;
    if (role == TlsRole::server) {
        SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS); // there are many connections, and most are idle
        good = good && SSL_CTX_set_num_tickets(context, 0) == 1;
        SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    } else {
        std::string offer(1, static_cast<char>(wire_protocol.size()));
        offer += wire_protocol;
        good = good && SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(offer.data()),
                                               static_cast<unsigned>(offer.size())) == 0;
    }
    return good;
}

// A socket as OpenSSL's own, but a write to a connection that is gone is an error and no signal, and what is to be followed by more may wait.
constexpr std::intptr_t more_bit = std::intptr_t{1} << 32; // in a BIO's data, above the socket

void set_data(BIO* bio, std::intptr_t data)
{
    BIO_set_data(bio, reinterpret_cast<void*>(data));
}

std::intptr_t data_of(BIO* bio)
{
    return reinterpret_cast<std::intptr_t>(BIO_get_data(bio));
}

int socket_of(BIO* bio)
{
    return static_cast<int>(data_of(bio) & (more_bit - 1));
}

int write_socket(BIO* bio, const char* bytes, int count)
{
    BIO_clear_retry_flags(bio);
    const int flags = MSG_NOSIGNAL | ((data_of(bio) & more_bit) != 0 ? MSG_MORE : 0);
    const ssize_t sent = ::send(socket_of(bio), bytes, static_cast<std::size_t>(count), flags);
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_write(bio);
    return static_cast<int>(sent);
}

int read_socket(BIO* bio, char* bytes, int count)
{
    BIO_clear_retry_flags(bio);
    const ssize_t got = ::recv(socket_of(bio), bytes, static_cast<std::size_t>(count), 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_read(bio);
    return static_cast<int>(got);
}

long control_socket(BIO*, int command, long, void*)
{
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* socket_method()
{
    static BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without signals");
        ASSAY_CHECK(made != nullptr);
        BIO_meth_set_write(made, write_socket);
        BIO_meth_set_read(made, read_socket);
        BIO_meth_set_ctrl(made, control_socket);
        return made;
    }();
    return method;
}

} // namespace

Result<TlsContext> TlsContext::make(TlsRole role, const crypto::Seed& identity)
{
    const Key key{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, identity.bytes.data(), identity.bytes.size())};
    if (!key) return no_memory();
    const Certificate certificate = certificate_of(key.get());
    if (!certificate) return no_memory();
    TlsContext made{role, SSL_CTX_new(role == TlsRole::server ? TLS_server_method() : TLS_client_method())};
    if (made.get() == nullptr || !set_up(made.get(), role, key.get(), certificate.get())) return no_memory();
    return made;
}

Result<TlsStream> TlsStream::make(const TlsContext& context, int socket)
{
    TlsStream stream{SSL_new(context.get())};
    BIO* const bio = stream.m_ssl ? BIO_new(socket_method()) : nullptr;
    if (bio == nullptr) return no_memory();
    set_data(bio, socket);
    BIO_set_init(bio, 1);
    SSL_set_bio(stream.m_ssl.get(), bio, bio);
    if (context.role() == TlsRole::server) SSL_set_accept_state(stream.m_ssl.get());
    else SSL_set_connect_state(stream.m_ssl.get());
    return stream;
}

Progress TlsStream::progress_of(int result)
{
    const int saved = errno;
    switch (SSL_get_error(m_ssl.get(), result)) {
    case SSL_ERROR_WANT_READ: return Progress::want_read;
    case SSL_ERROR_WANT_WRITE: return Progress::want_write;
    case SSL_ERROR_ZERO_RETURN: return Progress::closed;
    case SSL_ERROR_SYSCALL:
        ERR_clear_error();
        if (result == 0 || saved == ECONNRESET || saved == EPIPE || saved == 0) return Progress::closed;
        m_error = std::strerror(saved);
        return Progress::failed;
    default:
        if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
            ERR_clear_error();
            return Progress::closed;
        }
        m_error = last_error();
        return Progress::failed;
    }
}

Progress TlsStream::handshake()
{
    ERR_clear_error();
    const int result = SSL_do_handshake(m_ssl.get());
    if (result != 1) return progress_of(result);
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(m_ssl.get(), &protocol, &size);
    if (std::string_view{reinterpret_cast<const char*>(protocol), size} == wire_protocol) return Progress::done;
    m_error = "the other side does not speak " + std::string{wire_protocol};
    return Progress::failed;
}

Step TlsStream::read(std::span<std::uint8_t> space)
{
    ERR_clear_error();
    std::size_t bytes = 0;
    const int result = SSL_read_ex(m_ssl.get(), space.data(), space.size(), &bytes);
    return result == 1 ? Step{Progress::done, bytes} : Step{progress_of(result), 0};
}

Step TlsStream::write(ByteView bytes, bool more)
{
    ERR_clear_error();
    BIO* const bio = SSL_get_wbio(m_ssl.get());
    set_data(bio, socket_of(bio) | (more ? more_bit : 0));
    std::size_t written = 0;
    const int result = SSL_write_ex(m_ssl.get(), bytes.data(), bytes.size(), &written);
    return result == 1 ? Step{Progress::done, written} : Step{progress_of(result), 0};
}

void TlsStream::shut_down()
{
    ERR_clear_error();
    if (SSL_is_init_finished(m_ssl.get()) != 0) SSL_shutdown(m_ssl.get());
    ERR_clear_error();
}

crypto::PublicKey TlsStream::peer() const
{
    const std::unique_ptr<X509, FreeCertificate> certificate{SSL_get1_peer_certificate(m_ssl.get())};
    const auto key = key_of(certificate.get());
    ASSAY_CHECK(key.has_value());
    return *key;
}

} // namespace assay::node
