// Committed data is shown in time, or its keeper loses: all shapes of requests, all ways to answer wrongly, all times.
#include <doctest/doctest.h>

#include <assay/commit/tensors.hpp>
#include <assay/dispute/availability.hpp>

using namespace assay;
using namespace assay::dispute;
using program::Tensor;

namespace {

Digest named(std::uint8_t name)
{
    Digest digest;
    digest.bytes[0] = name;
    return digest;
}

// A program of two states: one word, and as many as wanted.
struct World {
    commit::CommittedProgram program;
    std::vector<Tensor> state;
    Keeping keeping;

    explicit World(std::uint32_t elements) : program(make(elements))
    {
        for (const program::Declaration& declaration : program.program().states()) {
            Tensor tensor{declaration.type};
            for (std::uint64_t i = 0; i < declaration.type.elements(); ++i) tensor.set_element(i, static_cast<std::uint32_t>(7 + i));
            state.push_back(std::move(tensor));
        }
        keeping.task = named(1);
        keeping.program = program.commitment();
        keeping.keeper = named(2);
        keeping.terms.lanes = 3;
        keeping.terms.levels = 4;
        keeping.terms.latency = Tick{2};
        keeping.terms.clock = Tick{5};
        keeping.terms.fee = 3;
        keeping.terms.bond = 1001;
    }

    static program::Program make(std::uint32_t elements)
    {
        using namespace program;
        const TensorType one{DataType::unsigned32, Shape{1}}, many{DataType::unsigned32, Shape{elements}};
        ProgramParts parts;
        parts.states = {{"one", one}, {"many", many}};
        parts.nodes = {{Primitive::state, SourceAttributes{0, one}, {}, "a"},
                       {Primitive::state, SourceAttributes{1, many}, {}, "b"},
                       {Primitive::add, NoAttributes{}, {{1}, {1}}, "c"}};
        parts.outputs = {{"one", {0}}, {"many", {2}}};
        return *Program::from_parts(std::move(parts));
    }

    [[nodiscard]] DataRequest request(merkle::Range chunks, std::uint64_t number = 0, std::uint8_t requester = 10,
                                      std::uint32_t tensor = 1) const
    {
        const auto output = program.open_output(tensor);
        return {digest_of(keeping),
                number,
                named(requester),
                commit::state_digest(std::span{state}),
                tensor,
                chunks,
                output,
                program.open_descriptor(output.node)};
    }
    [[nodiscard]] Availability start() const
    {
        auto started = Availability::start(keeping, Tick{100});
        REQUIRE(started);
        return *started;
    }
};

template <class Act>
void refused(const Availability& before, Error error, Act act)
{
    Availability copy = before;
    const auto result = act(copy);
    REQUIRE(!result);
    CHECK(result.error() == error);
    CHECK(copy.encode() == before.encode());
}

} // namespace

TEST_CASE(
    "AVAILABILITY-3 AVAILABILITY-5 every node of every tree from 1 to 9 chunks, the last one full or shorter, is asked for and answered")
{
    for (std::uint32_t chunks = 1; chunks <= 9; ++chunks)
        for (const std::uint32_t missing : {0U, 1U, 255U}) {
            const World world{256 * chunks - missing};
            std::uint64_t asked = 0;
            Availability data = world.start();
            for (std::uint64_t begin = 0; begin < chunks; ++begin)
                for (std::uint64_t end = begin; end <= chunks + 1; ++end) {
                    const DataRequest request = world.request({begin, end}, asked);
                    if (!merkle::is_node({begin, end}, chunks)) {
                        CHECK(data.ask(request, Tick{100}).error() == Error::index_out_of_range);
                        continue;
                    }
                    REQUIRE(data.ask(request, Tick{100}));
                    ++asked;
                    const DataAnswer answer = answer_of(request, world.state);
                    CHECK(encode(answer).size() <= answer_bytes_max(request, world.keeping.program));
                    const auto paid = data.answer(answer, Tick{100});
                    REQUIRE(paid);
                    const std::uint64_t fee = 3 * (end - begin);
                    CHECK(*paid == Settlement{{{named(2), fee / 2}}, fee - fee / 2});
                }
            CHECK(asked == 2 * chunks - 1);
        }
}

