// The interpreter, which computes with the processor's arithmetic, has the bits of the definition computed with integers.
#include <doctest/doctest.h>

#include <assay/exec/executor.hpp>
#include <assay/program/scalar.hpp>

#include "tests/unit/exec/awkward.hpp"
#include "tests/unit/exec/host_environment.hpp"

using namespace assay;
using program::NodeIndex;
using program::Program;
using program::Tensor;

namespace {

constexpr std::uint64_t key = 0x0123456789abcdef;

exec::DataSet shared(std::vector<Tensor> tensors)
{
    return std::make_shared<const std::vector<Tensor>>(std::move(tensors));
}

Tensor interpreted(const Program& program, const std::vector<Tensor>& states, const exec::DataSet& data)
{
    auto executor = exec::make_interpreter(program, data, key);
    REQUIRE(executor);
    REQUIRE((*executor)->load(states));
    (*executor)->step();
    return (*executor)->outputs().at(0);
}

// The last node's tensor, one element after another by integer operations. Its operands are the states.
Tensor defined(const Program& program, const std::vector<Tensor>& states, const exec::DataSet& data)
{
    const program::Descriptor node = program.descriptor({static_cast<std::uint32_t>(program.nodes().size() - 1)});
    if (node.primitive == program::Primitive::state) return states.at(0);
    if (node.primitive == program::Primitive::data) return data->at(0);
    Tensor result{node.output};
    for (std::uint64_t element = 0; element < node.output.elements(); ++element) {
        const auto read = [&](std::uint8_t slot, std::uint64_t index) { return states.at(slot).element(index); };
        result.set_element(element, program::evaluate_steps<program::IntegerArithmetic>(node, element, key, read).back().result);
    }
    return result;
}

// The place of the first difference, for a person; empty where there is none.
std::string difference(const Tensor& ours, const Tensor& theirs)
{
    if (ours.type() != theirs.type()) return to_string(ours.type()) + " for " + to_string(theirs.type());
    for (std::uint64_t i = 0; i < ours.type().elements(); ++i)
        if (ours.element(i) != theirs.element(i))
            return "element " + std::to_string(i) + ": " + std::to_string(ours.element(i)) + " for " + std::to_string(theirs.element(i));
    return {};
}

} // namespace

TEST_CASE("PROGRAM-20 the interpreter has the bits of the scalar steps, for every primitive")
{
    for (const Program& program : test::awkward_programs()) {
        CAPTURE(test::description(program));
        for (std::uint64_t seed = 0; seed < test::awkward_seeds; ++seed) {
            CAPTURE(seed);
            const auto states = test::awkward_states(program, seed);
            const auto data = shared(test::awkward_data(program, seed));
            CHECK(difference(interpreted(program, states, data), defined(program, states, data)) == "");
        }
    }
}

TEST_CASE("PROGRAM-20 the interpreter has the same bits in every floating-point environment of its host")
{
    CHECK(test::computes_strictly());
    std::size_t seen = 0;
    for (const Program& program : test::awkward_programs()) {
        CAPTURE(test::description(program));
        const std::uint64_t seed = ++seen % test::awkward_seeds;
        const auto states = test::awkward_states(program, seed);
        const auto data = shared(test::awkward_data(program, seed));
        const Tensor expected = defined(program, states, data);
        test::on_every_host_environment([&] {
            CHECK(!test::computes_strictly());
            CHECK(difference(interpreted(program, states, data), expected) == "");
        });
    }
}

TEST_CASE("the awkward values tell orders, modes and fused operations apart")
{
    // Most elements of the ordinary sums are numbers, and some differ when the order of the sum does.
    const auto contraction = [](std::uint32_t block) {
        return test::awkward_detail::contraction({}, 15, 300, 33, {false, false, block, program::Limit::none});
    };
    const auto states = test::awkward_states(contraction(0), 0);
    const auto data = shared({});
    const Tensor chain = interpreted(contraction(0), states, data), blocks = interpreted(contraction(64), states, data);
    std::size_t nans = 0, different = 0;
    for (std::uint64_t i = 0; i < chain.type().elements(); ++i) {
        nans += arith::is_nan(chain.element(i));
        different += chain.element(i) != blocks.element(i);
    }
    CHECK(nans == 0);
    CHECK(different > chain.type().elements() / 2);
}

