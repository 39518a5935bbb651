// The fast executor has the bits of the interpreter: node by node over awkward shapes and values, in random programs, and for whole models.
#include <doctest/doctest.h>

#include <assay/exec/executor.hpp>
#include <assay/model/gpt.hpp>
#include <assay/model/perceptron.hpp>

#include "tests/unit/exec/awkward.hpp"
#include "tests/unit/exec/host_environment.hpp"
#include "tests/unit/exec/targets.hpp"

using namespace assay;
using namespace assay::test;
using exec::Executor;
using program::NodeIndex;
using program::Program;
using program::Tensor;

namespace {

constexpr std::uint64_t run_seed = 7;
using Tensors = std::vector<Tensor>;

exec::DataSet shared(Tensors data)
{
    return std::make_shared<const Tensors>(std::move(data));
}

std::unique_ptr<Executor> loaded(Result<std::unique_ptr<Executor>> executor, const Tensors& states)
{
    REQUIRE(executor.has_value());
    REQUIRE(static_cast<bool>((*executor)->load(states)));
    return std::move(*executor);
}

Tensors stepped(Executor& executor)
{
    executor.step();
    return executor.outputs();
}

// Every node's value of one step.
Tensors traced(Executor& executor)
{
    Tensors values;
    const Status traced = executor.traced_step([&](NodeIndex node, Tensor& value) {
        CHECK(node.value == values.size());
        values.push_back(value);
        return false;
    });
    REQUIRE(traced.ok());
    return values;
}

// The name of the first output that differs; empty when all are equal.
std::string first_difference(const Program& program, const Tensors& a, const Tensors& b)
{
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i] != b[i]) return program.outputs()[i].name;
    return {};
}

// A program of many small nodes, whose values are read in several shapes, more than once or not at all.
Program random_program(std::uint64_t seed, bool iterable = false)
{
    std::mt19937_64 random{seed};
    const auto below = [&](std::size_t count) { return static_cast<std::size_t>(random() % count); };
    const std::vector<Shape> shapes{{}, {1}, {6}, {2, 3}, {3, 1}, {2, 1, 3}, {600}, {2, 600}, {1, 600}, {20, 30}, {20, 1}};
    program::ProgramParts parts;
    std::vector<TensorType> types;
    const auto try_node = [&](Primitive primitive, program::Attributes attributes, std::vector<NodeIndex> operands) {
        std::vector<TensorType> operand_types;
        for (const NodeIndex operand : operands) operand_types.push_back(types[operand.value]);
        const auto type = program::infer_type(primitive, attributes, operand_types);
        if (!type) return;
        types.push_back(*type);
        parts.nodes.push_back({primitive, std::move(attributes), std::move(operands), "node " + std::to_string(parts.nodes.size())});
    };
    for (std::uint32_t i = 0; i < shapes.size(); ++i) {
        parts.states.push_back({"state " + std::to_string(i), {DataType::binary32, shapes[i]}});
        try_node(Primitive::state, program::SourceAttributes{i, parts.states[i].type}, {});
    }
    const Primitive maps[]{Primitive::add,     Primitive::multiply,    Primitive::subtract, Primitive::divide,
                           Primitive::maximum, Primitive::exponential, Primitive::negate};
    while (parts.nodes.size() < 80) {
        const auto any = [&] { return NodeIndex{static_cast<std::uint32_t>(below(types.size()))}; };
        const NodeIndex a = any(), b = any();
        switch (below(12)) {
        case 0: try_node(Primitive::reshape, program::ShapeAttributes{shapes[below(shapes.size())]}, {a}); break;
        case 1: try_node(Primitive::broadcast, program::ShapeAttributes{shapes[below(shapes.size())]}, {a}); break;
        case 2:
            try_node(below(2) == 0 ? Primitive::reduce_sum : Primitive::reduce_maximum,
                     program::ReductionAttributes{std::uint32_t{1} << below(7), below(2) == 0}, {a});
            break;
        case 3:
            try_node(Primitive::fill, program::FillAttributes{{DataType::binary32, shapes[below(shapes.size())]}, 0x3fc00000}, {});
            break;
        case 4: try_node(Primitive::contract, program::ContractionAttributes{false, true, 2, {}}, {a, b}); break;
        default: {
            const Primitive primitive = maps[below(std::size(maps))];
            try_node(primitive, {}, {a, b});
            try_node(primitive, {}, {a});
        }
        }
    }
    for (const program::Declaration& state : parts.states) {
        std::vector<NodeIndex> following;
        for (std::uint32_t i = 0; iterable && i < types.size(); ++i)
            if (types[i] == state.type) following.push_back({i});
        if (iterable) parts.outputs.push_back({state.name, following[below(following.size())]});
    }
    for (std::size_t i = 0; i < 12 && !iterable; ++i)
        parts.outputs.push_back({"output " + std::to_string(i), {static_cast<std::uint32_t>(below(types.size()))}});
    auto program = Program::from_parts(std::move(parts));
    REQUIRE_MESSAGE(program.has_value(), (program ? "" : program.failure().message()));
    return *program;
}

