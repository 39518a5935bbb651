// Compares a function with MPFR at every binary32, or at every nth: check_functions NAME|all [--stride n] [--threads n].
// Exit status 0 when all results agree, 1 when one does not, 2 for a command line that it does not know.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "tests/functions_oracle.hpp"

using namespace assay;

namespace {

constexpr std::uint64_t pattern_count = std::uint64_t{1} << 32;
constexpr std::uint64_t block_size = std::uint64_t{1} << 22;

class Check {
public:
    Check(const test::FunctionRow& row, std::uint64_t stride) : m_row(&row), m_stride(stride) {}

    // Takes blocks until none is left. Any number of threads may do so.
    void work()
    {
        test::FunctionsOracle oracle;
        std::uint64_t compared = 0;
        for (std::uint64_t block; (block = m_next.fetch_add(1)) * block_size < pattern_count;) {
            const std::uint64_t first = (block * block_size + m_stride - 1) / m_stride * m_stride;
            for (std::uint64_t a = first; a < (block + 1) * block_size; a += m_stride, ++compared)
                compare(oracle, static_cast<std::uint32_t>(a));
            if (m_stride == 1 && block % 32 == 31)
                std::fprintf(stderr, "\r%.*s: %llu %%", width(), m_row->name.data(),
                             static_cast<unsigned long long>(block * block_size * 100 / pattern_count));
        }
        m_compared += compared;
        m_exact_calls += oracle.exact_calls();
    }
    // Whether all agreed.
    [[nodiscard]] bool report() const
    {
        std::printf("%s%.*s: %llu arguments, %llu differ, %llu decided by MPFR\n", m_stride == 1 ? "\n" : "", width(), m_row->name.data(),
                    static_cast<unsigned long long>(m_compared), static_cast<unsigned long long>(m_different),
                    static_cast<unsigned long long>(m_exact_calls));
        return m_different == 0;
    }

private:
    void compare(test::FunctionsOracle& oracle, std::uint32_t a)
    {
        const std::uint32_t ours = m_row->integer(a), expected = oracle.expected(*m_row, a);
        if (ours != expected && m_different.fetch_add(1) < 20)
            std::printf("\n%.*s(%08x) = %08x for %08x\n", width(), m_row->name.data(), a, ours, expected);
    }
    [[nodiscard]] int width() const { return static_cast<int>(m_row->name.size()); }

    const test::FunctionRow* m_row;
    std::uint64_t m_stride;
    std::atomic<std::uint64_t> m_next{0}, m_compared{0}, m_different{0}, m_exact_calls{0};
};

} // namespace

int main(int count, char** words)
{
    std::uint64_t stride = 1, threads = 1;
    for (int i = 2; i + 1 < count; i += 2) {
        const auto value = std::strtoull(words[i + 1], nullptr, 10);
        if (std::strcmp(words[i], "--stride") == 0) stride = value;
        if (std::strcmp(words[i], "--threads") == 0) threads = value;
    }
    bool known = false, good = true;
    if (stride == 0 || threads == 0) count = 1;
    for (const test::FunctionRow& row : test::function_rows) {
        if (count < 2 || (row.name != words[1] && std::strcmp(words[1], "all") != 0)) continue;
        known = true;
        Check check(row, stride);
        std::vector<std::thread> workers;
        for (std::uint64_t i = 0; i < threads; ++i) workers.emplace_back([&check] { check.work(); });
        for (std::thread& worker : workers) worker.join();
        good = check.report() && good;
    }
    if (!known) {
        std::fprintf(stderr, "check_functions NAME|all [--stride n] [--threads n]\n");
        return 2;
    }
    return good ? 0 : 1;
}
