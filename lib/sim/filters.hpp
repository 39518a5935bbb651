// What adversaries do to an honest player's moves; adversaries.cpp says what each is for.
#pragma once

#include <assay/sim/player.hpp>

namespace assay::sim::filters {

#define ASSAY_FILTER(name) void name(const View& view, std::vector<Send>& sends)

// Of either side.
ASSAY_FILTER(stalls);
ASSAY_FILTER(is_silent);
ASSAY_FILTER(falls_silent);
ASSAY_FILTER(is_late);
ASSAY_FILTER(repeats);
ASSAY_FILTER(replays_other_games);
ASSAY_FILTER(renames_game);
ASSAY_FILTER(skips_ahead);
ASSAY_FILTER(goes_back);
ASSAY_FILTER(moves_for_the_other);
ASSAY_FILTER(changes_its_mind);
ASSAY_FILTER(sends_noise);

// Of solvers.
ASSAY_FILTER(shortens_front);
ASSAY_FILTER(lengthens_front);
ASSAY_FILTER(mixes_front);
ASSAY_FILTER(swaps_front);
ASSAY_FILTER(forges_front);
ASSAY_FILTER(forges_root);
ASSAY_FILTER(forges_pin);
ASSAY_FILTER(lengthens_pin);
ASSAY_FILTER(drops_pin);
ASSAY_FILTER(drops_last_record);
ASSAY_FILTER(forges_last_record);
ASSAY_FILTER(shortens_chunk);
ASSAY_FILTER(lengthens_chunk);
ASSAY_FILTER(forges_chunk);
ASSAY_FILTER(opens_again);

// Of challengers.
ASSAY_FILTER(selects_outside);
ASSAY_FILTER(selects_by_chance);
ASSAY_FILTER(selects_what_is_proved);
ASSAY_FILTER(proves_too_early);
ASSAY_FILTER(drops_descriptor);
ASSAY_FILTER(adds_descriptor);
ASSAY_FILTER(forges_descriptor);
ASSAY_FILTER(takes_other_descriptor);
ASSAY_FILTER(forges_source);
ASSAY_FILTER(forges_list);
ASSAY_FILTER(forges_output);
ASSAY_FILTER(forges_operand);
ASSAY_FILTER(forges_paths);
ASSAY_FILTER(drops_operand);
ASSAY_FILTER(adds_operand);
ASSAY_FILTER(forges_join);
ASSAY_FILTER(names_other_input);
ASSAY_FILTER(takes_other_evidence);

#undef ASSAY_FILTER

// The next move of the game, with this body.
dispute::Move with_body(const View& view, dispute::MoveBody body);

} // namespace assay::sim::filters
