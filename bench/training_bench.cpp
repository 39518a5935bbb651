// A training step, its trace, and the memory that they take. Names read TASK/WHAT/ours/THREADS; an item is a token or an image.
// The counter peak_bytes is of the whole process, and so means something where it ran one benchmark alone: bench/training_run.py does that.
#include <benchmark/benchmark.h>

#include "bench/training_tasks.hpp"

using namespace assay;

namespace {

void run(benchmark::State& state, const std::string& name, bool traced, unsigned threads)
{
    const bench::TrainingTask task = bench::training_task(name);
    auto executor = exec::make_fast_executor(task.training, task.data, 1, threads);
    if (!executor) return state.SkipWithError(executor.failure().message().c_str());
    if (const Status loaded = (*executor)->load(bench::initial_state(task)); !loaded)
        return state.SkipWithError(loaded.failure().message().c_str());
    const auto step = [&]() -> Status {
        if (traced) return (*executor)->traced_step([](program::NodeIndex, program::Tensor&) { return false; });
        (*executor)->step();
        return {};
    };
    if (const Status first = step(); !first) return state.SkipWithError(first.failure().message().c_str());
    for (auto _ : state) static_cast<void>(step()); // what can fail has been done
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(task.items));
    state.counters["peak_bytes"] = bench::peak_memory();
}

} // namespace

int main(int count, char** words)
{
    for (const std::string& name : bench::training_task_names())
        for (const bool traced : {false, true})
            for (const unsigned threads : {1U, 2U})
                benchmark::RegisterBenchmark((name + (traced ? "/trace/ours/" : "/step/ours/") + std::to_string(threads)).c_str(),
                                             [name, traced, threads](benchmark::State& state) { run(state, name, traced, threads); })
                    ->UseRealTime()
                    ->Unit(benchmark::kMillisecond);
    benchmark::Initialize(&count, words);
    benchmark::RunSpecifiedBenchmarks();
}
