// Texts and digits: what is read, and what is refused with which words.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "app/cheats.hpp"
#include "app/digits.hpp"
#include "app/problem.hpp"
#include "app/text.hpp"
#include "tests/unit/store/folder.hpp"

using namespace assay;
using namespace assay::app;

namespace {

void write(const std::filesystem::path& path, const std::string& content)
{
    std::ofstream(path, std::ios::binary) << content;
}

std::string refusal(const std::string& content, std::size_t length_min = 1)
{
    const auto text = text_from(content, "origin", length_min);
    REQUIRE(!text);
    CHECK(text.error() == Error::invalid_input);
    return text.failure().detail;
}

std::string idx(std::initializer_list<unsigned> extents, const std::string& bytes)
{
    std::string content{'\0', '\0', '\x08', static_cast<char>(extents.size())};
    for (const unsigned extent : extents)
        for (int shift = 24; shift >= 0; shift -= 8) content += static_cast<char>(extent >> shift);
    return content + bytes;
}

} // namespace

TEST_CASE("a text's symbols are its distinct bytes in order, as indices")
{
    const auto text = text_from("banana\xc3\xa9", "origin", 1);
    REQUIRE(text);
    CHECK(text->alphabet == std::vector<std::uint8_t>{'a', 'b', 'n', 0xa9, 0xc3});
    CHECK(Bytes{text->symbols.bytes().begin(), text->symbols.bytes().end()} == Bytes{1, 0, 2, 0, 2, 0, 4, 3});
}

TEST_CASE("bytes that are not UTF-8 are refused, with the place of the first (RFC 3629, section 4)")
{
    for (const std::string good :
         {"\x7f", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
        CHECK(text_from(good, "o", 1));
    for (const std::string bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                                  "\xf5\x80\x80\x80", "\xc2", "\xe1\x80", "\xc2g"})
        CHECK(refusal("ab" + bad) == "origin: byte 2 is not UTF-8 text");
}

TEST_CASE("a text that is too short for the model is refused with both lengths")
{
    CHECK(refusal("", 10) == "origin: 0 bytes of text, at least 10 are needed for this model");
    CHECK(refusal("x", 10) == "origin: 1 bytes of text, at least 10 are needed for this model");
    CHECK(text_from("0123456789", "origin", 10));
}

TEST_CASE("digits are read with and without compression; what does not fit is refused by file")
{
    const test::Folder folder;
    const auto images = folder.path() / "t10k-images-idx3-ubyte", labels = folder.path() / "t10k-labels-idx1-ubyte";
    const auto refused = [&](const std::string& reason) {
        const auto digits = read_digits(folder.path().string());
        REQUIRE(!digits);
        CAPTURE(digits.failure().message());
        CHECK(digits.failure().detail.find(reason) != std::string::npos);
        CHECK(digits.failure().detail.find(folder.path().string()) == 0);
    };
    refused("No such file");
    write(images, idx({2, 2, 3}, std::string(12, 'x')));
    refused("t10k-labels-idx1-ubyte.gz: No such file");
    write(labels, idx({2}, {3, 9}));
    const auto digits = read_digits(folder.path().string());
    REQUIRE(digits);
    CHECK(digits->images.type() == program::TensorType{program::DataType::unsigned8, {2, 6}});
    CHECK(digits->labels.element(1) == 9);

    write(labels, idx({2}, {3, 10}));
    refused("label 1 is 10");
    write(labels, idx({3}, {3, 9, 1}));
    refused("2 images, but 3 labels");
    write(labels, idx({2}, {3}));
    refused("1 bytes follow the header, which promises 2");
    write(labels, "short");
    refused("is not a file of MNIST");
    write(images, idx({0xffffffff, 0xffffffff, 0xffffffff}, "x"));
    refused("1 bytes follow the header");
    write(images, idx({0, 28, 28}, ""));
    refused("0 bytes follow the header");
    REQUIRE(std::system(("rm " + images.string() + "; printf 'a damaged file' | gzip | head -c 20 > " + images.string() + ".gz").c_str()) ==
            0);
    refused("images-idx3-ubyte.gz: ");
}

TEST_CASE("the real digits, where they are present")
{
    const std::string folder = std::string{ASSAY_SHARED_DATA} + "/mnist";
    if (!std::filesystem::exists(folder)) {
        MESSAGE("skipped: there is no " << folder);
        return;
    }
    const auto digits = read_digits(folder);
    REQUIRE(digits);
    CHECK(digits->images.type() == program::TensorType{program::DataType::unsigned8, {10000, 784}});
    CHECK(std::vector<std::uint32_t>{digits->labels.element(0), digits->labels.element(1), digits->labels.element(2)} ==
          std::vector<std::uint32_t>{7, 2, 1});
}

TEST_CASE("what is held out covers the last tenth of a text, window by window, to its end")
{
    const test::Folder folder;
    const std::string path = (folder.path() / "text").string();
    std::string content;
    for (int i = 0; i < 1003; ++i) content += static_cast<char>('a' + i * i % 17);
    write(path, content);
    ProblemOptions options;
    options.input = path;
    options.gpt = {.layers = 1, .heads = 1, .width = 4, .context = 8};
    const auto problem = make_problem(options);
    REQUIRE(problem);
    CHECK(problem->held_out.front() == 902);
    CHECK(problem->held_out.back() == 1003 - 8 - 1);
    for (std::size_t i = 1; i < problem->held_out.size(); ++i) CHECK(problem->held_out[i] - problem->held_out[i - 1] <= 8);
}

TEST_CASE("an unknown cheat is refused with the names that there are")
{
    const auto cheat = find_cheat("bribe");
    REQUIRE(!cheat);
    for (const Cheat& known : cheats()) CHECK(cheat.failure().detail.find(known.name) != std::string::npos);
}