model::GptOptions tiny_options(double dropout)
{
    model::GptOptions options;
    options.layers = 2;
    options.heads = 2;
    options.width = 12;
    options.context = 9;
    options.batch = 3;
    options.vocabulary = 11;
    options.text_length = 80;
    options.training_length = 60;
    options.dropout = dropout;
    options.biases = dropout > 0;
    options.tied_head = dropout == 0;
    return options;
}

model::TrainingTask gpt_task(const model::GptOptions& options)
{
    const auto architecture = model::gpt(options);
    REQUIRE(architecture.has_value());
    const auto task = model::make_task(*architecture, {model::WarmUpCosine{2e-2, 1e-3, 3, 40}, model::AdamW{0.9, 0.99, 1e-8, 0.1}, 1.0});
    REQUIRE(task.has_value());
    return *task;
}

model::TrainingTask tiny_gpt(double dropout)
{
    return gpt_task(tiny_options(dropout));
}

model::TrainingTask tiny_perceptron()
{
    model::PerceptronOptions options;
    options.pixels = 20;
    options.hidden = {17, 5};
    options.classes = 3;
    options.batch = 7;
    options.images = 30;
    options.training_images = 20;
    const auto architecture = model::perceptron(options);
    REQUIRE(architecture.has_value());
    const auto task = model::make_task(*architecture, {model::ConstantRate{0.1}, model::Sgd{0.9, 0.01}, {}});
    REQUIRE(task.has_value());
    return *task;
}

Tensors initial_state(const model::TrainingTask& task)
{
    const auto executor = loaded(exec::make_interpreter(task.initial, shared({}), run_seed), {});
    return stepped(*executor);
}

// Symbols and images that are indices or bytes; labels stay small because out-of-range ones are clamped.
Tensors small_data(const Program& program)
{
    std::mt19937_64 random{3};
    Tensors data;
    for (const auto& declaration : program.data()) {
        Tensor tensor{declaration.type};
        for (std::uint64_t i = 0; i < declaration.type.elements(); ++i) tensor.set_element(i, static_cast<std::uint32_t>(random() % 11));
        data.push_back(std::move(tensor));
    }
    return data;
}

} // namespace

TEST_CASE("NUMERICS-20 NUMERICS-21 NUMERICS-23 every primitive has the interpreter's bits, on every target and for 1, 2 and 7 threads")
{
    for (const Program& program : awkward_programs()) {
        const std::string what = description(program);
        CAPTURE(what);
        for (std::uint64_t seed = 0; seed < awkward_seeds; ++seed) {
            CAPTURE(seed);
            const Tensors states = awkward_states(program, seed);
            const exec::DataSet data = shared(awkward_data(program, seed));
            const Tensors expected = stepped(*loaded(exec::make_interpreter(program, data, run_seed), states));
            on_every_target([&] { CHECK(stepped(*loaded(exec::make_fast_executor(program, data, run_seed, 1), states)) == expected); });
            if (seed > 1) continue;
            for (const unsigned threads : {2U, 7U})
                CHECK(stepped(*loaded(exec::make_fast_executor(program, data, run_seed, threads), states)) == expected);
        }
    }
}

