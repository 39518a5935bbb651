// How long a move may be at each place, and what a whole game adds up to, counted again from the tables of spec/dispute.md.
#include <bit>

#include <assay/commit/tensors.hpp>

#include "tests/unit/dispute/places.hpp"
#include "tests/unit/program/random_nodes.hpp"

using namespace assay;
using namespace assay::toy;

namespace {

std::uint64_t height_of(std::uint64_t leaves)
{
    std::uint64_t height = 0;
    while ((std::uint64_t{1} << height) < leaves) ++height;
    return height;
}

std::uint64_t proof(std::uint64_t leaves)
{
    return 4 + 32 * height_of(leaves);
}

constexpr std::uint64_t descriptor = 895;

// 36, the chunk, a proof in the step's tree and one in the chunks'.
std::uint64_t operand(std::uint64_t nodes, std::uint64_t chunks, std::uint64_t chunk)
{
    return 36 + chunk + proof(nodes + 1) + proof(chunks);
}

std::uint64_t operand(std::uint64_t nodes, const program::TensorType& type)
{
    return operand(nodes, (type.bytes() + 1023) / 1024, std::min<std::uint64_t>(type.bytes(), 1024));
}

// The table of DISPUTE-26.
std::uint64_t longest(const GameState& state)
{
    const commit::ProgramCommitment& program = state.statement.program;
    const std::uint64_t nodes = program.node_count;
    const auto front = [&](merkle::Range node) {
        std::uint64_t bytes = 8;
        for (const merkle::Range shown : merkle::front(node, levels_below(state.terms, state.layer, node)))
            bytes += state.layer == Layer::element && shown.is_leaf() ? 16 : 32;
        return bytes;
    };
    const merkle::Range node = state.tree(state.layer).node;
    const std::uint64_t size = state.tree(state.layer).size;
    switch (state.phase) {
    case Phase::opening: {
        const bool pinned = state.layer == Layer::segment || state.layer == Layer::step || state.layer == Layer::element;
        return 69 + 33 + (pinned ? proof(size) : 4) + (state.layer == Layer::element ? 16 : 0) + front({0, size});
    }
    case Phase::revealing: return 69 + front(node);
    case Phase::revealing_chunk: return 69 + 4 + std::min<std::uint64_t>(1024, state.descriptor->output.bytes() - 1024 * node.begin);
    case Phase::selecting_element: {
        std::uint64_t all = 0, largest = 0;
        for (const program::Operand& read : state.descriptor->operands) {
            all += operand(nodes, read.type);
            largest = std::max(largest, operand(nodes, read.type));
        }
        return 69 + 10 + (program::family_of(state.descriptor->primitive) == program::Family::move ? largest : all);
    }
    case Phase::selecting: break;
    case Phase::settled: REQUIRE(false);
    }
    if (state.layer == Layer::segment || state.layer == Layer::tensor) return 69 + 5;
    if (state.layer == Layer::step)
        return 69 + 5 + descriptor + proof(nodes) + 1 + 97 + proof(state.statement.steps) +
               proof(std::max(program.state_count, program.data_count));
    if (state.layer == Layer::state) return 69 + 42 + proof(program.output_count) + proof(nodes + 1);
    std::uint64_t most = 16 + proof(size);
    for (const program::Operand& read : state.descriptor->operands) most = std::max(most, operand(nodes, read.type));
    return 69 + 7 + most;
}

// What a layer's descents take at most, over all of its leaves.
struct Descents {
    std::uint64_t rounds = 0;
    std::uint64_t entries = 0;
};

Descents descents(std::uint64_t size, const Terms& terms, Layer layer)
{
    Descents most;
    for (std::uint64_t leaf = 0; leaf < size; ++leaf) {
        Descents own;
        merkle::Range node{0, size};
        do {
            const auto shown = merkle::front(node, levels_below(terms, layer, node));
            ++own.rounds;
            own.entries += shown.size();
            node = *std::find_if(shown.begin(), shown.end(), [&](merkle::Range range) { return range.begin <= leaf && leaf < range.end; });
        } while (!node.is_leaf());
        most = {std::max(most.rounds, own.rounds), std::max(most.entries, own.entries)};
    }
    return most;
}

struct Totals {
    std::uint64_t rounds = 0;
    std::uint64_t solver = 0;
    std::uint64_t challenger = 0;