TEST_CASE("AVAILABILITY-1 AVAILABILITY-5 an answer with any byte changed, or about another tensor, state or range, is refused and changes "
          "nothing")
{
    const World world{256 * 5 - 3};
    Availability data = world.start();
    const DataRequest request = world.request({2, 4});
    REQUIRE(data.ask(request, Tick{100}));
    const DataAnswer answer = answer_of(request, world.state);
    const Bytes bytes = encode(answer);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        Bytes changed = bytes;
        changed[i] ^= 1;
        const auto other = decode<DataAnswer>(changed);
        if (!other) continue;
        Availability copy = data;
        CHECK(!copy.answer(*other, Tick{101}));
        CHECK(copy.encode() == data.encode());
    }
    DataAnswer other = answer;
    other.chunks.pop_back();
    refused(data, Error::invalid_proof, [&](Availability& a) { return a.answer(other, Tick{101}); });
    for (const std::size_t longer : {std::size_t{0}, std::size_t{1}}) {
        other = answer;
        other.chunks[longer].push_back(0);
        refused(data, Error::invalid_proof, [&](Availability& a) { return a.answer(other, Tick{101}); });
    }
    other = answer;
    other.chunks_proof.push_back({});
    refused(data, Error::wrong_proof_length, [&](Availability& a) { return a.answer(other, Tick{101}); });
    other = answer_of(world.request({0, 2}), world.state);
    other.request = answer.request;
    refused(data, Error::root_mismatch, [&](Availability& a) { return a.answer(other, Tick{101}); });
    std::vector<Tensor> later = world.state;
    later[0].set_element(0, 1);
    other = answer_of(request, later);
    refused(data, Error::root_mismatch, [&](Availability& a) { return a.answer(other, Tick{101}); });
    other.request.bytes[0] ^= 1;
    refused(data, Error::wrong_game, [&](Availability& a) { return a.answer(other, Tick{101}); });
    // Whoever answers first has answered; the same again finds nothing open, and harms nobody.
    REQUIRE(data.answer(answer, Tick{101}));
    refused(data, Error::wrong_game, [&](Availability& a) { return a.answer(answer, Tick{101}); });
    refused(data, Error::too_early, [&](Availability& a) { return a.ask(world.request({2, 4}, 1), Tick{100}); });
}

TEST_CASE("AVAILABILITY-4 AVAILABILITY-5 AVAILABILITY-6 the last tick counts for the answer, the next one and all after it for the claim, "
          "and the bond is lost once")
{
    const World world{256 * 5};
    Availability data = world.start();
    const DataRequest request = world.request({0, 4}), other = world.request({4, 5}, 1, 11);
    REQUIRE(data.ask(request, Tick{100}));
    REQUIRE(data.ask(other, Tick{100}));
    CHECK(*data.ask(request, Tick{0}) == Applied::already_made);
    const Tick deadline = data.state().open[0].deadline;
    CHECK(deadline.value == 100 + data.granted_time(request).value);
    const DataAnswer answer = answer_of(request, world.state);
    Availability in_time = data;
    CHECK(in_time.answer(answer, deadline));
    refused(data, Error::too_late, [&](Availability& a) { return a.answer(answer, Tick{deadline.value + 1}); });
    refused(data, Error::too_early, [&](Availability& a) { return a.answer(answer, Tick{99}); });
    refused(data, Error::too_early, [&](Availability& a) { return a.claim_withheld(answer.request, deadline); });
    refused(data, Error::wrong_game, [&](Availability& a) { return a.claim_withheld(named(9), Tick{~std::uint64_t{0}}); });
    for (const Tick claimed : {Tick{deadline.value + 1}, Tick{~std::uint64_t{0}}}) {
        Availability lost = data;
        const auto settlement = lost.claim_withheld(answer.request, claimed);
        REQUIRE(settlement);
        CHECK(*settlement == Settlement{{{named(10), 500}, {named(10), 12}, {named(11), 3}}, 501});
        CHECK(lost.is_lost());
        CHECK(lost.state().open.empty());
        CHECK(lost.claim_withheld(answer.request, claimed).error() == Error::game_over);
        refused(lost, Error::wrong_game, [&](Availability& a) { return a.answer(answer, Tick{101}); });
        refused(lost, Error::game_over, [&](Availability& a) { return a.ask(world.request({0, 1}, 2), Tick{101}); });
    }
}

