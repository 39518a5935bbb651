// What a network promises, on the one inside of the process; and how states travel over it.
#include "tests/unit/market/world.hpp"

#include <assay/commit/tensors.hpp>
#include <assay/node/lists.hpp>
#include <assay/node/local_network.hpp>
#include <assay/store/checkpoints.hpp>
#include <assay/store/memory_store.hpp>

using namespace assay;
using namespace assay::test;

namespace {

node::Genesis genesis()
{
    return {rules(), {{submitter.identity(), {5000}}, {solver.identity(), {1000}}}, Tick{1}, 1000};
}

struct Net {
    store::MemoryChunkStore chunks;
    std::uint64_t now = 1;
    std::unique_ptr<node::LocalNetwork> network = node::LocalNetwork::start(genesis(), chunks, [this] { return Tick{now}; }).value();
};

SignedTransaction pay(std::uint64_t number, std::uint64_t amount)
{
    return sign(solver, rules().network, {solver.identity(), number, Transfer{submitter.identity(), {amount}}});
}

// Two tensors, one of them of more than a page of chunks, as a list in `own`.
struct Sample {
    std::vector<program::Declaration> declarations{{"a", {program::DataType::unsigned8, program::Shape{4096 * 1024 + 7}}},
                                                   {"b", {program::DataType::binary32, program::Shape{3}}}};
    std::vector<program::Tensor> state;
    Digest digest;
    store::MemoryChunkStore own;
    Digest list;

    Sample()
    {
        for (const auto& declaration : declarations) state.emplace_back(declaration.type);
        for (std::uint64_t i = 0; i < state[0].type().elements(); i += 100)
            state[0].set_element(i, static_cast<std::uint32_t>(i / 100 % 251));
        digest = commit::state_digest(std::span<const program::Tensor>{state});
        list = store::save_list(own, declarations, state).value();
    }
};

// A network that loses its connection after some answers, or answers with something else.
class Unreliable final : public node::Network {
public:
    explicit Unreliable(node::Network& behind) : m_behind(behind) {}
    int chunk_calls_left = 1 << 30;
    bool lies = false;

    Result<node::Genesis> genesis() override { return m_behind.genesis(); }
    Result<node::Head> head() override { return m_behind.head(); }
    Result<std::uint64_t> submit(const SignedTransaction& transaction) override { return m_behind.submit(transaction); }
    Result<std::vector<Block>> blocks(std::uint64_t from, std::size_t limit) override { return m_behind.blocks(from, limit); }
    Status put_chunks(std::span<const Bytes> chunks) override { return m_behind.put_chunks(chunks); }
    Result<std::vector<Bytes>> chunks(std::span<const Digest> addresses) override
    {
        if (chunk_calls_left-- <= 0) return failure(Error::disconnected, "cut by the test");
        auto answer = m_behind.chunks(addresses);
        if (answer && lies) answer->back().back() ^= 1;
        return answer;
    }
    Result<Digest> announce(const Digest& list) override { return m_behind.announce(list); }
    Result<Digest> list_of(const Digest& state) override { return m_behind.list_of(state); }
    Result<node::Head> wait(std::uint64_t height, std::chrono::milliseconds most) override { return m_behind.wait(height, most); }

private:
    node::Network& m_behind;
};

} // namespace

TEST_CASE("NET-1 a transaction is in one block, however often it is sent; a refused one leaves no trace")
{
    Net net;
    CHECK(net.network->submit(pay(0, 5)).value() == 0);
    net.now = 7;
    CHECK(net.network->submit(pay(0, 5)).value() == 0);
    CHECK(net.network->submit(pay(0, 6)).error() == Error::stale_transaction);
    CHECK(net.network->submit(pay(1, 5000)).error() == Error::insufficient_funds);
    CHECK(net.network->submit(pay(2, 5)).error() == Error::future_transaction);
    CHECK(net.network->submit(pay(1, 5)).value() == 1);
    SignedTransaction forged = pay(1, 5);
    forged.signature.bytes[0] ^= 1;
    CHECK(net.network->submit(forged).error() == Error::invalid_signature);

    const node::Head head = net.network->head().value();
    CHECK(head.height == 2);
    CHECK(head.now == Tick{7});
    market::Chain follower = node::begin_chain(net.network->genesis().value()).value();
    const std::vector<Block> blocks = net.network->blocks(0, 10).value();
    for (const Block& block : blocks) CHECK(follower.follow(block));
    CHECK(follower.head() == head.digest);
    CHECK(net.network->blocks(2, 10)->empty());
    CHECK(net.network->blocks(1, 10)->size() == 1);
    CHECK(net.network->blocks(9, 10)->empty());
    CHECK(net.network->blocks(0, 1025).error() == Error::limit_exceeded);
    CHECK(net.network->wait(1, std::chrono::milliseconds{0})->height == 2);
    CHECK(net.network->wait(2, std::chrono::milliseconds{1})->height == 2);
}

