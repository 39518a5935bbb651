// What is refused at each place of a game, and for which reason.
#include <assay/commit/tensors.hpp>

#include "tests/unit/dispute/places.hpp"

using namespace assay;
using namespace assay::toy;

namespace {

Failure failure_of(const Game& game, MoveBody body)
{
    Game copy = game;
    const auto applied = copy.apply(game.next_move(std::move(body)), game.state().turn_started);
    REQUIRE(!applied);
    CHECK(copy == game);
    return applied.failure();
}

Error error_of(const Game& game, MoveBody body)
{
    return failure_of(game, std::move(body)).error;
}

// Longer bodies are refused for their length alone.
bool fits(const Game& game, MoveBody body)
{
    return encode(game.next_move(std::move(body))).size() <= move_bytes_max(game.state());
}

bool selects(const Game& game)
{
    return game.state().phase == Phase::selecting;
}

// A trace whose sums end in a record that has another result than the element, in a tree that is right otherwise.
class EndsElsewhere final : public Trace {
public:
    explicit EndsElsewhere(replay::RunTrace inner) : m_inner(std::move(inner)) {}
    Result<Digest> hash(const TreeAddress& tree, merkle::Range node) override
    {
        if (tree.kind != TreeAddress::Kind::element) return m_inner.hash(tree, node);
        return tree_of(tree).hash(node);
    }
    Result<Bytes> leaf(const TreeAddress& tree, std::uint64_t index) override
    {
        const auto right = m_inner.leaf(tree, index);
        if (tree.kind != TreeAddress::Kind::element || index + 1 < records(tree)) return right;
        auto record = *decode<program::StepRecord>(*right);
        record.result ^= 8;
        return encode(record);
    }
    [[nodiscard]] const commit::CommittedProgram& program() const override { return m_inner.program(); }

private:
    [[nodiscard]] std::uint64_t records(const TreeAddress& tree) const
    {
        return program::step_count(program().program().descriptor(tree.node), tree.element);
    }
    merkle::Tree tree_of(const TreeAddress& tree)
    {
        std::vector<Digest> leaves;
        for (std::uint64_t i = 0; i < records(tree); ++i) leaves.push_back(merkle::leaf_hash(*leaf(tree, i)));
        return merkle::Tree::from_leaf_hashes(std::move(leaves));
    }

    replay::RunTrace m_inner;
};

// What the game says when the challenger selects a node with this descriptor, from a program's commitment that holds nothing else.
Status select_alone(const program::Descriptor& descriptor)
{
    replay::RunTrace solver = trace(1);
    Statement statement = *solver.statement(Digest{}, 0);
    statement.program.node_count = 1;
    statement.program.node_root = merkle::leaf_hash(encode(descriptor));
    Game game = *Game::start(statement, terms(2), parties(), Tick{0});
    const Digest forged = merkle::leaf_hash(Bytes{1});
    const std::array leaves{merkle::leaf_hash(view_of(forged)), merkle::leaf_hash(view_of(statement.after))};
    const Open open{merkle::node_hash(leaves[0], leaves[1]), {leaves[0]}, std::nullopt, {{forged, statement.after}, {}}};
    REQUIRE(game.apply(game.next_move(open), Tick{1}));
    const auto applied = game.apply(game.next_move(Select{0, commit::DescriptorOpening{descriptor, {}}}), Tick{2});
    if (!applied) return applied.failure();
    return {};
}

} // namespace

TEST_CASE("DISPUTE-9 DISPUTE-13 a body that the phase does not wait for is refused as a wrong move")
{
    at_every_place([](const Game& game, const TimedMove&) {
        const Phase phase = game.state().phase;
        if (game.to_move() == Side::challenger) return;
        if (phase != Phase::opening && fits(game, Open{})) CHECK(error_of(game, Open{}) == Error::wrong_move);
        if (phase != Phase::revealing) CHECK(error_of(game, Reveal{}) == Error::wrong_move);
        if (phase != Phase::revealing_chunk) CHECK(error_of(game, RevealChunk{}) == Error::wrong_move);
    });
}