TEST_CASE("AVAILABILITY-4 the deadline is the sum that the rule says, whatever the lanes, levels and bandwidth")
{
    for (const std::uint8_t lanes : {std::uint8_t{1}, std::uint8_t{3}, std::uint8_t{64}})
        for (const std::uint8_t levels : {std::uint8_t{2}, std::uint8_t{4}})
            for (const std::uint64_t bytes_per_tick : {1, 7, 1024}) {
                World world{256 * 5 - 3};
                world.keeping.terms.lanes = lanes;
                world.keeping.terms.levels = levels;
                world.keeping.terms.bytes_per_tick = bytes_per_tick;
                Availability data = world.start();
                const DataRequest request = world.request({0, 4});
                REQUIRE(data.ask(request, Tick{100}));
                // Three digests, paths in a list of two tensors and in a tree of five chunks, and four whole chunks.
                const std::uint64_t answer = 96 + (4 + 32) + (4 + 3 * 32) + 4 + 4 * (4 + 1024);
                const std::uint64_t largest = (std::uint64_t{1} << levels) * 1028 + 12488 + 895;
                const std::uint64_t bytes = encode(request).size() + answer + (lanes - std::uint64_t{1}) * largest;
                CHECK(data.state().open[0].deadline.value == 100 + 2 + (bytes + bytes_per_tick - 1) / bytes_per_tick + 5);
            }
}

TEST_CASE("AVAILABILITY-3 what has another type than its primitive gives is asked for by nobody, however well it is opened")
{
    const World world{256};
    for (const bool is_valid : {true, false}) {
        Keeping keeping = world.keeping;
        DataRequest request = world.request({0, 1}, 0, 10, 0);
        program::Descriptor& descriptor = request.descriptor.descriptor;
        if (!is_valid) descriptor.output.shape = program::Shape{2};
        // A program of this node alone.
        keeping.program.node_count = keeping.program.output_count = 1;
        keeping.program.node_root = merkle::leaf_hash(encode(descriptor));
        keeping.program.output_root = merkle::leaf_hash(encode(std::uint32_t{0}));
        request.output.proof = request.descriptor.proof = {};
        request.keeping = digest_of(keeping);
        auto data = Availability::start(keeping, Tick{100});
        REQUIRE(data);
        const auto asked = data->ask(request, Tick{100});
        CHECK(asked.has_value() == is_valid);
        if (!is_valid) CHECK(asked.error() == Error::invalid_node);
    }
}

TEST_CASE("AVAILABILITY-3 what nobody could answer, or what would be too much, is not asked for")
{
    const World world{256 * 40};
    Availability data = world.start();
    refused(data, Error::too_early, [&](Availability& a) { return a.ask(world.request({0, 1}), Tick{99}); });
    const auto error_of = [&](auto change) {
        DataRequest request = world.request({0, 1});
        change(request);
        const auto asked = data.ask(request, Tick{100});
        REQUIRE(!asked);
        return asked.error();
    };
    CHECK(error_of([](DataRequest& r) { r.keeping.bytes[0] ^= 1; }) == Error::wrong_game);
    CHECK(error_of([](DataRequest& r) { r.number = 1; }) == Error::future_move);
    CHECK(error_of([](DataRequest& r) { r.tensor = 2; }) == Error::index_out_of_range);
    CHECK(error_of([](DataRequest& r) { r.chunks = {0, 32}; }) == Error::limit_exceeded);
    CHECK(error_of([](DataRequest& r) { r.chunks = {0, 40}; }) == Error::limit_exceeded);
    CHECK(error_of([](DataRequest& r) { r.chunks = {40, 41}; }) == Error::index_out_of_range);
    CHECK(error_of([](DataRequest& r) { r.chunks = {3, 3}; }) == Error::index_out_of_range);
    // Another type, or another tensor's, is not the program's.
    CHECK(error_of([](DataRequest& r) { r.descriptor.descriptor.output.shape = program::Shape{9}; }) == Error::root_mismatch);
    CHECK(error_of([](DataRequest& r) { r.tensor = 0; }) == Error::root_mismatch);
    CHECK(error_of([&](DataRequest& r) { r.descriptor = world.program.open_descriptor({0}); }) == Error::wrong_proof_length);
    REQUIRE(data.ask(world.request({0, 16}), Tick{100}));
    CHECK(data.ask(world.request({16, 32}, 1), Tick{100}).error() == Error::already_done);
    CHECK(data.ask(world.request({16, 32}, 0, 11), Tick{100}).error() == Error::stale_move);
    CHECK(data.ask(world.request({16, 32}, 1, 11), Tick{99}).error() == Error::too_early);
    REQUIRE(data.ask(world.request({16, 32}, 1, 11), Tick{100}));
    REQUIRE(data.ask(world.request({32, 40}, 2, 12), Tick{100}));
    CHECK(data.ask(world.request({32, 40}, 3, 13), Tick{100}).error() == Error::limit_exceeded);
}

