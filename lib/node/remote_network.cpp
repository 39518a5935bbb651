// Spec: WIRE-1 to WIRE-5.
#include <assay/node/remote_network.hpp>

#include <algorithm>
#include <deque>
#include <set>
#include <thread>

#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/stream_parts.hpp"
#include "node/tls.hpp"

namespace assay::node {

namespace {

using std::chrono::milliseconds;
using TimePoint = std::chrono::steady_clock::time_point;

constexpr std::size_t chunks_per_request = 256; // of a larger call: while one is hashed the next is on its way
// Of a stream: answers of about this size, so that many are on their way and none is long.
constexpr std::size_t stream_answer_bytes = std::size_t{512} << 10;
constexpr std::size_t stream_requests = 8;
constexpr std::size_t stream_first_chunks = transfer_bytes_max / chunk_bytes_max; // they fit, whatever their size
constexpr std::size_t answer_first_bytes = stream_answer_bytes + (std::size_t{64} << 10);
constexpr milliseconds first_pause{50}, longest_pause{2000};

struct Descriptor {
    explicit Descriptor(int socket) : fd(socket) {}
    ~Descriptor() { ::close(fd); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int fd;
};

Failure lost(const std::string& why)
{
    return failure(Error::disconnected, why);
}

// Waits until the socket is ready. Returns: false when the time is over.
bool wait_ready(int fd, short events, TimePoint until)
{
    for (;;) {
        const auto left = std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now()).count();
        if (left < 0) return false;
        pollfd one{fd, events, 0};
        const int ready = ::poll(&one, 1, static_cast<int>(left) + 1);
        if (ready > 0) return true;
        if (ready == 0) return false;
        if (errno != EINTR) return false;
    }
}

Result<std::unique_ptr<Descriptor>> open_socket(const std::string& host, std::uint16_t port, TimePoint until)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const std::string where = host + " port " + std::to_string(port);
    if (const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); error != 0)
        return lost(host + ": " + gai_strerror(error));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses{found, ::freeaddrinfo};
    std::string why = "no address";
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
        const int fd = ::socket(one->ai_family, one->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, one->ai_protocol);
        if (fd < 0) continue;
        auto socket = std::make_unique<Descriptor>(fd);
        const int yes = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        int error = ::connect(fd, one->ai_addr, one->ai_addrlen) == 0 ? 0 : errno;
        if (error == EINPROGRESS) {
            socklen_t size = sizeof error;
            if (!wait_ready(fd, POLLOUT, until)) error = ETIMEDOUT;
            else if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
        }
        if (error == 0) return socket;
        why = std::generic_category().message(error);
    }
    return lost(where + ": " + why);
}

// How long it is tried again, with longer and longer pauses.
class Patience {
public:
    explicit Patience(milliseconds most) : m_until(std::chrono::steady_clock::now() + most) {}
    // Returns: whether there is time for another try, after a pause.
    bool pause()
    {
        if (std::chrono::steady_clock::now() + m_pause >= m_until) return false;
        std::this_thread::sleep_for(m_pause);
        m_pause = std::min(2 * m_pause, longest_pause);
        return true;
    }

private:
    TimePoint m_until;
    milliseconds m_pause = first_pause;
};

// An answer, and the message that its chunks lie in.
struct Received {
    std::shared_ptr<Bytes> message;
    Answer answer;
};

// What of a stream was asked for and has not been handed over.
struct Asked {
    std::uint32_t number = 0;
    std::size_t count = 0;
    std::optional<Received> received;
};

} // namespace

// The connection, while there is one.
struct RemoteNetwork::Link {
    RemoteOptions options;
    TlsContext context;
    std::unique_ptr<Descriptor> socket;
    std::optional<TlsStream> tls;
    FrameReader reader{answer_bytes_max, answer_first_bytes};
    std::uint32_t next_number = 0;

    void drop()
    {
        if (tls) tls->shut_down();
        tls.reset();
        socket.reset();
        reader = FrameReader{answer_bytes_max, answer_first_bytes};
    }

    Status await(Progress progress, TimePoint until)
    {
        const short events = progress == Progress::want_write ? POLLOUT : POLLIN;
        if (progress != Progress::want_read && progress != Progress::want_write)
            return lost(progress == Progress::closed ? "the node closed the connection" : tls->error_text());
        return wait_ready(socket->fd, events, until) ? Status{} : Status{lost("no answer in time")};
    }

