// Peers that send garbage, too much, too slowly, nothing, or do not read; and honest ones beside them.
#include <functional>
#include <thread>

#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/node/nodes.hpp"

#include "node/tls.hpp"

using namespace assay;
using namespace assay::test;

namespace {

// A connection that is driven byte by byte. Blocking.
class Raw {
public:
    explicit Raw(const node::Node& server) : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server.port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(m_socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    }
    ~Raw()
    {
        m_tls.reset();
        if (m_socket >= 0) ::close(m_socket);
    }
    Raw(const Raw&) = delete;
    Raw& operator=(const Raw&) = delete;
    Raw(Raw&& other) noexcept : m_socket(std::exchange(other.m_socket, -1)), m_tls(std::move(other.m_tls)) {}

    bool shake_hands(const node::TlsContext& context)
    {
        m_tls.emplace(node::TlsStream::make(context, m_socket).value());
        return m_tls->handshake() == node::Progress::done;
    }
    bool send(ByteView bytes)
    {
        while (!bytes.empty()) {
            const node::Step step = m_tls->write(bytes);
            if (step.progress != node::Progress::done) return false;
            bytes = bytes.subspan(step.bytes);
        }
        return true;
    }
    // Reads until so many frames have come. Returns: whether they came.
    bool reads(std::size_t frames)
    {
        node::FrameReader reader{node::answer_bytes_max};
        while (frames > 0) {
            const node::Step step = m_tls->read(reader.space());
            if (step.progress != node::Progress::done) return false;
            const auto message = reader.filled(step.bytes);
            if (!message) return false;
            frames -= message->has_value() ? 1 : 0;
        }
        return true;
    }
    void send_plain(ByteView bytes) { (void)!::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

    // Whether the other side ends the connection within 20 seconds.
    bool is_ended()
    {
        Bytes space(65536);
        for (;;) {
            pollfd one{m_socket, POLLIN, 0};
            if (::poll(&one, 1, 20'000) <= 0) return false;
            if (m_tls) {
                const node::Step step = m_tls->read(space);
                if (step.progress != node::Progress::done) return true;
            } else if (::recv(m_socket, space.data(), space.size(), 0) <= 0) return true;
        }
    }

private:
    int m_socket;
    std::optional<node::TlsStream> m_tls;
};

node::TlsContext client(std::uint8_t seed)
{
    return node::TlsContext::make(node::TlsRole::client, Seed{{seed}}).value();
}

void check_served(const node::Node& server, std::uint64_t number)
{
    const auto height = connected(server, 2)->submit(pay(number, 1));
    CAPTURE(height ? std::string{} : height.failure().message());
    CHECK(height);
}

// What the node counts may be seen a little later than what it does.
bool becomes_true(const std::function<bool()>& condition)
{
    const auto latest = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (!condition() && std::chrono::steady_clock::now() < latest) std::this_thread::sleep_for(std::chrono::milliseconds{5});
    return condition();
}

node::NodeOptions impatient()
{
    node::NodeOptions options;
    options.limits.handshake_seconds = 3;
    options.limits.frame_seconds = 1;
    options.limits.write_seconds = 1;
    options.limits.idle_seconds = 2;
    return options;
}

const node::Request head_request{7, node::GetHead{}};

} // namespace

TEST_CASE("WIRE-1 WIRE-2 WIRE-6 garbage instead of a handshake, a handshake that stops, and one of another protocol")
{
    const Folder folder;
    const auto server = started(folder, impatient());
    Raw garbage{*server}, silent{*server};
    garbage.send_plain(Bytes(1000, 0x41));
    CHECK(garbage.is_ended());
    CHECK(silent.is_ended()); // after three seconds
    const node::TlsContext context = client(9);
    SSL_CTX_set_alpn_protos(context.get(),
                            reinterpret_cast<const unsigned char*>("\x07"
                                                                   "assay/9"),
                            8);
    CHECK(!Raw{*server}.shake_hands(context));
    check_served(*server, 0);
    CHECK(becomes_true([&] { return server->metrics().handshakes_failed >= 2; }));
}

TEST_CASE("WIRE-3 WIRE-4 frames that are too long, of no length, or hold no request end the connection")
{
    const Folder folder;
    const auto server = started(folder);
    const node::TlsContext context = client(9);
    for (const Bytes& bytes : {Bytes{0xff, 0xff, 0xff, 0xff}, Bytes{0, 0, 0, 0}, Bytes{3, 0, 0, 0, 1, 2, 3}, Bytes(70'000, 0x01)}) {
        Raw peer{*server};
        REQUIRE(peer.shake_hands(context));
        peer.send(bytes);
        CHECK(peer.is_ended());
    }
    CHECK(server->metrics().frames_refused == 4);
    check_served(*server, 0);
}

TEST_CASE("WIRE-6 peers that are too slow with a frame, or silent, are disconnected")
{
    const Folder folder;
    const auto server = started(folder, impatient());
    const node::TlsContext context = client(9);
    Raw slow{*server}, idle{*server};
    REQUIRE(slow.shake_hands(context));
    REQUIRE(idle.shake_hands(context));
    const Bytes frame = node::encode_frame(head_request);
    std::size_t sent = 0;
    // A byte at a time is not fast enough.
    const auto begin = std::chrono::steady_clock::now();
    while (sent < frame.size() && std::chrono::steady_clock::now() - begin < std::chrono::seconds{3}) {
        if (!slow.send(ByteView{frame}.subspan(sent++, 1))) break;
        std::this_thread::sleep_for(std::chrono::milliseconds{200});
    }
    CHECK(slow.is_ended());
    CHECK(idle.is_ended());
    CHECK(server->metrics().deadlines_missed >= 2);
    check_served(*server, 0);
}

TEST_CASE("WIRE-6 a peer that does not read its answers is not read from, and then disconnected; its memory is bounded")
{
    const Folder folder;
    node::NodeOptions options = impatient();
    options.limits.held_bytes_per_connection = 1U << 20;
    const auto server = started(folder, options);
    const auto network = connected(*server, 2);
    std::vector<Bytes> chunks;
    std::vector<Digest> addresses;
    for (std::uint8_t i = 0; i < 4; ++i) {
        chunks.push_back(Bytes(1'000'000, i));
        addresses.push_back(merkle::leaf_hash(chunks.back()));
    }
    REQUIRE(network->put_chunks(chunks));
    const node::TlsContext context = client(9);
    Raw deaf{*server};
    REQUIRE(deaf.shake_hands(context));
    Bytes frames;
    for (std::uint32_t i = 0; i < 500; ++i) {
        const Bytes frame = node::encode_frame(node::Request{i, node::GetChunks{addresses}});
        frames.insert(frames.end(), frame.begin(), frame.end());
    }
    deaf.send(frames);
    CHECK(becomes_true([&] { return server->metrics().deadlines_missed == 1; }));
    CHECK(becomes_true([&] { return server->metrics().reading_paused > 0; }));
    // Two gigabytes were asked for.
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    CHECK(usage.ru_maxrss < 1'000'000);
    check_served(*server, 0);
}

TEST_CASE("WIRE-6 a peer that asks for more than may wait is answered all the same, as fast as it reads")
{
    for (const std::size_t in_memory : {std::size_t{0}, std::size_t{1} << 20}) {
        const Folder folder;
        node::NodeOptions options;
        options.limits.held_bytes_per_connection = 200'000;
        options.limits.recent_chunk_bytes = in_memory;
        const auto server = started(folder, options);
        REQUIRE(connected(*server, 2)->put_chunks(std::array{Bytes{1}}));
        const std::vector<Digest> often(4096, merkle::leaf_hash(Bytes{1}));
        const node::TlsContext context = client(9);
        Raw eager{*server};
        REQUIRE(eager.shake_hands(context));
        constexpr std::uint32_t requests = 40;
        for (std::uint32_t i = 0; i < requests; ++i) // 131 kB each
            REQUIRE(eager.send(node::encode_frame(node::Request{i, node::GetChunks{often}})));
        CHECK(eager.reads(requests));
        // What waits for the disk waits with its request; what is in memory is answered before the next is read.
        if (in_memory == 0) CHECK(server->metrics().reading_paused > 0);
    }
}

TEST_CASE("WIRE-6 what all peers together make a node hold is bounded, whether they do not finish what they send or do not read what they "
          "asked for")
{
    constexpr std::size_t most = 24U << 20, peers = 20;
    const Folder folder;
    node::NodeOptions options;
    options.limits.held_bytes = most;
    const auto server = started(folder, options);
    std::vector<Bytes> chunks;
    std::vector<Digest> addresses;
    for (std::uint8_t i = 0; i < 4; ++i) {
        chunks.push_back(Bytes(1'000'000, i));
        addresses.push_back(merkle::leaf_hash(chunks.back()));
    }
    REQUIRE(connected(*server, 2)->put_chunks(chunks));
    Bytes unfinished = node::encode_frame(node::Request{1, node::PutChunks{{chunks.begin(), chunks.end()}}});
    unfinished.pop_back();
    Bytes asking;
    for (std::uint32_t i = 0; i < 50; ++i) {
        const Bytes frame = node::encode_frame(node::Request{i, node::GetChunks{addresses}});
        asking.insert(asking.end(), frame.begin(), frame.end());
    }
    std::uint64_t number = 0;
    for (const Bytes& sent : {unfinished, asking}) {
        const std::uint64_t shed_before = server->metrics().connections_shed;
        std::vector<node::TlsContext> contexts;
        std::vector<Raw> hostile;
        for (std::uint8_t i = 0; i < peers; ++i) contexts.push_back(client(static_cast<std::uint8_t>(100 + i)));
        for (std::uint8_t i = 0; i < peers; ++i) {
            hostile.emplace_back(*server);
            REQUIRE(hostile.back().shake_hands(contexts[i]));
        }
        std::vector<std::thread> senders;
        for (Raw& one : hostile) senders.emplace_back([&one, &sent] { one.send(sent); });
        std::uint64_t seen = 0;
        CHECK(becomes_true([&] {
            seen = std::max<std::uint64_t>(seen, server->metrics().held_bytes);
            return server->metrics().connections_shed > shed_before;
        }));
        check_served(*server, number++);
        for (std::thread& sender : senders) sender.join();
        CHECK(seen >= most / 2);
        // Each of them can be a buffer's growth above it, and each of the threads that read the disk an answer.
        CHECK(seen < most + peers * (std::size_t{4} << 20) / 2 + 2 * (std::size_t{5} << 20));
        hostile.clear();
        CHECK(becomes_true([&] { return server->metrics().held_bytes == 0; })); // nothing is counted for ever
    }
}

TEST_CASE("WIRE-6 a peer has only so many connections, and a thousand idle ones disturb nobody")
{
    const Folder folder;
    node::NodeOptions options;
    options.limits.connections_per_peer = 1000;
    const auto server = started(folder, options);
    const node::TlsContext context = client(9);
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    const std::size_t count = files.rlim_cur > 2200 ? 1000 : 300;
    std::vector<Raw> idle;
    for (std::size_t i = 0; i < count; ++i) {
        idle.emplace_back(*server);
        REQUIRE(idle.back().shake_hands(context));
    }
    check_served(*server, 0);
    if (count == 1000) {
        Raw one_more{*server};
        one_more.shake_hands(context); // the client's side ends before the node knows who it is
        CHECK(one_more.is_ended());
        CHECK(server->metrics().connections_refused == 1);
    }
    MESSAGE(count << " idle connections");
}

TEST_CASE("WIRE-6 a flood of transactions with wrong signatures slows down its sender, not the others")
{
    const Folder folder;
    node::NodeOptions options;
    options.limits.requests_per_second = 200;
    const auto server = started(folder, options);
    SignedTransaction forged = pay(0, 1);
    forged.signature.bytes[0] ^= 1;
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> answered{0};
    std::thread flood([&] {
        const auto network = connected(*server, 9);
        const std::vector<SignedTransaction> many(50, forged);
        while (!stop) {
            const auto answers = network->submit_all(many);
            if (!answers) break;
            for (const auto& answer : *answers) CHECK(answer.error() == Error::invalid_signature);
            answered += answers->size();
        }
    });
    while (answered < 50) std::this_thread::yield();
    const auto begin = std::chrono::steady_clock::now();
    const auto network = connected(*server, 2);
    for (std::uint64_t i = 0; i < 50; ++i) CHECK(network->submit(pay(i, 1)));
    const auto took = std::chrono::steady_clock::now() - begin;
    CHECK(becomes_true([&] { return server->metrics().reading_paused > 0; }));
    stop = true;
    flood.join();
    CHECK(took < std::chrono::seconds{10});
    CHECK(server->head().height > 0);
    CHECK(server->metrics().transactions_applied == 50);
}
