// What a party and a node say to each other, and how it is cut out of a stream of bytes. Pure: no socket, no clock. Spec: spec/wire.md.
//
// A frame is a length and that many bytes; the bytes are one encoded Request, or one encoded Answer. Answers carry the number of their
// request and may come in any order.
#pragma once

#include <assay/node/network.hpp>

namespace assay::node {

// The protocol's name and version in the TLS handshake (ALPN). Spec: WIRE-2.
inline constexpr std::string_view wire_protocol = "assay/1";

// Spec: WIRE-3.
inline constexpr std::size_t frame_header_bytes = 4;
inline constexpr std::size_t request_bytes_max = transfer_bytes_max + (std::size_t{64} << 10);
inline constexpr std::size_t answer_bytes_max = 2 * transfer_bytes_max + (std::size_t{64} << 10);
inline constexpr std::uint32_t wait_milliseconds_max = 30'000;

#define ASSAY_FIELDS(...)                                                                                                                  \
    template <class Self, class Visit>                                                                                                     \
    static auto fields(Self& self, Visit visit)                                                                                            \
    {                                                                                                                                      \
        return visit(__VA_ARGS__);                                                                                                         \
    }

// Requests without content have a field all the same, because a list's element takes at least one byte.
struct GetGenesis {
    bool reserved = false;
    ASSAY_FIELDS(self.reserved)
    friend bool operator==(const GetGenesis&, const GetGenesis&) = default;
};
struct GetHead { // as soon as the chain is longer than `height`, or after the time
    std::uint64_t height = 0;
    std::uint32_t wait_milliseconds = 0; // 0: at once
    ASSAY_FIELDS(self.height, self.wait_milliseconds)
    friend bool operator==(const GetHead&, const GetHead&) = default;
};
struct Submit {
    market::SignedTransaction transaction;
    ASSAY_FIELDS(self.transaction)
    friend bool operator==(const Submit&, const Submit&) = default;
};
struct GetBlocks {
    std::uint64_t from = 0;
    std::uint32_t count = 0;
    ASSAY_FIELDS(self.from, self.count)
    friend bool operator==(const GetBlocks&, const GetBlocks&) = default;
};
struct PutChunks {
    std::vector<ByteView> chunks; // decoded, they lie in the message
    ASSAY_FIELDS(self.chunks)
    friend bool operator==(const PutChunks& a, const PutChunks& b)
    {
        return std::ranges::equal(a.chunks, b.chunks, [](ByteView x, ByteView y) { return std::ranges::equal(x, y); });
    }
};
struct GetChunks {
    std::vector<Digest> addresses;
    ASSAY_FIELDS(self.addresses)
    friend bool operator==(const GetChunks&, const GetChunks&) = default;
};
struct Announce {
    Digest list;
    ASSAY_FIELDS(self.list)
    friend bool operator==(const Announce&, const Announce&) = default;
};
struct GetList {
    Digest state;
    ASSAY_FIELDS(self.state)
    friend bool operator==(const GetList&, const GetList&) = default;
};
struct GetLists { // that were announced, in the order of their states, after this one
    Digest after;
    ASSAY_FIELDS(self.after)
    friend bool operator==(const GetLists&, const GetLists&) = default;
};

struct Request {
    std::uint32_t number = 0;
    std::variant<GetGenesis, GetHead, Submit, GetBlocks, PutChunks, GetChunks, Announce, GetList, GetLists> body;
    ASSAY_FIELDS(self.number, self.body)
    friend bool operator==(const Request&, const Request&) = default;
};

struct Refused {
    std::string error; // a name of spec/tables/errors.txt
    std::string detail;
    ASSAY_FIELDS(self.error, self.detail)
    friend bool operator==(const Refused&, const Refused&) = default;
};
struct Done {
    bool reserved = false;
    ASSAY_FIELDS(self.reserved)
    friend bool operator==(const Done&, const Done&) = default;
};
struct GenesisIs {
    Bytes genesis; // encoded
    ASSAY_FIELDS(self.genesis)
    friend bool operator==(const GenesisIs&, const GenesisIs&) = default;
};
struct HeadIs {
    Head head;
    ASSAY_FIELDS(self.head)
    friend bool operator==(const HeadIs&, const HeadIs&) = default;
};
struct Applied {
    std::uint64_t height = 0;
    ASSAY_FIELDS(self.height)
    friend bool operator==(const Applied&, const Applied&) = default;
};
struct BlocksAre {
    std::vector<Bytes> blocks; // encoded
    ASSAY_FIELDS(self.blocks)
    friend bool operator==(const BlocksAre&, const BlocksAre&) = default;
};
struct ChunksAre {
    std::vector<ByteView> chunks; // decoded, they lie in the message
    ASSAY_FIELDS(self.chunks)
};
struct DigestIs {
    Digest digest;
    ASSAY_FIELDS(self.digest)
    friend bool operator==(const DigestIs&, const DigestIs&) = default;
};
struct AnnouncedList {
    Digest state, list;
    ASSAY_FIELDS(self.state, self.list)
    friend bool operator==(const AnnouncedList&, const AnnouncedList&) = default;
};
struct ListsAre {
    std::vector<AnnouncedList> lists;
    ASSAY_FIELDS(self.lists)
    friend bool operator==(const ListsAre&, const ListsAre&) = default;
};

#undef ASSAY_FIELDS

struct Answer {
    std::uint32_t number = 0; // the request's
    std::variant<Refused, Done, GenesisIs, HeadIs, Applied, BlocksAre, ChunksAre, DigestIs, ListsAre> body;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.number, self.body);
    }
};

