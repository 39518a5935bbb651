// Memory that a program's values lie in.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#endif
#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

#include "exec/kernels/words.hpp"

namespace assay::exec {

// Bytes of memory that the machine has; where that is not known, all that can be named. Systems give more than they have, and end a process
// that uses it, so that asking the allocator is not enough.
inline std::uint64_t machine_memory()
{
#if defined(_SC_PHYS_PAGES) && defined(_SC_PAGESIZE)
    const long pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGESIZE);
    if (pages > 0 && bytes > 0) return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(bytes);
#endif
    return ~std::uint64_t{0};
}

struct AlignedDelete {
    std::align_val_t alignment{64};
    void operator()(std::uint8_t* bytes) const { ::operator delete(bytes, alignment); }
};

// Uninitialised bytes, on a border of cache lines; where they are many, on pages as large as the system has. Throws std::bad_alloc.
class Memory {
public:
    Memory() = default;
    explicit Memory(std::uint64_t bytes) : m_bytes(allocate(std::max<std::size_t>(bytes, 1)), AlignedDelete{alignment_of(bytes)})
    {
#ifdef MADV_HUGEPAGE
        if (bytes >= huge) static_cast<void>(madvise(m_bytes.get(), bytes, MADV_HUGEPAGE)); // advice: nothing depends on its success
#endif
    }
    [[nodiscard]] std::uint8_t* bytes() const
    {
        return m_bytes.get();
    }
    [[nodiscard]] Word* words() const
    {
        return reinterpret_cast<Word*>(m_bytes.get());
    }

private:
    static constexpr std::size_t huge = std::size_t{2} << 20; // of the usual large page
    static std::align_val_t alignment_of(std::size_t bytes)
    {
        return std::align_val_t{bytes >= huge ? huge : 64};
    }
    static std::uint8_t* allocate(std::size_t bytes)
    {
        return static_cast<std::uint8_t*>(::operator new(bytes, alignment_of(bytes)));
    }
    std::unique_ptr<std::uint8_t, AlignedDelete> m_bytes;
};

} // namespace assay::exec
