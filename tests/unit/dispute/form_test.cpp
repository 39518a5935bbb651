// What a stored game must be like: one change of a state at a time, each refused by the rule that it breaks.
#include <assay/commit/tensors.hpp>

#include "tests/unit/dispute/places.hpp"

using namespace assay;
using namespace assay::toy;

namespace {

using Change = std::function<void(GameState&)>;

bool is_game(const GameState& state)
{
    const auto stored = Game::decode(encode(state));
    if (!stored) CHECK((stored.error() == Error::not_canonical || stored.error() == Error::wrong_proof_length));
    return stored.has_value();
}

bool is_game(const Game& game, const Change& change)
{
    GameState state = game.state();
    change(state);
    return is_game(state);
}

// The games of every place that is in this layer and phase.
std::vector<Game> games_at(Layer layer, Phase phase)
{
    std::vector<Game> found;
    at_every_place([&](const Game& game, const TimedMove&) {
        if (game.state().layer == layer && game.state().phase == phase) found.push_back(game);
    });
    REQUIRE(!found.empty());
    return found;
}

// A state at the opening of the element layer, about element `element` of a node 5 that is this descriptor.
GameState at_element(const program::Descriptor& descriptor, std::uint64_t element)
{
    GameState state = games_at(Layer::element, Phase::opening).front().state();
    state.node = {5};
    state.descriptor = descriptor;
    state.element = element;
    state.tree(Layer::step).node = {5, 6};
    const std::uint64_t chunk = element / commit::elements_per_chunk(descriptor.output.type);
    state.tree(Layer::tensor).size = commit::chunk_count(descriptor.output);
    state.tree(Layer::tensor).node = {chunk, chunk + 1};
    state.tree(Layer::tensor).known.clear();
    const std::uint64_t steps = program::step_count(descriptor, element);
    state.tree(Layer::element) = Descent{steps, {}, {0, steps}, {}, {}};
    return state;
}

} // namespace

TEST_CASE("DISPUTE-25 clocks, counters and times of a stored game are within what a game can come to")
{
    const Game game = games_at(Layer::step, Phase::selecting).front();
    const Terms agreed = game.state().terms;
    CHECK(is_game(game.state()));
    CHECK(is_game(game, [](GameState& s) { s.made.resize(1024); }));
    CHECK(!is_game(game, [](GameState& s) { s.made.resize(1025); }));
    CHECK(is_game(game, [](GameState& s) { s.received_bytes = std::uint64_t{1} << 32; }));
    CHECK(!is_game(game, [](GameState& s) { s.received_bytes = (std::uint64_t{1} << 32) + 1; }));
    CHECK(is_game(game, [&](GameState& s) { s.solver_used = agreed.solver_clock; }));
    CHECK(!is_game(game, [&](GameState& s) { s.solver_used.value = agreed.solver_clock.value + 1; }));
    CHECK(is_game(game, [&](GameState& s) { s.challenger_used = agreed.challenger_clock; }));
    CHECK(!is_game(game, [&](GameState& s) { s.challenger_used.value = agreed.challenger_clock.value + 1; }));
    CHECK(is_game(game, [](GameState& s) { s.turn_started = Tick{2 * time_max}; }));
    CHECK(!is_game(game, [](GameState& s) { s.turn_started = Tick{2 * time_max + 1}; }));
}

TEST_CASE("DISPUTE-25 a verdict is there exactly when the game has ended, and is against the side that ran out of time")
{
    const Game game = games_at(Layer::step, Phase::selecting).front();
    CHECK(!is_game(game, [](GameState& s) { s.verdict = Verdict::upheld; }));
    CHECK(!is_game(game, [](GameState& s) { s.phase = Phase::settled; }));
    CHECK(!is_game(game, [](GameState& s) { s.out_of_time = Side::solver; }));
    for (const Verdict verdict : {Verdict::convicted, Verdict::upheld}) {
        const auto settled = [&](std::optional<Side> late) {
            return is_game(game, [&](GameState& s) {
                s.phase = Phase::settled;
                s.verdict = verdict;
                s.out_of_time = late;
            });
        };
        CHECK(settled(std::nullopt));
        CHECK(settled(Side::solver) == (verdict == Verdict::convicted));
        CHECK(settled(Side::challenger) == (verdict == Verdict::upheld));
    }
}

TEST_CASE("DISPUTE-25 a descriptor is stored below a node and nowhere else, and it is that of the selected node")
{
    const program::Program program = toy_program();
    const auto count = static_cast<std::uint32_t>(program.nodes().size());
    at_every_place([&](const Game& game, const TimedMove&) {
        const bool below = game.state().layer == Layer::tensor || game.state().layer == Layer::element;
        CHECK(!is_game(game, [&](GameState& s) {
            if (below) s.descriptor.reset();
            else s.descriptor = program.descriptor({3});
        }));
        if (!below) return;
        CHECK(!is_game(game, [](GameState& s) { ++s.node.value; }));
        CHECK(!is_game(game, [&](GameState& s) {
            s.node = {count};
            s.tree(Layer::step).node = {count, count + 1};
        }));
        const auto stored = Game::decode(encode([&] {
            GameState state = game.state();
            state.descriptor->output.shape.extents.push_back(2);
            return state;
        }()));
        CHECK(stored.error() == Error::invalid_node);
    });
}

TEST_CASE("DISPUTE-25 below a source, and below an element of one scalar step, no game goes on")
{
    const program::Program program = toy_program();
    for (const Game& game : games_at(Layer::tensor, Phase::opening)) {
        const auto at_node = [&](std::uint32_t node) {
            return is_game(game, [&](GameState& s) {
                s.node = {node};
                s.descriptor = program.descriptor({node});
                s.tree(Layer::step).node = {node, node + 1};
                const std::uint64_t chunks = commit::chunk_count(s.descriptor->output);
                s.tree(Layer::tensor) = Descent{chunks, {}, {0, chunks}, {}, {}};
            });
        };
        CHECK(at_node(3));
        CHECK(!at_node(0));
        CHECK(!at_node(2));
    }
    CHECK(is_game(at_element(program.descriptor({5}), 0)));
    CHECK(!is_game(at_element(program.descriptor({3}), 0)));
}

