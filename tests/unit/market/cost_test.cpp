// What a task takes, counted by hand, and what that costs on a machine.
#include <doctest/doctest.h>

#include <assay/market/cost.hpp>

using namespace assay;
using namespace assay::market;

namespace {

// Doubles four numbers, and adds up their sums.
program::Program doubled()
{
    using namespace program;
    const TensorType four{DataType::binary32, Shape{4}};
    ProgramParts parts;
    const TensorType one{DataType::binary32, Shape{1}};
    parts.states = {{"x", four}, {"s", one}};
    parts.nodes = {{Primitive::state, SourceAttributes{0, four}, {}, "x before"},
                   {Primitive::add, NoAttributes{}, {NodeIndex{0}, NodeIndex{0}}, "twice"},
                   {Primitive::reduce_sum, ReductionAttributes{2, false}, {NodeIndex{1}}, "sum"},
                   {Primitive::state, SourceAttributes{1, one}, {}, "s before"},
                   {Primitive::add, NoAttributes{}, {NodeIndex{2}, NodeIndex{3}}, "sums"}};
    parts.outputs = {{"x", NodeIndex{1}}, {"s", NodeIndex{4}}};
    return Program::from_parts(std::move(parts)).value();
}

} // namespace

TEST_CASE("MARKET-19 a step's cost counts scalar steps, bytes in and out of every node, and the memory of all that it holds")
{
    const auto cost = cost_of_step(doubled());
    REQUIRE(cost);
    CHECK(cost->operations == 4 + (4 + 1) + 1);                              // four sums of two, four terms in two lanes, one sum of two
    CHECK(cost->bytes == 16 + (16 + 2 * 16) + (4 + 16) + 4 + (4 + 2 * 4));  // written and read, node by node
    CHECK(cost->memory == (16 + 4) + (16 + 16 + 4 + 4 + 4));                // the states, and five outputs
}

TEST_CASE("MARKET-19 a run is as many steps, in the same memory")
{
    commit::Task task;
    task.steps = 10;
    task.interval = 4;
    const auto run = cost_of_run(doubled(), task);
    REQUIRE(run);
    CHECK(*run == Cost{100, 1000, 64});
    task.steps = std::uint64_t{1} << 60;
    CHECK(cost_of_run(doubled(), task).error() == Error::limit_exceeded);
}

TEST_CASE("MARKET-19 a run costs what its slower part takes, by the hour, rounded up; several machines make a range")
{
    const Cost run{7200, 3600, 52};
    CHECK(price_of(run, {2, 1000, {5}}).value() == Amount{5});  // an hour of computing
    CHECK(price_of(run, {1000, 1, {7}}).value() == Amount{7});  // an hour of moving bytes
    CHECK(price_of(run, {2, 1000, {}}).value() == Amount{0});
    CHECK(price_of({1, 1, 1}, {1000, 1000, {1}}).value() == Amount{1});
    CHECK(price_of(run, {1, 1, amount_max}).error() == Error::limit_exceeded);
    const std::array<Machine, 3> machines{{{2, 1000, {5}}, {1000, 1, {7}}, {4, 1000, {6}}}};
    const auto range = price_range(run, machines);
    REQUIRE(range);
    CHECK(range->lowest == Amount{3});
    CHECK(range->highest == Amount{7});
}
