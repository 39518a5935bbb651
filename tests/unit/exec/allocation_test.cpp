// A step allocates nothing once the first is done: all of its memory was planned. This program counts what operator new is asked for.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include <assay/golden/golden.hpp>

using namespace assay;

namespace {

std::atomic<std::size_t> allocations{0};

void* counted(std::size_t bytes, std::size_t alignment)
{
    ++allocations;
    void* memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

} // namespace

void* operator new(std::size_t bytes)
{
    return counted(bytes, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new(std::size_t bytes, std::align_val_t alignment)
{
    return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept
{
    std::free(memory);
}

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
