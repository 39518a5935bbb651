// What the doctor says of a host that computes otherwise, and of a machine that it does not trust.
#include <doctest/doctest.h>

#include <assay/exec/vector_target.hpp>
#include <assay/golden/golden.hpp>

#include "app/doctor.hpp"
#include "tests/equal/host_arithmetic.hpp"
#include "tests/unit/exec/targets.hpp"

using namespace assay;
using namespace assay::app;

TEST_CASE("NUMERICS-22 NUMERICS-24 the doctor says how its host computes, and trusts the machine all the same")
{
    test::set({"", FE_UPWARD, test::can_flush});
    const Diagnosis diagnosis = diagnose(2);
    test::set(test::strict_host);
    CHECK(diagnosis.host_arithmetic.find("rounds in a direction") != std::string::npos);
    CHECK((diagnosis.host_arithmetic.find("flushes subnormal") != std::string::npos) == test::can_flush);
    CHECK(diagnosis.own_arithmetic == "rounds to nearest, keeps subnormal numbers");
    CHECK(diagnosis.compiler.find("-ffp-contract=off") != std::string::npos);
    CHECK(diagnosis.self_test.ok());
}

TEST_CASE("NUMERICS-24 a machine whose self-test fails is not to be replayed on, in the last line")
{
    Diagnosis diagnosis;
    diagnosis.self_test = failure(Error::state_mismatch, "perceptron has another digest");
    const std::string text = to_text(diagnosis);
    CHECK(text.find("can be trusted") == std::string::npos);
    CHECK(text.substr(text.rfind('\n', text.size() - 2) + 1).starts_with("DO NOT REPLAY"));
    CHECK(text.find("perceptron has another digest") != std::string::npos);
}

TEST_CASE("a processor without any instructions that this was compiled for is refused before the first step, and the doctor says so")
{
    CHECK(exec::check_processor().ok());
    const golden::Task task = golden::tasks().front();
    test::on_unsupported_processor([&] {
        CHECK(exec::make_interpreter(task.program, task.data, golden::seed).error() == Error::unsupported_processor);
        CHECK(exec::make_fast_executor(task.program, task.data, golden::seed, 1).error() == Error::unsupported_processor);
        const std::string text = to_text(diagnose(1));
        CHECK(text.find("can be trusted") == std::string::npos);
        CHECK(text.find("DO NOT REPLAY on this machine with this build: unsupported_processor: the library was compiled for") != std::string::npos);
    });
}