TEST_CASE("NET-2 NET-3 NET-4 a state goes up, is found by its digest, and comes down where it was cut")
{
    Net net;
    Sample sample;
    CHECK(net.network->list_of(sample.digest).error() == Error::not_available);
    CHECK(net.network->announce(sample.list).error() == Error::chunk_missing);
    CHECK(node::upload(*net.network, sample.own, sample.list).value() == sample.digest);
    CHECK(net.network->list_of(sample.digest).value() == sample.list);

    store::MemoryChunkStore home;
    Unreliable unreliable{*net.network};
    std::uint64_t arrived = 0, calls = 0;
    for (; calls < 100; ++calls) {
        unreliable.chunk_calls_left = 1;
        const auto list = node::fetch(unreliable, home, sample.digest, sample.declarations, [&](std::uint64_t there, std::uint64_t all) {
            CHECK(there >= arrived);
            CHECK(all == 4096 + 2);
            arrived = there;
        });
        if (!list) CHECK(list.error() == Error::disconnected);
        else break;
    }
    CHECK(calls >= 3);
    CHECK(calls < 10);
    unreliable.chunk_calls_left = 0;
    CHECK(store::load_list(home, node::fetch(unreliable, home, sample.digest, sample.declarations).value()).value() == sample.state);
}

TEST_CASE("NET-2 NET-4 what does not belong to the state is refused")
{
    Net net;
    Sample sample;
    REQUIRE(node::upload(*net.network, sample.own, sample.list));
    Unreliable lying{*net.network};
    lying.lies = true;
    store::MemoryChunkStore home;
    CHECK(node::fetch(lying, home, sample.digest, sample.declarations).error() == Error::chunk_damaged);
    auto resized = sample.declarations;
    resized[1].type.shape = program::Shape{4};
    CHECK(node::fetch(*net.network, home, sample.digest, resized).error() == Error::state_mismatch);

    CHECK(net.network->chunks(std::array{Digest{{1}}, sample.list}).error() == Error::chunk_missing);
    CHECK(net.network->chunks(std::array{sample.list, Digest{{1}}})->size() == 1);
    CHECK(net.network->chunks(std::vector<Digest>(4097, sample.list)).error() == Error::limit_exceeded);
    CHECK(net.network->put_chunks(std::array{Bytes(node::chunk_bytes_max + 1)}).error() == Error::limit_exceeded);
    CHECK(net.network->put_chunks(std::vector<Bytes>(4097, Bytes{1})).error() == Error::limit_exceeded);
    // No list, and a list whose pages are another's.
    const Digest odd = home.put(Bytes{1, 2, 3}).value();
    REQUIRE(net.network->put_chunks(std::array{Bytes{1, 2, 3}}));
    CHECK(net.network->announce(odd).has_value() == false);
}

TEST_CASE("NET-3 NET-4 a list whose chunks are not there yet is found, and fetched when they are; one of no tensors is a state, too")
{
    Net net;
    Sample sample;
    const store::ListedState listed = store::read_list(sample.own, sample.list).value();
    const Bytes list = sample.own.get(sample.list).value();
    REQUIRE(net.network->put_chunks(std::array{list}));
    CHECK(net.network->announce(sample.list).error() == Error::chunk_missing);
    const std::vector<Digest> pages = store::pages_of_list(list, sample.declarations).value();
    for (const Digest& page : pages) REQUIRE(net.network->put_chunks(std::array{sample.own.get(page).value()}));
    CHECK(net.network->announce(sample.list).value() == sample.digest);
    store::MemoryChunkStore home;
    CHECK(node::fetch(*net.network, home, sample.digest, sample.declarations).error() == Error::chunk_missing);
    CHECK(node::find_list(home, sample.digest).error() == Error::not_available);
    for (const Digest& chunk : listed.chunks) REQUIRE(net.network->put_chunks(std::array{sample.own.get(chunk).value()}));
    CHECK(store::load_list(home, node::fetch(*net.network, home, sample.digest, sample.declarations).value()).value() == sample.state);

    const Digest empty = store::save_list(sample.own, {}, {}).value();
    const Digest nothing = node::upload(*net.network, sample.own, empty).value();
    CHECK(nothing == commit::state_digest(std::span<const program::Tensor>{}));
    CHECK(store::load_list(home, node::fetch(*net.network, home, nothing, {}).value())->empty());
}

TEST_CASE("PARTY-19 NET-4 a download stops where it is enough, keeps what has arrived, and asks for nothing twice")
{
    Net net;
    Sample sample;
    REQUIRE(node::upload(*net.network, sample.own, sample.list));
    store::MemoryChunkStore home;
    node::Download download{sample.digest, sample.declarations};
    std::uint64_t arrived = 0;
    const auto progress = [&](std::uint64_t there, std::uint64_t) { arrived = there; };
    int slices = 0;
    for (std::optional<Digest> list; !list; ++slices) {
        REQUIRE(slices < 10);
        const std::uint64_t before = arrived;
        int asked = 0;
        list = download.go_on(*net.network, home, progress, [&] { return asked++ > 0; }).value();
        CHECK((arrived > before) == (slices > 0)); // the pages come first
        CHECK(node::find_list(home, sample.digest).has_value() == list.has_value());
    }
    CHECK(slices == 4); // pages, and 4098 chunks, 2048 at a time
    CHECK(store::load_list(home, node::find_list(home, sample.digest).value()).value() == sample.state);
}
