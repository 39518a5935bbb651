// Scenarios on the toy task for the tests of disputes.
#pragma once

#include <doctest/doctest.h>

#include "tests/unit/dispute/toy_task.hpp"

namespace assay::toy {

struct Outcome {
    Transcript transcript;
    Verdict verdict = Verdict::upheld;
    bool by_timeout = false;
    std::uint32_t moves = 0;
};

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
    const bool by_timeout = transcript->timeout_claimed.has_value();
    if (by_timeout) REQUIRE(game->claim_timeout(*transcript->timeout_claimed));
    return {*transcript, *game->verdict(), by_timeout, game->state().moves()};
}

} // namespace assay::toy
