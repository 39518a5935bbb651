// Spec: WIRE-3, WIRE-4.
#include <assay/node/messages.hpp>

namespace assay::node {

namespace {

constexpr std::size_t detail_bytes_max = 1000;
constexpr std::size_t piece_bytes_min = 4096; // a shorter one is copied: it would cost more than its bytes

Status check_limits(const Request& request)
{
    if (const auto* put = std::get_if<PutChunks>(&request.body)) {
        if (put->chunks.size() > chunks_per_call_max) return failure(Error::limit_exceeded, "more than 4096 chunks");
        for (const ByteView chunk : put->chunks)
            if (chunk.size() > chunk_bytes_max) return failure(Error::limit_exceeded, "a chunk of more than 1 MiB");
    }
    if (const auto* get = std::get_if<GetChunks>(&request.body); get != nullptr && get->addresses.size() > chunks_per_call_max)
        return failure(Error::limit_exceeded, "more than 4096 chunks");
    if (const auto* get = std::get_if<GetBlocks>(&request.body); get != nullptr && get->count > blocks_per_call_max)
        return failure(Error::limit_exceeded, "more than 1024 blocks");
    if (const auto* get = std::get_if<GetHead>(&request.body); get != nullptr && get->wait_milliseconds > wait_milliseconds_max)
        return failure(Error::limit_exceeded, "a wait of more than 30 seconds");
    return {};
}

} // namespace

Refused refusal_of(const Failure& failure)
{
    return {std::string{name_of(failure.error)}, failure.detail.substr(0, detail_bytes_max)};
}

Failure failure_of(const Refused& refused)
{
#define ASSAY_ERROR(name, meaning)                                                                                                         \
    if (refused.error == #name) return failure(Error::name, refused.detail);
#include <assay/base/errors.def>
#undef ASSAY_ERROR
    return failure(Error::not_available, "the node refused with an unknown error, " + refused.error + ": " + refused.detail);
}

Result<Request> decode_request(ByteView bytes)
{
    ASSAY_TRY_ASSIGN(Request request, decode<Request>(bytes));
    ASSAY_TRY(check_limits(request));
    return request;
}

Frame frame_of(Bytes bytes)
{
    const auto held = std::make_shared<const Bytes>(std::move(bytes));
    return {{held, *held}};
}

ChunksFrame::ChunksFrame(std::uint32_t number, std::size_t expected) : m_number(number), m_expected(expected) {}

bool ChunksFrame::add(ByteView chunk)
{
    if (!has_room(chunk.size())) return false;
    if (m_copied.empty()) {
        const std::size_t expected = (m_expected - std::min<std::size_t>(m_count, m_expected)) * (chunk.size() + sizeof(std::uint32_t));
        m_copied.reserve(std::min(expected, transfer_bytes_max + chunk.size()));
    }
    Encoder{m_copied}(chunk);
    m_chunk_bytes += chunk.size();
    ++m_count;
    return true;
}

std::size_t ChunksFrame::add_encoded(std::span<const std::uint32_t> begins, const std::shared_ptr<const Bytes>& bytes)
{
    std::size_t added = 0;
    for (; added + 1 < begins.size(); ++added) {
        const std::size_t chunk_bytes = begins[added + 1] - begins[added] - sizeof(std::uint32_t);
        if (!has_room(chunk_bytes)) break;
        m_chunk_bytes += chunk_bytes;
        ++m_count;
    }
    const ByteView run = ByteView{*bytes}.subspan(begins.front(), begins[added] - begins.front());
    if (run.size() < piece_bytes_min) {
        m_copied.insert(m_copied.end(), run.begin(), run.end());
    } else {
        close_copied();
        m_pieces.push_back({bytes, run});
    }
    return added;
}

void ChunksFrame::close_copied()
{
    if (m_copied.empty()) return;
    Frame copied = frame_of(std::exchange(m_copied, {}));
    m_pieces.push_back(std::move(copied.front()));
}

// The list's count is the last field before the chunks.
Frame ChunksFrame::finish()
{
    close_copied();
    Bytes head = encode_frame(Answer{m_number, ChunksAre{}});
    std::size_t length = head.size() - frame_header_bytes;
    for (const Piece& piece : m_pieces) length += piece.bytes.size();
    const auto put = [&](std::size_t at, std::size_t value) {
        for (std::size_t i = 0; i < sizeof(std::uint32_t); ++i) head[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
    };
    put(0, length);
    put(head.size() - sizeof(std::uint32_t), m_count);
    m_pieces.front() = std::move(frame_of(std::move(head)).front());
    return std::move(m_pieces);
}

void FrameReader::reuse(Bytes message)
{
    if (message.capacity() > m_spare.capacity()) m_spare = std::move(message);
}

std::span<std::uint8_t> FrameReader::space()
{
    if (m_in_header) return std::span{m_header}.subspan(m_filled);
    if (m_filled == m_message.size()) {
        const std::size_t size = std::min(m_length, std::max(m_first_bytes, 2 * m_filled));
        m_message.reserve(size); // or resizing would take twice what there was
        m_message.resize(size);
    }
    return std::span{m_message}.subspan(m_filled);
}

Result<std::optional<Bytes>> FrameReader::filled(std::size_t count)
{
    m_filled += count;
    if (m_in_header) {
        ASSAY_CHECK(m_filled <= frame_header_bytes);
        if (m_filled < frame_header_bytes) return std::optional<Bytes>{};
        m_length = 0;
        for (std::size_t i = 0; i < frame_header_bytes; ++i) m_length |= std::size_t{m_header[i]} << (8 * i);
        if (m_length == 0 || m_length > m_message_bytes_max)
            return failure(Error::limit_exceeded, "a frame of " + std::to_string(m_length) + " bytes; 1 to " +
                                                      std::to_string(m_message_bytes_max) + " are allowed");
        m_in_header = false;
        m_filled = 0;
        // Bytes that have been taken before: a frame that is said to be longer takes more as they come.
        m_message = std::exchange(m_spare, {});
        if (m_message.size() > m_length) m_message.resize(m_length);
        return std::optional<Bytes>{};
    }
    ASSAY_CHECK(m_filled <= m_message.size());
    if (m_filled < m_length) return std::optional<Bytes>{};
    m_in_header = true;
    m_filled = 0;
    return std::optional{std::exchange(m_message, {})};
}

} // namespace assay::node
