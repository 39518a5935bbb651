// The table of adversaries. A row is a sentence: who, what it does, over which lie.
#include <assay/sim/adversaries.hpp>

#include <assay/dispute/players.hpp>

#include "sim/filters.hpp"

namespace assay::sim {

using dispute::Side;

namespace {

constexpr Side solver = Side::solver;
constexpr Side challenger = Side::challenger;
using enum LieKind;
using namespace filters;

constexpr std::array table{
    // A wrong result, and an honest player behind it: one wrong commitment, all others right.
    Adversary{"forged-state", "commits a state that is not made of its step's outputs", solver, output, nullptr},
    Adversary{"foreign-start", "computes from another state than the one before the step", solver, source_state, nullptr},
    Adversary{"other-data", "computes from other data than the task's", solver, source_data, nullptr},
    Adversary{"forged-element", "commits one element that its operands do not give", solver, element, nullptr},
    Adversary{"forged-result", "commits a record whose result its inputs do not give", solver, result, nullptr},
    Adversary{"forged-input", "commits a record with another input than the operand's element", solver, input, nullptr},
    Adversary{"broken-sum", "commits a record that does not continue the one before it", solver, join, nullptr},
    Adversary{"forged-constant", "commits a record with another constant than the program's", solver, constant, nullptr},
    // Time and order.
    Adversary{"stalling", "answers at the last tick of its clock, every time", solver, anything, stalls},
    Adversary{"silent", "never answers", solver, anything, is_silent},
    Adversary{"tired", "answers a few times and then no more", solver, anything, falls_silent},
    Adversary{"late", "answers one tick after its clock has run out", solver, anything, is_late},
    Adversary{"repeating", "sends every move several times, at different times", solver, anything, repeats},
    Adversary{"replaying", "answers with moves of other games, under their name and under this game's", solver, anything,
              replays_other_games},
    Adversary{"misdirected", "names another game in its moves", solver, anything, renames_game},
    Adversary{"hasty", "numbers its moves too high", solver, anything, skips_ahead},
    Adversary{"rewriting", "numbers its moves too low, as if to change what was played", solver, anything, goes_back},
    Adversary{"usurping", "moves for the challenger", solver, anything, moves_for_the_other},
    Adversary{"equivocating", "sends two different answers with one number", solver, anything, changes_its_mind},
    Adversary{"noisy", "sends moves that mean nothing", solver, anything, sends_noise},
    // Form.
    Adversary{"short-front", "reveals one node too few", solver, anything, shortens_front},
    Adversary{"long-front", "reveals one node too many", solver, anything, lengthens_front},
    Adversary{"mixed-front", "shows a hash where a record belongs, and a record where a hash belongs", solver, anything, mixes_front},
    Adversary{"swapped-front", "reveals nodes in another order", solver, anything, swaps_front},
    Adversary{"forged-front", "reveals nodes that do not combine to what it committed", solver, anything, forges_front},
    Adversary{"forged-root", "opens another tree than the one whose front it shows", solver, anything, forges_root},
    Adversary{"forged-pin", "opens a tree that does not end in what is disputed", solver, anything, forges_pin},
    Adversary{"long-pin", "shows a path that is longer than the tree is high", solver, anything, lengthens_pin},
    Adversary{"no-pin", "shows no path, or one where none belongs", solver, anything, drops_pin},
    Adversary{"no-last-record", "opens an element without its last record, or another layer with one", solver, input, drops_last_record},
    Adversary{"forged-last-record", "opens an element whose last record ends in another value", solver, input, forges_last_record},
    Adversary{"short-chunk", "shows a chunk that lacks a byte", solver, element, shortens_chunk},
    Adversary{"long-chunk", "shows a chunk with a byte too many", solver, element, lengthens_chunk},
    Adversary{"forged-chunk", "shows other bytes than those it committed", solver, element, forges_chunk},
    Adversary{"reopening", "opens a tree again instead of revealing more of it", solver, anything, opens_again},
    // Money: what these gain is the market's affair; the verdict is this.
    Adversary{"self-convicting", "has the right result, and never answers, to be convicted by an accomplice", solver, truth, is_silent},
    Adversary{"self-destroying", "has the right result, and shows malformed fronts to be convicted by an accomplice", solver, truth,
              shortens_front},

    // False claims against the truth, and an honest player behind them.
    Adversary{"disputes-state", "claims that the state is not made of the step's outputs", challenger, output, nullptr},
    Adversary{"disputes-start", "claims that a step began elsewhere", challenger, source_state, nullptr},
    Adversary{"disputes-data", "claims that the data were others", challenger, source_data, nullptr},
    Adversary{"disputes-element", "claims that an element is another", challenger, element, nullptr},
    Adversary{"disputes-result", "claims that a record's result is another", challenger, result, nullptr},
    Adversary{"disputes-input", "claims that a record's input is another", challenger, input, nullptr},
    Adversary{"disputes-sum", "claims that a record continues another", challenger, join, nullptr},
    Adversary{"disputes-constant", "claims that a record's constant is another", challenger, constant, nullptr},
    // Time and order.
    Adversary{"stalling", "selects at the last tick of its clock, every time", challenger, anything, stalls},
    Adversary{"silent", "never selects", challenger, anything, is_silent},
    Adversary{"tired", "selects a few times and then no more", challenger, anything, falls_silent},
    Adversary{"late", "selects one tick after its clock has run out", challenger, anything, is_late},
    Adversary{"repeating", "sends every move several times, at different times", challenger, anything, repeats},
    Adversary{"replaying", "selects with moves of other games, under their name and under this game's", challenger, anything,
              replays_other_games},
    Adversary{"misdirected", "names another game in its moves", challenger, anything, renames_game},
    Adversary{"hasty", "numbers its moves too high", challenger, anything, skips_ahead},
    Adversary{"rewriting", "numbers its moves too low, as if to change what was played", challenger, anything, goes_back},
    Adversary{"usurping", "moves for the solver", challenger, anything, moves_for_the_other},
    Adversary{"equivocating", "sends two different selections with one number", challenger, anything, changes_its_mind},
    Adversary{"noisy", "sends moves that mean nothing", challenger, anything, sends_noise},
    // Form and place.
    Adversary{"selects-outside", "selects what was not revealed", challenger, anything, selects_outside},
    Adversary{"wandering", "selects by chance, and proves by chance", challenger, truth, selects_by_chance},
    Adversary{"prolonging", "selects what is small enough to be proved", challenger, anything, selects_what_is_proved},
    Adversary{"impatient", "proves what is not small enough yet", challenger, anything, proves_too_early},
    Adversary{"no-descriptor", "selects a node without its descriptor", challenger, element, drops_descriptor},
    Adversary{"more-descriptors", "shows a descriptor where none belongs", challenger, anything, adds_descriptor},
    Adversary{"forged-descriptor", "shows a descriptor that is not the program's", challenger, element, forges_descriptor},
    Adversary{"other-descriptor", "shows another node's descriptor", challenger, element, takes_other_descriptor},
    Adversary{"forged-source", "forges the tensor of the state or the data", challenger, source_state, forges_source},
    Adversary{"forged-list", "forges the list that a source stands in", challenger, source_state, forges_list},
    Adversary{"forged-output", "forges which node is behind an output", challenger, output, forges_output},
    Adversary{"forged-operand", "forges the operands of an element or a record", challenger, input, forges_operand},
    Adversary{"forged-element-operand", "forges the operands of an element of a single step", challenger, element, forges_operand},
    Adversary{"forged-path", "forges the paths to an operand", challenger, input, forges_paths},
    Adversary{"forged-element-path", "forges the paths to the operands of an element of a single step", challenger, element, forges_paths},
    Adversary{"fewer-operands", "opens an operand too few", challenger, element, drops_operand},
    Adversary{"more-operands", "opens an operand too many", challenger, element, adds_operand},
    Adversary{"forged-join", "forges the record that is continued", challenger, join, forges_join},
    Adversary{"other-input", "names another input of a record", challenger, input, names_other_input},
    Adversary{"other-evidence", "shows evidence of a kind that does not fit", challenger, anything, takes_other_evidence},
    Adversary{"sybil", "shares the solver's result, and challenges it in order to lose", challenger, truth, nullptr},
};

constexpr std::array pairs{
    Collusion{"shield of silence", "a friend challenges first and falls silent, so that the false claim is upheld once", "forged-result", "silent"},
    Collusion{"shield of consent", "a friend that shares the result challenges it and finds nothing", "forged-state", "sybil"},
    Collusion{"shield of proof", "a friend points at a place that is right, so that the referee itself upholds the false claim", "forged-input",
              "disputes-element"},
    Collusion{"slow shield", "both wait for the last tick of every turn, to keep their game open until nobody can challenge any more", "stalling",
              "stalling"},
    Collusion{"shield of noise", "both send what is refused, again and again", "noisy", "noisy"},
    Collusion{"self-conviction", "the solver falls silent before its accomplice, who is to get the slash", "self-convicting", "stalling"},
    Collusion{"self-destruction", "the solver shows malformed fronts to its accomplice, who is to get the slash", "self-destroying", "disputes-sum"},
    Collusion{"race", "the solver loses to its accomplice quickly, before an honest challenger can", "silent", "repeating"},
};

} // namespace

std::span<const Collusion> collusions()
{
    return pairs;
}

std::span<const Adversary> adversaries()
{
    return table;
}

const Adversary* find_adversary(Side side, std::string_view name)
{
    const auto found = std::find_if(table.begin(), table.end(), [&](const Adversary& one) { return one.side == side && one.name == name; });
    return found == table.end() ? nullptr : &*found;
}

void honest_answer(const View& view, std::vector<Send>& sends)
{
    sends.clear();
    if (view.game.is_settled() || view.game.to_move() != view.side) return;
    if (!write_next_move(view.game, view.trace, sends.emplace_back().move)) sends.clear();
}

void answer_of(const Adversary& adversary, const View& view, std::vector<Send>& sends)
{
    honest_answer(view, sends);
    if (adversary.filter != nullptr && !view.game.is_settled()) adversary.filter(view, sends);
}

} // namespace assay::sim