    // An opening, then reveals: each has a header and two lists' lengths, and all entries as digests. `selection` is the longest of the layer.
    void add_layer(const Descents& layer, std::uint64_t pin, std::uint64_t selection)
    {
        rounds += layer.rounds;
        solver += 33 + pin + 77 * layer.rounds + 32 * layer.entries;
        challenger += layer.rounds * (69 + selection);
    }
};

// Everything up to the node, then the larger of what is below the state and below a tensor.
Totals totals(const TaskSizes& task, const Terms& terms)
{
    Totals top;
    if (task.steps > 1) top.add_layer(descents(task.steps, terms, Layer::segment), proof(task.steps), 5);
    top.add_layer(descents(task.nodes + 1, terms, Layer::step), proof(task.nodes + 1),
                  5 + descriptor + proof(task.nodes) + 1 + 97 + proof(task.steps) + (std::max(task.states, task.data) == 0 ? 4 : proof(std::max(task.states, task.data))));
    Totals state = top;
    state.add_layer(descents(task.outputs, terms, Layer::state), 4, 42 + proof(task.outputs) + proof(task.nodes + 1));
    Totals tensor = top;
    const std::uint64_t read = operand(task.nodes, task.chunks, 1024);
    tensor.add_layer(descents(task.chunks, terms, Layer::tensor), 4, 5);
    ++tensor.rounds;
    tensor.solver += 69 + 4 + 1024;
    tensor.challenger += 69 + 10 + task.operands * read;
    if (task.scalar_steps > 1)
        tensor.add_layer(descents(task.scalar_steps, terms, Layer::element), proof(task.scalar_steps) + 16,
                         7 + std::max(read, 16 + proof(task.scalar_steps)));
    return {std::max(state.rounds, tensor.rounds), std::max(state.solver, tensor.solver), std::max(state.challenger, tensor.challenger)};
}

std::uint64_t compressions(std::uint64_t bytes)
{
    return (bytes + 9 + 63) / 64;
}

std::uint64_t path(std::uint64_t leaves)
{
    return leaves == 0 ? 0 : compressions(65) * height_of(leaves);
}

struct Proofs {
    std::uint64_t bytes = 0;
    std::uint64_t blocks = 0;

