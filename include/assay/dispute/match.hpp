// Both players at one table. Spec: spec/dispute.md, DISPUTE-22 to DISPUTE-24.
#pragma once

#include <assay/dispute/trace.hpp>
#include <assay/dispute/transcript.hpp>

namespace assay::dispute {

// Plays a whole game between two traces, one tick a move: for tests, simulations and demonstrations; real parties are apart. A party
// that has no move, or whose move is refused, lets its clock run out. Returns: the settled game's record. Errors: those of Game::start.
Result<Transcript> play_out(const Statement& statement, const Terms& terms, const Parties& parties, Tick start, Trace& solver, Trace& challenger);

} // namespace assay::dispute
