#include "app/training.hpp"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include <assay/commit/tensors.hpp>
#include <assay/hash/openssl.hpp>
#include <assay/store/run_recorder.hpp>

#include "app/progress.hpp"

namespace assay::app {

using program::Tensor;

namespace {

double number(const Tensor& tensor, std::uint64_t element)
{
    return static_cast<double>(std::bit_cast<float>(tensor.element(element)));
}

// Which output of the training program is its loss.
std::size_t loss_output(const program::Program& program)
{
    const auto& outputs = program.outputs();
    const auto loss = std::find_if(outputs.begin(), outputs.end(), [](const program::Output& output) { return output.name == "loss"; });
    ASSAY_CHECK(loss != outputs.end());
    return static_cast<std::size_t>(loss - outputs.begin());
}

} // namespace

replay::ExecutorFactory Setting::factory() const
{
    return [committed = program, data = data, seed = task.seed, threads = threads] {
        return exec::make_fast_executor(committed->program(), data, seed, threads);
    };
}

replay::RunTrace Setting::trace(std::uint64_t segment, std::vector<Tensor> checkpoint, replay::Deviation deviation) const
{
    return replay::RunTrace{{program, data, task.seed, std::move(checkpoint), commit::segment_steps(task, segment)},
                            factory(),
                            std::move(deviation),
                            hasher->function()};
}

Setting make_setting(const program::Program& program, exec::DataSet data, std::vector<Tensor> initial, std::uint64_t seed,
                     std::uint64_t steps, std::uint64_t interval, unsigned threads)
{
    const auto committed = std::make_shared<const commit::CommittedProgram>(program, hash::sha256_bulk);
    const commit::Task task{digest_of(committed->commitment()),
                            commit::state_digest(std::span{*data}, hash::sha256_bulk),
                            seed,
                            steps,
                            interval,
                            commit::state_digest(std::span<const Tensor>{initial}, hash::sha256_bulk)};
    return {task,    committed, std::move(data), std::move(initial), std::make_shared<const exec::ParallelHasher>(hash::sha256_bulk, threads),
            threads};
}

Result<std::vector<Tensor>> run_once(const program::Program& program, exec::DataSet data, std::span<const Tensor> states,
                                     std::uint64_t seed, unsigned threads)
{
    ASSAY_TRY_ASSIGN(const std::unique_ptr<exec::Executor> executor, exec::make_fast_executor(program, std::move(data), seed, threads));
    ASSAY_TRY(executor->load(states));
    executor->step();
    return executor->outputs();
}

Result<Run> train(const Setting& setting, store::ChunkStore& checkpoints)
{
    const program::Program& program = setting.program->program();
    const std::size_t loss = loss_output(program);
    const Digest id = digest_of(setting.task);
    ASSAY_TRY_ASSIGN(const std::unique_ptr<exec::Executor> executor, setting.factory()());
    ASSAY_TRY(executor->load(setting.initial));
    store::RunRecorder recorder{checkpoints, id, program.states(), setting.hasher->function()};
    std::vector<Tensor> state = setting.initial;
    ASSAY_TRY(recorder.record(state));
    Run run;
    Progress progress{"training", setting.task.steps};
    for (std::uint64_t step = 1; step <= setting.task.steps; ++step) {
        executor->step();
        run.losses.push_back(number(executor->output(loss), 0));
        progress.update(step, fmt::format("loss {:.3f}", run.losses.back()));
        if (step % setting.task.interval != 0 && step != setting.task.steps) continue;
        executor->read_outputs(state);
        if (step == setting.task.steps) run.result = state;
        ASSAY_TRY(recorder.record(state));
    }
    ASSAY_TRY_ASSIGN(run.log, recorder.finish());
    run.seconds = progress.finish();
    return run;
}

Result<Evaluation> evaluate(const Problem& problem, std::span<const Tensor> state, unsigned threads)
{
    const program::Program& program = problem.programs.evaluation;
    std::vector<Tensor> data = *problem.data;
    data.emplace_back(program.data().back().type);
    ASSAY_TRY_ASSIGN(const std::unique_ptr<exec::Executor> executor,
                     exec::make_fast_executor(program, std::make_shared<const std::vector<Tensor>>(data), 0, threads));
    ASSAY_TRY(executor->load(state));
    Evaluation sum;
    Progress progress{"evaluation", problem.held_out.size()};
    for (std::size_t first = 0; first < problem.held_out.size(); first += problem.batch) {
        const std::size_t count = std::min<std::size_t>(problem.batch, problem.held_out.size() - first);
        // The last batch is filled up with its first example, which is not counted again.
        for (std::size_t i = 0; i < problem.batch; ++i) data.back().set_element(i, problem.held_out[first + (i < count ? i : 0)]);
        ASSAY_TRY(executor->load_data(std::make_shared<const std::vector<Tensor>>(data)));
        executor->step();
        const Tensor losses = executor->output(0), hits = executor->output(1);
        for (std::size_t i = 0; i < count; ++i) {
            sum.loss += number(losses, i);
            sum.accuracy += number(hits, i);
        }
        progress.update(first + count, "");
    }
    progress.finish();
    const double predictions = static_cast<double>(problem.held_out.size()) * static_cast<double>(problem.predictions);
    return Evaluation{sum.loss / predictions, sum.accuracy / predictions};
}

} // namespace assay::app