    void at_least(std::uint64_t other_bytes, std::uint64_t other_blocks)
    {
        bytes = std::max(bytes, other_bytes);
        blocks = std::max(blocks, other_blocks);
    }
};

// What DISPUTE-28 counts: the move, and the leaves, paths and tagged digests that are hashed to judge it.
Proofs proofs(const TaskSizes& task)
{
    const std::uint64_t list = std::max(task.states, task.data);
    const std::uint64_t digest_leaf = compressions(1 + 32);
    const std::uint64_t tensor_digest = compressions(13 + 1 + 4 + 4 * 8 + 32);
    const std::uint64_t state_digest = compressions(12 + 4 + 32);
    const std::uint64_t read = operand(task.nodes, task.chunks, 1024);
    const std::uint64_t hashed = compressions(1 + 1024) + path(task.chunks) + tensor_digest + digest_leaf + path(task.nodes + 1);
    Proofs most;
    most.at_least(69 + 5 + descriptor + proof(task.nodes) + 1 + 97 + proof(task.steps) + (list == 0 ? 4 : proof(list)),
                  compressions(1 + descriptor) + path(task.nodes) + digest_leaf + path(task.steps) + state_digest + digest_leaf + path(list));
    most.at_least(69 + 42 + proof(task.outputs) + proof(task.nodes + 1),
                  compressions(1 + 4) + path(task.outputs) + digest_leaf + path(task.nodes + 1));
    most.at_least(69 + 10 + task.operands * read, task.operands * hashed);
    if (task.scalar_steps > 1)
        most.at_least(69 + 7 + std::max(read, 16 + proof(task.scalar_steps)),
                      std::max(hashed, compressions(1 + 16) + path(task.scalar_steps)));
    return most;
}

// Tasks around powers of two in every size, and some in which another part is the largest.
std::vector<TaskSizes> tasks()
{
    std::vector<TaskSizes> all;
    for (const std::uint64_t steps : {1, 2, 3, 16, 17})
        for (const std::uint64_t nodes : {1, 2, 15, 31})
            for (const std::uint64_t chunks : {1, 2, 5, 32})
                for (const std::uint64_t scalar_steps : {1, 2, 33, 64}) all.push_back({steps, nodes, 1, 0, 0, chunks, scalar_steps, 1});
    for (const std::uint64_t outputs : {1, 2, 16, 17, 2048, 1 << 19})
        for (const std::uint64_t states : {0, 1, 2, 1000})
            for (const std::uint64_t data : {0, 1, 4, 2000})
                for (const std::uint64_t operands : {0, 1, 3}) all.push_back({8, 31, outputs, states, data, 1, 1, operands});
    return all;
}

// A node's sizes, by looking at every scalar step of every element.
struct Looked {
    std::uint64_t scalar_steps = 1;
    std::uint64_t operands = 0; // that one of the steps reads
};

Looked look_at(const program::Descriptor& node)
{
    Looked most;
    if (program::family_of(node.primitive) == program::Family::source) return most;
    for (std::uint64_t element = 0; element < node.output.elements(); ++element) {
        const std::uint64_t steps = program::step_count(node, element);
        most.scalar_steps = std::max(most.scalar_steps, steps);
        for (std::uint64_t i = 0; i < steps; ++i) {
            const program::ScalarStep step = program::scalar_step(node, element, i);
            const auto reads = std::count_if(step.inputs.begin(), step.inputs.end(), [](const program::Input& input) {
                return input.kind == program::Input::Kind::operand || input.kind == program::Input::Kind::gathered;
            });
            most.operands = std::max(most.operands, static_cast<std::uint64_t>(reads));
        }
    }
    return most;
}

std::uint64_t chunks_of(const program::TensorType& type)
{
    return std::max<std::uint64_t>(1, (type.bytes() + 1023) / 1024);
}

TaskSizes counts_of(const program::Program& program, std::uint64_t steps)
{
    return {steps, program.nodes().size(), program.outputs().size(), program.states().size(), program.data().size(), 1, 1, 0};
}

template <class Visit>
void for_each_node(const program::Program& program, Visit visit)
{
    for (std::uint32_t i = 0; i < program.nodes().size(); ++i) visit(program.descriptor({i}));
}

TaskSizes counted(const program::Program& program, std::uint64_t steps)
{
    TaskSizes most = counts_of(program, steps);
    for_each_node(program, [&](const program::Descriptor& node) {
        const Looked looked = look_at(node);
        most.scalar_steps = std::max(most.scalar_steps, looked.scalar_steps);
        most.operands = std::max(most.operands, looked.operands);
        most.chunks = std::max(most.chunks, chunks_of(node.output));
    });
    return most;
}

// The limits that the program just keeps: each node with its own steps and operands.
Proofs proofs(const program::Program& program, std::uint64_t steps)
{
    Proofs most = proofs(counts_of(program, steps));
    for_each_node(program, [&](const program::Descriptor& node) {
        TaskSizes own = counts_of(program, steps);
        const Looked looked = look_at(node);
        own.scalar_steps = looked.scalar_steps;
        own.operands = looked.operands;
        for (const program::Operand& read : node.operands) own.chunks = std::max(own.chunks, chunks_of(read.type));
        const Proofs of_node = proofs(own);
        most.at_least(of_node.bytes, of_node.blocks);
    });
    return most;
}

// Sums of `terms` numbers each, one after another in one program.
program::Program sums(const std::vector<std::uint32_t>& terms)
{
    using namespace program;
    ProgramParts parts;
    for (const std::uint32_t count : terms) {
        const auto index = static_cast<std::uint32_t>(parts.data.size());
        const TensorType row{DataType::binary32, Shape{count}};
        parts.data.push_back({"row " + std::to_string(index), row});
        parts.nodes.push_back({Primitive::data, SourceAttributes{index, row}, {}, "row"});
        parts.nodes.push_back({Primitive::reduce_sum, ReductionAttributes{1, false}, {{2 * index}}, "sum"});
        parts.outputs.push_back({"sum " + std::to_string(index), {2 * index + 1}});
    }
    const auto checked = Program::from_parts(std::move(parts));
    REQUIRE(checked);
    return *checked;
}

// Of every primitive, random and chosen; and some whose largest node stands first, last, or between others.
std::vector<program::Program> programs()
{
    std::vector<program::Program> all{toy_program(), sums({3, 2, 1}), sums({1, 2, 3}), sums({1, 700, 2}), sums({1 << 16, 5})};
    test::RandomNodes nodes{27};
    for (const test::PrimitiveFacts& facts : test::all_primitives()) {
        for (program::Program& program : test::awkward_programs(facts)) all.push_back(std::move(program));
        for (int i = 0; i < 20; ++i) all.push_back(nodes.next(facts));
    }
    return all;
}

// Whether all trees are complete. In others the last nodes of a front may be missing, which the bounds do not look at.
bool is_complete(const TaskSizes& task)
{
    const std::array sizes{task.steps, task.nodes + 1, task.outputs, task.chunks, task.scalar_steps};
    return std::all_of(sizes.begin(), sizes.end(), [](std::uint64_t size) { return std::has_single_bit(size); });
}

} // namespace

