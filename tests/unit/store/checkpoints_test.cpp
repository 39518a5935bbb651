// Checkpoints come back bit by bit, share what they have in common, and say what of them is damaged.
#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <optional>

#include <assay/commit/tensors.hpp>
#include <assay/hash/openssl.hpp>
#include <assay/store/checkpoints.hpp>
#include <assay/store/memory_store.hpp>
#include <assay/store/rocksdb_store.hpp>
#include <assay/store/run_recorder.hpp>
#include <tests/unit/store/folder.hpp>
#include <tests/vectors.hpp>

using namespace assay;
using program::DataType;
using program::Declaration;
using program::Tensor;
using store::OpenMode;
using store::RocksDbChunkStore;

namespace {

// A store whose records a test can look at and change.
class OpenTable final : public store::ChunkStore {
public:
    std::map<std::string, Bytes> records;
    std::size_t written = 0;                                         // records, those that were there before among them
    std::size_t writes_left = std::numeric_limits<std::size_t>::max(); // then they fail

private:
    Status write_records(const std::vector<store::Record>& added) override
    {
        if (writes_left == 0) return failure(Error::storage_failed, "no write is left");
        --writes_left;
        written += added.size();
        for (const store::Record& record : added) records[record.key] = record.value;
        return {};
    }
    [[nodiscard]] Result<std::optional<Bytes>> read_record(const std::string& key) const override
    {
        const auto found = records.find(key);
        return found == records.end() ? std::nullopt : std::optional{found->second};
    }
    [[nodiscard]] Result<std::vector<std::string>> keys_from(const std::string& prefix) const override
    {
        std::vector<std::string> keys;
        for (const auto& [key, value] : records)
            if (key.starts_with(prefix)) keys.push_back(key);
        return keys;
    }
};

const std::vector<Declaration> declarations{
    {"step", {DataType::unsigned32, {}}}, {"weight", {DataType::binary32, {70, 30}}}, {"bytes", {DataType::unsigned8, {2500}}}};

std::vector<Tensor> make_state(std::uint32_t number)
{
    std::vector<Tensor> state;
    for (const Declaration& declaration : declarations) {
        Tensor tensor{declaration.type};
        for (std::uint64_t i = 0; i < declaration.type.elements(); ++i)
            tensor.set_element(i, (static_cast<std::uint32_t>(i * 2654435761U) >> 7) %
                                      (declaration.type.type == DataType::unsigned8 ? 256 : 0x7f000000));
        state.push_back(std::move(tensor));
    }
    state[0].set_element(0, number);
    return state;
}

Digest task_number(std::uint8_t number)
{
    Digest task;
    task.bytes[31] = number;
    return task;
}

const Digest task = task_number(1);

void check_round_trip(store::ChunkStore& chunks)
{
    for (const std::uint64_t index : {0, 1, 7})
        REQUIRE(store::save_checkpoint(chunks, task, index, declarations, make_state(static_cast<std::uint32_t>(index))));
    REQUIRE(store::save_checkpoint(chunks, task_number(2), 5, declarations, make_state(50)));
    for (const std::uint64_t index : {0, 1, 7})
        CHECK(store::load_checkpoint(chunks, task, index).value() == make_state(static_cast<std::uint32_t>(index)));
    CHECK(store::list_checkpoints(chunks, task).value() == std::vector<std::uint64_t>{0, 1, 7});
    REQUIRE(chunks.put_name("run/no task", Digest{}));
    CHECK(store::list_runs(chunks).value() == std::vector<Digest>{task, task_number(2)});
    REQUIRE(store::save_checkpoint(chunks, task, 1, declarations, make_state(100)));
    CHECK(store::load_checkpoint(chunks, task, 1).value() == make_state(100));
    const auto missing = store::load_checkpoint(chunks, task, 2);
    REQUIRE(!missing);
    CHECK(missing.error() == Error::not_available);
    CHECK(missing.failure().detail.starts_with("checkpoint 2"));
}

} // namespace

TEST_CASE("STORE-9 to STORE-11 checkpoints come back, from memory and from RocksDB, after opening again too")
{
    store::MemoryChunkStore memory;
    check_round_trip(memory);
    const test::Folder folder;
    {
        const auto chunks = RocksDbChunkStore::open(folder.store(), OpenMode::create_if_missing);
        REQUIRE(chunks);
        check_round_trip(**chunks);
    }
    const auto chunks = RocksDbChunkStore::open(folder.store(), OpenMode::existing_only);
    REQUIRE(chunks);
    CHECK(store::load_checkpoint(**chunks, task, 7).value() == make_state(7));
}

