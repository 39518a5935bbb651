// The closed list of error names in code and the one that other implementations read are the same.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include <assay/base/result.hpp>

using namespace assay;

TEST_CASE("ENCODING-9 spec/tables/errors.txt lists exactly the names that the code has, with their meanings")
{
    std::ostringstream expected;
#define ASSAY_ERROR(name, meaning) expected << #name << '\t' << (meaning) << '\n';
#include <assay/base/errors.def>
#undef ASSAY_ERROR
    std::ifstream file(ASSAY_SOURCE_DIR "/spec/tables/errors.txt");
    std::ostringstream actual;
    actual << file.rdbuf();
    CHECK(actual.str() == expected.str());
}

TEST_CASE("a failure's message names the error and the detail, or the error's meaning")
{
    CHECK(failure(Error::truncated_input, "4 bytes wanted").message() == "truncated_input: 4 bytes wanted");
    CHECK(failure(Error::trailing_bytes).message() == "trailing_bytes: bytes follow after the value's end");
}
