// Whole knock-outs in virtual time, between players of any kind, for the tests of whoever plays them. Library: assay::testing.
// Spec: spec/knockout.md, KNOCKOUT-3 to KNOCKOUT-12.
#pragma once

#include <functional>

#include <assay/dispute/knockout_record.hpp>
#include <assay/sim/adversaries.hpp>

namespace assay::sim {

// Who enters: what it claims, what it knows of a segment, and how it plays each side of its games. A null adversary is the honest player.
struct KnockoutPlayer {
    Digest party;
    dispute::Claim claim;
    std::function<dispute::Trace&(std::uint64_t segment)> trace;
    const Adversary* as_solver = nullptr;
    const Adversary* as_challenger = nullptr;
    bool calls = true;                // its games; otherwise only its opponents do
    std::uint32_t rounds_cut_off = 0; // the first rounds, in which nothing that it sends is heard
};

// What a player sent, and in how many games.
struct KnockoutCost {
    std::uint64_t games = 0;
    std::uint64_t bytes = 0;
};

struct KnockoutOutcome {
    dispute::Knockout knockout; // settled, unless something is broken
    dispute::KnockoutRecord record;
    std::vector<KnockoutCost> costs;
    std::string broken; // the invariant that did not hold; empty when all did
};

// Plays to the end; one seed, one result. Each entrant has the number of its player. Moves that are late or refused are lost, and whoever
// then has no time left loses. Requires: a valid contest, claims that it allows, parties that are all different.
KnockoutOutcome play_knockout(const dispute::Contest& contest, std::span<const KnockoutPlayer> players, std::uint64_t seed,
                              hash::HashFunction function = hash::sha256);

} // namespace assay::sim
