// What a verdict costs over the size of model and run: synthetic runs whose steps, nodes, elements and terms all grow by the same factor, from 1 to
// 2^20. Each ends in the longest proofs that there are, about an input of a scalar step; the referee judges the bytes of the last move.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <map>

#include <assay/dispute/match.hpp>
#include <assay/hash/openssl.hpp>
#include <assay/sim/synthetic.hpp>

#include "value_of.hpp"

using namespace assay;

namespace {

// A run 2^scale times as large as the smallest; a program has at most 2^20 nodes here.
sim::SyntheticSizes sizes_at(unsigned scale)
{
    sim::SyntheticSizes sizes;
    sizes.steps = std::uint64_t{2} << scale;
    sizes.nodes = 32U << std::min(scale, 15U);
    sizes.elements = std::uint64_t{1024} << scale;
    sizes.terms = 1024U << scale;
    return sizes;
}

struct LastMove {
    Bytes place;
    Digest commitment;
    Bytes move;
    std::size_t moves = 0;
};

// The game about `lie` before its last move, which proves.
LastMove last_move(const std::shared_ptr<sim::SyntheticTask>& task, const sim::Lie& lie)
{
    sim::SyntheticTrace solver{task, lie}, challenger{task};
    dispute::Terms terms{4, Tick{1000}, Tick{1000}};
    dispute::Parties parties;
    parties.challenger.bytes[0] = 1;
    dispute::Transcript transcript =
        value_of(dispute::play_out(solver.statement(Digest{}, 0), terms, parties, Tick{0}, solver, challenger));
    const dispute::TimedMove last = transcript.moves.back();
    transcript.moves.pop_back();
    const dispute::Game game = value_of(dispute::replay(transcript));
    const dispute::Place place = dispute::place_of(game.state(), game.id());
    return {encode(place), digest_of(place), encode(last.move), transcript.moves.size() + 1};
}

// Of the lies about a run's last nodes, steps and elements: the one with the longest last move.
LastMove longest_move(unsigned scale)
{
    const sim::SyntheticSizes sizes = sizes_at(scale);
    const auto task = value_of(sim::SyntheticTask::make(sizes, hash::sha256_openssl));
    LastMove longest;
    for (std::uint32_t node = 0; node < 32; ++node)
        for (const bool about_record : {false, true}) {
            sim::Lie lie{sim::Lie::Where::node, sizes.steps - 1, 0, sizes.nodes - 1 - node, 0, 0, 0};
            const std::uint64_t records = task->records_of(lie.node);
            if (about_record && records == 1) continue;
            if (about_record) lie.where = sim::Lie::Where::record, lie.record = records / 3;
            lie.element = task->elements_of(lie.node) / 3;
            LastMove here = last_move(task, lie);
            if (here.move.size() > longest.move.size()) longest = std::move(here);
        }
    return longest;
}

void judge_last_move(benchmark::State& state, const LastMove& last, hash::HashFunction function)
{
    for (auto _ : state) {
        const auto verdict = dispute::judge(last.commitment, last.place, last.move, function);
        if (!verdict || *verdict != dispute::Verdict::convicted) state.SkipWithError("the solver was not convicted");
    }
    state.counters["evidence_bytes"] = static_cast<double>(last.move.size());
    state.counters["place_bytes"] = static_cast<double>(last.place.size());
    state.counters["moves"] = static_cast<double>(last.moves);
}

} // namespace

int main(int argc, char** argv)
{
    benchmark::Initialize(&argc, argv);
    for (unsigned scale = 0; scale <= 20; scale += 2) {
        const LastMove last = longest_move(scale);
        const std::string name = std::to_string(scale);
        benchmark::RegisterBenchmark(("portable/" + name).c_str(), judge_last_move, last, hash::HashFunction{hash::sha256});
        benchmark::RegisterBenchmark(("openssl/" + name).c_str(), judge_last_move, last, hash::HashFunction{hash::sha256_openssl});
    }
    benchmark::RunSpecifiedBenchmarks();
}
