// What the store says of disks, folders and other programs that did something to it. Values are changed through RocksDB itself, which
// then believes in them, and in RocksDB's files, whose checksums then fail.
#include <doctest/doctest.h>

#include <fstream>

#include <rocksdb/db.h>

#include <assay/store/rocksdb_store.hpp>
#include <tests/unit/store/chunks.hpp>
#include <tests/unit/store/folder.hpp>

using namespace assay;
using store::OpenMode;
using store::RocksDbChunkStore;

namespace {

std::unique_ptr<RocksDbChunkStore> open_store(const std::string& path)
{
    auto opened = RocksDbChunkStore::open(path, OpenMode::create_if_missing);
    REQUIRE(opened);
    return std::move(*opened);
}

std::unique_ptr<rocksdb::DB> open_raw(const std::string& path, bool create = false)
{
    rocksdb::Options options;
    options.create_if_missing = create;
    rocksdb::DB* opened = nullptr;
    REQUIRE(rocksdb::DB::Open(options, path, &opened).ok());
    return std::unique_ptr<rocksdb::DB>{opened};
}

std::string raw_key(std::uint8_t kind, ByteView rest)
{
    std::string key(1, static_cast<char>(kind));
    return key.append(rest.begin(), rest.end());
}

void check_refused_opening(const std::string& path, OpenMode mode, const std::string& reason)
{
    const auto opened = RocksDbChunkStore::open(path, mode);
    REQUIRE(!opened);
    CHECK(opened.error() == Error::storage_failed);
    CAPTURE(opened.failure().detail);
    CHECK(opened.failure().detail.find(path) == 0);
    CHECK(opened.failure().detail.find(reason) != std::string::npos);
}

// The one file in `folder` with this extension that holds the most.
std::filesystem::path largest_file(const std::string& folder, const std::string& extension)
{
    std::filesystem::path largest;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == extension && (largest.empty() || entry.file_size() > std::filesystem::file_size(largest)))
            largest = entry.path();
    return largest;
}

// Either the store does not open, or every chunk is right or named as damaged. Returns whether anything was noticed.
bool notices_damage(const std::string& path, const std::vector<Digest>& addresses)
{
    const auto opened = RocksDbChunkStore::open(path, OpenMode::existing_only);
    if (!opened) {
        CHECK(opened.error() == Error::storage_failed);
        CHECK(opened.failure().detail.find("damaged") != std::string::npos);
        return true;
    }
    bool noticed = false;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const auto read = (*opened)->get(addresses[i]);
        if (read) {
            CHECK(*read == test::chunk_number(i));
            continue;
        }
        noticed = true;
        CHECK(read.error() == Error::chunk_damaged);
        CHECK(read.failure().detail.find(to_hex(addresses[i])) != std::string::npos);
    }
    return noticed;
}

// Where the records of a log begin, in blocks of 32 KiB, with the length of each behind a checksum of four bytes.
std::vector<std::uintmax_t> records_of(const std::filesystem::path& log)
{
    constexpr std::size_t block = 32768, header = 7;
    std::ifstream stream(log, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    std::vector<std::uintmax_t> begins;
    for (std::size_t at = 0; at + header <= bytes.size();) {
        begins.push_back(at);
        const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[at + i])); };
        at += header + byte(4) + 256 * byte(5);
        if (block - at % block < header) at += block - at % block;
    }
    return begins;
}

std::vector<Digest> fill(const std::string& path, std::size_t count)
{
    const auto chunks = open_store(path);
    std::vector<Digest> addresses;
    for (std::size_t i = 0; i < count; ++i) addresses.push_back(chunks->put(test::chunk_number(i)).value());
    return addresses;
}

} // namespace

