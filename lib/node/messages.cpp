// Spec: WIRE-3, WIRE-4.
#include <assay/node/messages.hpp>

namespace assay::node {

namespace {

constexpr std::size_t detail_bytes_max = 1000;

Status check_limits(const Request& request)
{
    if (const auto* put = std::get_if<PutChunks>(&request.body)) {
        if (put->chunks.size() > chunks_per_call_max) return failure(Error::limit_exceeded, "more than 4096 chunks");
        for (const Bytes& chunk : put->chunks)
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

ChunksFrame::ChunksFrame(std::uint32_t number, std::size_t expected)
    : m_frame(encode_frame(Answer{number, ChunksAre{}})), m_expected(expected)
{
}

bool ChunksFrame::make_room(std::size_t chunk_bytes)
{
    if (m_count > 0) return m_chunk_bytes + chunk_bytes <= transfer_bytes_max;
    m_frame.reserve(m_frame.size() + std::min(m_expected * (chunk_bytes + sizeof(std::uint32_t)), transfer_bytes_max + chunk_bytes));
    return true;
}

bool ChunksFrame::add(ByteView chunk)
{
    if (!make_room(chunk.size())) return false;
    Encoder{m_frame}(chunk);
    m_chunk_bytes += chunk.size();
    ++m_count;
    return true;
}

std::size_t ChunksFrame::add_encoded(std::span<const std::uint32_t> begins, ByteView bytes)
{
    std::size_t added = 0;
    for (; added + 1 < begins.size(); ++added) {
        const std::size_t chunk_bytes = begins[added + 1] - begins[added] - sizeof(std::uint32_t);
        if (!make_room(chunk_bytes)) break;
        m_chunk_bytes += chunk_bytes;
        ++m_count;
    }
    const ByteView run = bytes.subspan(begins.front(), begins[added] - begins.front());
    m_frame.insert(m_frame.end(), run.begin(), run.end());
    return added;
}

// The list's count is the last field before the chunks.
Bytes ChunksFrame::finish()
{
    static const std::size_t empty_bytes = encode_frame(Answer{0, ChunksAre{}}).size();
    const auto put = [&](std::size_t at, std::size_t value) {
        for (std::size_t i = 0; i < sizeof(std::uint32_t); ++i) m_frame[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
    };
    put(0, m_frame.size() - frame_header_bytes);
    put(empty_bytes - sizeof(std::uint32_t), m_count);
    return std::exchange(m_frame, {});
}

std::span<std::uint8_t> FrameReader::space()
{
    if (m_in_header) return std::span{m_header}.subspan(m_filled);
    if (m_filled == m_message.size()) m_message.resize(std::min(m_length, std::max(m_first_bytes, 2 * m_filled)));
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
        return std::optional<Bytes>{};
    }
    ASSAY_CHECK(m_filled <= m_message.size());
    if (m_filled < m_length) return std::optional<Bytes>{};
    m_in_header = true;
    m_filled = 0;
    return std::optional{std::exchange(m_message, {})};
}

} // namespace assay::node