TEST_CASE("DISPUTE-13 what is small enough to be proved cannot be selected, and what is not a leaf cannot be proved")
{
    std::array<std::uint64_t, 5> leaves{}, inner{};
    at_every_place([&](const Game& game, const TimedMove&) {
        if (!selects(game)) return;
        const auto shown = shown_nodes(game.state());
        const auto layer = static_cast<std::size_t>(game.state().layer);
        const bool proves = fits(game, Prove{{0, std::nullopt}, ArithmeticEvidence{}});
        CHECK(proves == (game.state().layer != Layer::segment && game.state().layer != Layer::tensor));
        const Error no_leaf = proves ? Error::nothing_selected : Error::limit_exceeded;
        for (std::uint32_t i = 0; i < shown.size(); ++i) {
            if (!shown[i].range.is_leaf()) {
                ++inner[layer];
                CHECK(error_of(game, Prove{{i, std::nullopt}, ArithmeticEvidence{}}) == no_leaf);
            } else if (game.state().layer == Layer::state || game.state().layer == Layer::element) {
                ++leaves[layer];
                CHECK(error_of(game, Select{i, std::nullopt}) == Error::wrong_move);
            }
        }
        const auto count = static_cast<std::uint32_t>(shown.size());
        CHECK(error_of(game, Select{count, std::nullopt}) == Error::nothing_selected);
        CHECK(error_of(game, Prove{{count, std::nullopt}, ArithmeticEvidence{}}) == no_leaf);
    });
    CHECK(inner[static_cast<std::size_t>(Layer::step)] > 0);
    CHECK(inner[static_cast<std::size_t>(Layer::element)] > 0);
    CHECK(leaves[static_cast<std::size_t>(Layer::state)] > 0);
    CHECK(leaves[static_cast<std::size_t>(Layer::element)] > 0);
}

TEST_CASE("DISPUTE-12 a descriptor is shown for a node of the program and for nothing else")
{
    const commit::CommittedProgram committed{toy_program()};
    const auto some = committed.open_descriptor({3});
    std::uint64_t elements = 0, states = 0;
    at_every_place([&](const Game& game, const TimedMove&) {
        if (game.state().phase == Phase::selecting_element) {
            const Prove proof{{0, some}, ArithmeticEvidence{}};
            if (fits(game, proof)) {
                ++elements;
                CHECK(error_of(game, Select{0, some}) == Error::invalid_proof);
                CHECK(error_of(game, proof) == Error::invalid_proof);
            }
            const auto count = static_cast<std::uint32_t>(chunk_elements(game.state()));
            CHECK(error_of(game, Select{count, std::nullopt}) == Error::nothing_selected);
        }
        if (!selects(game)) return;
        const auto shown = shown_nodes(game.state());
        for (std::uint32_t i = 0; i < shown.size(); ++i) {
            const bool node = game.state().layer == Layer::step && shown[i].range.is_leaf() && shown[i].range.begin < committed.commitment().node_count;
            states += game.state().layer == Layer::step && shown[i].range.is_leaf() && !node;
            const std::optional<commit::DescriptorOpening> other = node ? std::nullopt : std::optional{some};
            if (!fits(game, Select{i, other})) continue;
            const Failure refusal = failure_of(game, Select{i, other});
            CHECK(refusal.error == Error::invalid_proof);
            CHECK(refusal.detail == (node ? "selecting a node shows its descriptor" : "no node was selected that has a descriptor"));
        }
    });
    CHECK(elements > 0);
    CHECK(states > 0);
}