TEST_CASE("STORE-9 a checkpoint that differs in one element adds a chunk, a page, a list and a name")
{
    OpenTable chunks;
    REQUIRE(store::save_checkpoint(chunks, task, 0, declarations, make_state(0)));
    const std::size_t first = chunks.records.size();
    std::uint64_t expected = 2; // the list and the name
    for (const Declaration& declaration : declarations) expected += commit::chunk_count(declaration.type) + 1;
    CHECK(first == expected);
    REQUIRE(store::save_checkpoint(chunks, task, 1, declarations, make_state(1)));
    CHECK(chunks.records.size() == first + 4);
}

TEST_CASE("STORE-9 a tensor of more chunks than a page holds has several pages")
{
    store::MemoryChunkStore chunks;
    const std::vector<Declaration> large{{"large", {DataType::unsigned8, {4097 * 1024 + 1}}}};
    Tensor tensor{large[0].type};
    for (std::uint64_t i = 0; i < tensor.type().elements(); i += 1000) tensor.set_element(i, static_cast<std::uint32_t>(i % 251));
    REQUIRE(store::save_checkpoint(chunks, task, 0, large, std::vector{tensor}));
    CHECK(store::load_checkpoint(chunks, task, 0).value() == std::vector{tensor});
}

TEST_CASE("STORE-12 whatever record is damaged, cut, emptied or missing is named, and the other checkpoint stays readable")
{
    OpenTable chunks;
    REQUIRE(store::save_checkpoint(chunks, task, 4, declarations, make_state(4)));
    const auto whole = chunks.records;
    std::vector<Tensor> other = make_state(9);
    for (std::uint64_t i = 0; i < other[1].type().elements(); ++i) other[1].set_element(i, 7);
    for (std::uint64_t i = 0; i < other[2].type().elements(); ++i) other[2].set_element(i, static_cast<std::uint32_t>(i % 3));
    for (const auto& [key, value] : whole) {
        const std::string key_in_hex = to_hex(view_of(key));
        CAPTURE(key_in_hex);
        for (std::size_t kind = 0; kind < 4; ++kind) {
            chunks.records = whole;
            REQUIRE(store::save_checkpoint(chunks, task, 5, declarations, other));
            Bytes& record = chunks.records[key];
            if (kind == 0) record[record.size() / 2] ^= 0x20;
            if (kind == 1) record.pop_back();
            if (kind == 2) record.clear();
            if (kind == 3) chunks.records.erase(key);
            const auto loaded = store::load_checkpoint(chunks, task, 4);
            REQUIRE(!loaded);
            const std::string& detail = loaded.failure().detail;
            CAPTURE(detail);
            CHECK(detail.starts_with("checkpoint 4"));
            const bool is_chunk = key[0] == 0;
            if (is_chunk) CHECK(detail.find(to_hex(view_of(key.substr(1)))) != std::string::npos);
            if (is_chunk && detail.find("list of tensors") == std::string::npos) {
                CHECK(detail.find("tensor \"") != std::string::npos);
                CHECK((detail.find("chunk ") != std::string::npos || detail.find("page ") != std::string::npos));
            }
            CHECK(store::load_checkpoint(chunks, task, 5).value() == other);
        }
    }
}

TEST_CASE("STORE-12 lists that promise other pages, lengths or types than there are end in an error, not in memory asked for")
{
    store::MemoryChunkStore chunks;
    const auto point_to = [&](ByteView list) {
        const Digest address = chunks.put(list).value();
        REQUIRE(chunks.put_name("run/" + to_hex(task) + "/00000000000000000000", address));
        const auto loaded = store::load_checkpoint(chunks, task, 0);
        REQUIRE(!loaded);
        CHECK(loaded.failure().detail.starts_with("checkpoint 0"));
    };
    point_to(Bytes{});
    point_to(Bytes{0xff, 0xff, 0xff, 0xff});
    // One tensor "w", binary32 with an extent of 2^32 - 1 twice, and no page; then one with a page that is a chunk of other length.
    const Digest page = chunks.put(Bytes(33, 1)).value();
    Bytes list{1, 0, 0, 0, 1, 0, 0, 0, 'w', 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0};
    point_to(list);
    list = {1, 0, 0, 0, 1, 0, 0, 0, 'w', 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0};
    list.insert(list.end(), page.bytes.begin(), page.bytes.end());
    point_to(list);
}