TEST_CASE("STORE-2 STORE-3 a chunk with any flipped bit is named, and repaired by putting it again")
{
    const test::Folder folder;
    const Bytes chunk{0x00, 0x10, 0xa5};
    const Digest address = open_store(folder.store())->put(chunk).value();
    const Digest other = open_store(folder.store())->put(test::chunk_number(2)).value();
    for (std::size_t bit = 0; bit < 8 * chunk.size(); ++bit) {
        std::string value(chunk.begin(), chunk.end());
        value[bit / 8] = static_cast<char>(value[bit / 8] ^ (1 << bit % 8));
        REQUIRE(open_raw(folder.store())->Put({}, raw_key(0, view_of(address)), value).ok());
        const auto chunks = open_store(folder.store());
        const auto read = chunks->get(address);
        REQUIRE(!read);
        CHECK(read.error() == Error::chunk_damaged);
        CHECK(read.failure().detail.find(to_hex(address)) != std::string::npos);
        CHECK(chunks->get(other).value() == test::chunk_number(2));
    }
    const auto chunks = open_store(folder.store());
    REQUIRE(chunks->put(chunk));
    CHECK(chunks->get(address).value() == chunk);
}

TEST_CASE("STORE-2 a truncated, an extended, an emptied and a removed chunk are named")
{
    const test::Folder folder;
    const Bytes chunk = test::chunk_number(1);
    const Digest address = open_store(folder.store())->put(chunk).value();
    const std::string whole(chunk.begin(), chunk.end());
    for (const std::string& value : {whole.substr(0, 1023), whole.substr(1), whole + '\0', std::string{}}) {
        REQUIRE(open_raw(folder.store())->Put({}, raw_key(0, view_of(address)), value).ok());
        CHECK(open_store(folder.store())->get(address).error() == Error::chunk_damaged);
    }
    REQUIRE(open_raw(folder.store())->Delete({}, raw_key(0, view_of(address))).ok());
    CHECK(open_store(folder.store())->get(address).error() == Error::chunk_missing);
}

TEST_CASE("STORE-5 a name's record with a flipped bit, and one moved to another name, are refused")
{
    const test::Folder folder;
    REQUIRE(open_store(folder.store())->put_name("head", merkle::leaf_hash(view_of("x"))));
    std::string record;
    REQUIRE(open_raw(folder.store())->Get({}, raw_key(1, view_of("head")), &record).ok());
    REQUIRE(record.size() == 64);
    for (const std::size_t bit : {0, 7, 255, 256, 511}) {
        std::string value = record;
        value[bit / 8] = static_cast<char>(value[bit / 8] ^ (1 << bit % 8));
        REQUIRE(open_raw(folder.store())->Put({}, raw_key(1, view_of("head")), value).ok());
        const auto read = open_store(folder.store())->get_name("head");
        REQUIRE(!read);
        CHECK(read.error() == Error::chunk_damaged);
        CHECK(read.failure().detail.find("head") != std::string::npos);
    }
    REQUIRE(open_raw(folder.store())->Put({}, raw_key(1, view_of("tail")), record).ok());
    CHECK(open_store(folder.store())->get_name("tail").error() == Error::chunk_damaged);
}

