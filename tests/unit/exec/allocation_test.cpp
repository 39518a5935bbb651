// A step allocates nothing once the first is done: all of its memory was planned.
#include <doctest/doctest.h>

#include <assay/golden/golden.hpp>

#include "tests/allocations.hpp"

using namespace assay;
using test::allocations;

TEST_CASE("the golden trainings allocate nothing from their second step on, on one thread and on three")
{
    std::size_t trainings = 0;
    for (const golden::Task& task : golden::tasks()) {
        if (!task.initial) continue;
        ++trainings;
        CAPTURE(task.name);
        for (const unsigned threads : {1U, 3U}) {
            const auto initial = exec::make_fast_executor(*task.initial, std::make_shared<const std::vector<program::Tensor>>(), 1, 1);
            REQUIRE(initial.has_value());
            (*initial)->step();
            const auto executor = exec::make_fast_executor(task.program, task.data, golden::seed, threads);
            REQUIRE(executor.has_value());
            REQUIRE(static_cast<bool>((*executor)->load((*initial)->outputs())));
            const std::size_t before_first = allocations;
            const std::vector<std::uint8_t> counted_too(1);
            CHECK(allocations > before_first);
            (*executor)->step();
            const std::size_t before = allocations;
            for (int step = 0; step < 4; ++step) (*executor)->step();
            CHECK(allocations == before);
        }
    }
    CHECK(trainings >= 2);
}
