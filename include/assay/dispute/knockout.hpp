// Several solvers of one task, of whom at most one result is right: a knock-out of games in which one honest solver stays to the end,
// whatever the others do. A pure state machine, like the games that it holds. Spec: spec/knockout.md.
//
// Every entrant claims a list of checkpoints. Equal lists are one claim; its entrants share no fate, so copying a claim harms nobody. A
// round sorts the claims by what they have lost and cuts them into groups. Within a group, each entrant must win against every entrant of
// the other claims, in a game about the first checkpoint in which the two claims differ: one of them defends its own, the other
// disputes it. Whoever loses by proof is out; whoever does not win all is demoted, and out after `demotions_max` demotions, so that
// an honest entrant survives being cut off for some rounds. At most one claim of a group comes out of a round undemoted.
//
//     joining --(all time to join is over)--> playing: round after round --(one claim is left, or none)--> settled
//
// Nothing here reads a clock, holds keys or moves money: `now` is handed in and must not go back, who may speak for a party is checked one
// layer up, and `settlement` says what becomes of the bonds.
#pragma once

#include <assay/commit/task.hpp>
#include <assay/dispute/game.hpp>
#include <assay/dispute/settlement.hpp>

namespace assay::dispute {

struct KnockoutTerms {
    std::uint8_t group_size = 4;     // claims that meet in a round, 2 to 16
    std::uint8_t demotions_max = 21; // an entrant is out at so many, 1 to 64
    Tick joining;                    // how long entrants may join
    Tick calling;                    // from a round's start, how long games may be called
    std::uint64_t bond = 0;          // of each entrant, at most 2^40
    Terms game;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.group_size, self.demotions_max, self.joining, self.calling, self.bond, self.game);
    }
    friend bool operator==(const KnockoutTerms&, const KnockoutTerms&) = default;
};

// What entrants contend about. Nothing of it ever changes.
struct Contest {
    Digest subject; // tells apart two knock-outs about one task, and binds this one to a network
    commit::Task task;
    commit::ProgramCommitment program;
    KnockoutTerms terms;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.subject, self.task, self.program, self.terms);
    }
    friend bool operator==(const Contest&, const Contest&) = default;
};

// The tagged digest `assay.knockout` of a contest. Spec: KNOCKOUT-1.
Digest digest_of(const Contest& contest);

inline constexpr std::size_t checkpoints_max = 4097; // of a claim: those of 4096 segments, and the first state
inline constexpr std::size_t entrants_max = std::size_t{1} << 20;
inline constexpr std::size_t bouts_max = std::size_t{1} << 20; // called in one round

struct Claim {
    std::vector<Digest> checkpoints; // states: before the first segment, and after each
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.checkpoints);
    }
    friend bool operator==(const Claim&, const Claim&) = default;
};

enum class Standing : std::uint8_t { playing, out_by_proof, out_by_demotions };
constexpr std::uint8_t enumerator_limit(Standing)
{
    return 3;
}

struct Entrant {
    Digest party;
    std::uint32_t claim = 0;
    std::uint8_t demotions = 0;
    Standing standing = Standing::playing;
    std::optional<std::uint32_t> beaten_by; // the first entrant that it lost to in this round, or in the round that put it out
    bool lost_by_proof = false;             // in this round
    std::uint32_t group = 0;                // of this round
    std::uint32_t wins = 0;                 // in this round
    std::uint32_t opponents = 0;            // that it must win against in this round
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.party, self.claim, self.demotions, self.standing, self.beaten_by, self.lost_by_proof, self.group, self.wins,
                     self.opponents);
    }
    friend bool operator==(const Entrant&, const Entrant&) = default;
};

// A game of this round between two entrants, numbered in order of joining.
struct Bout {
    std::uint32_t solver = 0;
    std::uint32_t challenger = 0;
    Digest id;                      // of the game
    Bytes game;                     // encoded; nothing once it is settled
    std::optional<Verdict> verdict; // once it is settled
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.solver, self.challenger, self.id, self.game, self.verdict);
    }
    friend bool operator==(const Bout&, const Bout&) = default;
};

enum class KnockoutPhase : std::uint8_t { joining, playing, settled };
constexpr std::uint8_t enumerator_limit(KnockoutPhase)
{
    return 3;
}

struct KnockoutState {
    Contest contest;
    KnockoutPhase phase = KnockoutPhase::joining;
    Tick phase_started; // joining, or this round
    Tick latest;        // what was accepted last
    std::uint32_t rounds = 0;
    std::vector<Claim> claims;     // in order of appearance
    std::vector<Entrant> entrants; // in order of joining
    std::vector<Bout> bouts;       // of this round, in order of calling
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.contest, self.phase, self.phase_started, self.latest, self.rounds, self.claims, self.entrants, self.bouts);
    }
    friend bool operator==(const KnockoutState&, const KnockoutState&) = default;
};