Refused refusal_of(const Failure& failure);
// A name that this program does not know is `not_available`, with the name in the detail.
Failure failure_of(const Refused& refused);

// A request's encoding, refused where it breaks a limit. Errors: those of decoding; limit_exceeded. Spec: WIRE-3, WIRE-4.
Result<Request> decode_request(ByteView bytes);

// A message in its frame. Requires: at most answer_bytes_max bytes.
template <class Message>
Bytes encode_frame(const Message& message)
{
    // The length goes in front afterwards, so that large answers are not copied.
    Bytes frame(frame_header_bytes);
    Encoder{frame}(message);
    ASSAY_CHECK(frame.size() - frame_header_bytes <= answer_bytes_max);
    const auto length = static_cast<std::uint32_t>(frame.size() - frame_header_bytes);
    for (std::size_t i = 0; i < frame_header_bytes; ++i) frame[i] = static_cast<std::uint8_t>(length >> (8 * i));
    return frame;
}

// Bytes that stay as long as `holder`, which others may hold, too.
struct Piece {
    std::shared_ptr<const void> holder;
    ByteView bytes;
};
// A frame as it goes over the wire: pieces one behind another.
using Frame = std::vector<Piece>;
Frame frame_of(Bytes bytes);

// The frame of an answer with chunks: the bytes are those of encode_frame(Answer{number, ChunksAre{...}}). Chunks from a disk are copied once, those
// in memory are not.
class ChunksFrame {
public:
    // `expected` chunks at most, of about the first one's size.
    ChunksFrame(std::uint32_t number, std::size_t expected);
    // Returns: whether the chunk was added; not where the answer would grow too large. Spec: NET-2.
    bool add(ByteView chunk);
    // The same of chunks that lie encoded in `bytes`, one behind another, each from one of `begins` to the next. Returns: how many were added.
    std::size_t add_encoded(std::span<const std::uint32_t> begins, const std::shared_ptr<const Bytes>& bytes);
    [[nodiscard]] std::uint32_t count() const { return m_count; }
    [[nodiscard]] Frame finish();

private:
    [[nodiscard]] bool has_room(std::size_t chunk_bytes) const { return m_count == 0 || m_chunk_bytes + chunk_bytes <= transfer_bytes_max; }
    void close_copied();

    std::uint32_t m_number;
    std::size_t m_expected;
    std::uint32_t m_count = 0;
    std::size_t m_chunk_bytes = 0;
    Bytes m_copied; // what stands behind the last piece
    Frame m_pieces{1}; // the first for what stands before the chunks
};

// Cuts frames out of a stream. Takes memory in proportion to the bytes that have come, never to a length that was claimed; nothing
// between frames. A copy is not possible. Spec: WIRE-3.
class FrameReader {
public:
    // Takes `first_bytes` for a message at once, where it is said to have as many, and from there on as many again as have come.
    explicit FrameReader(std::size_t message_bytes_max, std::size_t first_bytes = std::size_t{16} << 10)
        : m_message_bytes_max(message_bytes_max), m_first_bytes(first_bytes)
    {
    }
    FrameReader(const FrameReader&) = delete;
    FrameReader& operator=(const FrameReader&) = delete;
    FrameReader(FrameReader&&) = default;
    FrameReader& operator=(FrameReader&&) = default;

    // Where the next bytes of the stream belong; never empty. Valid until the next call.
    std::span<std::uint8_t> space();
    // Says that the first `count` bytes of space() were filled. Returns: the message, where one is complete; Errors: limit_exceeded for a
    // length of 0 or above the limit; the stream is of no more use then.
    Result<std::optional<Bytes>> filled(std::size_t count);

    // Gives the memory of a message that is of no more use for one of the next.
    void reuse(Bytes message);

    // How many bytes of an unfinished frame are held, its header included.
    [[nodiscard]] std::size_t held() const { return m_in_header ? m_filled : frame_header_bytes + m_filled; }
    // How many bytes are taken for it.
    [[nodiscard]] std::size_t taken() const { return m_message.size(); }
    // How many the unfinished frame has in all; 0 as long as that is not known.
    [[nodiscard]] std::size_t expected() const { return m_in_header ? 0 : frame_header_bytes + m_length; }

private:
    std::size_t m_message_bytes_max, m_first_bytes;
    std::array<std::uint8_t, frame_header_bytes> m_header{};
    Bytes m_message;
    Bytes m_spare;
    std::size_t m_filled = 0; // of the header, or of the message
    std::size_t m_length = 0;
    bool m_in_header = true;
};

} // namespace assay::node
