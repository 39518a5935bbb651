// The referee: whether one place in the solver's commitments is consistent. A pure function of bytes, with integer operations only;
// it needs no model, no data set, no floating-point unit. Spec: spec/dispute.md, DISPUTE-14 to DISPUTE-20.
#pragma once

#include <assay/dispute/game.hpp>

namespace assay::dispute {

enum class Finding : std::uint8_t { fault, consistent };

// Judges `evidence` about the selected place of a game whose front or chunk has `index` selected.
// Returns: fault when the solver's own commitments contradict each other or the program there.
// Errors: invalid_proof when the evidence is not of the kind that this place demands, and those of the openings in it: then nothing
// was shown, for or against.
Result<Finding> judge(const GameState& state, const Prove& proof);

} // namespace assay::dispute