TEST_CASE(
    "AVAILABILITY-4 a keeper with the agreed bandwidth answers everybody in time while all lanes are always full of the largest requests")
{
    const World world{256 * 64};
    Availability data = world.start();
    std::uint64_t now = 100, number = 0, free_at = 100;
    for (std::uint8_t i = 0; i < 3; ++i) REQUIRE(data.ask(world.request({16U * i, 16U * i + 16}, number++, i), Tick{now}));
    for (int served = 0; served < 60; ++served) {
        // It works on one after the other: fetches the request, sends the answer, with the latency and half of its clock gone each time.
        const OpenRequest next = data.state().open.front();
        const DataAnswer answer = answer_of(next.request, world.state);
        const std::uint64_t bytes = encode(next.request).size() + encode(answer).size();
        free_at = std::max(free_at, now) + (bytes + world.keeping.terms.bytes_per_tick - 1) / world.keeping.terms.bytes_per_tick;
        now = free_at;
        CHECK(now + world.keeping.terms.latency.value <= next.deadline.value);
        REQUIRE(data.answer(answer, Tick{now}));
        // Whoever was answered asks again at once.
        const std::uint64_t begin = 16 * (number % 4);
        REQUIRE(data.ask(world.request({begin, begin + 16}, number++, next.request.requester.bytes[0]), Tick{now}));
    }
}

TEST_CASE("AVAILABILITY-6 a keeper whose friends take all lanes burns half of what they pay, and nobody waits longer than a grant")
{
    const World world{256 * 64};
    Availability data = world.start();
    std::uint64_t burned = 0, paid = 0, kept = 0, number = 0;
    for (int round = 0; round < 5; ++round) {
        std::vector<DataRequest> open;
        for (std::uint8_t i = 0; i < 3; ++i) {
            open.push_back(world.request({16U * i, 16U * i + 16}, number++, i));
            REQUIRE(data.ask(open.back(), Tick{100}));
            paid += 16 * world.keeping.terms.fee;
        }
        for (const DataRequest& request : open) {
            const auto settlement = data.answer(answer_of(request, world.state), Tick{100});
            REQUIRE(settlement);
            burned += settlement->burned;
            kept += settlement->payouts[0].amount;
        }
    }
    CHECK(burned + kept == paid);
    CHECK(2 * burned >= paid);
}

TEST_CASE("AVAILABILITY-2 terms outside of the limits start nothing")
{
    const World world{10};
    const auto error_of = [&](auto change) {
        Keeping keeping = world.keeping;
        change(keeping);
        const auto started = Availability::start(keeping, Tick{0});
        REQUIRE(!started);
        return started.error();
    };
    CHECK(error_of([](Keeping& k) { k.terms.lanes = 0; }) == Error::invalid_terms);
    CHECK(error_of([](Keeping& k) { k.terms.lanes = 65; }) == Error::invalid_terms);
    CHECK(error_of([](Keeping& k) { k.terms.levels = 11; }) == Error::invalid_terms);
    CHECK(error_of([](Keeping& k) { k.terms.bytes_per_tick = 0; }) == Error::invalid_terms);
    CHECK(error_of([](Keeping& k) { k.terms.latency = Tick{latency_max + 1}; }) == Error::invalid_terms);
    CHECK(error_of([](Keeping& k) { k.terms.clock = Tick{0}; }) == Error::invalid_terms);
    CHECK(error_of([](Keeping& k) { k.terms.clock = Tick{clock_max + 1}; }) == Error::invalid_terms);
    CHECK(error_of([](Keeping& k) { k.terms.fee = (std::uint64_t{1} << 40) + 1; }) == Error::invalid_terms);
    CHECK(error_of([](Keeping& k) { k.terms.bond = (std::uint64_t{1} << 60) + 1; }) == Error::invalid_terms);
    CHECK(error_of([](Keeping& k) { k.program.node_count = 0; }) == Error::invalid_statement);
    CHECK(Availability::start(world.keeping, Tick{time_max + 1}).error() == Error::limit_exceeded);
    Keeping smallest = world.keeping;
    smallest.terms.clock = Tick{1};
    CHECK(Availability::start(smallest, Tick{0}));
    // The largest of everything leaves every deadline within 64 bits.
    Keeping largest = world.keeping;
    largest.terms = {64, 10, 1, Tick{latency_max}, Tick{clock_max}, std::uint64_t{1} << 40, std::uint64_t{1} << 60};
    auto data = Availability::start(largest, Tick{time_max});
    REQUIRE(data);
    DataRequest request = world.request({0, 1});
    request.keeping = digest_of(largest);
    REQUIRE(data->ask(request, Tick{time_max}));
    CHECK(data->state().open[0].deadline.value > time_max + clock_max);
    DataRequest next = world.request({0, 1}, 1, 11);
    next.keeping = request.keeping;
    CHECK(data->ask(next, Tick{time_max + 1}).error() == Error::limit_exceeded);
    // An answer may come later than anything is asked, and leaves a keeping that can be stored.
    auto early = Availability::start(largest, Tick{0});
    REQUIRE(early);
    REQUIRE(early->ask(request, Tick{0}));
    CHECK(Availability::decode(early->encode()));
    early = Availability::start(largest, Tick{time_max - 1});
    REQUIRE(early->ask(request, Tick{time_max - 1}));
    REQUIRE(early->answer(answer_of(request, world.state), Tick{time_max}));
    CHECK(early->state().latest == Tick{time_max});
    REQUIRE(data->answer(answer_of(request, world.state), Tick{time_max + 1}));
    CHECK(data->state().latest == Tick{time_max});
    CHECK(Availability::decode(data->encode()));
}

