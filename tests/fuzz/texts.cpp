// Texts from anybody: refused, or symbols that lead back to the text.
#include "app/text.hpp"
#include "tests/fuzz/fuzz.hpp"

std::vector<assay::Bytes> assay::fuzz::seeds()
{
    const auto bytes = [](std::string_view text) { return Bytes{text.begin(), text.end()}; };
    return {bytes("An umpire assay settles it."), bytes("\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e"),
            bytes("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf")};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace assay;
    const std::string_view content{reinterpret_cast<const char*>(data), size};
    const auto text = app::text_from(content, "origin", 1);
    if (!text) return 0;
    for (std::size_t i = 0; i < size; ++i)
        fuzz::expect(text->alphabet[text->symbols.element(i)] == data[i], "symbols lead back to the text");
    return 0;
}