    Status connect()
    {
        if (tls) return {};
        const TimePoint until = std::chrono::steady_clock::now() + options.connect_timeout;
        ASSAY_TRY_ASSIGN(socket, open_socket(options.host, options.port, until));
        ASSAY_TRY_ASSIGN(TlsStream stream, TlsStream::make(context, socket->fd));
        tls.emplace(std::move(stream));
        for (Progress progress = tls->handshake(); progress != Progress::done; progress = tls->handshake())
            ASSAY_TRY(await(progress, until));
        if (options.node && crypto::identity_of(tls->peer()) != *options.node)
            return failure(Error::wrong_signer, options.host + ": another node answers there, " + to_hex(crypto::identity_of(tls->peer())) +
                                                    ": check address and identity");
        return {};
    }

    Status send(ByteView bytes)
    {
        while (!bytes.empty()) {
            const Step step = tls->write(bytes, bytes.size() > TlsStream::record_bytes_max);
            if (step.progress == Progress::done) bytes = bytes.subspan(step.bytes);
            else ASSAY_TRY(await(step.progress, std::chrono::steady_clock::now() + options.answer_timeout));
        }
        return {};
    }

    Result<Received> receive(milliseconds longer)
    {
        for (;;) {
            const Step step = tls->read(reader.space());
            if (step.progress != Progress::done) {
                ASSAY_TRY(await(step.progress, std::chrono::steady_clock::now() + options.answer_timeout + longer));
                continue;
            }
            ASSAY_TRY_ASSIGN(std::optional<Bytes> message, reader.filled(step.bytes));
            if (!message) continue;
            const auto held = std::make_shared<Bytes>(std::move(*message));
            ASSAY_TRY_ASSIGN(Answer answer, decode<Answer>(*held));
            return Received{held, std::move(answer)};
        }
    }

    [[nodiscard]] Failure gave_up(const Failure& why) const
    {
        return lost(options.host + " port " + std::to_string(options.port) + ": " + why.detail);
    }

    // One try: sends all requests, then reads as many answers. Answers are in the order of the requests.
    Result<std::vector<Received>> ask_once(std::vector<Request>& requests, milliseconds longer)
    {
        ASSAY_TRY(connect());
        const std::uint32_t first = next_number;
        Bytes frames;
        for (Request& request : requests) {
            request.number = next_number++;
            const Bytes frame = encode_frame(request);
            frames.insert(frames.end(), frame.begin(), frame.end());
        }
        ASSAY_TRY(send(frames));
        std::vector<std::optional<Received>> answers(requests.size());
        for (std::size_t left = requests.size(); left > 0; --left) {
            ASSAY_TRY_ASSIGN(Received received, receive(longer));
            const std::uint32_t index = received.answer.number - first;
            if (index >= answers.size() || answers[index]) return lost("the node answered what was not asked");
            answers[index] = std::move(received);
        }
        std::vector<Received> ordered;
        for (auto& answer : answers) ordered.push_back(*std::move(answer));
        return ordered;
    }

    // Asks until there is an answer, or patience is over.
    Result<std::vector<Received>> ask(std::vector<Request> requests, milliseconds longer = milliseconds{0})
    {
        Patience patience{options.patience};
        for (;;) {
            auto answers = ask_once(requests, longer);
            if (answers) return answers;
            drop();
            if (answers.error() == Error::wrong_signer) return answers.failure();
            if (!patience.pause()) return gave_up(answers.failure());
        }
    }

    template <class Body, class RequestBody>
    Result<Body> ask_for(RequestBody request, milliseconds longer = milliseconds{0})
    {
        std::vector<Request> one(1);
        one.front().body = std::move(request);
        ASSAY_TRY_ASSIGN(std::vector<Received> answers, ask(std::move(one), longer));
        return body_of<Body>(std::move(answers.front().answer));
    }

    template <class Body>
    static Result<Body> body_of(Answer answer)
    {
        if (const auto* refused = std::get_if<Refused>(&answer.body)) return failure_of(*refused);
        if (auto* body = std::get_if<Body>(&answer.body)) return std::move(*body);
        return failure(Error::not_canonical, "the node gave an answer to another question");
    }
};

// A stream of chunks over one connection: some requests are always on their way, and what comes is handed over in order. Where an answer
// has fewer chunks than were asked for, what was asked behind it is let go, and asked again.
class RemoteNetwork::Stream {
public:
    // `wanted` loses what was handed over.
    Stream(Link& link, Wanted& wanted, const ChunkTaker& take) : m_link(link), m_wanted(wanted), m_take(take) {}

