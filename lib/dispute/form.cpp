// What every state has that a game can be in. A stored game may come from anywhere; whatever passes here can be played on without a
// place that does not exist being looked at.
#include <assay/commit/tensors.hpp>

#include "dispute/descent.hpp"
#include "dispute/sizes.hpp"

namespace assay::dispute {

namespace {

Failure not_a_game(const char* why)
{
    return failure(Error::not_canonical, std::string{"a stored game: "} + why);
}

// Every tree on the way down, with the size that the layers above give it. The others are as they were at the start.
std::array<std::uint64_t, 5> tree_sizes(const GameState& state)
{
    std::array<std::uint64_t, 5> sizes{};
    const auto reach = [&](Layer layer, std::uint64_t size) { sizes[static_cast<std::size_t>(layer)] = size; };
    const commit::ProgramCommitment& program = state.statement.program;
    if (state.statement.steps > 1) reach(Layer::segment, state.statement.steps);
    if (state.layer == Layer::segment) return sizes;
    reach(Layer::step, std::uint64_t{program.node_count} + 1);
    if (state.layer == Layer::state) reach(Layer::state, program.output_count);
    if (state.layer == Layer::tensor || state.layer == Layer::element) reach(Layer::tensor, commit::chunk_count(state.descriptor->output));
    if (state.layer == Layer::element) reach(Layer::element, program::step_count(*state.descriptor, state.element));
    return sizes;
}

// The descent has come to a node of the program, and no further than to its elements.
Status check_disputed_node(const GameState& state)
{
    const bool below_node = state.layer == Layer::tensor || state.layer == Layer::element;
    if (state.descriptor.has_value() != below_node) return not_a_game("a descriptor belongs to the layers below a node");
    if (!below_node) return {};
    ASSAY_TRY(check_descriptor(*state.descriptor, state.node));
    if (state.node.value >= state.statement.program.node_count) return not_a_game("no such node");
    if (program::family_of(state.descriptor->primitive) == program::Family::source) return not_a_game("a source has no layer below");
    if (state.layer != Layer::element) return {};
    if (state.element >= state.descriptor->output.elements()) return not_a_game("no such element");
    if (program::step_count(*state.descriptor, state.element) == 1) return not_a_game("an element of one step has no layer below");
    return {};
}

// Where a tree's descent ended that the game has left: the leaf that the next layer is about.
Status check_places(const GameState& state)
{
    const auto ended_at = [&](Layer layer, std::uint64_t leaf) { return state.tree(layer).node == merkle::Range{leaf, leaf + 1}; };
    const bool below_segment = state.statement.steps > 1 && state.layer != Layer::segment;
    if (below_segment ? !ended_at(Layer::segment, state.step) : state.step != 0)
        return not_a_game("the step is not the segment's selected leaf");
    if (state.layer == Layer::state && !ended_at(Layer::step, state.statement.program.node_count))
        return not_a_game("the state was not selected");
    if (state.descriptor && !ended_at(Layer::step, state.node.value)) return not_a_game("the node was not selected");
    if (state.layer != Layer::element) return {};
    const std::uint64_t chunk = state.element / commit::elements_per_chunk(state.descriptor->output.type);
    if (!ended_at(Layer::tensor, chunk)) return not_a_game("the element is not in the selected chunk");
    return {};
}

Status check_trees(const GameState& state)
{
    if (state.layer == Layer::segment && state.statement.steps == 1) return not_a_game("a single step has no segment");
    const std::array<std::uint64_t, 5> sizes = tree_sizes(state);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        const Descent& tree = state.trees[i];
        if (sizes[i] == 0) {
            if (tree != Descent{}) return not_a_game("a tree that was not reached is not empty");
            continue;
        }
        if (tree.size != sizes[i] || !merkle::is_node(tree.node, tree.size)) return not_a_game("a tree has another size, or no such node");
        for (const KnownNode& known : tree.known)
            if (!merkle::is_node(known.range, tree.size)) return not_a_game("a tree has no such node");
    }
    return check_places(state);
}

// What the challenger selects from is what was revealed last.
Status check_front(const GameState& state, hash::HashFunction function)
{
    const merkle::Range node = state.tree(state.layer).node;
    const unsigned levels = levels_below(state.terms, state.layer, node);
    const std::vector<merkle::Range> ranges = merkle::front(node, levels);
    std::vector<Digest> hashes;
    ASSAY_TRY(front_hashes(state.layer, node, levels, state.front, function, hashes));
    const std::vector<KnownNode>& known = state.tree(state.layer).known;
    if (known.size() < ranges.size()) return not_a_game("the front is not known");
    for (std::size_t i = 0; i < ranges.size(); ++i)
        if (known[known.size() - ranges.size() + i] != KnownNode{ranges[i], hashes[i]})
            return not_a_game("the front is not what was revealed last");
    return {};
}

// Requires: not settled.
Status check_phase(const GameState& state, hash::HashFunction function)
{
    const Descent& tree = state.tree(state.layer);
    switch (state.phase) {
    case Phase::opening:
        if (tree != Descent{tree.size, {}, {0, tree.size}, {}, {}} || state.front != Front{})
            return not_a_game("something is known of a tree before it is opened");
        return {};
    case Phase::selecting: return check_front(state, function);
    case Phase::revealing:
        if (tree.node.is_leaf()) return not_a_game("nothing is below a leaf");
        return {};
    case Phase::revealing_chunk:
    case Phase::selecting_element:
    case Phase::settled: break;
    }
    if (state.layer != Layer::tensor || !tree.node.is_leaf()) return not_a_game("no chunk was selected");
    const std::uint64_t bytes = commit::chunk_bytes(state.descriptor->output, tree.node.begin);
    if (state.phase == Phase::selecting_element && state.chunk.size() != bytes) return not_a_game("the chunk has another size");
    return {};
}

// More moves than any game has, and longer than any move is: what is below keeps all sums of times within 64 bits.
constexpr std::uint64_t moves_max = 1 << 10;
constexpr std::uint64_t received_max = std::uint64_t{1} << 32;

Status check_counters(const GameState& state)
{
    if (state.made.size() > moves_max || state.received_bytes > received_max)
        return not_a_game("no game has so many moves, or such a move");
    if (state.solver_used > state.terms.solver_clock || state.challenger_used > state.terms.challenger_clock)
        return not_a_game("more than all of a clock was used");
    if (state.turn_started.value > 2 * time_max) return not_a_game("no game lasts so long");
    if (state.verdict.has_value() != (state.phase == Phase::settled)) return not_a_game("a verdict is what settles a game");
    if (!state.out_of_time) return {};
    const bool solver = *state.out_of_time == Side::solver;
    if (state.verdict != (solver ? Verdict::convicted : Verdict::upheld)) return not_a_game("the side that ran out of time did not lose");
    return {};
}

} // namespace

Status check_form(const GameState& state, hash::HashFunction function)
{
    ASSAY_TRY(check_counters(state));
    if (state.phase == Phase::settled) return {};
    ASSAY_TRY(check_disputed_node(state));
    ASSAY_TRY(check_trees(state));
    return check_phase(state, function);
}

} // namespace assay::dispute
