// UTF-8, and the symbols that occur.
#include "app/text.hpp"

#include "app/files.hpp"

namespace assay::app {

namespace {

// The length of the UTF-8 sequence that begins at `text`, or 0 where none does (RFC 3629, section 4).
std::size_t sequence_length(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xc2 && first <= 0xdf   ? 2
                               : first >= 0xe0 && first <= 0xef ? 3
                               : first >= 0xf0 && first <= 0xf4 ? 4
                                                                : 0;
    if (length == 0 || length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if (byte(i) >> 6 != 2) return 0;
    const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
    const bool outside = (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f);
    return overlong || outside ? 0 : length;
}

Status check_utf8(std::string_view content, const std::string& origin)
{
    for (std::size_t i = 0; i < content.size();) {
        const std::size_t length = sequence_length(content.substr(i));
        if (length == 0) return failure(Error::invalid_input, origin + ": byte " + std::to_string(i) + " is not UTF-8 text");
        i += length;
    }
    return {};
}

} // namespace

Result<Text> text_from(std::string_view content, const std::string& origin, std::size_t length_min)
{
    ASSAY_TRY(check_utf8(content, origin));
    if (content.size() < length_min)
        return failure(Error::invalid_input, origin + ": " + std::to_string(content.size()) + " bytes of text, at least " +
                                                 std::to_string(length_min) + " are needed for this model");
    if (content.size() > 0xffff'ffffU) return failure(Error::limit_exceeded, origin + ": more than 2^32 - 1 bytes");
    std::array<bool, 256> present{};
    for (const char c : content) present[static_cast<std::uint8_t>(c)] = true;
    Text text;
    std::array<std::uint8_t, 256> symbol_of{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        if (!present[byte]) continue;
        symbol_of[byte] = static_cast<std::uint8_t>(text.alphabet.size());
        text.alphabet.push_back(static_cast<std::uint8_t>(byte));
    }
    text.symbols = program::Tensor{{program::DataType::unsigned8, program::Shape{static_cast<std::uint32_t>(content.size())}}};
    for (std::size_t i = 0; i < content.size(); ++i) text.symbols.set_element(i, symbol_of[static_cast<std::uint8_t>(content[i])]);
    return text;
}

Result<Text> read_text(const std::string& path, std::size_t length_min)
{
    ASSAY_TRY_ASSIGN(const Bytes content, read_file(path));
    return text_from({reinterpret_cast<const char*>(content.data()), content.size()}, path, length_min);
}

} // namespace assay::app
