// Compares a function with MPFR at every binary32, or at every nth:
//     check_functions NAME|all integer|native [--stride n] [--threads n]
// `integer` is assay::arith, `native` the bulk version of exec on this machine's best vector target.
// Exit status 0 when all results agree, 1 when one does not, 2 for a command line that it does not know.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include <unistd.h>

#include "exec/kernels/functions.hpp"
#include "tests/functions_oracle.hpp"

using namespace assay;

namespace {

constexpr std::uint64_t pattern_count = std::uint64_t{1} << 32;
constexpr std::size_t chunk_size = 4096;

using Bulk = void (*)(std::span<const float>, std::span<float>);
constexpr std::array<Bulk, 7> native_functions{exec::exponential, exec::logarithm, exec::hyperbolic_tangent,    exec::error_function,
                                               exec::sine,        exec::cosine,    exec::reciprocal_square_root};

class Check {
public:
    Check(std::size_t row, bool is_native, std::uint64_t stride)
        : m_row(&test::function_rows[row]), m_native(is_native ? native_functions[row] : nullptr), m_stride(stride),
          m_shows_progress(stride == 1 && isatty(STDERR_FILENO) == 1)
    {
    }

    // Takes chunks of arguments until none is left. Any number of threads may do so.
    void work()
    {
        test::FunctionsOracle oracle;
        std::vector<float> in(chunk_size), out(chunk_size);
        for (std::uint64_t first; (first = m_next.fetch_add(chunk_size * m_stride)) < pattern_count;) {
            in.clear();
            for (std::uint64_t a = first; in.size() < chunk_size && a < pattern_count; a += m_stride)
                in.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(a)));
            out.resize(in.size());
            evaluate(in, out);
            for (std::size_t i = 0; i < in.size(); ++i)
                compare(oracle, std::bit_cast<std::uint32_t>(in[i]), std::bit_cast<std::uint32_t>(out[i]));
            if (m_shows_progress && first % (pattern_count / 100) < chunk_size)
                std::fprintf(stderr, "\r%.*s: %llu %%", width(), m_row->name.data(),
                             static_cast<unsigned long long>(first * 100 / pattern_count));
        }
        m_exact_calls += oracle.exact_calls();
    }
    // Whether all agreed.
    [[nodiscard]] bool report() const
    {
        std::printf("%s%.*s: %llu differ, %llu decided by MPFR\n", m_shows_progress ? "\n" : "", width(), m_row->name.data(),
                    static_cast<unsigned long long>(m_different), static_cast<unsigned long long>(m_exact_calls));
        return m_different == 0;
    }

private:
    void evaluate(const std::vector<float>& in, std::vector<float>& out) const
    {
        if (m_native != nullptr) return m_native(in, out);
        for (std::size_t i = 0; i < in.size(); ++i) out[i] = std::bit_cast<float>(m_row->integer(std::bit_cast<std::uint32_t>(in[i])));
    }
    void compare(test::FunctionsOracle& oracle, std::uint32_t a, std::uint32_t ours)
    {
        const std::uint32_t expected = oracle.expected(*m_row, a);
        if (ours != expected && m_different.fetch_add(1) < 20)
            std::printf("\n%.*s(%08x) = %08x for %08x\n", width(), m_row->name.data(), a, ours, expected);
    }
    [[nodiscard]] int width() const { return static_cast<int>(m_row->name.size()); }

    const test::FunctionRow* m_row;
    Bulk m_native;
    std::uint64_t m_stride;
    bool m_shows_progress; // to whom looks on, of what takes minutes
    std::atomic<std::uint64_t> m_next{0}, m_different{0}, m_exact_calls{0};
};

int explain()
{
    std::fprintf(stderr, "check_functions NAME|all integer|native [--stride n] [--threads n]\n");
    return 2;
}

} // namespace

int main(int count, char** words)
{
    std::uint64_t stride = 1, threads = 1;
    for (int i = 3; i + 1 < count; i += 2) {
        const auto value = std::strtoull(words[i + 1], nullptr, 10);
        if (std::strcmp(words[i], "--stride") == 0) stride = value;
        if (std::strcmp(words[i], "--threads") == 0) threads = value;
    }
    if (count < 3 || stride == 0 || threads == 0) return explain();
    const bool is_native = std::strcmp(words[2], "native") == 0;
    if (!is_native && std::strcmp(words[2], "integer") != 0) return explain();
    bool known = false, good = true;
    for (std::size_t row = 0; row < test::function_rows.size(); ++row) {
        if (test::function_rows[row].name != words[1] && std::strcmp(words[1], "all") != 0) continue;
        known = true;
        Check check(row, is_native, stride);
        std::vector<std::thread> workers;
        for (std::uint64_t i = 0; i < threads; ++i) workers.emplace_back([&check] { check.work(); });
        for (std::thread& worker : workers) worker.join();
        good = check.report() && good;
    }
    return !known ? explain() : good ? 0 : 1;
}
