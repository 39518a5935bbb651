// A step allocates nothing once the first is done: all of its memory was planned. Where the memory is not there, that is said before a step.
#include <doctest/doctest.h>

#include <fstream>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <assay/golden/golden.hpp>

#include "tests/allocations.hpp"

using namespace assay;
using test::allocations;

namespace {

std::vector<program::Tensor> initial_state(const golden::Task& task)
{
    const auto initial = exec::make_fast_executor(*task.initial, std::make_shared<const std::vector<program::Tensor>>(), 1, 1);
    REQUIRE(initial.has_value());
    (*initial)->step();
    return (*initial)->outputs();
}

// What the call returns when nothing larger than `bytes` is given.
template <class Call>
auto with_at_most(std::size_t bytes, const Call& call)
{
    test::allocation_max = bytes;
    auto result = call();
    test::allocation_max = test::unlimited;
    return result;
}

constexpr std::size_t bound_min = 2048, bound_max = std::size_t{1} << 26; // smaller requests are those of error messages

} // namespace

TEST_CASE("the golden trainings allocate nothing from their second step on, on one thread and on three")
{
    std::size_t trainings = 0;
    for (const golden::Task& task : golden::tasks()) {
        if (!task.initial) continue;
        ++trainings;
        CAPTURE(task.name);
        for (const unsigned threads : {1U, 3U}) {
            const auto executor = exec::make_fast_executor(task.program, task.data, golden::seed, threads);
            REQUIRE(executor.has_value());
            REQUIRE(static_cast<bool>((*executor)->load(initial_state(task))));
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

TEST_CASE("memory that is not there is an error before the first step, and before a trace's first node")
{
    const golden::Task task = golden::tasks().front();
    REQUIRE(task.initial.has_value());
    const std::vector<program::Tensor> start = initial_state(task);
    const auto make = [&] { return exec::make_fast_executor(task.program, task.data, golden::seed, 2); };
    const auto visit = [](program::NodeIndex, program::Tensor&) { return false; };
    const auto expected = make();
    REQUIRE((*expected)->load(start).ok());
    (*expected)->step();
    bool was_refused = false, trace_was_refused = false, was_enough = false;
    for (std::size_t bound = bound_min; bound <= bound_max && !was_enough; bound *= 2) {
        CAPTURE(bound);
        const auto limited = with_at_most(bound, make);
        was_refused = was_refused || !limited;
        if (!limited) CHECK(limited.error() == Error::out_of_memory);
        const auto executor = make();
        REQUIRE((*executor)->load(start).ok());
        const Status traced = with_at_most(bound, [&] { return (*executor)->traced_step(visit); });
        trace_was_refused = trace_was_refused || !traced.ok();
        was_enough = limited.has_value() && traced.ok();
        if (traced.ok()) continue;
        CHECK(traced.error() == Error::out_of_memory);
        (*executor)->step();
        CHECK((*executor)->outputs() == (*expected)->outputs());
    }
    CHECK(was_refused);
    CHECK(trace_was_refused);
    CHECK(was_enough);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // theirs is more address space than any limit
TEST_CASE("threads that the system does not give are an error before the first step, which says how many were asked for")
{
    constexpr unsigned threads = 256; // of some megabytes of stack each
    const golden::Task task = golden::tasks().front();
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        std::size_t pages = 0;
        std::ifstream{"/proc/self/statm"} >> pages;
        const rlim_t bytes = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) + (rlim_t{64} << 20);
        const rlimit limit{bytes, bytes};
        if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(2);
        const auto executor = exec::make_fast_executor(task.program, task.data, golden::seed, threads);
        _exit(!executor && executor.error() == Error::out_of_memory && executor.failure().detail == "256 threads cannot be begun" ? 0 : 1);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}
#endif