// A value: copies are independent. Memory: every claim's checkpoints, and the games of one round that are not settled.
class Knockout {
public:
    // Errors: invalid_terms, invalid_statement (a task without steps, with more than 4096 segments, or of another program), those of
    // validate(Statement, Terms); limit_exceeded for a time above time_max. Spec: KNOCKOUT-1, KNOCKOUT-2.
    static Result<Knockout> start(Contest contest, Tick now, hash::HashFunction function = hash::sha256);

    // A stored knock-out; what is accepted can be played on. Errors: those of decoding and validating; not_canonical. Spec: KNOCKOUT-10.
    static Result<Knockout> decode(ByteView bytes, hash::HashFunction function = hash::sha256);
    [[nodiscard]] Bytes encode() const { return assay::encode(m_state); }

    // A party enters with its claim. Returns: already_made where the party entered with this claim before.
    // Errors: too_late after the time to join; already_done for a second claim of a party; invalid_statement unless there is a checkpoint
    // for each segment, and the task's initial state first; too_early where time goes back; limit_exceeded. Spec: KNOCKOUT-3.
    Result<Applied> join(const Digest& party, const Claim& claim, Tick now);

    // Starts the game between two entrants of one group; which of them asks does not matter. Returns: already_made where it was called
    // before. Errors: wrong_phase, index_out_of_range, not_allowed (not of one group, or of one claim), too_late, too_early,
    // limit_exceeded. Spec: KNOCKOUT-5.
    Result<Applied> call(std::uint32_t one, std::uint32_t other, Tick now);

    // A move of one of this round's games, and a timeout in it. Errors: wrong_game for a game that this round does not have, and those of
    // Game; a bout that is settled answers game_over. Spec: KNOCKOUT-6.
    Result<Applied> apply(const Move& move, Tick now);
    Result<Applied> claim_timeout(const Digest& game, Tick now);

    // What time has made due, for anybody to ask: ends joining, ends games whose side to move is late, ends a round. Errors: too_early
    // where nothing is due; game_over. Spec: KNOCKOUT-7.
    Result<Applied> advance(Tick now);

    [[nodiscard]] const KnockoutState& state() const { return m_state; }
    [[nodiscard]] const Digest& id() const { return m_id; }
    [[nodiscard]] bool is_settled() const { return m_state.phase == KnockoutPhase::settled; }
    // The claim that was left, if there was one. Requires: settled.
    [[nodiscard]] std::optional<std::uint32_t> winner() const;
    // An unsettled game of this round. Requires: a bout of this round without a verdict.
    [[nodiscard]] Game game(const Bout& bout) const;
    // What becomes of all bonds: the sum of payouts and burned is entrants times bond. Requires: settled. Spec: KNOCKOUT-9.
    [[nodiscard]] Settlement settlement() const;

    friend bool operator==(const Knockout& a, const Knockout& b) { return a.m_state == b.m_state; }

private:
    Knockout(KnockoutState state, hash::HashFunction function);
    Status check_time(Tick now) const;
    Result<std::size_t> bout_of(const Digest& game) const;
    void store(std::size_t bout, const Game& game);
    void begin_round(Tick now);
    void end_round();
    void end_round_if_over(Tick now);

    Digest m_id;
    hash::HashFunction m_hash;
    KnockoutState m_state;
};

// Whom an entrant must win against in this round, in order of joining: who plays honestly calls a game with each. Requires: such an
// entrant.
std::vector<std::uint32_t> opponents_of(const KnockoutState& state, std::uint32_t entrant);

// The first checkpoint in which two claims differ. Requires: two different claims of one contest. Returns: at least 1. Spec: KNOCKOUT-5.
std::uint64_t first_difference(const Claim& one, const Claim& other);

// What a game of two entrants is about: the segment before the first difference, as `solver` claims it. Requires: as first_difference.
Statement statement_of(const Contest& contest, const Digest& id, std::uint32_t round, std::uint32_t solver, std::uint32_t challenger,
                       const Claim& solver_claim, const Claim& challenger_claim);

// How many rounds dishonest claims can make a knock-out last by the best strategy of delay that is known: whoever has the fewest
// demotions stays, all lose by clock and none by proof. With `is_censored` the honest claim can be made to lose by clock as well.
// Requires: at least one claim, a group of 2 or more. Cost: rounds times demotions_max, whatever the number of claims. Spec: KNOCKOUT-11.
std::uint32_t longest_delay(std::uint64_t claims, unsigned group_size, unsigned demotions_max, bool is_censored);

} // namespace assay::dispute
