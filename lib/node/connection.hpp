// One peer's connection: TLS, frames, requests, answers, and the bounds on all of them. Spec: WIRE-1 to WIRE-8.
#pragma once

#include <atomic>

#include "node/asio.hpp"
#include "node/chunk_depot.hpp"
#include "node/ledger_service.hpp"
#include "node/output.hpp"
#include "node/peers.hpp"
#include "node/tls.hpp"

namespace assay::node {

class Connection;

// Bytes that a connection makes the node hold, for as long as this lives. Spec: WIRE-6.
class Held {
public:
    Held(std::shared_ptr<Connection> connection, std::size_t bytes);
    ~Held();
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

private:
    std::shared_ptr<Connection> m_connection;
    std::size_t m_bytes;
};

// What all connections share.
struct Hub {
    Limits limits;
    Metrics& metrics;
    Log log;
    TlsContext tls;
    LedgerService& ledger;
    ChunkDepot& chunks;
    asio::thread_pool& disk; // where requests wait for the disk
    Peers peers;
    std::atomic<std::size_t> waits;                    // requests that wait for the next block
    std::function<void(Connection*)> closed;           // called once for each connection, at its end
    std::function<void(Connection*, bool)> handshaken; // and when its handshake is over, well or not
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    // The socket's executor must run one handler at a time.
    Connection(tcp::socket socket, Hub& hub);
    ~Connection();

    void start();
    // Missed deadlines, requests that waited long enough, reading that may go on. Called in any thread, often.
    void sweep(TimePoint now);
    // The chain has grown. Called in any thread.
    void chain_grew();
    // Answers what was accepted, reads nothing more, and closes.
    void drain();
    void close(const std::string& reason, LogLevel level = LogLevel::debug);
    // Closes because all connections hold too much and this one most. Called in any thread.
    void shed();
    [[nodiscard]] std::size_t held() const { return m_held; }

private:
    friend class Held;
    enum class State : std::uint8_t { handshaking, open, closed };
    struct Waiting {
        std::uint32_t number = 0;
        std::uint64_t height = 0;
        TimePoint until;
    };

    void shake_hands();
    void read_some();
    // Returns: false when reading must pause or end.
    bool take(Step step);
    void handle(Bytes message);
    void handle_submit(std::uint32_t number, Submit& submit, std::size_t bytes);
    void handle_head(std::uint32_t number, const GetHead& request);
    // A request that waits for the disk, with what it holds.
    struct Disk {
        Request request;
        std::shared_ptr<const Bytes> message; // what the request was decoded from
        std::shared_ptr<Held> held;
    };
    // Returns: whether it could.
    bool answer_from_memory(const Request& request);
    void handle_on_disk(Disk work);
    void answer_from_disk(const Request& request);
    void put_chunks(std::uint32_t number, Disk work);
    // Whether an answer may be made now.
    [[nodiscard]] bool has_room() const;
    [[nodiscard]] bool has_deferred();
    void take_up_deferred();
    void let_go();
    void count_held(std::size_t more, std::size_t less);
    [[nodiscard]] bool may_read();
    void pause();
    void resume();
    void wait_for(tcp::socket::wait_type what, void (Connection::*then)());

    // Answers a request; in any thread.
    template <class Body>
    void answer(std::uint32_t number, Body body)
    {
        send(frame_of(encode_frame(Answer{number, std::move(body)})));
    }
    void refuse(std::uint32_t number, const Failure& why) { answer(number, refusal_of(why)); }
    void send(Frame frame);
    void flush();
    void answer_waits(TimePoint now, const Head& head);
    void set_deadline();
    void finish_draining();

    tcp::socket m_socket;
    Hub& m_hub;
    std::optional<TlsStream> m_tls;
    FrameReader m_reader{request_bytes_max};
    std::shared_ptr<Peer> m_peer;
    State m_state = State::handshaking;
    bool m_paused = false, m_reading = false, m_writing = false, m_draining = false;
    std::uint32_t m_unanswered = 0; // guarded by m_outbox_mutex
    TimePoint m_started, m_frame_started, m_written, m_active, m_resume_at;
    std::vector<Waiting> m_waits;

    std::mutex m_outbox_mutex;
    Output m_outbox;              // answers from any thread
    std::vector<Disk> m_deferred; // answers that are not made before others were read
    bool m_flush_posted = false;
    Output m_output; // what is being written

    bool m_is_gone = false;                     // guarded by m_outbox_mutex
    std::size_t m_reading_bytes = 0;            // of m_held, for an unfinished frame
    std::atomic<std::size_t> m_outbox_bytes{0}; // of m_held, in m_outbox and in m_output
    std::atomic<std::size_t> m_held{0};         // bytes of an unfinished frame, of requests that wait, in m_outbox and in m_output
    std::atomic<std::int64_t> m_deadline{0};    // of the steady clock, in its ticks
    std::atomic<bool> m_wants_sweep{false};     // has waits, or paused reading
};

} // namespace assay::node
