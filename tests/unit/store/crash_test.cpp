// Processes that are killed while they write, disks that get full, stores that another process has open.
#include <doctest/doctest.h>

#include <csignal>
#include <iostream>

#include <sys/types.h>

#include <assay/store/rocksdb_store.hpp>
#include <tests/unit/store/chunks.hpp>
#include <tests/unit/store/folder.hpp>
#include <tests/unit/store/process.hpp>

using namespace assay;
using store::OpenMode;
using store::RocksDbChunkStore;

namespace {

// The process of child.cpp.
test::Process child_process(const std::string& verb, const test::Folder& folder)
{
    return test::Process{"exec " ASSAY_STORE_CHILD " " + verb + " " + folder.path().string()};
}

} // namespace

TEST_CASE("STORE-4 a process that is killed while it writes loses nothing that was acknowledged")
{
    const test::Folder folder;
    std::uint64_t known = 0;
    for (int round = 0; round < 5; ++round) {
        std::uint64_t acknowledged = 0;
        {
            test::Process child = child_process("write", folder);
            const auto process = static_cast<pid_t>(std::stol(child.line()));
            for (int i = 0; i <= 7 * round; ++i) acknowledged = std::stoull(child.line());
            REQUIRE(kill(process, SIGKILL) == 0);
            // What it managed to acknowledge before it died counts too.
            for (std::string line = child.line(); !line.empty(); line = child.line()) acknowledged = std::stoull(line);
        }
        known = std::max(known, acknowledged);
        const auto chunks = RocksDbChunkStore::open(folder.store(), OpenMode::existing_only);
        REQUIRE(chunks);
        for (std::uint64_t number = 0; number <= known; ++number)
            CHECK((*chunks)->get(merkle::leaf_hash(test::chunk_number(number))).value() == test::chunk_number(number));
    }
}

TEST_CASE("STORE-4 a process that is killed while it writes tables loses nothing that was acknowledged, and what it did not finish is taken away")
{
    const test::Folder folder;
    for (int round = 0; round < 4; ++round) {
        std::uint64_t acknowledged = 0;
        {
            test::Process child = child_process("write-tables", folder);
            const auto process = static_cast<pid_t>(std::stol(child.line()));
            for (int i = 0; i <= round; ++i) acknowledged = std::stoull(child.line());
            REQUIRE(kill(process, SIGKILL) == 0);
            for (std::string line = child.line(); !line.empty(); line = child.line()) acknowledged = std::stoull(line);
        }
        std::ofstream(folder.store() + "/7.unfinished-table") << "the beginning of a table";
        const auto chunks = RocksDbChunkStore::open(folder.store(), OpenMode::existing_only);
        REQUIRE(chunks);
        for (std::uint64_t number = 0; number < acknowledged; ++number) {
            const Bytes chunk = test::large_chunk_number(number);
            CHECK((*chunks)->get(merkle::leaf_hash(chunk, hash::sha256_openssl)).value() == chunk);
        }
        for (const auto& file : std::filesystem::directory_iterator{folder.store()}) CHECK(file.path().extension() != ".unfinished-table");
    }
}

TEST_CASE("STORE-7 a full disk is reported as such, and what was stored before stays")
{
    const test::Folder folder;
    test::Process child = child_process("fill", folder);
    const std::string outcome = child.line();
    CAPTURE(outcome);
    CHECK(outcome.starts_with("good"));
    MESSAGE(outcome);
}

TEST_CASE("STORE-6 a store that another process has open is refused, and opens once that process is gone")
{
    const test::Folder folder;
    {
        test::Process child = child_process("write", folder);
        const auto process = static_cast<pid_t>(std::stol(child.line()));
        const auto opened = RocksDbChunkStore::open(folder.store(), OpenMode::existing_only);
        REQUIRE(!opened);
        CHECK(opened.error() == Error::storage_failed);
        CHECK(opened.failure().detail.find("another process") != std::string::npos);
        REQUIRE(kill(process, SIGKILL) == 0);
        while (!child.line().empty()) {
        }
    }
    CHECK(RocksDbChunkStore::open(folder.store(), OpenMode::existing_only));
}
