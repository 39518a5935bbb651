// What a fuzz target is: a function of bytes that returns, or ends the process where the library is wrong; and good inputs to begin with.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <vector>

#include <assay/base/bytes.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace assay::fuzz {

std::vector<Bytes> seeds();

// Ends the process where `holds` is false.
inline void expect(bool holds, const char* what)
{
    if (holds) return;
    std::fprintf(stderr, "not so: %s\n", what);
    std::abort();
}

// Reads numbers off the front of an input; zeros when nothing is left.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : m_rest(data, size) {}
    std::uint64_t number(std::size_t bytes)
    {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes && !m_rest.empty(); ++i, m_rest = m_rest.subspan(1)) value |= std::uint64_t{m_rest[0]} << 8 * i;
        return value;
    }
    [[nodiscard]] ByteView rest() const { return m_rest; }

private:
    ByteView m_rest;
};

} // namespace assay::fuzz