TEST_CASE("DISPUTE-25 the disputed element is one of the tensor's, in the selected chunk")
{
    GameState state = at_element(toy_program().descriptor({5}), 0);
    REQUIRE(state.descriptor->output.elements() == 1);
    state.element = 1;
    CHECK(!is_game(state));
    // 300 sums of two terms: their tensor has two chunks.
    program::Descriptor sums = toy_program().descriptor({8});
    sums.operands[0] = {{0}, {DataType::binary32, Shape{300, 2}}};
    sums.operands[1] = {{1}, {DataType::binary32, Shape{2, 1}}};
    sums.output.shape = Shape{300, 1};
    for (const std::uint64_t element : {0, 255, 256, 299}) {
        state = at_element(sums, element);
        CHECK(is_game(state));
        state.tree(Layer::tensor).node = element < 256 ? merkle::Range{1, 2} : merkle::Range{0, 1};
        CHECK(!is_game(state));
    }
    state = at_element(sums, 299);
    state.element = 300;
    CHECK(!is_game(state));
}

TEST_CASE("DISPUTE-25 every tree on the way down has the size that the layers above give it, and the others are empty")
{
    at_every_place([](const Game& game, const TimedMove&) {
        for (std::size_t i = 0; i < 5; ++i) {
            CHECK(!is_game(game, [&](GameState& s) { ++s.trees[i].size; }));
            CHECK(!is_game(game, [&](GameState& s) { s.trees[i].node = {1, 4}; }));
            CHECK(!is_game(game, [&](GameState& s) { s.trees[i].known.push_back({{1, 4}, {}}); }));
            if (!game.state().trees[i].known.empty()) CHECK(!is_game(game, [&](GameState& s) { s.trees[i].known[0].range = {1, 4}; }));
        }
        CHECK(!is_game(game, [](GameState& s) { s.step = 3; }));
        if (game.state().layer == Layer::state) CHECK(!is_game(game, [](GameState& s) { s.tree(Layer::step).node = {0, 1}; }));
    });
    const Game start = games_at(Layer::segment, Phase::opening).front();
    CHECK(!is_game(start, [](GameState& s) {
        s.statement.steps = 1;
        s.tree(Layer::segment) = Descent{};
    }));
}

TEST_CASE("DISPUTE-25 what is selected from is what was revealed last, and before a tree is opened nothing is known of it")
{
    at_every_place([](const Game& game, const TimedMove&) {
        const GameState& state = game.state();
        if (state.phase == Phase::opening) {
            CHECK(!is_game(game, [](GameState& s) { s.tree(s.layer).node_hash.bytes[0] = 1; }));
            CHECK(!is_game(game, [](GameState& s) { s.tree(s.layer).root.bytes[0] = 1; }));
            CHECK(!is_game(game, [](GameState& s) { s.tree(s.layer).known.push_back({{0, 1}, {}}); }));
            CHECK(!is_game(game, [](GameState& s) { s.front.digests.emplace_back(); }));
        }
        if (state.phase != Phase::selecting) return;
        const std::size_t shown = shown_nodes(state).size();
        const std::size_t first = state.tree(state.layer).known.size() - shown;
        for (std::size_t i = 0; i < shown; ++i) {
            CHECK(!is_game(game, [&](GameState& s) { s.tree(s.layer).known[first + i].hash.bytes[0] ^= 1; }));
            if (shown > 1)
                CHECK(!is_game(game, [&](GameState& s) { s.tree(s.layer).known[first + i].range = {0, s.tree(s.layer).size}; }));
        }
        CHECK(!is_game(game, [](GameState& s) { s.tree(s.layer).known.clear(); }));
        CHECK(!is_game(game, [&](GameState& s) { s.tree(s.layer).known.resize(shown - 1); }));
        CHECK(!is_game(game, [](GameState& s) { s.front.digests.emplace_back(); }));
        CHECK(!is_game(game, [](GameState& s) { s.front.records.emplace_back(); }));
        if (!state.front.digests.empty()) CHECK(!is_game(game, [](GameState& s) { s.front.digests.pop_back(); }));
        if (!state.front.records.empty()) CHECK(!is_game(game, [](GameState& s) { s.front.records.pop_back(); }));
    });
}

TEST_CASE("DISPUTE-25 nothing is revealed below a leaf, and a chunk is shown for a leaf of a tensor, at its size")
{
    at_every_place([](const Game& game, const TimedMove&) {
        const GameState& state = game.state();
        if (state.phase == Phase::revealing) CHECK(!is_game(game, [](GameState& s) { s.tree(s.layer).node = {0, 1}; }));
        if (state.phase == Phase::selecting_element) {
            CHECK(!is_game(game, [](GameState& s) { s.chunk.push_back(0); }));
            CHECK(!is_game(game, [](GameState& s) { s.chunk.pop_back(); }));
        }
        if (state.phase != Phase::opening) return;
        for (const Phase phase : {Phase::revealing_chunk, Phase::selecting_element}) {
            CHECK(!is_game(game, [&](GameState& s) {
                s.phase = phase;
                s.tree(s.layer).node = {0, 1};
            }) == (state.layer != Layer::tensor || phase == Phase::selecting_element));
            if (state.tree(state.layer).size > 1) CHECK(!is_game(game, [&](GameState& s) { s.phase = phase; }));
        }
    });
}
