// What every store does, for each implementation; and the layout that the vectors spell out.
#include <doctest/doctest.h>

#include <thread>

#include <rocksdb/db.h>

#include <assay/merkle/tree.hpp>
#include <assay/store/memory_store.hpp>
#include <assay/store/rocksdb_store.hpp>
#include <tests/unit/store/chunks.hpp>
#include <tests/unit/store/folder.hpp>
#include <tests/vectors.hpp>

using namespace assay;
using store::OpenMode;
using store::RocksDbChunkStore;

namespace {

// Runs `check` on an empty store of each kind.
template <class Check>
void for_each_store(Check check)
{
    store::MemoryChunkStore memory;
    check(memory);
    const test::Folder folder;
    auto rocks = RocksDbChunkStore::open(folder.store(), OpenMode::create_if_missing);
    REQUIRE(rocks);
    check(**rocks);
}

} // namespace

TEST_CASE("STORE-1 a chunk's address is its leaf hash, and its bytes come back")
{
    for_each_store([](store::ChunkStore& chunks) {
        for (const Bytes& chunk : {Bytes{}, Bytes{0}, test::chunk_number(1), Bytes(1 << 20, 7)}) {
            const auto address = chunks.put(chunk);
            REQUIRE(address);
            CHECK(*address == merkle::leaf_hash(chunk));
            CHECK(*chunks.contains(*address));
            REQUIRE(chunks.get(*address));
            CHECK(*chunks.get(*address) == chunk);
        }
    });
}

TEST_CASE("STORE-1 the leaves of a tree over chunks are their addresses")
{
    store::Batch batch;
    std::vector<Digest> addresses;
    for (std::uint64_t i = 0; i < 5; ++i) addresses.push_back(batch.put(test::chunk_number(i)));
    const auto tree = merkle::Tree::from_leaf_hashes(addresses);
    CHECK(tree.hash({3, 4}) == merkle::leaf_hash(test::chunk_number(3)));
}

TEST_CASE("STORE-2 a chunk that is not there is named")
{
    for_each_store([](store::ChunkStore& chunks) {
        const Digest address = merkle::leaf_hash(test::chunk_number(9));
        const auto read = chunks.get(address);
        REQUIRE(!read);
        CHECK(read.error() == Error::chunk_missing);
        CHECK(read.failure().detail.find(to_hex(address)) != std::string::npos);
        CHECK(*chunks.contains(address) == false);
    });
}

TEST_CASE("STORE-3 equal chunks are one chunk")
{
    for_each_store([](store::ChunkStore& chunks) {
        const auto first = chunks.put(test::chunk_number(1));
        const auto second = chunks.put(test::chunk_number(1));
        REQUIRE(first);
        REQUIRE(second);
        CHECK(*first == *second);
        CHECK(*chunks.get(*first) == test::chunk_number(1));
    });
}

TEST_CASE("STORE-3 STORE-4 a batch of many bytes is written as any other, over what is there and beside smaller ones")
{
    for_each_store([](store::ChunkStore& chunks) {
        for (const std::uint64_t first : {0, 9, 9}) {
            REQUIRE(chunks.put(test::chunk_number(first)));
            REQUIRE(test::put_large_chunks(chunks, first));
        }
        for (const std::uint64_t number : {0, 9}) CHECK(chunks.get(merkle::leaf_hash(test::chunk_number(number))).value() == test::chunk_number(number));
        for (std::uint64_t number = 0; number < 9 + test::large_chunks_of_table; ++number) {
            const Bytes chunk = test::large_chunk_number(number);
            CHECK(chunks.get(merkle::leaf_hash(chunk, hash::sha256_openssl)).value() == chunk);
        }
    });
}

TEST_CASE("STORE-4 a batch writes chunks and names together")
{
    for_each_store([](store::ChunkStore& chunks) {
        store::Batch batch;
        CHECK(chunks.write(batch));
        const Digest first = batch.put(test::chunk_number(1));
        const Digest second = batch.put(test::chunk_number(2));
        batch.put_name("head", second);
        CHECK(*chunks.contains(first) == false);
        REQUIRE(chunks.write(batch));
        CHECK(*chunks.get(first) == test::chunk_number(1));
        CHECK(*chunks.get(*chunks.get_name("head")) == test::chunk_number(2));
    });
}

