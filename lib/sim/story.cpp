// Games as sentences.
#include "sim/table.hpp"

namespace assay::sim {

using namespace dispute;

std::string_view name_of(Side side)
{
    return side == Side::solver ? "solver" : "challenger";
}

std::string sentence_of(const Move& move)
{
    const std::string number = "(move " + std::to_string(move.number) + ")";
    if (std::holds_alternative<Open>(move.body)) return "opens a tree " + number;
    if (std::holds_alternative<Reveal>(move.body)) return "reveals what is below the selected node " + number;
    if (std::holds_alternative<RevealChunk>(move.body)) return "shows the selected chunk " + number;
    if (const auto* select = std::get_if<Select>(&move.body)) return "selects entry " + std::to_string(select->index) + " " + number;
    static constexpr std::array kinds{"a source", "an output", "an element", "an arithmetic", "an input", "a join"};
    const Prove& proof = std::get<Prove>(move.body);
    return std::string{"shows "} + kinds[proof.evidence.index()] + " proof about entry " + std::to_string(proof.selection.index) + " " +
           number;
}

namespace {

std::string lie_in_words(const Lie& lie)
{
    const std::string step = "step " + std::to_string(lie.step);
    const std::string node = "node " + std::to_string(lie.node) + " of " + step;
    switch (lie.where) {
    case Lie::Where::nothing: return "tells the truth";
    case Lie::Where::output: return "has a false tensor " + std::to_string(lie.output) + " in the state after " + step;
    case Lie::Where::node: return "has a false element " + std::to_string(lie.element) + " in " + node;
    case Lie::Where::record:
        return "has a false " + (lie.part < 3 ? "input " + std::to_string(lie.part) : std::string{"result"}) + " in record " +
               std::to_string(lie.record) + " of " + node;
    }
    return {};
}

std::string player_in_words(Side side, const Adversary* adversary, const Lie& lie)
{
    const std::string who = "The " + std::string{name_of(side)};
    if (adversary == nullptr) return who + " is honest.";
    return who + " is \"" + std::string{adversary->name} + "\": it " + std::string{adversary->description} + "; it " + lie_in_words(lie) +
           ".";
}

} // namespace

std::string Simulator::story_of(const Scenario& scenario)
{
    const SyntheticSizes& sizes = scenario.sizes;
    const Options options = m_options;
    m_options.tells = true;
    const Outcome outcome = play(scenario);
    m_options = options;
    std::string story = "A run of " + std::to_string(sizes.steps) + " steps of " + std::to_string(sizes.nodes) + " nodes, tensors of " +
                        std::to_string(sizes.elements) + " elements, sums of " + std::to_string(sizes.terms) + " terms, " +
                        std::to_string(sizes.states) + " tensors of state; " + std::to_string(int(scenario.reveal_levels)) +
                        " levels a reveal.\n" + player_in_words(Side::solver, scenario.solver, scenario.solver_lie) + "\n" +
                        player_in_words(Side::challenger, scenario.challenger, scenario.challenger_lie) + "\n";
    for (const std::string& sentence : outcome.story) story += sentence + "\n";
    story += outcome.broken.empty() ? "Everything held.\n" : "Broken: " + outcome.broken + ".\n";
    return story;
}

} // namespace assay::sim
