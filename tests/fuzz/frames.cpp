// What comes over a connection: any bytes, in any pieces, are frames or refused; requests and answers are refused or the one encoding of
// what they hold.
#include <assay/node/messages.hpp>

#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace assay;
using namespace assay::node;

template <class Message>
Bytes seed_of(const Message& message)
{
    Bytes bytes{7};
    const Bytes frame = encode_frame(message);
    bytes.insert(bytes.end(), frame.begin(), frame.end());
    return bytes;
}

} // namespace

std::vector<Bytes> assay::fuzz::seeds()
{
    return {seed_of(Request{1, GetHead{3, 100}}),
            seed_of(Request{2, GetBlocks{1, 1024}}),
            seed_of(Request{3, PutChunks{{Bytes{1, 2}, Bytes{}}}}),
            seed_of(Request{4, Submit{}}),
            seed_of(Request{5, GetChunks{{Digest{}}}}),
            seed_of(Answer{6, Refused{"too_late", "why"}}),
            seed_of(Answer{7, BlocksAre{{Bytes{1}}}}),
            seed_of(Answer{8, ListsAre{{AnnouncedList{}}}})};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const std::size_t piece = data[0] + std::size_t{1};
    ByteView rest{data + 1, size - 1};
    FrameReader reader{request_bytes_max};
    std::size_t read = 0;
    while (!rest.empty()) {
        const std::span<std::uint8_t> space = reader.space();
        fuzz::expect(!space.empty(), "there is always space");
        fuzz::expect(space.size() <= 2 * read + (16U << 10), "memory grows with what has come");
        const std::size_t count = std::min({piece, space.size(), rest.size()});
        std::copy_n(rest.begin(), count, space.begin());
        rest = rest.subspan(count);
        read += count;
        const auto message = reader.filled(count);
        if (!message) return fuzz::expect(message.error() == Error::limit_exceeded, "only a length is refused"), 0;
        if (!*message) continue;
        if (const auto request = decode_request(**message)) fuzz::expect(encode(*request) == **message, "a request has one encoding");
        if (const auto answer = decode<Answer>(**message)) {
            fuzz::expect(encode(*answer) == **message, "an answer has one encoding");
            if (const auto* refused = std::get_if<Refused>(&answer->body))
                fuzz::expect(!name_of(failure_of(*refused).error).empty(), "an error has a name");
        }
    }
    return 0;
}
