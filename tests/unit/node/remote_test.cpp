// A node behind sockets: what a network promises, over a connection.
#include "tests/unit/node/nodes.hpp"

#include <thread>

#include <assay/commit/tensors.hpp>
#include <assay/node/lists.hpp>
#include <assay/store/checkpoints.hpp>
#include <assay/store/memory_store.hpp>

using namespace assay;
using namespace assay::test;

namespace {

// All at once.
node::NextChunks all_of(const std::vector<Digest>& addresses)
{
    return [&addresses, is_first = true]() mutable { return std::exchange(is_first, false) ? addresses : std::vector<Digest>{}; };
}

Bytes joined(const node::Frame& frame)
{
    Bytes bytes;
    for (const node::Piece& piece : frame) bytes.insert(bytes.end(), piece.bytes.begin(), piece.bytes.end());
    return bytes;
}

} // namespace

TEST_CASE("WIRE-1 WIRE-3 NET-1 STORE-16 transactions are applied over a connection, once however often they are sent")
{
    const Folder folder;
    const auto server = started(folder);
    const auto network = connected(*server, 2);
    CHECK(encode(network->genesis().value()) == encode(genesis()));
    CHECK(network->submit(pay(0, 5)).value() == 0);
    CHECK(network->submit(pay(0, 5)).value() == 0);
    CHECK(network->submit(pay(0, 6)).error() == Error::stale_transaction);
    CHECK(network->submit(pay(1, 50'000'000)).error() == Error::insufficient_funds);
    CHECK(network->submit(pay(2, 5)).error() == Error::future_transaction);
    SignedTransaction forged = pay(1, 5);
    forged.signature.bytes[0] ^= 1;
    CHECK(network->submit(forged).error() == Error::invalid_signature);
    CHECK(network->submit(pay(1, 5)).value() == 1);
    CHECK(network->head()->height == 2);
    market::Chain follower = node::begin_chain(genesis()).value();
    const std::vector<Block> blocks = network->blocks(0, 10).value();
    for (const Block& block : blocks) CHECK(follower.follow(block));
    CHECK(follower.head() == network->head()->digest);
    CHECK(network->blocks(2, 10)->empty());
    CHECK(network->blocks(0, 1025).error() == Error::limit_exceeded);
    // Many at a time share blocks.
    std::vector<SignedTransaction> many;
    for (std::uint64_t i = 2; i < 102; ++i) many.push_back(pay(i, 1));
    const auto heights = network->submit_all(many).value();
    for (const auto& height : heights) CHECK(height.has_value());
    CHECK(network->head()->height < 102);
}

TEST_CASE("WIRE-1 the other side is who it says, and a node that is another one is not spoken to")
{
    const Folder folder;
    const auto server = started(folder);
    auto options = remote_options(*server, 2);
    options.node = server->identity();
    CHECK(node::RemoteNetwork::make(options).value()->head());
    options.node = Digest{{1}};
    CHECK(node::RemoteNetwork::make(options).value()->head().error() == Error::wrong_signer);
}

