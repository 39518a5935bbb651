// Golden tasks: small trainings whose results are written down, so that any build on any machine can show that it replays what all others
// do. Spec: spec/numerics.md, NUMERICS-24. The digests are in lib/golden/digests.def.
#pragma once

#include <assay/exec/executor.hpp>

namespace assay::golden {

struct Task {
    std::string_view name;
    std::string_view covers;                 // in words
    std::optional<program::Program> initial; // its outputs are the first state; none: there is no state
    program::Program program;
    exec::DataSet data;
    std::uint32_t steps = 1;
    Digest expected; // the state_digest of the last outputs
};

inline constexpr std::uint64_t seed = 20'000'003;

// All of them; together they take the fast executor well under a second, and the interpreter a few.
std::vector<Task> tasks();

using MakeExecutor = std::function<Result<std::unique_ptr<exec::Executor>>(const program::Program&, exec::DataSet, std::uint64_t seed)>;

// The digest that a task has with these executors. Errors: those of the executors.
Result<Digest> run(const Task& task, const MakeExecutor& make);

// Runs all tasks. Errors: state_mismatch, naming the first task whose digest is not the expected one, with both; those of run.
Status self_test(const MakeExecutor& make);

} // namespace assay::golden
