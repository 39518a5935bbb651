// The honest players: what to do next, as a function of the public state and of the party's own trace, never of anything remembered.
// A party that was restarted computes the same move and goes on. Spec: spec/dispute.md, DISPUTE-22 and DISPUTE-23.
#pragma once

#include <assay/dispute/trace.hpp>

namespace assay::dispute {

// The solver's next move: it opens what is asked for. Requires: the solver is to move. Errors: those of the trace.
Result<Move> next_solver_move(const Game& game, Trace& trace);

// The challenger's next move: it selects the first thing that differs from its own trace, and proves the fault at the bottom.
// Requires: the challenger is to move. Errors: no_disagreement when the solver's commitments are the challenger's own, and those of
// the trace.
Result<Move> next_challenger_move(const Game& game, Trace& trace);

// `move` becomes the next move of the side to move, as above, whose own trace this is; for players of many games, as moves are large.
// Requires: not settled. Errors: as above; `move` is then of no use.
Status write_next_move(const Game& game, Trace& trace, Move& move);

} // namespace assay::dispute