    Status run()
    {
        ASSAY_TRY(m_link.connect());
        for (;;) {
            ASSAY_TRY(ask());
            if (m_asked.empty()) return {};
            m_link.reader.reuse(m_spares->take());
            ASSAY_TRY_ASSIGN(Received received, m_link.receive(milliseconds{0}));
            const std::uint32_t number = received.answer.number;
            const auto asked = std::find_if(m_asked.begin(), m_asked.end(), [&](const Asked& one) { return one.number == number; });
            if (asked == m_asked.end() ? !m_let_go.erase(number) : asked->received.has_value())
                return lost("the node answered what was not asked");
            if (asked != m_asked.end()) asked->received = std::move(received);
            while (!m_asked.empty() && m_asked.front().received) ASSAY_TRY(hand_over());
        }
    }

private:
    Status ask()
    {
        Bytes frames;
        while (m_asked.size() < stream_requests) {
            ASSAY_TRY_ASSIGN(const std::span<const Digest> next, m_wanted.behind(m_ahead, m_per_request));
            if (next.empty()) break;
            const Bytes frame = encode_frame(Request{m_link.next_number, GetChunks{{next.begin(), next.end()}}});
            frames.insert(frames.end(), frame.begin(), frame.end());
            m_asked.push_back({m_link.next_number++, next.size(), {}});
            m_ahead += next.size();
        }
        return m_link.send(frames);
    }

    Status hand_over()
    {
        Asked asked = std::move(m_asked.front());
        m_asked.pop_front();
        ASSAY_TRY_ASSIGN(ChunksAre are, Link::body_of<ChunksAre>(std::move(asked.received->answer)));
        const std::size_t count = are.chunks.size();
        if (count == 0 || count > asked.count) return failure(Error::chunk_missing, "the answer has another number of chunks");
        const std::size_t bytes = asked.received->message->size();
        const auto give_back = [spares = m_spares, message = asked.received->message](const void*) { spares->give(std::move(*message)); };
        const std::shared_ptr<const void> holder{asked.received->message->data(), give_back};
        ASSAY_TRY(m_take({holder, std::move(are.chunks), m_wanted.take(count)}));
        m_ahead -= count;
        m_per_request = std::clamp<std::size_t>(count * stream_answer_bytes / bytes, 1, chunks_per_call_max);
        if (count == asked.count) return {};
        for (const Asked& one : m_asked)
            if (!one.received) m_let_go.insert(one.number);
        m_asked.clear();
        m_ahead = 0;
        return {};
    }

    Link& m_link;
    Wanted& m_wanted;
    const ChunkTaker& m_take;
    const std::shared_ptr<Spares> m_spares = std::make_shared<Spares>();
    std::deque<Asked> m_asked;
    std::set<std::uint32_t> m_let_go;
    std::size_t m_ahead = 0; // of what is wanted, asked for
    std::size_t m_per_request = stream_first_chunks;
};

RemoteNetwork::RemoteNetwork(std::unique_ptr<Link> link) : m_link(std::move(link)) {}

RemoteNetwork::~RemoteNetwork()
{
    m_link->drop();
}

Result<std::unique_ptr<RemoteNetwork>> RemoteNetwork::make(RemoteOptions options)
{
    ASSAY_TRY_ASSIGN(TlsContext context, TlsContext::make(TlsRole::client, options.identity));
    return std::unique_ptr<RemoteNetwork>{
        new RemoteNetwork(std::unique_ptr<Link>{new Link{std::move(options), std::move(context), nullptr, {}}})};
}

Result<Genesis> RemoteNetwork::genesis()
{
    ASSAY_TRY_ASSIGN(const GenesisIs is, m_link->ask_for<GenesisIs>(GetGenesis{}));
    return decode<Genesis>(is.genesis);
}

Result<Head> RemoteNetwork::head()
{
    return wait(0, milliseconds{0});
}

Result<Head> RemoteNetwork::wait(std::uint64_t height, milliseconds at_most)
{
    const milliseconds bounded = std::clamp(at_most, milliseconds{0}, milliseconds{wait_milliseconds_max});
    ASSAY_TRY_ASSIGN(const HeadIs is, m_link->ask_for<HeadIs>(GetHead{height, static_cast<std::uint32_t>(bounded.count())}, bounded));
    return is.head;
}

Result<std::uint64_t> RemoteNetwork::submit(const market::SignedTransaction& transaction)
{
    ASSAY_TRY_ASSIGN(const Applied applied, m_link->ask_for<Applied>(Submit{transaction}));
    return applied.height;
}

