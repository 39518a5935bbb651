// Spec: WIRE-1 to WIRE-5.
#include <assay/node/remote_network.hpp>

#include <thread>

#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/tls.hpp"

namespace assay::node {

namespace {

using std::chrono::milliseconds;
using TimePoint = std::chrono::steady_clock::time_point;

constexpr std::size_t chunks_per_request = 256; // of a larger call: while one is hashed the next is on its way
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

} // namespace

// The connection, while there is one.
struct RemoteNetwork::Link {
    RemoteOptions options;
    TlsContext context;
    std::unique_ptr<Descriptor> socket;
    std::optional<TlsStream> tls;
    FrameReader reader{answer_bytes_max};
    std::uint32_t next_number = 0;

    void drop()
    {
        if (tls) tls->shut_down();
        tls.reset();
        socket.reset();
        reader = FrameReader{answer_bytes_max};
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
            const Step step = tls->write(bytes);
            if (step.progress == Progress::done) bytes = bytes.subspan(step.bytes);
            else ASSAY_TRY(await(step.progress, std::chrono::steady_clock::now() + options.answer_timeout));
        }
        return {};
    }

    Result<Answer> receive(milliseconds longer)
    {
        for (;;) {
            const Step step = tls->read(reader.space());
            if (step.progress != Progress::done) {
                ASSAY_TRY(await(step.progress, std::chrono::steady_clock::now() + options.answer_timeout + longer));
                continue;
            }
            ASSAY_TRY_ASSIGN(const std::optional<Bytes> message, reader.filled(step.bytes));
            if (message) return decode<Answer>(*message);
        }
    }

    // One try: sends all requests, then reads as many answers. Answers are in the order of the requests.
    Result<std::vector<Answer>> ask_once(std::vector<Request>& requests, milliseconds longer)
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
        std::vector<std::optional<Answer>> answers(requests.size());
        for (std::size_t left = requests.size(); left > 0; --left) {
            ASSAY_TRY_ASSIGN(Answer answer, receive(longer));
            const std::uint32_t index = answer.number - first;
            if (index >= answers.size() || answers[index]) return lost("the node answered what was not asked");
            answers[index] = std::move(answer);
        }
        std::vector<Answer> ordered;
        for (auto& answer : answers) ordered.push_back(*std::move(answer));
        return ordered;
    }

    // Asks until there is an answer, or patience is over.
    Result<std::vector<Answer>> ask(std::vector<Request> requests, milliseconds longer = milliseconds{0})
    {
        const TimePoint until = std::chrono::steady_clock::now() + options.patience;
        for (milliseconds pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
            auto answers = ask_once(requests, longer);
            if (answers) return answers;
            drop();
            if (answers.error() == Error::wrong_signer) return answers.failure();
            if (std::chrono::steady_clock::now() + pause >= until)
                return lost(options.host + " port " + std::to_string(options.port) + ": " + answers.failure().detail);
            std::this_thread::sleep_for(pause);
        }
    }

    template <class Body, class RequestBody>
    Result<Body> ask_for(RequestBody request, milliseconds longer = milliseconds{0})
    {
        std::vector<Request> one(1);
        one.front().body = std::move(request);
        ASSAY_TRY_ASSIGN(std::vector<Answer> answers, ask(std::move(one), longer));
        return body_of<Body>(std::move(answers.front()));
    }

    template <class Body>
    static Result<Body> body_of(Answer answer)
    {
        if (const auto* refused = std::get_if<Refused>(&answer.body)) return failure_of(*refused);
        if (auto* body = std::get_if<Body>(&answer.body)) return std::move(*body);
        return failure(Error::not_canonical, "the node gave an answer to another question");
    }
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
    ASSAY_TRY_ASSIGN(std::vector<Answer> answers, m_link->ask(std::move(requests)));
    std::vector<Result<std::uint64_t>> heights;
    for (Answer& answer : answers) {
        const auto applied = Link::body_of<Applied>(std::move(answer));
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
    ASSAY_TRY_ASSIGN(std::vector<Answer> answers, m_link->ask(std::move(requests)));
    std::vector<Bytes> chunks;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        auto are = Link::body_of<ChunksAre>(std::move(answers[i]));
        if (!are) {
            if (chunks.empty()) return are.failure();
            break;
        }
        std::move(are->chunks.begin(), are->chunks.end(), std::back_inserter(chunks));
        if (are->chunks.size() < asked[i]) break; // what follows a gap is not in order
    }
    return chunks;
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