TEST_CASE("DISPUTE-26 what a turn is granted is what the table of sizes says, at every place of games about every node")
{
    std::array<bool, 5> selected{};
    at_every_place([&](const Game& game, const TimedMove&) {
        const GameState& state = game.state();
        if (state.phase == Phase::selecting) selected[static_cast<std::size_t>(state.layer)] = true;
        const std::uint64_t most = longest(state);
        CHECK(move_bytes_max(state) == most);
        CHECK(granted_time(state).value == state.terms.latency.value + (state.received_bytes + most + 99) / 100);
    });
    for (const bool layer : selected) CHECK(layer);
}

TEST_CASE("DISPUTE-26 a turn is granted the time of the last move's bytes, and of a part of a tick a whole one")
{
    at_every_place([](const Game& game, const TimedMove& timed) {
        Game next = game;
        REQUIRE(next.apply(timed.move, timed.at));
        CHECK(next.state().received_bytes == encode(timed.move).size());
        if (next.is_settled()) return;
        GameState state = next.state();
        for (const std::uint64_t bytes_per_tick : {std::uint64_t{1}, std::uint64_t{7}, std::uint64_t{1} << 40}) {
            state.terms.bytes_per_tick = bytes_per_tick;
            const std::uint64_t bytes = state.received_bytes + longest(state);
            const std::uint64_t ticks = granted_time(state).value - state.terms.latency.value;
            CHECK(ticks * bytes_per_tick >= bytes);
            CHECK((ticks - 1) * bytes_per_tick < bytes);
        }
    });
}

TEST_CASE("DISPUTE-27 rounds, bytes and ticks are the sums of the table's sizes over the longest descents")
{
    Terms agreed = terms(2);
    agreed.segment_levels = 3;
    agreed.latency = Tick{5};
    for (const std::uint64_t bytes_per_tick : {1, 64}) {
        agreed.bytes_per_tick = bytes_per_tick;
        for (const TaskSizes& task : tasks()) {
            const auto most = bounds(task, agreed);
            REQUIRE(most);
            const Totals sum = totals(task, agreed);
            CAPTURE(task.steps);
            CAPTURE(task.nodes);
            CAPTURE(task.outputs);
            CAPTURE(task.states);
            CAPTURE(task.chunks);
            CAPTURE(task.scalar_steps);
            CHECK(most->rounds == sum.rounds);
            CHECK(most->solver_bytes >= sum.solver);
            if (is_complete(task)) CHECK(most->solver_bytes == sum.solver);
            CHECK(most->challenger_bytes == sum.challenger);
            CHECK(most->ticks == 2000 + 2 * sum.rounds * 6 + 2 * (most->solver_bytes + sum.challenger) / bytes_per_tick);
            CHECK(most->steps_replayed == task.steps);
            CHECK(most->steps_traced == 1);
            CHECK(most->scalar_operations == 1);
        }
    }
}