TEST_CASE("STORE-6 a folder that holds no store is refused, with the reason, and left as it is")
{
    const test::Folder folder;
    check_refused_opening(folder.store(), OpenMode::existing_only, "no store here");
    const std::string file = (folder.path() / "file").string();
    std::ofstream(file) << "text";
    check_refused_opening(file, OpenMode::create_if_missing, "not a folder");
    check_refused_opening(folder.path().string(), OpenMode::create_if_missing, "holds other files");
    check_refused_opening(folder.path().string(), OpenMode::existing_only, "no store here");
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("STORE-6 another program's database is refused")
{
    const test::Folder folder;
    REQUIRE(open_raw(folder.store(), true)->Put({}, "a", "b").ok());
    check_refused_opening(folder.store(), OpenMode::create_if_missing, "no chunk store of this version");
}

TEST_CASE("STORE-6 a store that is open is refused to the next")
{
    const test::Folder folder;
    const auto chunks = open_store(folder.store());
    check_refused_opening(folder.store(), OpenMode::existing_only, "has the store open");
}

TEST_CASE("STORE-6 a store with a missing file is refused, and the file named")
{
    const test::Folder folder;
    fill(folder.store(), 4);
    const auto current = std::filesystem::path(folder.store()) / "CURRENT";
    std::ofstream(current) << "MANIFEST-999999\n";
    check_refused_opening(folder.store(), OpenMode::existing_only, "MANIFEST-999999");
}

TEST_CASE("STORE-2 STORE-6 a flipped bit in a table file never yields a wrong chunk")
{
    const test::Folder folder;
    const auto addresses = fill(folder.store(), 16);
    open_store(folder.store()); // moves the log's content into a table file
    const auto file = largest_file(folder.store(), ".sst");
    REQUIRE(!file.empty());
    const std::uintmax_t size = std::filesystem::file_size(file);
    int noticed = 0;
    constexpr int positions = 23;
    for (int i = 0; i < positions; ++i) {
        const std::uintmax_t position = size * i / positions + i;
        test::flip_bit_in_file(file, position);
        noticed += notices_damage(folder.store(), addresses);
        test::flip_bit_in_file(file, position);
    }
    CHECK(noticed > positions / 2);
    CHECK(!notices_damage(folder.store(), addresses));
}

TEST_CASE("STORE-4 STORE-6 a flipped bit in the log is noticed: what was acknowledged is not dropped silently")
{
    const test::Folder folder, copy;
    const auto addresses = fill(folder.store(), 40);
    const std::filesystem::path name = largest_file(folder.store(), ".log").filename();
    const std::vector<std::uintmax_t> records = records_of(std::filesystem::path(folder.store()) / name);
    REQUIRE(records.size() > 40);
    REQUIRE(records.back() > 32768); // so that some records are in the last block, and some are not
    const auto check = [&](std::uintmax_t position, unsigned bit) {
        std::filesystem::remove_all(copy.store());
        std::filesystem::copy(folder.store(), copy.store());
        test::flip_bit_in_file(std::filesystem::path(copy.store()) / name, position, bit);
        CAPTURE(position);
        CAPTURE(bit);
        CHECK(notices_damage(copy.store(), addresses));
    };
    for (const std::size_t record : {std::size_t{1}, records.size() / 2, records.size() - 3, records.size() - 1}) {
        for (unsigned bit = 0; bit < 16; ++bit) check(records[record] + 4 + bit / 8, bit % 8); // the length
        check(records[record], 3);                                                             // the checksum
        check(records[record] + 6, 0);                                                         // the type
        check(records[record] + 100, 5);                                                       // the content
    }
}

TEST_CASE("STORE-4 STORE-6 a log whose end is zeros is refused")
{
    const test::Folder folder;
    fill(folder.store(), 16);
    const auto log = largest_file(folder.store(), ".log");
    const std::uintmax_t last = records_of(log).back(), size = std::filesystem::file_size(log);
    std::filesystem::resize_file(log, last);
    std::filesystem::resize_file(log, size);
    check_refused_opening(folder.store(), OpenMode::existing_only, "the log is damaged at byte " + std::to_string(last));
}

TEST_CASE("STORE-4 STORE-6 a record that was cut off is left away, and all before it are there")
{
    const test::Folder folder, copy;
    const auto addresses = fill(folder.store(), 40);
    const std::filesystem::path name = largest_file(folder.store(), ".log").filename();
    const std::uintmax_t last = records_of(std::filesystem::path(folder.store()) / name).back(), size = std::filesystem::file_size(std::filesystem::path(folder.store()) / name);
    for (std::uintmax_t cut = last; cut < size; cut += cut < last + 8 ? 1 : 97) {
        std::filesystem::remove_all(copy.store());
        std::filesystem::copy(folder.store(), copy.store());
        std::filesystem::resize_file(std::filesystem::path(copy.store()) / name, cut);
        CAPTURE(cut);
        auto opened = RocksDbChunkStore::open(copy.store(), OpenMode::existing_only);
        REQUIRE(opened);
        for (std::size_t i = 0; i + 1 < addresses.size(); ++i) CHECK((*opened)->get(addresses[i]).value() == test::chunk_number(i));
        CHECK((*opened)->get(addresses.back()).error() == Error::chunk_missing);
    }
}