TEST_CASE("STORE-5 a name stands for the last target that it was given, and names are listed by prefix in bytewise order")
{
    for_each_store([](store::ChunkStore& chunks) {
        CHECK(chunks.get_name("run/1").error() == Error::not_available);
        const Digest first = merkle::leaf_hash(view_of("first"));
        const Digest second = merkle::leaf_hash(view_of("second"));
        for (const char* name : {"run/2", "run/10", "run", "other", "run0", "\xff", "\xff\xff"}) REQUIRE(chunks.put_name(name, first));
        REQUIRE(chunks.put_name("run/2", second));
        CHECK(*chunks.get_name("run/2") == second);
        CHECK(*chunks.get_name("run/10") == first);
        CHECK(*chunks.names("run/") == std::vector<std::string>{"run/10", "run/2"});
        CHECK(*chunks.names("run") == std::vector<std::string>{"run", "run/10", "run/2", "run0"});
        CHECK(*chunks.names("\xff") == std::vector<std::string>{"\xff", "\xff\xff"});
        CHECK(chunks.names("")->size() == 7);
        CHECK(chunks.names("none")->empty());
        const std::string longest(store::name_length_max, 'n');
        REQUIRE(chunks.put_name(longest, first));
        CHECK(*chunks.get_name(longest) == first);
    });
}

TEST_CASE("STORE-4 several threads use one store")
{
    for_each_store([](store::ChunkStore& chunks) {
        std::atomic<int> wrong{0};
        std::vector<std::thread> threads;
        for (std::uint64_t t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                for (std::uint64_t i = 0; i < 20; ++i) {
                    const auto address = chunks.put(test::chunk_number(t * 10 + i));
                    if (!address || !chunks.get(*address)) ++wrong;
                }
            });
        for (std::thread& thread : threads) thread.join();
        CHECK(wrong == 0);
    });
}

TEST_CASE("STORE-4 STORE-5 what was written is there after the store is opened again")
{
    const test::Folder folder;
    Digest address;
    {
        const auto chunks = RocksDbChunkStore::open(folder.store(), OpenMode::create_if_missing);
        REQUIRE(chunks);
        address = (*chunks)->put(test::chunk_number(3)).value();
        REQUIRE((*chunks)->put_name("head", address));
    }
    const auto chunks = RocksDbChunkStore::open(folder.store(), OpenMode::existing_only);
    REQUIRE(chunks);
    CHECK((*chunks)->get_name("head").value() == address);
    CHECK((*chunks)->get(address).value() == test::chunk_number(3));
}

TEST_CASE("STORE-8 the table holds the keys and values of the vectors")
{
    const auto records = test::read_vectors("store/layout.txt");
    const test::Folder folder;
    {
        const auto chunks = RocksDbChunkStore::open(folder.store(), OpenMode::create_if_missing);
        REQUIRE(chunks);
        for (const test::Record& record : records) {
            if (!record.all("chunk").empty()) REQUIRE((*chunks)->put(record.bytes("chunk")));
            if (!record.all("stands_for").empty()) REQUIRE((*chunks)->put_name(record.text("named"), record.digest("stands_for")));
        }
    }
    rocksdb::DB* opened = nullptr;
    REQUIRE(rocksdb::DB::OpenForReadOnly({}, folder.store(), &opened).ok());
    const std::unique_ptr<rocksdb::DB> raw{opened};
    const std::unique_ptr<rocksdb::Iterator> entries{raw->NewIterator({})};
    std::map<std::string, std::string> actual, expected;
    for (entries->SeekToFirst(); entries->Valid(); entries->Next())
        actual[to_hex(view_of(entries->key().ToString()))] = to_hex(view_of(entries->value().ToString()));
    for (const test::Record& record : records) expected[record.text("key")] = record.text("value");
    CHECK(actual == expected);
}
