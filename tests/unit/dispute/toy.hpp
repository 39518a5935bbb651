// Scenarios on the toy task for the tests of disputes.
#pragma once

#include <doctest/doctest.h>

#include <assay/dispute/bounds.hpp>

#include "tests/unit/dispute/toy_task.hpp"

namespace assay::toy {

struct Outcome {
    Transcript transcript;
    Verdict verdict = Verdict::upheld;
    bool by_timeout = false;
    std::uint32_t moves = 0;
};

// Every game stays within what was said about it before. Spec: DISPUTE-27.
inline void check_bounds(const Transcript& transcript, const program::Program& program)
{
    const auto most = bounds(sizes_of(program, transcript.statement.steps), transcript.terms);
    REQUIRE(most);
    std::uint64_t bytes[2]{};
    std::uint64_t ends = transcript.timeout_claimed ? transcript.timeout_claimed->value - 1 : 0;
    for (const TimedMove& timed : transcript.moves) {
        bytes[timed.move.number % 2] += encode(timed.move).size();
        ends = std::max(ends, timed.at.value);
        if (std::holds_alternative<Prove>(timed.move.body)) CHECK(encode(timed.move).size() <= most->evidence_bytes);
    }
    CHECK((transcript.moves.size() + 1) / 2 <= most->rounds);
    CHECK(bytes[0] <= most->solver_bytes);
    CHECK(bytes[1] <= most->challenger_bytes);
    CHECK(ends - transcript.started.value <= most->ticks);
}

// Plays one game to its end, and then its transcript again: after every move the stored game is the game.
inline Outcome play(replay::RunTrace& solver, replay::RunTrace& challenger, std::uint8_t levels)
{
    const auto statement = solver.statement(Digest{}, 0);
    REQUIRE(statement);
    const auto transcript = play_out(*statement, terms(levels), parties(), Tick{10}, solver, challenger);
    REQUIRE(transcript);
    auto game = Game::start(*statement, terms(levels), parties(), Tick{10});
    REQUIRE(game);
    for (const TimedMove& timed : transcript->moves) {
        REQUIRE(game->apply(timed.move, timed.at));
        const auto stored = Game::decode(game->encode());
        REQUIRE(stored);
        REQUIRE(*stored == *game);
    }
    check_bounds(*transcript, solver.program().program());
    const bool by_timeout = transcript->timeout_claimed.has_value();
    if (by_timeout) REQUIRE(game->claim_timeout(*transcript->timeout_claimed));
    return {*transcript, *game->verdict(), by_timeout, game->state().moves()};
}

} // namespace assay::toy
