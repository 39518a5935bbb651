// Counts what a program asks operator new for, and refuses what is larger than a bound. To be included by one source of a program, whose operators it replaces.
#pragma once

#include <atomic>
#include <cstdlib>
#include <new>

namespace assay::test {

inline constexpr std::size_t unlimited = ~std::size_t{0};
inline std::atomic<std::size_t> allocations{0}, allocation_max{unlimited};

inline void* counted(std::size_t bytes, std::size_t alignment)
{
    ++allocations;
    if (bytes > allocation_max) throw std::bad_alloc();
    void* memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

} // namespace assay::test

void* operator new(std::size_t bytes)
{
    return assay::test::counted(bytes, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new(std::size_t bytes, std::align_val_t alignment)
{
    return assay::test::counted(bytes, static_cast<std::size_t>(alignment));
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