TEST_CASE("DISPUTE-12 the descriptor that a selection shows is opened against the program, at the selected node")
{
    const commit::CommittedProgram committed{toy_program()};
    std::uint64_t selections = 0, others = 0;
    at_every_place([&](const Game& game, const TimedMove& timed) {
        const auto* made = std::get_if<Select>(&timed.move.body);
        if (made == nullptr || !made->descriptor) return;
        ++selections;
        Select renamed = *made;
        // All that the game itself asks of a descriptor stays true.
        renamed.descriptor->descriptor.name = std::string(made->descriptor->descriptor.name.size(), 'n');
        CHECK(error_of(game, renamed) == Error::root_mismatch);
        for (std::uint32_t node = 0; node < committed.commitment().node_count; ++node) {
            const Select other{made->index, committed.open_descriptor({node})};
            if (other == *made || !fits(game, other)) continue;
            ++others;
            const Error error = error_of(game, other);
            CHECK((error == Error::root_mismatch || error == Error::wrong_proof_length));
        }
    });
    CHECK(selections > 10);
    CHECK(others > 10 * selections);
}

TEST_CASE("DISPUTE-7 a state and a tensor have no pin, and only an element has a last record")
{
    std::array<std::uint64_t, 5> opened{};
    at_every_place([&](const Game& game, const TimedMove& timed) {
        if (game.state().phase != Phase::opening) return;
        ++opened[static_cast<std::size_t>(game.state().layer)];
        Open open = std::get<Open>(timed.move.body);
        if (game.state().layer == Layer::state || game.state().layer == Layer::tensor) {
            // One hash moves from the front to the pin, so that the move is not too long.
            open.pin.push_back(open.front.digests.back());
            open.front.digests.pop_back();
            const Failure refusal = failure_of(game, open);
            CHECK(refusal.error == Error::wrong_proof_length);
            CHECK(refusal.detail.ends_with("has no pin"));
        }
        open = std::get<Open>(timed.move.body);
        if (game.state().layer == Layer::element) open.last_record.reset();
        else {
            open.last_record.emplace();
            open.front.digests.pop_back();
        }
        CHECK(error_of(game, open) == Error::invalid_proof);
    });
    for (const std::uint64_t seen : opened) CHECK(seen > 0);
}

TEST_CASE("DISPUTE-7 an element whose last record ends in another value is not opened, however right its tree is otherwise")
{
    for (const std::uint32_t node : {5U, 8U}) {
        EndsElsewhere solver{trace(3, lies_at(node))};
        replay::RunTrace claimed = trace(3, lies_at(node));
        replay::RunTrace challenger = trace(3);
        const auto transcript = play_out(*claimed.statement(Digest{}, 0), terms(2), parties(), Tick{10}, solver, challenger);
        REQUIRE(transcript);
        REQUIRE(transcript->timeout_claimed);
        Transcript played = *transcript;
        played.timeout_claimed.reset();
        const Game game = *dispute::replay(played);
        CHECK(game.state().layer == Layer::element);
        CHECK(game.state().phase == Phase::opening);
        const auto open = next_solver_move(game, solver);
        REQUIRE(open);
        const Failure refusal = failure_of(game, open->body);
        CHECK(refusal.error == Error::root_mismatch);
        CHECK(refusal.detail == "the last record's result is not the element");
    }
}

TEST_CASE("DISPUTE-4 a descriptor is taken only when its name, its shapes and its output type are those of a valid program")
{
    const program::TensorType three{DataType::binary32, Shape{3}};
    program::Descriptor good;
    good.primitive = Primitive::fill;
    good.attributes = program::FillAttributes{three, 1};
    good.output = three;
    good.name = std::string(120, 'n');
    CHECK(select_alone(good));
    // A name of 121 characters is no descriptor's.
    Bytes longer = encode(good);
    longer[longer.size() - 124] = 121;
    longer.push_back('n');
    CHECK(decode<program::Descriptor>(longer).error() == Error::limit_exceeded);
    program::Descriptor changed = good;
    changed.output.shape = Shape{4};
    CHECK(select_alone(changed).error() == Error::invalid_node);
    changed = good;
    changed.operands = {{{0}, {DataType::binary32, Shape{0}}}};
    CHECK(select_alone(changed).error() == Error::invalid_shape);
    changed.operands = {{{0}, three}};
    CHECK(select_alone(changed).failure().detail == "an operand does not stand before its node");
}

