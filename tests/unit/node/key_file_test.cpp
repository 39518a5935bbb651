// Key files: what is written is read back, by nobody but their owner.
#include <doctest/doctest.h>

#include <fstream>

#include <sys/stat.h>

#include <assay/node/key_file.hpp>

#include "tests/unit/store/folder.hpp"

using namespace assay;
using namespace assay::node;

namespace {

AskPassphrase says(std::string passphrase)
{
    return [=] { return Result<std::string>{passphrase}; };
}

void write(const std::string& path, const std::string& text)
{
    std::ofstream{path} << text;
    chmod(path.c_str(), 0600);
}

std::string read(const std::string& path)
{
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace

TEST_CASE("PARTY-12 a key is written with mode 0600, never over another, and refused where others may read it")
{
    const test::Folder folder;
    const std::string path = (folder.path() / "key").string();
    const crypto::Seed seed = new_seed();
    REQUIRE(write_key(path, seed, ""));
    struct stat status {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(read_key(path, says(""))->bytes == seed.bytes);
    CHECK(describe_key(path)->identity == crypto::KeyPair{seed}.identity());
    CHECK_FALSE(describe_key(path)->is_encrypted);
    CHECK(write_key(path, new_seed(), "").error() == Error::file_unwritable);
    CHECK(read_key(path, says(""))->bytes == seed.bytes);
    for (const mode_t mode : std::array<mode_t, 3>{0640, 0604, 0620}) {
        chmod(path.c_str(), mode);
        CHECK(read_key(path, says("")).error() == Error::file_unreadable);
    }
    CHECK(read_key((folder.path() / "none").string(), says("")).failure().message().find("assay key make") != std::string::npos);
    CHECK(read_key(folder.path().string(), says("")).error() == Error::file_unreadable);
}

TEST_CASE("PARTY-13 a passphrase opens its key, and another does not")
{
    const test::Folder folder;
    const std::string path = (folder.path() / "key").string();
    const crypto::Seed seed = new_seed();
    REQUIRE(write_key(path, seed, "six words that nobody else knows"));
    CHECK(read(path).find(to_hex(seed.bytes)) == std::string::npos);
    CHECK(describe_key(path)->is_encrypted);
    CHECK(read_key(path, says("six words that nobody else knows"))->bytes == seed.bytes);
    CHECK(read_key(path, says("six words that nobody else know")).error() == Error::invalid_input);
    CHECK(read_key(path, [] { return Result<std::string>{failure(Error::invalid_input, "nobody to ask")}; }).error() ==
          Error::invalid_input);
}

TEST_CASE("PARTY-12 PARTY-13 a damaged key file is refused, and asks for no more memory than a key may")
{
    const test::Folder folder;
    const std::string good = (folder.path() / "good").string(), bad = (folder.path() / "bad").string();
    REQUIRE(write_key(good, crypto::Seed{{5}}, ""));
    const std::string text = read(good);
    const std::string zeros(64, '0');
    for (const std::string& content :
         {std::string{}, std::string{"assay key 2\n"}, text.substr(0, text.size() - 3), text + "more\n", text + text,
          text.substr(0, text.find("seed")), text.substr(0, text.find("public")) + text.substr(text.find("seed")),
          text.substr(0, text.find("seed")) + "seed " + zeros + "\n",
          text.substr(0, text.find("seed")) + "sealed 3 99999999999 " + std::string(32, '0') + " " + std::string(48, '0') + " " +
              std::string(96, '0') + "\n",
          text.substr(0, text.find("seed")) + "sealed 3 268435456 00 00 00\n"}) {
        CAPTURE(content);
        write(bad, content);
        CHECK(read_key(bad, says("x")).error() == Error::invalid_input);
    }
}
