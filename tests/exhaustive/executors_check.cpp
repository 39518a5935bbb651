// Both executors on the transformer of examples/nanogpt.sh, digest by digest. The interpreter takes minutes for a step, so that this is not a test
// that runs every time:
//     check_executors TEXT [STEPS]     20 steps when none are given
#include <cstdio>
#include <cstdlib>

#include <assay/commit/tensors.hpp>
#include <assay/hash/openssl.hpp>

#include "app/problem.hpp"
#include "app/training.hpp"

using namespace assay;

namespace {

int complain(const Failure& failure)
{
    std::fprintf(stderr, "check_executors: %s\n", failure.message().c_str());
    return 1;
}

Digest digest_of(const exec::Executor& executor)
{
    const std::vector<program::Tensor> state = executor.outputs();
    return commit::state_digest(std::span{state}, hash::sha256_openssl);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 2) return std::fprintf(stderr, "usage: check_executors TEXT [STEPS]\n"), 1;
    const int steps = argc > 2 ? std::atoi(argv[2]) : 20;
    constexpr std::uint64_t seed = 1337;
    app::ProblemOptions options;
    options.input = argv[1];
    options.rate = 1e-3;
    options.rate_min = 1e-4;
    options.warm_up_steps = 100;
    options.steps = 2000;
    const auto problem = app::make_problem(options);
    if (!problem) return complain(problem.failure());
    const auto no_data = std::make_shared<const std::vector<program::Tensor>>();
    const auto initial = app::run_once(problem->programs.initial, no_data, {}, seed, 1);
    if (!initial) return complain(initial.failure());
    const auto interpreter = exec::make_interpreter(problem->programs.training, problem->data, seed);
    const auto fast = exec::make_fast_executor(problem->programs.training, problem->data, seed, 1);
    if (!interpreter || !fast) return complain(interpreter ? fast.failure() : interpreter.failure());
    for (exec::Executor* executor : {interpreter->get(), fast->get()})
        if (const Status loaded = executor->load(*initial); !loaded) return complain(loaded.failure());
    for (int step = 1; step <= steps; ++step) {
        (*fast)->step();
        (*interpreter)->step();
        const Digest one = digest_of(**fast), other = digest_of(**interpreter);
        std::printf("step %d of %d: %s %s\n", step, steps, to_hex(one).c_str(), one == other ? "both" : ("DIFFERS from " + to_hex(other)).c_str());
        std::fflush(stdout);
        if (one != other) return 2;
    }
    return 0;
}