TEST_CASE("NUMERICS-20 contractions, reductions and maps that are shared out to threads have the interpreter's bits")
{
    const auto contraction = [](bool left, bool right, std::uint32_t block, program::Limit limit, Shape a, Shape b) {
        return single_node(Primitive::contract, program::ContractionAttributes{left, right, block, limit},
                           {{DataType::binary32, a}, {DataType::binary32, b}});
    };
    using program::Limit;
    const std::vector<Program> programs{
        contraction(false, false, 256, Limit::none, {131, 300}, {300, 70}),
        contraction(true, false, 64, Limit::none, {150, 97}, {150, 33}),
        contraction(false, false, 256, Limit::none, {75, 300}, {300, 170}), // both operands packed, the right one while it is read
        contraction(false, false, 256, Limit::none, {60, 260}, {260, 600}), // few rows: columns are packed panel by panel
        contraction(false, true, 256, Limit::none, {60, 260}, {577, 260}),
        contraction(true, false, 256, Limit::none, {270, 140}, {270, 577}),
        contraction(false, false, 256, Limit::none, {520, 260}, {260, 600}), // more columns than are packed at once
        contraction(false, false, 256, Limit::none, {60, 9}, {9, 4110}),     // longer rows than are packed while they are read
        contraction(false, true, 256, Limit::none, {75, 270}, {170, 270}),   // a right operand packed panel by panel
        contraction(true, false, 256, Limit::none, {300, 97}, {300, 130}),
        contraction(true, false, 256, Limit::none, {300, 140}, {300, 130}), // a left operand that no first-level cache holds
        contraction(false, false, 256, Limit::none, {75, 300}, {300, 65}),  // a column alone in its panel
        contraction(false, true, 64, Limit::none, {131, 97}, {129, 97}),    // and the left operand packed
        contraction(true, false, 64, Limit::none, {150, 61}, {150, 33}),
        contraction(true, true, 256, Limit::none, {300, 270}, {65, 300}),
        contraction(false, false, 256, Limit::none, {75, 300}, {300, 96}), // a right operand near enough to be read as it is stored
        contraction(true, false, 256, Limit::none, {270, 140}, {270, 96}),
        contraction(true, false, 64, Limit::none, {3001, 20}, {3001, 40}), // fewer tiles than threads: blocks are shared out
        contraction(false, true, 500, Limit::none, {2, 20, 5003}, {2, 40, 5003}),
        contraction(false, false, 256, Limit::none, {1, 5003}, {5003, 300}), // a matrix of as many terms that is stored term by term
        contraction(true, false, 64, Limit::none, {2, 997, 700}, {2, 997, 1}),
        contraction(false, true, 1000, Limit::none, {1, 40003}, {19, 40003}), // and one of few rows
        contraction(false, false, 256, Limit::none, {40, 1100}, {1100, 1}),
        contraction(false, true, 64, Limit::none, {1, 90}, {37, 90}),
        contraction(false, true, 3, Limit::none, {700, 8}, {230, 8}), // many blocks
        contraction(false, false, 4, Limit::sum_up_to_row, {700, 9}, {9, 230}),
        contraction(false, true, 0, Limit::none, {3, 50, 40}, {3, 45, 40}),
        contraction(false, true, 16, Limit::output_lower, {2, 90, 33}, {2, 90, 33}),
        contraction(false, false, 16, Limit::sum_up_to_row, {2, 90, 90}, {2, 90, 17}),
        contraction(true, false, 16, Limit::sum_from_row, {2, 90, 90}, {2, 90, 17}),
        contraction(true, false, 32, Limit::sum_from_row, {70, 90}, {70, 17}),
        contraction(true, false, 256, Limit::sum_from_row, {300, 200}, {300, 40}), // packed: only what has a sum
        contraction(true, false, 64, Limit::sum_from_row, {590, 600}, {590, 40}),  // the last rows have none
        contraction(false, false, 32, Limit::sum_up_to_row, {90, 70}, {70, 17}),
        single_node(Primitive::reduce_sum, program::ReductionAttributes{}, {{DataType::binary32, {700, 65}}}),
        single_node(Primitive::reduce_maximum, program::ReductionAttributes{16, true}, {{DataType::binary32, {8, 90, 90}}}),
        single_node(Primitive::multiply, {}, {{DataType::binary32, {90, 300}}, {DataType::binary32, {90, 1}}}),
        single_node(Primitive::permute, program::PermutationAttributes{{1, 0, 2}}, {{DataType::binary32, {70, 90, 8}}}),
    };
    for (const Program& program : programs) {
        const std::string what = description(program);
        CAPTURE(what);
        for (const std::uint64_t seed : {0, 1}) {
            const Tensors states = awkward_states(program, seed);
            const Tensors expected = stepped(*loaded(exec::make_interpreter(program, shared({}), run_seed), states));
            on_every_target([&] {
                for (const unsigned threads : {1U, 2U, 7U})
                    CHECK(stepped(*loaded(exec::make_fast_executor(program, shared({}), run_seed, threads), states)) == expected);
            });
        }
    }
}