TEST_CASE("PROGRAM-10 PROGRAM-20 the results of an iterable program are its next states; another's states stay")
{
    const program::TensorType pair{program::DataType::unsigned32, program::Shape{2}};
    program::ProgramParts parts;
    parts.states = {{"count", pair}};
    parts.data = {{"increment", pair}};
    parts.nodes = {{program::Primitive::state, program::SourceAttributes{0, pair}, {}, "count"},
                   {program::Primitive::data, program::SourceAttributes{0, pair}, {}, "increment"},
                   {program::Primitive::add, program::NoAttributes{}, {{0}, {1}}, "sum"}};
    const std::vector<std::uint32_t> increment{1, 0xffffffff};
    const auto data = shared({Tensor::from_elements(pair, increment)});
    for (const char* name : {"count", "other"}) {
        parts.outputs = {{name, {2}}};
        const Program program = *Program::from_parts(parts);
        const auto executor = *exec::make_interpreter(program, data, key);
        REQUIRE(executor->load(std::vector<Tensor>{Tensor{pair}}));
        for (std::uint32_t step = 1; step <= 3; ++step) {
            executor->step();
            const std::uint32_t counted = program.is_iterable() ? step : 1;
            CHECK(executor->outputs().at(0) == Tensor::from_elements(pair, std::vector<std::uint32_t>{counted, 0 - counted}));
        }
        // A visitor sees each node's output in order, and what it changes is what follows it read.
        REQUIRE(executor->load(std::vector<Tensor>{Tensor{pair}}));
        std::vector<std::uint32_t> visited;
        const Status traced = executor->traced_step([&](NodeIndex node, Tensor& tensor) {
            visited.push_back(node.value);
            if (node.value != 1) return false;
            tensor.set_element(0, 100);
            return true;
        });
        CHECK(traced.ok());
        CHECK(visited == std::vector<std::uint32_t>{0, 1, 2});
        CHECK(executor->outputs().at(0).element(0) == 100);
        CHECK(data->at(0).element(0) == 1);
    }
}

TEST_CASE("PROGRAM-20 random words depend on the seed, the stream, the counter and the element")
{
    const program::TensorType scalar{program::DataType::unsigned32, program::Shape{}};
    const auto words = [&](std::uint64_t seed, std::uint32_t stream, std::uint32_t counter) {
        const Program program =
            test::single_node(program::Primitive::random, program::GeneratorAttributes{program::Shape{5}, stream}, {scalar});
        const auto executor = *exec::make_interpreter(program, shared({}), seed);
        REQUIRE(executor->load(std::vector{Tensor::from_elements(scalar, std::vector{counter})}));
        executor->step();
        return executor->outputs().at(0);
    };
    const Tensor usual = words(1, 2, 3);
    CHECK(words(1, 2, 3) == usual);
    CHECK(words(std::uint64_t{1} << 32 | 1, 2, 3) != usual);
    CHECK(words(1, 1, 3) != usual);
    CHECK(words(1, 2, 4) != usual);
    CHECK(usual.element(0) != usual.element(4));
}

TEST_CASE("the interpreter refuses tensors that are not as the program declares them")
{
    const program::TensorType pair{program::DataType::binary32, program::Shape{2}},
        column{program::DataType::binary32, program::Shape{2, 1}}, integers{program::DataType::unsigned32, program::Shape{2}};
    const Program program = test::single_node(program::Primitive::add, program::NoAttributes{}, {pair, pair});
    const auto executor = *exec::make_interpreter(program, shared({}), key);
    REQUIRE(executor->load(std::vector<Tensor>{Tensor{pair}, Tensor{pair}}));
    executor->step();
    const auto before = executor->outputs();
    CHECK(executor->load(std::vector<Tensor>{Tensor{pair}}).failure().message() == "state_mismatch: 2 tensors are declared, 1 are given");
    CHECK(executor->load(std::vector<Tensor>{Tensor{pair}, Tensor{column}}).failure().message() ==
          "state_mismatch: operand 1 is declared as binary32 [2], given as binary32 [2, 1]");
    CHECK(executor->load(std::vector<Tensor>{Tensor{integers}, Tensor{pair}}).error() == Error::state_mismatch);
    // A refusal changes nothing.
    executor->step();
    CHECK(executor->outputs() == before);

    const Program reader = test::single_node(program::Primitive::data, program::SourceAttributes{0, pair}, {});
    CHECK(exec::make_interpreter(reader, shared({}), key).error() == Error::state_mismatch);
    CHECK(exec::make_interpreter(reader, shared({Tensor{integers}}), key).error() == Error::state_mismatch);
    CHECK(exec::make_interpreter(program, shared({Tensor{pair}}), key).error() == Error::state_mismatch);
    CHECK(exec::make_interpreter(reader, shared({Tensor{pair}}), key));
}
