// What a dispute is about, and under which terms. Both are fixed when the game starts. Spec: spec/dispute.md, DISPUTE-1 to DISPUTE-4.
#pragma once

#include <assay/commit/program_commitment.hpp>

namespace assay::dispute {

// A claimed transition: `steps` runs of the program, one after another, lead from the committed state `before` to the committed
// `after`. One interval of a training run, or, with one step and results instead of a next state, an inference pass.
struct Statement {
    Digest task;                       // binds the game to its task, and through it to a network
    std::uint64_t segment = 0;         // which interval of the run
    commit::ProgramCommitment program;
    Digest data;                       // state_digest of the data set's tensors
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

struct Terms {
    std::uint8_t reveal_levels = 4; // levels of a tree that one move reveals, 1 to 8: 2^levels hashes
    Tick solver_clock;              // all the time that a side may use over the whole game
    Tick challenger_clock;

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.reveal_levels, self.solver_clock, self.challenger_clock);
    }
    friend bool operator==(const Terms&, const Terms&) = default;
};

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

// Errors: invalid_terms, invalid_statement; the detail says which field. Spec: DISPUTE-2.
Status validate(const Statement& statement, const Terms& terms);

// The identity of a game: the digest of all that is fixed about it. Every move names it. Spec: DISPUTE-1.
Digest game_id(const Statement& statement, const Terms& terms, const Parties& parties);

} // namespace assay::dispute