TEST_CASE("NUMERICS-23 random programs: outputs and every traced node have the interpreter's bits")
{
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        CAPTURE(seed);
        const Program program = random_program(seed);
        const Tensors states = awkward_states(program, seed);
        const auto interpreter = loaded(exec::make_interpreter(program, shared({}), run_seed), states);
        const auto fast = loaded(exec::make_fast_executor(program, shared({}), run_seed, 2), states);
        CHECK(first_difference(program, stepped(*fast), stepped(*interpreter)).empty());
        CHECK(traced(*fast) == traced(*interpreter));
        CHECK(fast->outputs() == interpreter->outputs());
    }
}

TEST_CASE(
    "PROGRAM-20 random programs that follow on themselves: states written in place or not have the interpreter's bits over several steps")
{
    for (std::uint64_t seed = 100; seed < 160; ++seed) {
        CAPTURE(seed);
        const Program program = random_program(seed, true);
        REQUIRE(program.is_iterable());
        const Tensors states = awkward_states(program, seed);
        const auto interpreter = loaded(exec::make_interpreter(program, shared({}), run_seed), states);
        const auto fast = loaded(exec::make_fast_executor(program, shared({}), run_seed, 2), states);
        for (int step = 0; step < 4; ++step) {
            CAPTURE(step);
            if (step == 2) CHECK(traced(*fast) == traced(*interpreter));
            else CHECK(first_difference(program, stepped(*fast), stepped(*interpreter)).empty());
        }
        CHECK(fast->outputs() == interpreter->outputs());
    }
}

TEST_CASE("NUMERICS-20 models train to the same bits over 20 steps, for every thread count, traced or not")
{
    const model::TrainingTask tasks[]{tiny_gpt(0), tiny_gpt(0.2), tiny_perceptron()};
    for (const model::TrainingTask& task : tasks) {
        const Tensors states = initial_state(task);
        const exec::DataSet data = shared(small_data(task.training));
        const auto interpreter = loaded(exec::make_interpreter(task.training, data, run_seed), states);
        std::vector<std::unique_ptr<Executor>> fast;
        for (const unsigned threads : {1U, 2U, 7U})
            fast.push_back(loaded(exec::make_fast_executor(task.training, data, run_seed, threads), states));
        for (int step = 0; step < 20; ++step) {
            CAPTURE(step);
            const Tensors expected = stepped(*interpreter);
            for (const auto& executor : fast) CHECK(first_difference(task.training, stepped(*executor), expected).empty());
        }
        const Tensors expected = traced(*interpreter), after = interpreter->outputs(), next = stepped(*interpreter);
        for (const auto& executor : fast) {
            CHECK(traced(*executor) == expected);
            CHECK(executor->outputs() == after);
            CHECK(stepped(*executor) == next);
        }
    }
}

TEST_CASE(
    "PROGRAM-17 PROGRAM-18 attention over so many positions that what the limits leave out is not computed has the interpreter's bits")
{
    model::GptOptions options = tiny_options(0.1);
    options.layers = 1;
    options.width = 4;
    options.context = 131;
    options.batch = 2;
    options.text_length = 400;
    options.training_length = 300;
    const model::TrainingTask task = gpt_task(options);
    const Tensors states = initial_state(task);
    const exec::DataSet data = shared(small_data(task.training));
    const auto interpreter = loaded(exec::make_interpreter(task.training, data, run_seed), states);
    const Tensors first = stepped(*interpreter), second = stepped(*interpreter);
    for (const unsigned threads : {1U, 3U}) {
        const auto fast = loaded(exec::make_fast_executor(task.training, data, run_seed, threads), states);
        CHECK(first_difference(task.training, stepped(*fast), first).empty());
        CHECK(first_difference(task.training, stepped(*fast), second).empty());
    }
}

TEST_CASE("NUMERICS-20 attention whose heads are carried through a chain one by one has the interpreter's bits, on every target")
{
    // Three heads of 40 rows: more than a tile of outputs, and a context that no vector divides. Six heads are chained on one thread and on
    // two, twelve on four too; seven threads chain neither.
    model::GptOptions options = tiny_options(0);
    options.heads = 3;
    options.width = 21;
    options.context = 40;
    for (const std::uint32_t batch : {2U, 4U}) {
        options.batch = batch;
        options.dropout = batch == 2 ? 0 : 0.1;
        const model::TrainingTask task = gpt_task(options);
        const Tensors states = initial_state(task);
        const exec::DataSet data = shared(small_data(task.training));
        const auto interpreter = loaded(exec::make_interpreter(task.training, data, run_seed), states);
        const Tensors first = stepped(*interpreter), second = stepped(*interpreter);
        on_every_target([&] {
            for (const unsigned threads : {1U, 2U, 4U, 7U}) {
                const auto fast = loaded(exec::make_fast_executor(task.training, data, run_seed, threads), states);
                CHECK(first_difference(task.training, stepped(*fast), first).empty());
                CHECK(first_difference(task.training, stepped(*fast), second).empty());
            }
        });
    }
}

