// Another process, for tests that kill it or starve it.
#pragma once

#include <cstdio>

#include <doctest/doctest.h>

namespace assay::test {

// Its output can be read line by line. The destructor waits for its end.
class Process {
public:
    explicit Process(const std::string& command) : m_pipe(popen(command.c_str(), "r")) { REQUIRE(m_pipe != nullptr); }
    ~Process() { pclose(m_pipe); }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    // The next line without its end; empty when there is none.
    std::string line()
    {
        char buffer[1000] = "";
        if (std::fgets(buffer, sizeof buffer, m_pipe) == nullptr) return {};
        std::string text = buffer;
        if (text.ends_with('\n')) text.pop_back();
        return text;
    }

private:
    std::FILE* m_pipe;
};

} // namespace assay::test
