// The golden tasks have their digests here, on every target, for every executor and thread count, and in any host.
#include <doctest/doctest.h>

#include <assay/golden/golden.hpp>

#include "tests/unit/exec/host_environment.hpp"
#include "tests/unit/exec/targets.hpp"

using namespace assay;

namespace {

golden::MakeExecutor fast(unsigned threads)
{
    return [threads](const program::Program& program, exec::DataSet data, std::uint64_t seed) {
        return exec::make_fast_executor(program, std::move(data), seed, threads);
    };
}

void check(const golden::MakeExecutor& make)
{
    const Status status = golden::self_test(make);
    CHECK_MESSAGE(status.ok(), (status ? "" : status.failure().message()));
}

} // namespace

TEST_CASE("NUMERICS-24 the interpreter has the golden digests")
{
    check(exec::make_interpreter);
}

TEST_CASE("NUMERICS-24 the fast executor has the golden digests on every target, for 1 to 16 threads, and whatever its host has set")
{
    test::on_every_target([] { check(fast(1)); });
    for (const unsigned threads : {2U, 3U, 7U, 16U}) check(fast(threads));
    test::on_every_host_environment([] { check(fast(2)); });
}

TEST_CASE("NUMERICS-24 a self-test that goes wrong names the task and both digests")
{
    const auto forgetful = [](const program::Program& program, exec::DataSet data, std::uint64_t) {
        return exec::make_fast_executor(program, std::move(data), 1, 1);
    };
    const Status status = golden::self_test(forgetful);
    REQUIRE(!status);
    CHECK(status.error() == Error::state_mismatch);
    CHECK(status.failure().detail.starts_with("perceptron (momentum"));
}
