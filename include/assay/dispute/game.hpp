// The dispute as a state machine: a move and the time go in, the next state or a refusal comes out. Spec: spec/dispute.md.
//
// The solver commits, the challenger points. Each layer is the same descent: the solver opens a tree whose last leaf is the output
// in dispute; then, round by round, it reveals a few levels, and the challenger selects the first thing that it disagrees with.
//
//     segment   states after each step            -> a step
//     step      outputs of the program's nodes    -> a node, or the state that the outputs make up
//     state     that state's tensors              -> a tensor that is not the output it should be
//     tensor    chunks, then an element           -> an element
//     element   the scalar steps behind it        -> one scalar operation
//
// At the bottom the challenger proves the fault (assay/dispute/referee.hpp). A proof that shows a fault convicts; one that is well
// formed and shows none upholds the claim; whoever lets its clock run out loses.
//
// A game reads no clock and holds no keys: `now` is handed in and must not go back, and who may send a side's moves is checked one
// layer up. A refused move changes nothing. Copies are independent. The state is encodable at any time.
#pragma once

#include <assay/dispute/moves.hpp>

namespace assay::dispute {

enum class Side : std::uint8_t { solver, challenger };
constexpr std::uint8_t enumerator_limit(Side)
{
    return 2;
}

enum class Verdict : std::uint8_t { convicted, upheld };
constexpr std::uint8_t enumerator_limit(Verdict)
{
    return 2;
}

enum class Layer : std::uint8_t { segment, step, state, tensor, element };
constexpr std::uint8_t enumerator_limit(Layer)
{
    return 5;
}
std::string_view name_of(Layer layer);

enum class Phase : std::uint8_t {
    opening,           // the solver opens the layer's tree
    selecting,         // the challenger selects among the nodes of `front`
    revealing,         // the solver reveals what is below the selected node
    revealing_chunk,   // the solver shows the selected chunk's bytes
    selecting_element, // the challenger selects an element of that chunk
    settled,
};
constexpr std::uint8_t enumerator_limit(Phase)
{
    return 6;
}

struct KnownNode {
    merkle::Range range;
    Digest hash;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.range, self.hash);
    }
    friend bool operator==(const KnownNode&, const KnownNode&) = default;
};

// A tree that the solver opened: what is known of it, and how far the descent has come.
struct Descent {
    std::uint64_t size = 0;
    Digest root;
    merkle::Range node;           // the selected node; at the end a leaf
    std::vector<KnownNode> known; // everything revealed so far
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.size, self.root, self.node, self.known);
    }
    friend bool operator==(const Descent&, const Descent&) = default;
};

// Where the game stands. Public, because deciding on a move is a function of it; only Game writes it.
struct GameState {
    Statement statement;
    Terms terms;
    Parties parties;

    Phase phase = Phase::opening;
    Layer layer = Layer::segment;
    std::uint32_t moves = 0;
    Tick turn_started;
    Tick solver_used;
    Tick challenger_used;
    std::optional<Verdict> verdict;
    std::optional<Side> out_of_time;

    std::array<Descent, 5> trees; // by Layer
    merkle::Range front_of;       // what the challenger selects from: the front of this node of the layer's tree
    Front front;

    std::uint64_t step = 0;                   // the disputed step of the segment
    Digest after;                             // the state after it, as the solver committed it
    program::NodeIndex node;                  // the disputed node
    std::optional<program::Descriptor> descriptor;
    Digest node_digest;                       // its output's digest, as the solver committed it
    Bytes chunk;                              // the disputed chunk
    std::uint64_t element = 0;                // the disputed element
    std::uint32_t value = 0;                  // as the solver committed it

    [[nodiscard]] const Descent& tree(Layer which) const { return trees[static_cast<std::size_t>(which)]; }
    Descent& tree(Layer which) { return trees[static_cast<std::size_t>(which)]; }

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.statement, self.terms, self.parties, self.phase, self.layer, self.moves, self.turn_started, self.solver_used,
                     self.challenger_used, self.verdict, self.out_of_time, self.trees[0], self.trees[1], self.trees[2], self.trees[3], self.trees[4],
                     self.front_of, self.front, self.step, self.after, self.node, self.descriptor, self.node_digest, self.chunk, self.element, self.value);
    }
    friend bool operator==(const GameState&, const GameState&) = default;
};

class Game {
public:
    // Starts a game; it is the solver's turn. Errors: those of validate(statement, terms); limit_exceeded for a time above time_max.
    static Result<Game> start(Statement statement, Terms terms, Parties parties, Tick now);

    // A stored game. The bytes must come from encode() and from storage that is trusted; they are checked for form only.
    static Result<Game> decode(ByteView bytes);
    [[nodiscard]] Bytes encode() const { return assay::encode(m_state); }

    // Makes a move. A move that is made at exactly the deadline is in time. Spec: DISPUTE-10.
    // Errors: game_over, wrong_game, stale_move (harmless: made before), future_move, too_early, too_late, wrong_turn, wrong_move,
    // and what is wrong with the move's content. The state is then as before.
    Status apply(const Move& move, Tick now);

    // Ends the game when the side to move has used up its clock; it never becomes too late to claim this.
    // Errors: too_early while the deadline has not passed; game_over.
    Status claim_timeout(Tick now);

    [[nodiscard]] const GameState& state() const { return m_state; }
    [[nodiscard]] const Digest& id() const { return m_id; }
    [[nodiscard]] bool is_settled() const { return m_state.phase == Phase::settled; }
    [[nodiscard]] std::optional<Verdict> verdict() const { return m_state.verdict; }
    // Requires: not settled.
    [[nodiscard]] Side to_move() const;
    // The last tick at which the side to move may move. Requires: not settled.
    [[nodiscard]] Tick deadline() const;

    friend bool operator==(const Game& a, const Game& b) { return a.m_state == b.m_state; }

private:
    explicit Game(GameState state);

    Digest m_id;
    GameState m_state;
};

// No clock and no time may be above this, so that no sum of two wraps.
inline constexpr std::uint64_t time_max = std::uint64_t{1} << 62;

// Where the current front's nodes are, left to right. Requires: Phase::selecting.
std::vector<merkle::Range> front_ranges(const GameState& state);

// The number of elements in the chunk that is disputed. Requires: Phase::selecting_element.
std::uint64_t chunk_elements(const GameState& state);

} // namespace assay::dispute