TEST_CASE("DISPUTE-23 a challenger that sees nothing but its own commitments has nothing to select, in a front as in a chunk")
{
    // The challenger's run is the solver's, up to the place that it comes to by another's selections.
    replay::RunTrace same = trace(3, lies_at(18));
    std::uint64_t fronts = 0, chunks = 0;
    at_places_of(lies_at(18), 2, [&](const Game& game, const TimedMove&) {
        if (game.to_move() != Side::challenger) return;
        ++(game.state().phase == Phase::selecting_element ? chunks : fronts);
        CHECK(next_challenger_move(game, same).error() == Error::no_disagreement);
    });
    CHECK(fronts > 3);
    CHECK(chunks > 0);
}

TEST_CASE("DISPUTE-2 a game starts with what was agreed, and at tick 2^62 at the latest")
{
    replay::RunTrace solver = trace(3);
    const Statement statement = *solver.statement(Digest{}, 7);
    const auto game = Game::start(statement, terms(3), parties(), Tick{time_max});
    REQUIRE(game);
    CHECK(game->state().statement == statement);
    CHECK(game->state().terms == terms(3));
    CHECK(game->state().parties == parties());
    CHECK(game->state().turn_started == Tick{time_max});
    CHECK(game->id() == game_id(statement, terms(3), parties()));
    CHECK(Game::start(statement, terms(3), parties(), Tick{time_max + 1}).error() == Error::limit_exceeded);
    Terms longest = terms(8);
    longest.segment_levels = 15;
    longest.solver_clock = longest.challenger_clock = Tick{clock_max};
    longest.latency = Tick{latency_max};
    longest.bytes_per_tick = 1;
    CHECK(Game::start(statement, longest, parties(), Tick{0}));
    longest.challenger_clock = Tick{0};
    CHECK(Game::start(statement, longest, parties(), Tick{0}).error() == Error::invalid_terms);
    longest.challenger_clock = Tick{1};
    longest.solver_clock = Tick{clock_max + 1};
    CHECK(Game::start(statement, longest, parties(), Tick{0}).error() == Error::invalid_terms);
    Statement widest = statement;
    widest.steps = steps_max;
    CHECK(Game::start(widest, terms(1), parties(), Tick{0}));
}

TEST_CASE("DISPUTE-10 nobody claims a timeout in a game that a proof has ended")
{
    replay::RunTrace solver = trace(3, lies_at(8));
    replay::RunTrace challenger = trace(3);
    const auto transcript = play_out(*solver.statement(Digest{}, 0), terms(2), parties(), Tick{10}, solver, challenger);
    Game game = *dispute::replay(*transcript);
    REQUIRE(game.is_settled());
    CHECK(game.claim_timeout(Tick{time_max}).error() == Error::game_over);
    Transcript claimed = *transcript;
    claimed.timeout_claimed = Tick{time_max};
    CHECK(dispute::replay(claimed).error() == Error::game_over);
}

TEST_CASE("DISPUTE-24 a match makes one move a tick, and claims a timeout in the first tick after the deadline")
{
    replay::RunTrace solver = trace(3, lies_at(8));
    replay::RunTrace challenger = trace(3);
    const Statement statement = *solver.statement(Digest{}, 0);
    const auto transcript = play_out(statement, terms(2), parties(), Tick{10}, solver, challenger);
    REQUIRE(transcript);
    for (std::size_t i = 0; i < transcript->moves.size(); ++i) CHECK(transcript->moves[i].at == Tick{11 + i});
    // Against a challenger that finds nothing wrong the game ends by its clock.
    replay::RunTrace same = trace(3, lies_at(8));
    const auto silent = play_out(statement, terms(2), parties(), Tick{10}, solver, same);
    REQUIRE(silent);
    REQUIRE(silent->timeout_claimed);
    Transcript open = *silent;
    open.timeout_claimed.reset();
    CHECK(silent->timeout_claimed->value == dispute::replay(open)->deadline().value + 1);
    CHECK(dispute::replay(*silent)->verdict() == Verdict::upheld);
}
