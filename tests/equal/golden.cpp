// Shows that this build on this machine gives the golden tasks their digests, however it is run:
//     equal_golden [--short | --emulated | --quick | --host LIBRARY]
// By the interpreter; by the fast executor on every vector target that the build and the processor have, with 1 to 16 threads (--short: 1
// and 16), and on threads whose host has set another rounding mode or flushes subnormal numbers (--short: both). --emulated, for a processor
// that is some thirty times slower: all tasks on 2 threads, and the two smaller ones by the interpreter and with such a host. --quick: the two
// smaller ones alone, on 2 threads. With --host, LIBRARY is loaded first, and must be one that changes the arithmetic of threads started
// later, as those linked with -ffast-math do. Exit status 0 when all digests are the expected ones, 1 when one is not, 2 for a command line
// that it does not know, 77 when LIBRARY changes nothing, so that nothing could be shown. Spec: spec/numerics.md, NUMERICS-20, NUMERICS-22,
// NUMERICS-24.
#include <cfenv>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include <assay/exec/vector_target.hpp>
#include <assay/golden/golden.hpp>

#include "tests/equal/host_arithmetic.hpp"

#if !defined(ASSAY_PORTABLE)
#include <dlfcn.h>

#include "lib/exec/kernels/targets.hpp"
#include <hwy/highway.h>
#endif

using namespace assay;

namespace {

golden::MakeExecutor fast(unsigned threads)
{
    return [threads](const program::Program& program, exec::DataSet data, std::uint64_t seed) {
        return exec::make_fast_executor(program, std::move(data), seed, threads);
    };
}

class Runs {
public:
    void run(const std::string& how, const golden::MakeExecutor& make)
    {
        const auto begin = std::chrono::steady_clock::now();
        const Status status = golden::self_test(make);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        ++m_runs;
        if (!status) ++m_different;
        std::printf("%-52s %6.2f s  %s\n", how.c_str(), took.count(), status ? "equal" : status.failure().message().c_str());
        std::fflush(stdout);
    }
    void refuse(const std::string& why)
    {
        ++m_different;
        std::printf("%s\n", why.c_str());
    }
    void run_smaller(const std::string& how, const golden::MakeExecutor& make)
    {
        std::printf("%s\n", how.c_str());
        for (const golden::Task& task : golden::tasks())
            if (task.name != "transformer") run(task, make);
    }
    void run(const golden::Task& task, const golden::MakeExecutor& make)
    {
        const Result<Digest> digest = golden::run(task, make);
        const bool equal = digest && *digest == task.expected;
        ++m_runs;
        if (!equal) ++m_different;
        std::printf("    %s: %s\n", std::string{task.name}.c_str(),
                    equal    ? "equal"
                    : digest ? to_hex(*digest).c_str()
                             : digest.failure().message().c_str());
        std::fflush(stdout);
    }
    [[nodiscard]] int report() const
    {
        if (m_different == 0) std::printf("%u runs, all with the golden digests\n", m_runs);
        else std::printf("%u of %u runs went WRONG\n", m_different, m_runs);
        return m_different == 0 ? 0 : 1;
    }

private:
    unsigned m_runs = 0, m_different = 0;
};

template <class Body>
void on_every_target(const Body& body)
{
#if defined(ASSAY_PORTABLE)
    body();
#else
    for (std::int64_t rest = hwy::SupportedTargets() & HWY_TARGETS; rest != 0; rest &= rest - 1) {
        hwy::SetSupportedTargetsForTest(rest & -rest);
        body();
    }
    hwy::SetSupportedTargetsForTest(0);
#endif
}

void run_in_host(Runs& runs, const test::HostArithmetic& host, bool smaller = false)
{
    test::set(host);
    const std::string how = std::string{"host's threads "} + host.name + ", 3 threads";
    if (smaller) runs.run_smaller(how, fast(3));
    else runs.run(how, fast(3));
    if (!test::is_set(host)) runs.refuse("the host's own setting was not put back");
    test::set(test::strict_host);
}

// Loads a library that makes threads flush, for good. Returns whether it did.
bool load_host(const char* library)
{
#if defined(ASSAY_PORTABLE)
    std::fprintf(stderr, "equal_golden: a portable build is linked statically and loads no %s\n", library);
    return false;
#else
    if (dlopen(library, RTLD_NOW) == nullptr) {
        std::fprintf(stderr, "equal_golden: %s\n", dlerror());
        return false;
    }
    bool flushes = false;
    std::thread([&] { flushes = test::flushes_subnormal_numbers(); }).join();
    if (flushes) return true;
    std::fprintf(stderr, "equal_golden: %s was loaded, but threads keep subnormal numbers: it shows nothing\n", library);
    return false;
#endif
}

void run_all(Runs& runs, bool is_short)
{
    runs.run("interpreter", exec::make_interpreter);
    on_every_target([&] {
        for (unsigned threads = 1; threads <= 16; ++threads)
            if (!is_short || threads == 1 || threads == 16)
                runs.run(std::string{exec::vector_target()} + ", threads: " + std::to_string(threads), fast(threads));
    });
    const std::vector<test::HostArithmetic> hosts = test::other_hosts();
    for (std::size_t i = is_short ? hosts.size() - 1 : 0; i < hosts.size(); ++i) run_in_host(runs, hosts[i]);
}

void run_emulated(Runs& runs)
{
    runs.run("2 threads", fast(2));
    runs.run_smaller("interpreter", exec::make_interpreter);
    run_in_host(runs, test::other_hosts().back(), true);
}

int run_in_loaded_host(Runs& runs, const char* library)
{
    if (!load_host(library)) return 77;
    std::fesetround(FE_UPWARD);
    runs.run("interpreter, -ffast-math host that rounds upwards", exec::make_interpreter);
    for (const unsigned threads : {1U, 2U, 16U})
        runs.run(std::to_string(threads) + " threads, -ffast-math host that rounds upwards", fast(threads));
    return runs.report();
}

} // namespace

int main(int count, char** words)
{
    const std::string option = count > 1 ? words[1] : "";
    Runs runs;
    if (option == "--host" && count == 3) return run_in_loaded_host(runs, words[2]);
    if (count == 1 || (count == 2 && option == "--short")) run_all(runs, count == 2);
    else if (count == 2 && option == "--emulated") run_emulated(runs);
    else if (count == 2 && option == "--quick") runs.run_smaller(std::string{exec::vector_target()} + ", 2 threads", fast(2));
    else return std::fprintf(stderr, "usage: equal_golden [--short | --emulated | --quick | --host LIBRARY]\n"), 2;
    return runs.report();
}
