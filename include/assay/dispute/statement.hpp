// What a dispute is about, and under which terms. Both are fixed when the game starts. Spec: spec/dispute.md, DISPUTE-1 to DISPUTE-4.
#pragma once

#include <assay/commit/program_commitment.hpp>

namespace assay::dispute {

// A claimed transition: `steps` runs of the program, one after another, lead from the committed state `before` to the committed
// `after`. One interval of a training run, or, with one step and results instead of a next state, an inference pass.
struct Statement {
    Digest task;               // binds the game to its task, and through it to a network
    std::uint64_t segment = 0; // which interval of the run
    commit::ProgramCommitment program;
    Digest data; // state_digest of the data set's tensors
    std::uint64_t seed = 0;
    Digest before;
    Digest after;
    std::uint64_t steps = 1;

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.task, self.segment, self.program, self.data, self.seed, self.before, self.after, self.steps);
    }
    friend bool operator==(const Statement&, const Statement&) = default;
};

inline constexpr std::uint64_t steps_max = std::uint64_t{1} << 40;

// What a host or a contract spends at most on judging one proof. A program with a node whose proof could need more is refused before
// a game about it starts (assay/dispute/bounds.hpp).
struct RefereeLimits {
    std::uint32_t evidence_bytes = 8192; // of a move that proves
    std::uint32_t hash_blocks = 1024;    // blocks of 64 bytes that SHA-256 compresses for it
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.evidence_bytes, self.hash_blocks);
    }
    friend bool operator==(const RefereeLimits&, const RefereeLimits&) = default;
};

// Everything that the parties agree on before a game and that no later change of a default reaches. `bounds` says what terms imply
// for a task (assay/dispute/bounds.hpp).
struct Terms {
    std::uint8_t reveal_levels = 4; // levels of a tree that one move reveals, 1 to 8: 2^levels hashes
    Tick solver_clock{};            // the time that a side may use over the whole game, beyond what each turn is granted
    Tick challenger_clock{};
    Tick latency{};                      // granted to every turn, whatever its size
    std::uint64_t bytes_per_tick = 1024; // the agreed bandwidth: every turn is granted the time that its bytes take
    std::uint8_t segment_levels = 4;     // as reveal_levels, 1 to 15, for the segment's tree: 10 show the states after 1024 steps at once
    RefereeLimits limits{};
    std::uint64_t solver_bond = 0;     // what each side has at stake, in the smallest unit of the ledger's money; the game binds these
    std::uint64_t challenger_bond = 0; // numbers and moves none

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.reveal_levels, self.solver_clock, self.challenger_clock, self.latency, self.bytes_per_tick, self.segment_levels,
                     self.limits, self.solver_bond, self.challenger_bond);
    }
    friend bool operator==(const Terms&, const Terms&) = default;
};

// No start, clock or latency may be above these, so that every deadline of every game fits into 64 bits. Spec: DISPUTE-2.
inline constexpr std::uint64_t time_max = std::uint64_t{1} << 62;
inline constexpr std::uint64_t clock_max = std::uint64_t{1} << 60;
inline constexpr std::uint64_t latency_max = std::uint64_t{1} << 40;

// Who plays. An identity is the digest of a party's public key; this module does not look inside.
struct Parties {
    Digest solver;
    Digest challenger;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.solver, self.challenger);
    }
    friend bool operator==(const Parties&, const Parties&) = default;
};

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

// Errors: invalid_terms, invalid_statement; the detail says which field. Spec: DISPUTE-2.
Status validate(const Statement& statement, const Terms& terms);

// The identity of a game: the digest of all that is fixed about it. Every move names it. Spec: DISPUTE-1.
Digest game_id(const Statement& statement, const Terms& terms, const Parties& parties, hash::HashFunction function = hash::sha256);

} // namespace assay::dispute