TEST_CASE("DISPUTE-27 DISPUTE-28 the bytes and compressions of a proof are the largest of any place")
{
    for (const TaskSizes& task : tasks()) {
        const auto most = bounds(task, terms(4));
        REQUIRE(most);
        const Proofs largest = proofs(task);
        CHECK(most->evidence_bytes == largest.bytes);
        CHECK(most->hash_blocks == largest.blocks);
    }
}

TEST_CASE("DISPUTE-27 the largest sizes that a task may have are counted without wrapping, and one more is refused")
{
    const TaskSizes most{steps_max, program::nodes_max, program::nodes_max, program::nodes_max, program::nodes_max, program::elements_max,
                         program::elements_max, program::operands_max};
    Terms agreed = terms(1);
    agreed.solver_clock = agreed.challenger_clock = Tick{clock_max};
    agreed.latency = Tick{latency_max};
    agreed.bytes_per_tick = 1;
    const auto largest = bounds(most, agreed);
    REQUIRE(largest);
    CHECK(largest->ticks > 2 * clock_max);
    CHECK(largest->ticks < std::uint64_t{1} << 62);
    const auto refused = [&](auto change) {
        TaskSizes sizes = most;
        change(sizes);
        return bounds(sizes, agreed).error() == Error::invalid_statement;
    };
    CHECK(refused([](TaskSizes& t) { ++t.steps; }));
    CHECK(refused([](TaskSizes& t) { ++t.nodes; }));
    CHECK(refused([](TaskSizes& t) { ++t.outputs; }));
    CHECK(refused([](TaskSizes& t) { ++t.states; }));
    CHECK(refused([](TaskSizes& t) { ++t.data; }));
    CHECK(refused([](TaskSizes& t) { ++t.chunks; }));
    CHECK(refused([](TaskSizes& t) { ++t.scalar_steps; }));
    CHECK(refused([](TaskSizes& t) { ++t.operands; }));
}

TEST_CASE("DISPUTE-27 a task's sizes are those of its longest element, its largest tensor and the scalar step that reads most, wherever they stand")
{
    for (const program::Program& program : programs()) {
        CAPTURE(test::description(program));
        const TaskSizes found = sizes_of(program, 9), looked = counted(program, 9);
        CHECK(found.steps == 9);
        CHECK(found.nodes == looked.nodes);
        CHECK(found.outputs == looked.outputs);
        CHECK(found.states == looked.states);
        CHECK(found.data == looked.data);
        CHECK(found.chunks == looked.chunks);
        CHECK(found.scalar_steps == looked.scalar_steps);
        CHECK(found.operands == looked.operands);
    }
}

TEST_CASE("DISPUTE-28 every program is accepted at the limits that its own places need, and refused at one less of either")
{
    for (const program::Program& program : programs())
        for (const std::uint64_t steps : {1, 1000}) {
            CAPTURE(test::description(program));
            const Proofs needed = proofs(program, steps);
            const RefereeLimits exact{static_cast<std::uint32_t>(needed.bytes), static_cast<std::uint32_t>(needed.blocks)};
            CHECK(validate_limits(program, steps, exact));
            CHECK(validate_limits(program, steps, {exact.evidence_bytes - 1, exact.hash_blocks}).error() == Error::limit_exceeded);
            CHECK(validate_limits(program, steps, {exact.evidence_bytes, exact.hash_blocks - 1}).error() == Error::limit_exceeded);
        }
}
