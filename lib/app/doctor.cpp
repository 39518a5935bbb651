#include "app/doctor.hpp"

#include <cfenv>
#include <fstream>

#include <fmt/format.h>

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

std::string host_arithmetic()
{
    const char* rounding = std::fegetround() == FE_TONEAREST ? "rounds to nearest" : "rounds in a direction";
    volatile float smallest_normal = 0x1p-126F, half = 0.5F;
    const float subnormal = smallest_normal * half;
    return fmt::format("{}, {} subnormal numbers", rounding, subnormal == 0 ? "flushes" : "keeps");
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
    return {processor_name(), std::string{exec::vector_target()}, ASSAY_COMPILER, host_arithmetic(), test_executors(threads)};
}

std::string to_text(const Diagnosis& diagnosis)
{
    const std::string verdict = diagnosis.self_test
                                    ? "This machine can be trusted to replay: the golden tasks have the digests that they have everywhere."
                                    : "DO NOT REPLAY on this machine with this build: " + diagnosis.self_test.failure().message();
    return fmt::format(
        "processor        {}\nvectors          {}\ncompiler         {}\nhost's thread    {} (results do not depend on it)\n{}\n",
        diagnosis.processor, diagnosis.vector_target, diagnosis.compiler, diagnosis.host_arithmetic, verdict);
}

} // namespace assay::app
