// What each kind of move does to a game's state. Private to the module: turns, numbers, sizes and clocks are checked before (game.cpp).
#pragma once

#include <assay/dispute/game.hpp>

namespace assay::dispute {

// A state that a move changes, once nothing is left that could refuse it.
struct Turn {
    GameState& state;
    hash::HashFunction hash;
    const Digest& game;
    ByteView move;               // as it is encoded
    std::vector<Digest>& hashes; // memory for a front's
};

// Makes `layer` the one to be opened next; its tree has `size` leaves.
void enter(GameState& state, Layer layer, std::uint64_t size);

// Errors: wrong_move for a body that the phase does not wait for; otherwise what is wrong with its content. The state is then as before.
Status apply_body(Turn& turn, const MoveBody& body);

// A commitment that nobody checked could hold anything: what is not the descriptor of a node `node` must not be evaluated. Spec: DISPUTE-4.
Status check_descriptor(const program::Descriptor& descriptor, program::NodeIndex node);

// `hashes` becomes the hashes behind a front's content, in the order of its nodes, which are `levels` below `node`.
// Errors: wrong_proof_length. Spec: DISPUTE-8.
Status front_hashes(Layer layer, merkle::Range node, unsigned levels, const Front& front, hash::HashFunction function, std::vector<Digest>& hashes);

// Errors: not_canonical when no game can be in this state. Spec: DISPUTE-25.
Status check_form(const GameState& state, hash::HashFunction function);

constexpr Side side_to_move(Phase phase)
{
    return phase == Phase::selecting || phase == Phase::selecting_element ? Side::challenger : Side::solver;
}

} // namespace assay::dispute