TEST_CASE("STORE-12 a flipped bit anywhere in the store's files is refused or named, or makes no difference")
{
    const test::Folder folder;
    for (const std::uint64_t index : {0, 1}) {
        // Opened twice, so that the first checkpoint is in a table file and the second in the log.
        const auto chunks = RocksDbChunkStore::open(folder.store(), OpenMode::create_if_missing);
        REQUIRE(chunks);
        REQUIRE(store::save_checkpoint(**chunks, task, index, declarations, make_state(static_cast<std::uint32_t>(index))));
    }
    int noticed = 0, flips = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.store())) {
        const std::uintmax_t size = entry.file_size();
        const std::string name = entry.path().filename().string();
        if (name == "LOCK" || name.starts_with("LOG") || size == 0) continue; // nothing that is stored
        CAPTURE(name);
        for (std::uintmax_t i = 0; i < 16; ++i) {
            const test::Folder copy;
            std::filesystem::copy(folder.store(), copy.store(), std::filesystem::copy_options::recursive);
            test::flip_bit_in_file(std::filesystem::path(copy.store()) / name, size * i / 16);
            ++flips;
            const auto chunks = RocksDbChunkStore::open(copy.store(), OpenMode::existing_only);
            if (!chunks) {
                CHECK(chunks.failure().detail.find(copy.store()) != std::string::npos);
                ++noticed;
                continue;
            }
            for (const std::uint64_t index : {0, 1}) {
                const auto loaded = store::load_checkpoint(**chunks, task, index);
                if (loaded) {
                    CHECK(*loaded == make_state(static_cast<std::uint32_t>(index)));
                    continue;
                }
                ++noticed;
                CHECK(loaded.failure().detail.starts_with("checkpoint " + std::to_string(index)));
            }
        }
    }
    MESSAGE(noticed << " of " << flips << " flipped bits were noticed; the others made no difference");
    CHECK(noticed > flips / 2);
}

TEST_CASE("STORE-9 to STORE-11 the chunks, page, list and name of the vectors")
{
    OpenTable chunks;
    const std::vector<Declaration> declared{{"w", {DataType::binary32, {2}}}};
    REQUIRE(store::save_checkpoint(chunks, task_number(0), 3, declared,
                                   std::vector{Tensor::from_elements(declared[0].type, std::array{0x3f800000U, 0x40000000U})}));
    std::map<std::string, std::string> actual, expected;
    for (const auto& [key, value] : chunks.records) actual[to_hex(view_of(key))] = to_hex(value);
    for (const test::Record& record : test::read_vectors("store/checkpoint.txt")) expected[record.text("key")] = record.text("value");
    CHECK(actual == expected);
}

TEST_CASE("STORE-18 checkpoints recorded beside a run are those of saving each by itself, and only what changed is written")
{
    for (const bool on_disk : {false, true}) {
        const test::Folder folder;
        auto disk = RocksDbChunkStore::open(folder.store(), OpenMode::create_if_missing);
        REQUIRE(disk);
        OpenTable table;
        store::ChunkStore& chunks = on_disk ? static_cast<store::ChunkStore&>(**disk) : table;
        std::vector<Digest> expected;
        std::vector<std::size_t> written;
        {
            store::RunRecorder recorder{chunks, task, declarations, hash::sha256_bulk};
            for (std::uint32_t i = 0; i < 5; ++i) {
                std::vector<Tensor> state = make_state(i);
                REQUIRE(recorder.record(state));
                expected.push_back(commit::state_digest(make_state(i)));
                const auto log = recorder.finish();
                REQUIRE(log);
                CHECK(*log == expected);
                written.push_back(table.written);
            }
        }
        for (std::uint64_t i = 0; i < 5; ++i)
            CHECK(store::load_checkpoint(chunks, task, i).value() == make_state(static_cast<std::uint32_t>(i)));
        if (on_disk) continue;
        // One chunk of the first tensor, the pages of all three, the list and the name.
        for (std::size_t i = 1; i < written.size(); ++i) CHECK(written[i] - written[i - 1] == 6);
    }
}

TEST_CASE("STORE-18 after a failed write no later checkpoint is named, and the recorder says what failed")
{
    for (std::size_t writes = 0; writes < 4; ++writes) {
        OpenTable chunks;
        chunks.writes_left = writes;
        store::RunRecorder recorder{chunks, task, declarations, hash::sha256_bulk};
        for (std::uint32_t i = 0; i < 6; ++i) {
            std::vector<Tensor> state = make_state(i);
            if (!recorder.record(state)) break;
            if (!recorder.finish()) chunks.writes_left = 100; // the disk recovers, too late for this run
        }
        const auto log = recorder.finish();
        REQUIRE(!log);
        CHECK(log.error() == Error::storage_failed);
        CHECK(log.failure().detail.starts_with("checkpoint " + std::to_string(writes)));
        CHECK(store::list_checkpoints(chunks, task).value().size() == writes);
        for (std::uint64_t i = 0; i < writes; ++i)
            CHECK(store::load_checkpoint(chunks, task, i).value() == make_state(static_cast<std::uint32_t>(i)));
    }
}
