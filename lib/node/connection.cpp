// Spec: WIRE-1 to WIRE-8.
#include "node/connection.hpp"

namespace assay::node {

namespace {

constexpr int steps_per_turn = 64;                    // of reading or writing, before another connection has its turn
constexpr std::uint64_t cost_of_wrong_signature = 50; // requests, in the peer's rate: checking one is the dearest thing a peer can ask for
constexpr std::size_t frame_bytes_per_second_min = 64U << 10;
constexpr std::size_t lists_per_answer = 1024;

TimePoint clock_now()
{
    return std::chrono::steady_clock::now();
}

} // namespace

Held::Held(std::shared_ptr<Connection> connection, std::size_t bytes) : m_connection(std::move(connection)), m_bytes(bytes)
{
    m_connection->count_held(m_bytes, 0);
}

Held::~Held()
{
    m_connection->count_held(0, m_bytes);
}

Connection::~Connection()
{
    m_hub.metrics.held_bytes -= m_held;
}

void Connection::count_held(std::size_t more, std::size_t less)
{
    m_held += more - less;
    m_hub.metrics.held_bytes += more - less;
}

Connection::Connection(tcp::socket socket, Hub& hub) : m_socket(std::move(socket)), m_hub(hub)
{
    m_started = m_active = m_written = m_frame_started = m_resume_at = clock_now();
}

void Connection::start()
{
    boost::system::error_code error;
    m_socket.non_blocking(true, error);
    m_socket.set_option(tcp::no_delay(true), error);
    auto tls = TlsStream::make(m_hub.tls, m_socket.native_handle());
    set_deadline();
    asio::dispatch(m_socket.get_executor(), [self = shared_from_this(), tls = std::make_shared<Result<TlsStream>>(std::move(tls))] {
        if (!*tls) return self->close(tls->failure().message(), LogLevel::warning);
        self->m_tls.emplace(std::move(**tls));
        self->shake_hands();
    });
}

void Connection::wait_for(tcp::socket::wait_type what, void (Connection::*then)())
{
    m_socket.async_wait(what, [self = shared_from_this(), then](const boost::system::error_code& error) {
        if (error) return self->close(error.message());
        (self.get()->*then)();
    });
}

void Connection::shake_hands()
{
    if (m_state != State::handshaking) return;
    switch (m_tls->handshake()) {
    case Progress::want_read: return wait_for(tcp::socket::wait_read, &Connection::shake_hands);
    case Progress::want_write: return wait_for(tcp::socket::wait_write, &Connection::shake_hands);
    case Progress::done: break;
    default: ++m_hub.metrics.handshakes_failed; return close("handshake: " + m_tls->error_text());
    }
    m_peer = m_hub.peers.enter(crypto::identity_of(m_tls->peer()), clock_now());
    if (!m_peer) {
        ++m_hub.metrics.connections_refused;
        return close("the peer has too many connections", LogLevel::warning);
    }
    m_state = State::open;
    m_active = clock_now();
    m_hub.handshaken(this, true);
    set_deadline();
    m_reading = true;
    read_some();
}

bool Connection::may_read()
{
    if (m_draining || m_state != State::open || clock_now() < m_resume_at || !has_room()) return false;
    // Requests that wait count, too; not the frame that has begun, which has to come to its end.
    if (m_held - m_reading_bytes >= m_hub.limits.held_bytes_per_connection) return false;
    const std::lock_guard lock{m_outbox_mutex};
    return m_unanswered < m_hub.limits.unanswered_per_connection;
}

bool Connection::has_room() const
{
    return m_outbox_bytes < m_hub.limits.held_bytes_per_connection && m_hub.metrics.held_bytes < m_hub.limits.held_bytes;
}

void Connection::pause()
{
    m_reading = false;
    m_paused = true;
    m_wants_sweep = true;
    ++m_hub.metrics.reading_paused;
    set_deadline();
}

void Connection::resume()
{
    if (!m_paused || !may_read()) return;
    m_paused = false;
    m_reading = true;
    m_wants_sweep = !m_waits.empty() || has_deferred();
    m_frame_started = clock_now(); // it was not the peer's time that passed
    read_some();
}

void Connection::read_some()
{
    for (int i = 0; i < steps_per_turn; ++i) {
        if (m_state != State::open) return;
        if (!may_read()) return pause();
        if (!take(m_tls->read(m_reader.space()))) return;
    }
    asio::post(m_socket.get_executor(), [self = shared_from_this()] { self->read_some(); });
}

bool Connection::take(Step step)
{
    switch (step.progress) {
    case Progress::want_read:
        set_deadline();
        wait_for(tcp::socket::wait_read, &Connection::read_some);
        return false;
    case Progress::want_write: wait_for(tcp::socket::wait_write, &Connection::read_some); return false;
    case Progress::closed: close("closed by the peer"); return false;
    case Progress::failed: close(m_tls->error_text()); return false;
    case Progress::done: break;
    }
    m_hub.metrics.bytes_received += step.bytes;
    if (m_reader.held() == 0) m_frame_started = clock_now();
    auto message = m_reader.filled(step.bytes);
    count_held(m_reader.taken(), m_reading_bytes);
    m_reading_bytes = m_reader.taken();
    if (!message) {
        ++m_hub.metrics.frames_refused;
        close(message.failure().message(), LogLevel::warning);
        return false;
    }
    if (*message) handle(std::move(**message));
    return m_state == State::open;
}

void Connection::handle(Bytes message)
{
    const TimePoint now = clock_now();
    m_active = now;
    ++m_hub.metrics.requests;
    m_resume_at = m_peer->tokens.take(1, now);
    {
        const std::lock_guard lock{m_outbox_mutex};
        ++m_unanswered;
    }
    const auto held = std::make_shared<const Bytes>(std::move(message));
    auto request = decode_request(*held);
    if (!request) {
        Decoder number_only{*held};
        std::uint32_t number = 0;
        number_only(number);
        if (request.error() == Error::limit_exceeded) return refuse(number, request.failure());
        ++m_hub.metrics.frames_refused;
        return close("no request: " + request.failure().message(), LogLevel::warning);
    }
    const std::uint32_t number = request->number;
    if (std::holds_alternative<GetGenesis>(request->body)) answer(number, GenesisIs{m_hub.ledger.encoded_genesis()});
    else if (const auto* head = std::get_if<GetHead>(&request->body)) handle_head(number, *head);
    else if (auto* submit = std::get_if<Submit>(&request->body)) handle_submit(number, *submit, held->size());
    else if (!answer_from_memory(*request)) handle_on_disk({std::move(*request), held, std::make_shared<Held>(shared_from_this(), held->size())});
}

void Connection::handle_submit(std::uint32_t number, Submit& submit, std::size_t bytes)
{
    // Checked here, by as many threads as serve connections: the ledger's own thread has better things to do.
    if (const Status good = verify(submit.transaction, m_hub.ledger.genesis().rules.network); !good) {
        ++m_hub.metrics.signatures_refused;
        m_resume_at = m_peer->tokens.take(cost_of_wrong_signature, clock_now());
        return refuse(number, good.failure());
    }
    const auto held = std::make_shared<Held>(shared_from_this(), bytes);
    const bool taken =
        m_hub.ledger.submit(std::move(submit.transaction), bytes, [self = shared_from_this(), number, held](Result<std::uint64_t> height) {
            if (height) self->answer(number, Applied{*height});
            else self->refuse(number, height.failure());
        });
    if (!taken) refuse(number, failure(Error::limit_exceeded, "the node has too many transactions waiting: send it again later"));
}

void Connection::handle_head(std::uint32_t number, const GetHead& request)
{
    m_waits.push_back({number, request.height, clock_now() + std::chrono::milliseconds{request.wait_milliseconds}});
    ++m_hub.waits; // before looking, so that no block is missed
    m_wants_sweep = true;
    answer_waits(clock_now(), m_hub.ledger.head());
}

void Connection::answer_waits(TimePoint now, const Head& head)
{
    m_hub.waits -= std::erase_if(m_waits, [&](const Waiting& waiting) {
        if (head.height <= waiting.height && now < waiting.until) return false;
        answer(waiting.number, HeadIs{head});
        return true;
    });
    m_wants_sweep = m_paused || !m_waits.empty() || has_deferred();
}

// Chunks that the node has in memory go the shortest way: no other thread, no copy.
bool Connection::answer_from_memory(const Request& request)
{
    const auto* const get = std::get_if<GetChunks>(&request.body);
    if (get == nullptr || !has_room()) return false;
    auto frame = m_hub.chunks.frame_from_memory(request.number, get->addresses);
    if (frame) send(std::move(*frame));
    return frame.has_value();
}

void Connection::handle_on_disk(Disk work)
{
    asio::post(m_hub.disk, [self = shared_from_this(), work = std::move(work)]() mutable {
        if (std::holds_alternative<PutChunks>(work.request.body)) return self->put_chunks(work.request.number, std::move(work));
        if (self->has_room()) return self->answer_from_disk(work.request);
        const std::lock_guard lock{self->m_outbox_mutex};
        if (self->m_is_gone) return;
        self->m_deferred.push_back(std::move(work));
        self->m_wants_sweep = true;
    });
}

void Connection::answer_from_disk(const Request& request)
{
    const std::uint32_t number = request.number;
    const auto reply = [&](auto&& outcome, auto&& body_of) {
        if (outcome) answer(number, body_of(*std::move(outcome)));
        else refuse(number, outcome.failure());
    };
    const auto as_digest = [](const Digest& digest) { return DigestIs{digest}; };
    if (const auto* blocks = std::get_if<GetBlocks>(&request.body)) {
        reply(m_hub.ledger.with_store([&](store::LedgerStore& s) { return s.blocks(blocks->from, blocks->count, transfer_bytes_max); }),
              [](std::vector<Bytes> found) { return BlocksAre{std::move(found)}; });
    } else if (const auto* get = std::get_if<GetChunks>(&request.body)) {
        auto frame = m_hub.chunks.frame_of(number, get->addresses);
        if (!frame) return refuse(number, frame.failure());
        send(std::move(*frame));
    } else if (const auto* announced = std::get_if<Announce>(&request.body)) reply(m_hub.chunks.announce(announced->list), as_digest);
    else if (const auto* list = std::get_if<GetList>(&request.body)) reply(m_hub.chunks.list_of(list->state), as_digest);
    else if (const auto* lists = std::get_if<GetLists>(&request.body))
        reply(m_hub.chunks.lists(lists->after, lists_per_answer),
              [](std::vector<AnnouncedList> found) { return ListsAre{std::move(found)}; });
}

// Whether the party has an account is the ledger's to say, between two blocks.
void Connection::put_chunks(std::uint32_t number, Disk work)
{
    const auto shared = std::make_shared<const Disk>(std::move(work));
    m_hub.ledger.read([self = shared_from_this(), number, shared](const market::Chain& chain, const store::LedgerStore&) {
        const bool is_known = chain.ledger().account(self->m_peer->identity) != nullptr;
        if (!is_known) return self->refuse(number, failure(Error::not_allowed, "chunks are stored for those who have an account"));
        asio::post(self->m_hub.disk, [self, number, shared] {
            const Status stored = self->m_hub.chunks.put(self->m_peer->identity, std::get<PutChunks>(shared->request.body).chunks, shared->message);
            if (stored) self->answer(number, Done{});
            else self->refuse(number, stored.failure());
        });
    });
}

bool Connection::has_deferred()
{
    const std::lock_guard lock{m_outbox_mutex};
    return !m_deferred.empty();
}

// What a closed connection holds, but for requests that are being answered.
void Connection::let_go()
{
    std::vector<Disk> deferred;
    {
        const std::lock_guard lock{m_outbox_mutex};
        m_is_gone = true;
        deferred.swap(m_deferred);
        m_outbox.clear();
    }
    m_output.clear();
    m_reader = FrameReader{request_bytes_max};
    count_held(0, std::exchange(m_reading_bytes, 0) + m_outbox_bytes.exchange(0));
}

void Connection::take_up_deferred()
{
    while (has_room()) {
        std::optional<Disk> next;
        {
            const std::lock_guard lock{m_outbox_mutex};
            if (m_deferred.empty()) return;
            next = std::move(m_deferred.front());
            m_deferred.erase(m_deferred.begin());
        }
        handle_on_disk(std::move(*next));
    }
}

void Connection::send(Frame frame)
{
    std::size_t bytes = 0;
    for (const Piece& piece : frame) bytes += piece.bytes.size();
    const std::lock_guard lock{m_outbox_mutex};
    if (m_is_gone) return;
    count_held(bytes, 0);
    m_outbox_bytes += bytes;
    m_outbox.add(std::move(frame));
    if (m_unanswered > 0) --m_unanswered;
    if (std::exchange(m_flush_posted, true)) return;
    asio::post(m_socket.get_executor(), [self = shared_from_this()] {
        {
            const std::lock_guard again{self->m_outbox_mutex};
            self->m_flush_posted = false;
        }
        if (!self->m_writing) self->flush();
    });
}

void Connection::flush()
{
    m_writing = false;
    if (m_state != State::open) return;
    bool is_done = false;
    for (int i = 0; i < steps_per_turn; ++i) {
        if (m_output.is_empty()) {
            const std::lock_guard lock{m_outbox_mutex};
            m_output = std::exchange(m_outbox, {});
            is_done = m_output.is_empty();
            if (is_done) break;
            m_written = clock_now();
        }
        const ByteView record = m_output.next(TlsStream::record_bytes_max);
        const Step step = m_tls->write(record, m_output.has_more(record.size()));
        if (step.progress == Progress::done) {
            m_hub.metrics.bytes_sent += step.bytes;
            m_written = clock_now();
            const std::size_t let_go = m_output.written(step.bytes);
            count_held(0, let_go);
            m_outbox_bytes -= let_go;
            continue;
        }
        if (step.progress == Progress::want_write || step.progress == Progress::want_read) {
            m_writing = true;
            set_deadline();
            return wait_for(step.progress == Progress::want_write ? tcp::socket::wait_write : tcp::socket::wait_read, &Connection::flush);
        }
        return close(step.progress == Progress::closed ? "closed by the peer" : m_tls->error_text());
    }
    set_deadline();
    if (!is_done) {
        m_writing = true;
        asio::post(m_socket.get_executor(), [self = shared_from_this()] { self->flush(); });
        return;
    }
    finish_draining();
    take_up_deferred();
    resume();
}

void Connection::set_deadline()
{
    using std::chrono::seconds;
    const Limits& limits = m_hub.limits;
    TimePoint deadline = m_active + seconds{limits.idle_seconds};
    if (m_state == State::handshaking) deadline = m_started + seconds{limits.handshake_seconds};
    else {
        if (m_reader.held() > 0 && !m_paused)
            deadline =
                std::min(deadline, m_frame_started + seconds{limits.frame_seconds + m_reader.expected() / frame_bytes_per_second_min});
        if (!m_output.is_empty()) deadline = std::min(deadline, m_written + seconds{limits.write_seconds});
    }
    m_deadline = deadline.time_since_epoch().count();
}

void Connection::sweep(TimePoint now)
{
    const bool is_late = now.time_since_epoch().count() > m_deadline;
    if (!is_late && !m_wants_sweep) return;
    asio::post(m_socket.get_executor(), [self = shared_from_this(), now] {
        if (self->m_state == State::closed) return;
        if (!self->m_waits.empty()) self->answer_waits(now, self->m_hub.ledger.head());
        self->take_up_deferred();
        self->resume();
        self->set_deadline();
        if (now.time_since_epoch().count() <= self->m_deadline) return;
        ++self->m_hub.metrics.deadlines_missed;
        self->close("too slow");
    });
}

void Connection::shed()
{
    asio::post(m_socket.get_executor(), [self = shared_from_this()] {
        if (self->m_state == State::closed) return;
        ++self->m_hub.metrics.connections_shed;
        self->close("the node holds too much for its peers, and most for this one", LogLevel::warning);
    });
}

void Connection::chain_grew()
{
    asio::post(m_socket.get_executor(), [self = shared_from_this()] {
        if (self->m_state == State::open) self->answer_waits(clock_now(), self->m_hub.ledger.head());
    });
}

void Connection::drain()
{
    asio::post(m_socket.get_executor(), [self = shared_from_this()] {
        if (self->m_state == State::closed) return;
        if (self->m_state == State::handshaking) return self->close("the node is stopping");
        self->m_draining = true;
        self->answer_waits(TimePoint::max(), self->m_hub.ledger.head());
        self->finish_draining();
    });
}

void Connection::finish_draining()
{
    if (!m_draining || m_state != State::open) return;
    {
        const std::lock_guard lock{m_outbox_mutex};
        if (m_unanswered > 0 || !m_outbox.is_empty() || !m_output.is_empty()) return;
    }
    close("the node is stopping");
}

void Connection::close(const std::string& reason, LogLevel level)
{
    if (m_state == State::closed) return;
    const bool was_handshaking = m_state == State::handshaking;
    m_state = State::closed;
    if (m_tls) m_tls->shut_down();
    boost::system::error_code ignored;
    const auto remote = m_socket.remote_endpoint(ignored);
    const std::string from = ignored ? "?" : remote.address().to_string() + ":" + std::to_string(remote.port());
    m_socket.close(ignored);
    m_hub.log({level, "connection_closed", {{"from", from}, {"peer", m_peer ? short_hex(m_peer->identity) : "?"}, {"reason", reason}}});
    if (m_peer) m_hub.peers.leave(m_peer);
    if (was_handshaking) m_hub.handshaken(this, false);
    m_hub.waits -= m_waits.size();
    m_waits.clear();
    let_go();
    m_hub.closed(this);
}

} // namespace assay::node
