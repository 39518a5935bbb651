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
// layer up. A refused move changes nothing, and so does one that was made before. Copies are independent, and so are games about one
// run (DISPUTE-29). The state is encodable at any time.
#pragma once

#include <assay/dispute/referee.hpp>

namespace assay::dispute {

enum class Side : std::uint8_t { solver, challenger };
constexpr std::uint8_t enumerator_limit(Side)
{
    return 2;
}

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
    merkle::Range node;           // the selected node, and before the first selection the root; at the end a leaf
    Digest node_hash;             // its hash; nothing before the tree is opened
    std::vector<KnownNode> known; // everything revealed so far
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.size, self.root, self.node, self.node_hash, self.known);
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
    std::vector<Digest> made;         // the digests of all moves that were made, in order
    std::uint64_t received_bytes = 0; // of the last of them
    Tick turn_started;
    Tick solver_used;
    Tick challenger_used;
    std::optional<Verdict> verdict;
    std::optional<Side> out_of_time;

    std::array<Descent, 5> trees; // by Layer
    Front front;                  // what the challenger selects from: the front of the layer's node

    std::uint64_t step = 0;  // the disputed step of the segment
    Digest after;            // the state after it, as the solver committed it
    program::NodeIndex node; // the disputed node
    std::optional<program::Descriptor> descriptor;
    Digest node_digest;         // its output's digest, as the solver committed it
    Bytes chunk;                // the disputed chunk
    std::uint64_t element = 0;  // the disputed element
    std::uint32_t value = 0;    // as the solver committed it
    program::StepRecord record; // the disputed record of that element's tree, once there is one

    // The number of moves that were made, which is the number of the next one.
    [[nodiscard]] std::uint32_t moves() const { return static_cast<std::uint32_t>(made.size()); }
    [[nodiscard]] const Descent& tree(Layer which) const { return trees[static_cast<std::size_t>(which)]; }
    Descent& tree(Layer which) { return trees[static_cast<std::size_t>(which)]; }

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.statement, self.terms, self.parties, self.phase, self.layer, self.made, self.received_bytes, self.turn_started,
                     self.solver_used, self.challenger_used, self.verdict, self.out_of_time, self.trees[0], self.trees[1], self.trees[2],
                     self.trees[3], self.trees[4], self.front, self.step, self.after, self.node, self.descriptor, self.node_digest,
                     self.chunk, self.element, self.value, self.record);
    }
    friend bool operator==(const GameState&, const GameState&) = default;
};

// What a call that was not refused did.
enum class Applied : std::uint8_t {
    made,         // the move is part of the game now
    already_made, // this very move was part of it before; nothing changed
};

class Game {
public:
    // Starts a game; it is the solver's turn. `function` is what the game hashes with from here on.
    // Errors: those of validate(statement, terms); limit_exceeded for a time above time_max.
    static Result<Game> start(Statement statement, Terms terms, Parties parties, Tick now, hash::HashFunction function = hash::sha256);

    // A stored game. Bytes from anywhere: what is not the form of a game is refused, and whatever is accepted can be played on. Only a
    // transcript can show that a game was played by the rules. Errors: those of decoding and validating; not_canonical. Spec: DISPUTE-25.
    static Result<Game> decode(ByteView bytes, hash::HashFunction function = hash::sha256);
    [[nodiscard]] Bytes encode() const { return assay::encode(m_state); }

    // The move of the side to move that has this body. The second form makes `move` it, with the body that it has. Requires: not settled.
    [[nodiscard]] Move next_move(MoveBody body) const;
    void address(Move& move) const;

    // Makes a move. A move that is made at exactly the deadline is in time. Spec: DISPUTE-5, DISPUTE-6, DISPUTE-10.
    // Returns: made; or already_made for a move that was made before, by whomever and whenever it is sent again, also after the end.
    // Errors: wrong_game; stale_move when another move with this number was made; game_over, future_move, wrong_history, too_early,
    // wrong_turn, too_late, limit_exceeded (its size), wrong_move, and what is wrong with the move's content. The state is then as before.
    Result<Applied> apply(const Move& move, Tick now);

    // Ends the game when the side to move has used up its time; it never becomes too late to claim this.
    // Returns: already_made when the game ended in this way before. Errors: too_early while the deadline has not passed; game_over.
    Result<Applied> claim_timeout(Tick now);

    [[nodiscard]] const GameState& state() const { return m_state; }
    [[nodiscard]] const Digest& id() const { return m_id; }
    [[nodiscard]] hash::HashFunction hash_function() const { return m_hash; }
    [[nodiscard]] bool is_settled() const { return m_state.phase == Phase::settled; }
    [[nodiscard]] std::optional<Verdict> verdict() const { return m_state.verdict; }
    // Requires: not settled.
    [[nodiscard]] Side to_move() const;
    // The last tick at which the side to move may move. Requires: not settled.
    [[nodiscard]] Tick deadline() const;

    friend bool operator==(const Game& a, const Game& b) { return a.m_state == b.m_state; }

private:
    Game(GameState state, hash::HashFunction function);

    Digest m_id;
    hash::HashFunction m_hash;
    GameState m_state;
    Bytes m_tagged;               // what the digest of the move that is applied is taken of, and the hashes of its front: memory that is
    std::vector<Digest> m_hashes; // used again
};

// How many levels of a layer's tree are revealed below `node`: as many as the terms say, and one more where that reaches the leaves.
// Spec: DISPUTE-8.
unsigned levels_below(const Terms& terms, Layer layer, merkle::Range node);

// The current front's nodes, left to right, which were revealed last. Borrows from the state. Requires: Phase::selecting.
std::span<const KnownNode> shown_nodes(const GameState& state);

// The record that the current front shows as its node `index`. Borrows from the state. Requires: Phase::selecting, Layer::element, a leaf there.
const program::StepRecord& shown_record(const GameState& state, std::uint32_t index);

// What the referee is asked about when the next move proves. Borrows from the state. Requires: Phase::selecting or selecting_element.
Place place_of(const GameState& state, const Digest& game);

// The most bytes that the encoded next move can have. Requires: not settled. Spec: DISPUTE-26.
std::uint64_t move_bytes_max(const GameState& state);

// The time that the side to move is granted for this turn before its clock runs. Requires: not settled. Spec: DISPUTE-26.
Tick granted_time(const GameState& state);

// The number of elements in the chunk that is disputed. Requires: Phase::selecting_element.
std::uint64_t chunk_elements(const GameState& state);

} // namespace assay::dispute
