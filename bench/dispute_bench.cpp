// What a dispute costs the referee, on the transformer of examples/nanogpt.sh: the time to check the last move, and a whole game, and the
// bytes that it reads. One line for each cheat.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <filesystem>

#include <assay/dispute/match.hpp>

#include "app/cheats.hpp"
#include "app/training.hpp"

using namespace assay;

namespace {

constexpr std::uint64_t seed = 1337;
constexpr std::uint64_t steps = 2;

app::ProblemOptions nano_options()
{
    app::ProblemOptions options;
    const std::string text = ASSAY_SHARED_DATA "/tinyshakespeare.txt";
    options.input = std::filesystem::exists(text) ? text : ASSAY_SOURCE_DIR "/spec/program.md";
    options.rate = 1e-3;
    options.rate_min = 1e-4;
    options.warm_up_steps = 100;
    options.steps = 2000;
    return options;
}

template <class T>
T value_of(Result<T> result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", result.failure().message().c_str());
        std::exit(1);
    }
    return std::move(*result);
}

dispute::Transcript dispute_about(const app::Setting& setting, const app::Cheat& cheat)
{
    replay::RunTrace honest = setting.trace(0, setting.initial);
    replay::RunTrace cheating = setting.trace(0, setting.initial, value_of(cheat.make(setting.program->program(), 1)));
    const dispute::Statement statement = value_of(cheating.statement(digest_of(setting.task), 0));
    dispute::Parties parties;
    parties.challenger.bytes[0] = 1;
    return value_of(dispute::play_out(statement, {4, Tick{100}, Tick{100}}, parties, Tick{0}, cheating, honest));
}

// The game as it stands before its last move.
dispute::Game game_before_last(dispute::Transcript transcript)
{
    transcript.moves.pop_back();
    return value_of(dispute::replay(transcript));
}

void judge_last_move(benchmark::State& state, const dispute::Transcript& transcript)
{
    const dispute::Game before = game_before_last(transcript);
    const Bytes bytes = encode(transcript.moves.back().move);
    for (auto _ : state) {
        dispute::Game game = before;
        const auto move = decode<dispute::Move>(bytes);
        const auto status = game.apply(*move, transcript.moves.back().at);
        if (!status || game.verdict() != dispute::Verdict::convicted) state.SkipWithError("the solver was not convicted");
    }
    state.counters["evidence_bytes"] = static_cast<double>(bytes.size());
}

void judge_whole_game(benchmark::State& state, const dispute::Transcript& transcript)
{
    for (auto _ : state) {
        const auto game = dispute::replay(transcript);
        if (!game || game->verdict() != dispute::Verdict::convicted) state.SkipWithError("the solver was not convicted");
    }
    std::size_t bytes = 0;
    for (const dispute::TimedMove& timed : transcript.moves) bytes += encode(timed.move).size();
    state.counters["moves"] = static_cast<double>(transcript.moves.size());
    state.counters["bytes"] = static_cast<double>(bytes);
}

} // namespace

int main(int argc, char** argv)
{
    benchmark::Initialize(&argc, argv);
    const app::Problem problem = value_of(app::make_problem(nano_options()));
    const auto no_data = std::make_shared<const std::vector<program::Tensor>>();
    const app::Setting setting =
        app::make_setting(problem.programs.training, problem.data, value_of(app::run_once(problem.programs.initial, no_data, {}, seed, 2)),
                          seed, steps, steps, 2);
    for (const app::Cheat& cheat : app::cheats()) {
        const dispute::Transcript transcript = dispute_about(setting, cheat);
        benchmark::RegisterBenchmark(("last move/" + cheat.name).c_str(), judge_last_move, transcript);
        benchmark::RegisterBenchmark(("whole game/" + cheat.name).c_str(), judge_whole_game, transcript);
    }
    benchmark::RunSpecifiedBenchmarks();
}
