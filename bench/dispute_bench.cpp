// What a dispute costs, on the transformer of examples/nanogpt.sh, one line for each cheat: the referee's time to check the last move, and a
// whole game, and the bytes that it reads; and both parties' time for a game about an interval of 20 steps, beside replaying it.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <ctime>
#include <filesystem>

#include <assay/dispute/match.hpp>
#include <assay/dispute/players.hpp>

#include "app/cheats.hpp"
#include "app/training.hpp"
#include "value_of.hpp"

using namespace assay;

namespace {

constexpr std::uint64_t seed = 1337;
constexpr std::uint64_t steps = 2;
constexpr std::uint64_t interval = 20; // between two checkpoints of examples/nanogpt.sh
constexpr std::uint64_t disputed = 9;  // the step of the interval that is false

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

// Adds the processor time of some work, all threads together: other work on the machine changes it little.
template <class Work>
auto timed(double& seconds, Work work)
{
    const std::clock_t start = std::clock();
    auto result = work();
    seconds += static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    return result;
}

// Both parties are fresh: they hold the checkpoint before the interval and nothing else.
void play_as_parties(benchmark::State& state, const app::Setting& setting, const app::Cheat& cheat)
{
    const auto cheating_trace = [&] {
        return setting.trace(0, setting.initial, value_of(cheat.make(setting.program->program(), disputed)));
    };
    const dispute::Statement statement = value_of(cheating_trace().statement(digest_of(setting.task), 0));
    dispute::Parties parties;
    parties.challenger.bytes[0] = 1;
    double solver = 0, challenger = 0, referee = 0, replay = 0;
    std::array<std::size_t, 2> bytes{};
    for (auto _ : state) {
        replay::RunTrace honest = setting.trace(0, setting.initial), cheating = cheating_trace(), replayed = setting.trace(0, setting.initial);
        value_of(timed(replay, [&] { return replayed.after(); }));
        dispute::Game game = value_of(dispute::Game::start(statement, {4, Tick{100}, Tick{100}}, parties, Tick{0}));
        for (Tick now{1}; !game.is_settled(); ++now.value) {
            const bool solves = game.to_move() == dispute::Side::solver;
            const auto move = value_of(solves ? timed(solver, [&] { return dispute::next_solver_move(game, cheating); })
                                              : timed(challenger, [&] { return dispute::next_challenger_move(game, honest); }));
            bytes[solves ? 0 : 1] += encode(move).size();
            value_of(timed(referee, [&] { return game.apply(move, now); }));
        }
        if (game.verdict() != dispute::Verdict::convicted) state.SkipWithError("the solver was not convicted");
    }
    const auto mean = [&](double sum) { return sum / static_cast<double>(state.iterations()); };
    state.counters["solver_s"] = mean(solver);
    state.counters["challenger_s"] = mean(challenger);
    state.counters["referee_s"] = mean(referee);
    state.counters["interval_replay_s"] = mean(replay);
    state.counters["solver_bytes"] = mean(static_cast<double>(bytes[0]));
    state.counters["challenger_bytes"] = mean(static_cast<double>(bytes[1]));
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
    app::Setting longer = setting;
    longer.task.interval = longer.task.steps = interval;
    for (const app::Cheat& cheat : app::cheats())
        benchmark::RegisterBenchmark(("parties/" + cheat.name).c_str(),
                                     [&longer, &cheat](benchmark::State& state) { play_as_parties(state, longer, cheat); })
            ->Iterations(1)
            ->Unit(benchmark::kMillisecond);
    benchmark::RunSpecifiedBenchmarks();
}