Result<std::vector<Result<std::uint64_t>>> RemoteNetwork::submit_all(std::span<const market::SignedTransaction> transactions)
{
    std::vector<Request> requests;
    for (const market::SignedTransaction& transaction : transactions) requests.push_back({0, Submit{transaction}});
    ASSAY_TRY_ASSIGN(std::vector<Received> answers, m_link->ask(std::move(requests)));
    std::vector<Result<std::uint64_t>> heights;
    for (Received& one : answers) {
        const auto applied = Link::body_of<Applied>(std::move(one.answer));
        heights.push_back(applied ? Result<std::uint64_t>{applied->height} : Result<std::uint64_t>{applied.failure()});
    }
    return heights;
}

Result<std::vector<market::Block>> RemoteNetwork::blocks(std::uint64_t from, std::size_t limit)
{
    if (limit > blocks_per_call_max) return failure(Error::limit_exceeded, "a call asks for at most 1024 blocks");
    ASSAY_TRY_ASSIGN(const BlocksAre are, m_link->ask_for<BlocksAre>(GetBlocks{from, static_cast<std::uint32_t>(limit)}));
    std::vector<market::Block> blocks;
    for (const Bytes& bytes : are.blocks) {
        ASSAY_TRY_ASSIGN(market::Block block, decode<market::Block>(bytes));
        blocks.push_back(std::move(block));
    }
    return blocks;
}

Status RemoteNetwork::put_chunks(std::span<const Bytes> chunks)
{
    if (chunks.size() > chunks_per_call_max) return failure(Error::limit_exceeded, "a call has at most 4096 chunks");
    std::size_t bytes = 0;
    for (const Bytes& chunk : chunks) {
        if (chunk.size() > chunk_bytes_max) return failure(Error::limit_exceeded, "a chunk has at most 1 MiB");
        bytes += chunk.size();
    }
    if (bytes > transfer_bytes_max) return failure(Error::limit_exceeded, "the chunks of a call have at most 4 MiB together");
    ASSAY_TRY(m_link->ask_for<Done>(PutChunks{{chunks.begin(), chunks.end()}}));
    return {};
}

Result<std::vector<Bytes>> RemoteNetwork::chunks(std::span<const Digest> addresses)
{
    if (addresses.size() > chunks_per_call_max) return failure(Error::limit_exceeded, "a call names at most 4096 chunks");
    if (addresses.empty()) return std::vector<Bytes>{};
    std::vector<Request> requests;
    std::vector<std::size_t> asked;
    for (std::span<const Digest> left = addresses; !left.empty(); left = left.subspan(asked.back())) {
        asked.push_back(std::min(left.size(), chunks_per_request));
        requests.push_back({0, GetChunks{{left.begin(), left.begin() + static_cast<std::ptrdiff_t>(asked.back())}}});
    }
    ASSAY_TRY_ASSIGN(std::vector<Received> answers, m_link->ask(std::move(requests)));
    std::vector<Bytes> chunks;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto are = Link::body_of<ChunksAre>(std::move(answers[i].answer));
        if (!are) {
            if (chunks.empty()) return are.failure();
            break;
        }
        for (const ByteView chunk : are->chunks) chunks.emplace_back(chunk.begin(), chunk.end());
        if (are->chunks.size() < asked[i]) break; // what follows a gap is not in order
    }
    return chunks;
}

Status RemoteNetwork::stream(const NextChunks& next, const ChunkTaker& take)
{
    Patience patience{m_link->options.patience};
    Wanted wanted{next};
    for (;;) {
        const std::uint64_t before = wanted.taken();
        const Status status = Stream{*m_link, wanted, take}.run();
        if (status) return {};
        m_link->drop(); // answers may still be on their way
        if (status.error() != Error::disconnected) return status;
        if (wanted.taken() > before) patience = Patience{m_link->options.patience};
        if (!patience.pause()) return m_link->gave_up(status.failure());
    }
}

Result<Digest> RemoteNetwork::announce(const Digest& list)
{
    ASSAY_TRY_ASSIGN(const DigestIs is, m_link->ask_for<DigestIs>(Announce{list}));
    return is.digest;
}

Result<Digest> RemoteNetwork::list_of(const Digest& state)
{
    ASSAY_TRY_ASSIGN(const DigestIs is, m_link->ask_for<DigestIs>(GetList{state}));
    return is.digest;
}

Result<std::vector<AnnouncedList>> RemoteNetwork::lists(const Digest& after)
{
    ASSAY_TRY_ASSIGN(ListsAre are, m_link->ask_for<ListsAre>(GetLists{after}));
    return std::move(are.lists);
}

} // namespace assay::node
