#include "app/doctor.hpp"

#include <fstream>

#include <fmt/format.h>

#include <assay/exec/floating_point_environment.hpp>
#include <assay/exec/vector_target.hpp>
#include <assay/golden/golden.hpp>

namespace assay::app {

namespace {

std::string processor_name()
{
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);)
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    return "unknown";
}

std::string thread_arithmetic()
{
    // Asked of the arithmetic: fegetround answers for the x87 unit, which computes nothing here.
    volatile float one = 1, quarter = 0x1p-25F, most = 0x1.8p-24F, smallest_normal = 0x1p-126F, half = 0.5F;
    const float above = one + quarter, below = -one - quarter, away = one + most;
    const char* rounding = above == 1 && below == -1 && away > 1 ? "rounds to nearest" : "rounds in a direction";
    const float subnormal = smallest_normal * half;
    return fmt::format("{}, {} subnormal numbers", rounding, subnormal == 0 ? "flushes" : "keeps");
}

std::string own_arithmetic()
{
    const exec::FloatingPointEnvironment environment;
    return thread_arithmetic();
}

Status test_executors(unsigned threads)
{
    ASSAY_TRY(golden::self_test(exec::make_interpreter));
    for (const unsigned count : {1U, threads})
        ASSAY_TRY(golden::self_test([count](const program::Program& program, exec::DataSet data, std::uint64_t seed) {
            return exec::make_fast_executor(program, std::move(data), seed, count);
        }));
    return {};
}

} // namespace

Diagnosis diagnose(unsigned threads)
{
    const Status supported = exec::check_processor();
    return {processor_name(),    supported ? std::string{exec::vector_target()} : "none that this build knows",
            ASSAY_COMPILER,      thread_arithmetic(),
            own_arithmetic(),    supported ? test_executors(threads) : supported};
}

std::string to_text(const Diagnosis& diagnosis)
{
    const std::string verdict = diagnosis.self_test
                                    ? "This machine can be trusted to replay: the golden tasks have the digests that they have everywhere."
                                    : "DO NOT REPLAY on this machine with this build: " + diagnosis.self_test.failure().message();
    return fmt::format("processor        {}\nvectors          {}\ncompiler         {}\nhost's thread    {} (results do not depend on "
                       "it)\nown arithmetic   {}\n{}\n",
                       diagnosis.processor, diagnosis.vector_target, diagnosis.compiler, diagnosis.host_arithmetic,
                       diagnosis.own_arithmetic, verdict);
}

} // namespace assay::app