TEST_CASE("AVAILABILITY-7 stored bytes with any change are refused, or are a keeping that goes on")
{
    const World world{256 * 5};
    Availability data = world.start();
    REQUIRE(data.ask(world.request({0, 4}), Tick{100}));
    REQUIRE(data.ask(world.request({4, 5}, 1, 11), Tick{103}));
    const Bytes bytes = data.encode();
    const auto same = Availability::decode(bytes);
    REQUIRE(same);
    CHECK(*same == data);
    int refusals = 0, accepted = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        for (const std::uint8_t flip : {std::uint8_t{1}, std::uint8_t{0x80}}) {
            Bytes changed = bytes;
            changed[i] ^= flip;
            auto stored = Availability::decode(changed);
            if (!stored) {
                ++refusals;
                continue;
            }
            ++accepted;
            CHECK(stored->encode() == changed);
            const std::vector<OpenRequest> open = stored->state().open;
            for (const OpenRequest& one : open) (void)stored->claim_withheld(digest_of(one.request), Tick{~std::uint64_t{0}});
        }
    CHECK(refusals > 500);
    CHECK(accepted > 20);
}

TEST_CASE("AVAILABILITY-7 no more is open than there are lanes and requests, each requester's once, and nothing was asked after tick 2^62")
{
    const World world{256 * 5};
    Availability data = world.start();
    REQUIRE(data.ask(world.request({0, 4}), Tick{100}));
    REQUIRE(data.ask(world.request({4, 5}, 1, 11), Tick{103}));
    REQUIRE(data.ask(world.request({4, 5}, 2, 12), Tick{103}));
    const auto is_stored = [&](auto change) {
        AvailabilityState state = data.state();
        change(state);
        const auto stored = Availability::decode(encode(state));
        if (!stored) CHECK(stored.error() == Error::not_canonical);
        return stored.has_value();
    };
    CHECK(is_stored([](AvailabilityState&) {}));
    CHECK(!is_stored([](AvailabilityState& s) { s.keeping.terms.lanes = 1; }));
    CHECK(!is_stored([](AvailabilityState& s) { s.asked = 1; }));
    CHECK(!is_stored([](AvailabilityState& s) { s.open[1].request.number = 2; }));
    CHECK(!is_stored([](AvailabilityState& s) { s.open[2].request.number = 3; }));
    CHECK(!is_stored([](AvailabilityState& s) { s.open[1].request.number = 0; }));
    CHECK(!is_stored([](AvailabilityState& s) { std::swap(s.open[0], s.open[1]); }));
    CHECK(!is_stored([](AvailabilityState& s) { s.open[1].request.requester = s.open[0].request.requester; }));
    CHECK(!is_stored([](AvailabilityState& s) { s.open[2].request.requester = s.open[1].request.requester; }));
    CHECK(!is_stored([](AvailabilityState& s) { s.open[1].deadline.value += 1; }));
    CHECK(is_stored([](AvailabilityState& s) { s.open[0].deadline.value += 3; }));
    CHECK(!is_stored([](AvailabilityState& s) { s.open[0].deadline.value += 4; }));
    CHECK(is_stored([](AvailabilityState& s) { s.latest = Tick{time_max}; }));
    CHECK(!is_stored([](AvailabilityState& s) { s.latest = Tick{time_max + 1}; }));
    AvailabilityState no_keeping = world.start().state();
    no_keeping.keeping.terms.lanes = 65;
    CHECK(Availability::decode(encode(no_keeping)).error() == Error::invalid_terms);
}
