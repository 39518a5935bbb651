// Games about a lie at every node of the toy task, and about a state that is not the step's outputs: every layer and every phase.
#pragma once

#include "tests/unit/dispute/toy.hpp"

namespace assay::toy {

// Flips bits of a node's last element in the last step of 3: the noise of an earlier one reaches no state.
inline replay::Deviation lies_at(std::uint32_t node)
{
    replay::Deviation deviation;
    deviation.node = [node](std::uint64_t step, NodeIndex here, Tensor& output) {
        if (step != 2 || here.value != node) return false;
        const std::uint64_t last = output.type().elements() - 1;
        output.set_element(last, output.element(last) ^ 0x00400001U);
        return true;
    };
    return deviation;
}

inline replay::Deviation skips_a_tensor()
{
    replay::Deviation deviation;
    deviation.state = [](std::uint64_t step, std::span<const Tensor> before, std::vector<Tensor>& after) {
        if (step == 2) after[2] = before[2];
    };
    return deviation;
}

// Plays a dishonest solver against the truth, and hands `visit` the game before each of the moves that were made.
template <class Visit>
void at_places_of(const replay::Deviation& deviation, std::uint8_t levels, Visit visit)
{
    replay::RunTrace solver = trace(3, deviation);
    replay::RunTrace challenger = trace(3);
    if (*solver.after() == *challenger.after()) return;
    const auto statement = solver.statement(Digest{}, 0);
    const auto transcript = play_out(*statement, terms(levels), parties(), Tick{10}, solver, challenger);
    REQUIRE(transcript);
    Game game = *Game::start(*statement, terms(levels), parties(), Tick{10});
    for (const TimedMove& timed : transcript->moves) {
        visit(game, timed);
        REQUIRE(game.apply(timed.move, timed.at));
    }
    CHECK(!transcript->timeout_claimed);
    CHECK(game.verdict() == Verdict::convicted);
}

template <class Visit>
void at_every_place(Visit visit)
{
    for (std::uint32_t node = 0; node < toy_program().nodes().size(); ++node)
        at_places_of(lies_at(node), static_cast<std::uint8_t>(1 + node % 4), visit);
    at_places_of(skips_a_tensor(), 1, visit);
    at_places_of(skips_a_tensor(), 2, visit);
}

} // namespace assay::toy
