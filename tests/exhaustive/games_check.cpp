// Many simulated disputes over all pairs of strategies, and the story of the first that breaks an invariant:
//     check_games [GAMES [FIRST_SEED]]     1000 games from seed 0 when none are given
// What was seen stands in README.md beside this file. Exit code 1 when an invariant is broken, or an honest party lost.
#include <charconv>
#include <cstdio>
#include <cstring>

#include <assay/hash/openssl.hpp>
#include <assay/sim/simulator.hpp>

#include "app/progress.hpp"

using namespace assay;

namespace {

bool read_number(const char* text, std::uint64_t& number)
{
    const auto [end, error] = std::from_chars(text, text + std::strlen(text), number);
    return error == std::errc{} && *end == '\0';
}

} // namespace

int main(int count, char** words)
{
    std::uint64_t games = 1000, first = 0;
    if (count > 3 || (count > 1 && !read_number(words[1], games)) || (count > 2 && !read_number(words[2], first)))
        return std::fprintf(stderr, "usage: check_games [GAMES [FIRST_SEED]]\n"), 2;
    sim::Options options;
    options.function = hash::sha256_bulk;
    options.checks_bytes = false;
    sim::Simulator simulator{options};
    app::Progress progress{"games", games};
    std::uint64_t convicted = 0, honest = 0, moves = 0;
    for (std::uint64_t i = 0; i < games; ++i) {
        if (i % 256 == 0) progress.update(i, "");
        const sim::Scenario scenario = simulator.scenario_of(first + i);
        const sim::Outcome outcome = simulator.play(scenario);
        if (!outcome.broken.empty()) {
            progress.clear();
            std::fprintf(stderr, "seed %llu:\n%s", static_cast<unsigned long long>(first + i),
                         simulator.story_of(simulator.minimised(scenario)).c_str());
            return 1;
        }
        honest += scenario.solver == nullptr || scenario.challenger == nullptr;
        convicted += outcome.verdict == dispute::Verdict::convicted;
        moves += outcome.moves;
    }
    const double seconds = progress.finish();
    std::printf("%llu games, %llu with an honest party, 0 of which it lost; %llu convictions, %llu moves; %.0f games a second\n",
                static_cast<unsigned long long>(games), static_cast<unsigned long long>(honest), static_cast<unsigned long long>(convicted),
                static_cast<unsigned long long>(moves), static_cast<double>(games) / seconds);
}
