// Who sits at a simulated table. A player sees the public game and says what it sends; when that arrives is the simulator's affair.
#pragma once

#include <assay/dispute/trace.hpp>
#include <assay/sim/random.hpp>

namespace assay::sim {

struct Send {
    dispute::Move move;
    std::uint64_t wait = 0; // ticks from now until it arrives
};

// Everything that a player may decide by.
struct View {
    const dispute::Game& game;
    dispute::Side side;
    Tick now;
    Random& random;
    dispute::Trace& trace;
    const std::vector<dispute::Move>& heard; // moves of other games, to replay
};

// `sends` becomes the honest player's answer: its move when it is its turn and it has one; otherwise nothing. It remembers nothing, so
// a player that was restarted gives it again.
void honest_answer(const View& view, std::vector<Send>& sends);

} // namespace assay::sim
