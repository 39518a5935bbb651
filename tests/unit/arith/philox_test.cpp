// Philox4x32-10 against the known answers that its authors publish with Random123.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include <assay/arith/philox.hpp>

using namespace assay;

TEST_CASE("NUMERICS-17 Philox4x32-10 gives the authors' known answers")
{
    using Words = std::array<std::uint32_t, 4>;
    // From Random123's kat_vectors.
    CHECK(arith::philox4x32_10({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    CHECK(arith::philox4x32_10({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
          Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
}

TEST_CASE("NUMERICS-17 Philox4x32-10 gives the known answers of the shared data")
{
    std::ifstream file(ASSAY_SHARED_DATA "/vectors/philox/philox4x32_kat.txt");
    if (!file) {
        MESSAGE("skipped: no shared data");
        return;
    }
    int checked = 0;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string name;
        int rounds = 0;
        std::array<std::uint32_t, 4> counter{}, expected{};
        std::array<std::uint32_t, 2> key{};
        words >> name >> rounds >> std::hex;
        for (auto& word : counter) words >> word;
        for (auto& word : key) words >> word;
        for (auto& word : expected) words >> word;
        if (rounds != 10) continue;
        REQUIRE(words);
        CHECK(arith::philox4x32_10(counter, key) == expected);
        ++checked;
    }
    CHECK(checked > 0);
}