TEST_CASE("NET-1 waiting ends with the next block")
{
    const Folder folder;
    const auto server = started(folder);
    const auto network = connected(*server, 2);
    const auto before = std::chrono::steady_clock::now();
    CHECK(network->wait(0, std::chrono::milliseconds{60})->height == 0);
    CHECK(std::chrono::steady_clock::now() - before >= std::chrono::milliseconds{60});
    std::thread payer([&] { CHECK(connected(*server, 2)->submit(pay(0, 5))); });
    CHECK(network->wait(0, std::chrono::milliseconds{20'000})->height == 1);
    payer.join();
}

TEST_CASE("NET-2 NET-3 WIRE-7 a state travels over a connection, for those with an account and up to their quota")
{
    const Folder folder;
    node::NodeOptions options;
    options.limits.chunk_bytes_per_peer = 2'000'000;
    const auto server = started(folder, options);
    const std::vector<program::Declaration> declarations{{"a", {program::DataType::unsigned8, program::Shape{1'000'007}}}};
    program::Tensor tensor{declarations[0].type};
    for (std::uint64_t i = 0; i < tensor.type().elements(); i += 100) tensor.set_element(i, static_cast<std::uint32_t>(i / 100 % 251));
    const std::vector<program::Tensor> state{tensor};
    store::MemoryChunkStore own, home;
    const Digest list = store::save_list(own, declarations, state).value();
    CHECK(node::upload(*connected(*server, 99), own, list).error() == Error::not_allowed);
    const auto network = connected(*server, 2);
    const Digest digest = node::upload(*network, own, list).value();
    CHECK(digest == commit::state_digest(std::span<const program::Tensor>{state}));
    CHECK(network->lists({})->size() == 1);
    CHECK(network->lists(digest)->empty());
    // Anybody may read.
    const auto fetched = node::fetch(*connected(*server, 99), home, digest, declarations);
    REQUIRE(fetched);
    CHECK(store::load_list(home, *fetched).value() == state);
    CHECK(network->chunks(std::array{Digest{{1}}, list}).error() == Error::chunk_missing);
    CHECK(network->chunks(std::array{list, Digest{{1}}})->size() == 1);
    // What is there already costs nothing, what is new counts.
    CHECK(node::upload(*network, own, list));
    std::vector<Bytes> more;
    for (std::uint8_t i = 0; i < 3; ++i) more.push_back(Bytes(1'000'000, i));
    CHECK(network->put_chunks(more).error() == Error::limit_exceeded);
    CHECK(network->put_chunks(std::array{Bytes(node::chunk_bytes_max + 1)}).error() == Error::limit_exceeded);
}

TEST_CASE("NET-2 NET-4 a stream brings chunks of any size in order, from the node's memory and from its disk")
{
    for (const std::size_t in_memory : {std::size_t{0}, std::size_t{3} << 20, std::size_t{64} << 20}) {
        const Folder folder;
        node::NodeOptions options;
        options.limits.recent_chunk_bytes = in_memory;
        const auto server = started(folder, options);
        const auto network = connected(*server, 2);
        std::vector<Bytes> chunks;
        std::vector<Digest> addresses;
        for (std::size_t i = 0; i < 600; ++i) {
            chunks.push_back(Bytes(i % 100 == 99 ? node::chunk_bytes_max : 3 * i, static_cast<std::uint8_t>(i)));
            addresses.push_back(merkle::leaf_hash(chunks.back()));
        }
        for (std::size_t i = 0; i < chunks.size(); i += 200) REQUIRE(network->put_chunks(std::span{chunks}.subspan(i, 200)));
        std::size_t arrived = 0;
        const node::ChunkTaker take = [&](const node::ArrivedChunks& some) -> Status {
            for (const ByteView chunk : some.chunks) {
                REQUIRE(arrived < chunks.size());
                CHECK(Bytes(chunk.begin(), chunk.end()) == chunks[arrived++]);
            }
            return {};
        };
        CHECK(network->stream(all_of(addresses), take));
        CHECK(arrived == chunks.size());
        // One that is not there ends the stream, after all that is before it.
        arrived = 0;
        std::vector<Digest> with_gap = addresses;
        with_gap[350] = Digest{{1}};
        CHECK(network->stream(all_of(with_gap), take).error() == Error::chunk_missing);
        CHECK(arrived == 350);
        // Who wants no more gets no more, and may ask again.
        int calls = 0;
        CHECK(network
                  ->stream(all_of(addresses),
                           [&](const node::ArrivedChunks&) -> Status {
                               ++calls;
                               return failure(Error::storage_failed, "enough");
                           })
                  .error() == Error::storage_failed);
        CHECK(calls == 1);
        CHECK(network->chunks(std::span{addresses}.first(7))->size() == 7);
    }
}

TEST_CASE("NET-4 WIRE-5 a stream goes on where it was when its node comes back")
{
    const Folder folder;
    auto server = started(folder);
    node::RemoteOptions options = remote_options(*server, 2);
    const auto network = node::RemoteNetwork::make(options).value();
    std::vector<Bytes> chunks;
    std::vector<Digest> addresses;
    for (std::uint8_t i = 0; i < 40; ++i) {
        chunks.push_back(Bytes(300'000, i));
        addresses.push_back(merkle::leaf_hash(chunks.back()));
    }
    for (std::size_t i = 0; i < chunks.size(); i += 10) REQUIRE(network->put_chunks(std::span{chunks}.subspan(i, 10)));
    std::size_t arrived = 0;
    CHECK(network->stream(all_of(addresses), [&](const node::ArrivedChunks& some) -> Status {
        for (const ByteView chunk : some.chunks) CHECK(merkle::leaf_hash(chunk) == addresses[arrived++]);
        if (server->head().height == 0 && arrived < 20) {
            node::NodeOptions again;
            again.port = server->port();
            server.reset();
            server = started(folder, again);
            REQUIRE(connected(*server, 2)->submit(pay(0, 1))); // so that it happens once
        }
        return {};
    }));
    CHECK(arrived == addresses.size());
}

TEST_CASE("WIRE-4 the frame that chunks are put into is the encoding of the answer")
{
    for (const std::size_t count : {0, 1, 3}) {
        std::vector<Bytes> held;
        for (std::size_t i = 0; i < count; ++i) held.push_back(Bytes(1000 * i, 5));
        node::ChunksFrame frame{9, count};
        for (const Bytes& chunk : held) CHECK(frame.add(chunk));
        CHECK(frame.count() == count);
        CHECK(joined(frame.finish()) == node::encode_frame(node::Answer{9, node::ChunksAre{{held.begin(), held.end()}}}));
    }
    // Chunks that lie encoded in memory, short and long runs of them, between others.
    const std::vector<Bytes> held{Bytes(10, 1), Bytes(6000, 2), Bytes(3, 3), Bytes(5000, 4)};
    const auto encoded = std::make_shared<const Bytes>(encode(held));
    std::vector<std::uint32_t> begins{4};
    for (const Bytes& chunk : held) begins.push_back(begins.back() + 4 + static_cast<std::uint32_t>(chunk.size()));
    node::ChunksFrame mixed{9, 7};
    CHECK(mixed.add(Bytes(7, 9)));
    CHECK(mixed.add_encoded(std::span{begins}.first(2), encoded) == 1);
    CHECK(mixed.add_encoded(begins, encoded) == 4);
    CHECK(mixed.add(Bytes(8, 9)));
    const std::vector<Bytes> expected{Bytes(7, 9), held[0], held[0], held[1], held[2], held[3], Bytes(8, 9)};
    const node::Frame frame = mixed.finish();
    CHECK(joined(frame) == node::encode_frame(node::Answer{9, node::ChunksAre{{expected.begin(), expected.end()}}}));
    CHECK(std::any_of(frame.begin(), frame.end(), [&](const node::Piece& piece) { return piece.bytes.data() == encoded->data() + 4; }));

    node::ChunksFrame full{9, 5};
    for (int i = 0; i < 4; ++i) CHECK(full.add(Bytes(node::chunk_bytes_max)));
    CHECK_FALSE(full.add(Bytes(1)));
    CHECK(full.count() == 4);
}

TEST_CASE("WIRE-5 a client goes on when its node comes back, on the same chain")
{
    const Folder folder;
    auto server = started(folder);
    node::NodeOptions options;
    options.port = server->port();
    const auto network = connected(*server, 2);
    CHECK(network->submit(pay(0, 5)));
    server.reset();
    std::thread restart([&] { server = started(folder, options); });
    CHECK(network->submit(pay(1, 5)).value() == 1);
    restart.join();
    CHECK(network->head()->height == 2);
}

TEST_CASE("WIRE-8 a node that stops answers what it has taken")
{
    const Folder folder;
    auto server = started(folder);
    const auto network = connected(*server, 2, std::chrono::milliseconds{0});
    std::vector<SignedTransaction> many;
    for (std::uint64_t i = 0; i < 200; ++i) many.push_back(pay(i, 1));
    std::thread stopper([&] {
        while (server->metrics().requests < 10) std::this_thread::yield();
        server->stop();
    });
    const auto heights = network->submit_all(many);
    stopper.join();
    const std::uint64_t applied = server->metrics().transactions_applied;
    server.reset();
    server = started(folder);
    CHECK(server->head().height > 0);
    // Either all were answered, or the rest were never taken; what was applied is there.
    std::uint64_t made = 0;
    const std::vector<Block> blocks = connected(*server, 2)->blocks(0, 1024).value();
    for (const Block& block : blocks) made += block.transactions.size();
    CHECK(made == applied);
    if (heights) CHECK(made == 200);
}

TEST_CASE("MARKET-11 NET-4 a follower replicates blocks and states, refuses transactions, and can be read when its node is gone")
{
    const Folder folder, other;
    auto leader = started(folder);
    const auto network = connected(*leader, 2);
    CHECK(network->submit(pay(0, 5)));
    const std::vector<program::Declaration> declarations{{"a", {program::DataType::unsigned8, program::Shape{5000}}}};
    const std::vector<program::Tensor> state{program::Tensor{declarations[0].type}};
    store::MemoryChunkStore own;
    const Digest digest = node::upload(*network, own, store::save_list(own, declarations, state).value()).value();

    node::NodeOptions options;
    options.upstream = "127.0.0.1";
    options.upstream_port = leader->port();
    options.identity = Seed{{78}};
    const auto follower = started(other, options);
    const auto reader = connected(*follower, 4);
    CHECK(reader->wait(0, std::chrono::milliseconds{20'000})->height == 1);
    CHECK(network->submit(pay(1, 5)));
    CHECK(reader->wait(1, std::chrono::milliseconds{20'000})->height == 2);
    while (!reader->list_of(digest)) std::this_thread::sleep_for(std::chrono::milliseconds{5});
    CHECK(reader->submit(pay(2, 5)).error() == Error::not_allowed);
    const node::Head head = network->head().value();
    leader.reset();
    CHECK(reader->head()->digest == head.digest);
    store::MemoryChunkStore home;
    CHECK(store::load_list(home, node::fetch(*reader, home, digest, declarations).value()).value() == state);
}
