// Memory that is shared out in turn: only where pieces begin and how many bytes there have to be, not the bytes.
#pragma once

#include <cstddef>
#include <map>

namespace assay::exec {

class Arena {
public:
    // First fit among the free pieces, by address. Throws std::bad_alloc where no address space would hold it.
    std::size_t allocate(std::size_t bytes);
    void release(std::size_t begin, std::size_t bytes);
    [[nodiscard]] std::size_t bytes() const { return m_bytes; }

private:
    std::map<std::size_t, std::size_t> m_free; // begin and size
    std::size_t m_bytes = 0;
};

} // namespace assay::exec