TEST_CASE("a run that is stopped and loaded again goes on with the same bits, from any step")
{
    const model::TrainingTask task = tiny_gpt(0.2);
    const exec::DataSet data = shared(small_data(task.training));
    const auto whole = loaded(exec::make_fast_executor(task.training, data, run_seed, 2), initial_state(task));
    std::vector<Tensors> states{initial_state(task)};
    for (int step = 0; step < 6; ++step) states.push_back(stepped(*whole));
    for (std::size_t stop = 0; stop + 1 < states.size(); ++stop) {
        const auto resumed = loaded(exec::make_fast_executor(task.training, data, run_seed, 1), states[stop]);
        for (std::size_t step = stop + 1; step < states.size(); ++step) CHECK(stepped(*resumed) == states[step]);
    }
}

TEST_CASE("a visitor's change of a node reaches all that follow, as in the interpreter")
{
    const model::TrainingTask task = tiny_gpt(0);
    const exec::DataSet data = shared(small_data(task.training));
    const Tensors states = initial_state(task);
    for (std::uint32_t node = 0; node < task.training.nodes().size(); node += 7) {
        CAPTURE(node);
        const auto forge = [node](NodeIndex index, Tensor& value) {
            if (index.value != node) return false;
            value.set_element(0, value.element(0) ^ 1U);
            return true;
        };
        const auto interpreter = loaded(exec::make_interpreter(task.training, data, run_seed), states);
        const auto fast = loaded(exec::make_fast_executor(task.training, data, run_seed, 2), states);
        REQUIRE(interpreter->traced_step(forge).ok());
        REQUIRE(fast->traced_step(forge).ok());
        CHECK(fast->outputs() == interpreter->outputs());
    }
}

TEST_CASE("NUMERICS-22 a host's floating-point environment changes nothing")
{
    const model::TrainingTask task = tiny_perceptron();
    const Tensors states = initial_state(task);
    const exec::DataSet data = shared(small_data(task.training));
    const Tensors expected = stepped(*loaded(exec::make_fast_executor(task.training, data, run_seed, 2), states));
    on_every_host_environment(
        [&] { CHECK(stepped(*loaded(exec::make_fast_executor(task.training, data, run_seed, 2), states)) == expected); });
}

TEST_CASE("what is not as declared is refused, and the state stays")
{
    const model::TrainingTask task = tiny_perceptron();
    CHECK(exec::make_fast_executor(task.training, shared({}), run_seed, 1).error() == Error::state_mismatch);
    const Tensors states = initial_state(task);
    const auto executor = loaded(exec::make_fast_executor(task.training, shared(small_data(task.training)), run_seed, 1), states);
    CHECK(executor->load(std::span{states}.first(1)).error() == Error::state_mismatch);
    CHECK(executor->load_data(shared({})).error() == Error::state_mismatch);
    CHECK(stepped(*executor) ==
          stepped(*loaded(exec::make_fast_executor(task.training, shared(small_data(task.training)), run_seed, 1), states)));
}

TEST_CASE("an executor goes on with other data when it is given them")
{
    const model::TrainingTask task = tiny_perceptron();
    Tensors other = small_data(task.training);
    for (std::uint64_t i = 0; i < other[0].type().elements(); i += 2) other[0].set_element(i, 1);
    const auto make = [&](auto maker, auto... more) {
        return loaded(maker(task.training, shared(small_data(task.training)), run_seed, more...), initial_state(task));
    };
    const auto interpreter = make(exec::make_interpreter);
    const auto fast = make(exec::make_fast_executor, 2U);
    const Tensors before = stepped(*fast);
    CHECK(before == stepped(*interpreter));
    REQUIRE(static_cast<bool>(interpreter->load_data(shared(other))));
    REQUIRE(static_cast<bool>(fast->load_data(shared(other))));
    CHECK(stepped(*fast) == stepped(*interpreter));
    CHECK(fast->output(1) == interpreter->output(1));
    CHECK(fast->output(1) != before[1]);
}
