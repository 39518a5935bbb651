// How many simulated disputes a core plays in a second, over synthetic runs of 2^20 steps: both players, the game and the referee, without
// the checks that a test makes after every message. Each line is one lie; the label says which layers its games go through, how many nodes a
// reveal shows, and who lies. Where every node is hashed again, the games keep nothing of each other.
#include <benchmark/benchmark.h>

#include <cstdio>

#include <assay/hash/openssl.hpp>
#include <assay/sim/simulator.hpp>

using namespace assay;

namespace {

constexpr std::uint64_t steps = std::uint64_t{1} << 20;

struct Course {
    const char* name;
    sim::SyntheticSizes sizes;
    sim::Lie lie; // its step is chosen anew for each game
};

const sim::Adversary& liar(dispute::Side side)
{
    for (const sim::Adversary& one : sim::adversaries())
        if (one.side == side && one.filter == nullptr) return one;
    std::fprintf(stderr, "no adversary tells only a lie\n");
    std::exit(1);
}

void play(benchmark::State& state, const Course& course, std::uint8_t levels, dispute::Side side, bool hashes_again)
{
    sim::Options options;
    options.hashes_again = hashes_again;
    options.function = hash::sha256_bulk;
    options.checks_bytes = false;
    sim::Simulator simulator{options};
    sim::Random random{20};
    sim::Scenario scenario;
    scenario.sizes = course.sizes;
    scenario.reveal_levels = levels;
    (side == dispute::Side::solver ? scenario.solver : scenario.challenger) = &liar(side);
    sim::Lie& lie = side == dispute::Side::solver ? scenario.solver_lie : scenario.challenger_lie;
    lie = course.lie;
    std::uint64_t games = 0, moves = 0;
    for (auto _ : state) {
        lie.step = random.below(steps);
        scenario.seed = games++;
        const sim::Outcome outcome = simulator.play(scenario);
        if (!outcome.broken.empty()) state.SkipWithError(outcome.broken.c_str());
        moves += outcome.moves;
    }
    state.counters["games"] = benchmark::Counter(static_cast<double>(games), benchmark::Counter::kIsRate);
    state.counters["moves"] = static_cast<double>(moves) / static_cast<double>(games);
}

} // namespace

int main(int argc, char** argv)
{
    benchmark::Initialize(&argc, argv);
    using Where = sim::Lie::Where;
    const sim::SyntheticSizes small{steps, 16, 1, 1, 1, 16};
    const sim::SyntheticSizes large{steps, 1024, 1U << 20, 1024, 16, 16};
    // Node 0 copies the state, node 16 adds, node 19 is a sum.
    const Course courses[]{
        {"segment alone, then a source", small, {Where::node, 0, 0, 0, 0, 0, 3}},
        {"segment, step, tensor", large, {Where::node, 0, 0, 1008, 123456, 0, 3}},
        {"segment, step, tensor, element", large, {Where::record, 0, 0, 1011, 0, 700, 3}},
    };
    for (const bool hashes_again : {false, true})
        for (const Course& course : courses)
            for (const std::uint8_t levels : std::array<std::uint8_t, 4>{1, 2, 3, 4})
                for (const dispute::Side side : {dispute::Side::solver, dispute::Side::challenger}) {
                    const std::string name = std::string{course.name} + "/" + std::to_string(1 << levels) + " nodes/" +
                                             (side == dispute::Side::solver ? "solver lies" : "challenger lies") +
                                             (hashes_again ? "/every node hashed again" : "");
                    const auto run = [&course, levels, side, hashes_again](benchmark::State& state) {
                        play(state, course, levels, side, hashes_again);
                    };
                    benchmark::RegisterBenchmark(name.c_str(), run)
                        ->MinTime(0.3); // the first games make what the others share, and take a hundred times as long
                }
    benchmark::RunSpecifiedBenchmarks();
}
