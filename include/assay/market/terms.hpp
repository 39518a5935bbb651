// What is fixed before anybody acts: the rules of a network, and the terms of a task. Neither changes for what has begun.
// Spec: spec/market.md, spec/audit.md.
#pragma once

#include <assay/commit/task.hpp>
#include <assay/crypto/vrf.hpp>
#include <assay/dispute/availability.hpp>
#include <assay/market/amount.hpp>

namespace assay::market {

// A benchmark: a task that every solver may be measured by.
struct Benchmark {
    commit::Task task;      // its seed is drawn when a solver begins
    std::uint64_t work = 0; // in operations, as cost.hpp counts them
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.task, self.work);
    }
    friend bool operator==(const Benchmark&, const Benchmark&) = default;
};

struct Rules {
    Digest network;
    Amount fee;             // burned by every transaction
    Amount kibibyte_fee;    // and for each whole KiB that it has
    Amount account_minimum; // an account begins with at least this much
    Amount verifier_minimum;
    Tick unbonding;           // from leaving the verifiers to the stake's return
    crypto::PublicKey beacon; // draws where terms ask for it, and for benchmarks
    crypto::VrfSuite beacon_suite = crypto::VrfSuite::elligator;
    std::optional<Benchmark> benchmark;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.network, self.fee, self.kibibyte_fee, self.account_minimum, self.verifier_minimum, self.unbonding, self.beacon,
                     self.beacon_suite, self.benchmark);
    }
    friend bool operator==(const Rules&, const Rules&) = default;
};

// What a transaction of so many bytes burns. Requires: validate(rules), at most 2^32 bytes. Spec: MARKET-2.
Amount fee_of(const Rules& rules, std::size_t bytes);

// Looks at numbers, not at the beacon's key. Errors: invalid_terms (a bound above 2^32 ticks, an amount above amount_max, a benchmark that
// is no task).
Status validate(const Rules& rules);

enum class DrawSource : std::uint8_t { submitter, beacon };
constexpr std::uint8_t enumerator_limit(DrawSource)
{
    return 2;
}

struct Terms {
    Amount price_max;                    // the submitter's reserve price, held in escrow
    Amount worth_in_time, worth_of_tick; // what a result is worth, and what each tick of waiting takes off (auction.hpp)
    Amount bid_bond;                     // lost with a bid that is not revealed, or won and not taken up
    Amount stake;                        // of the solver
    Amount silence_penalty;              // part of it that silence costs
    Amount challenge_bond; // of the first open challenges; more open ones cost more (MARKET-16)
    Amount audit_fee;                 // of each verifier, for each solver that it checks
    Amount verifier_stake;            // what a drawn verifier risks
    Amount jackpot;                   // for finding a planted fault
    std::uint16_t finder_share = 500; // of a slash, in thousandths: at most a half
    std::uint8_t verifiers = 1;
    std::uint8_t segments = 1;                                                          // drawn
    std::uint8_t legs_max = 1;                                                          // solvers one after another
    Tick bidding, revealing, accepting, recording, drawing, replaying, opening, window; // how long each lasts
    DrawSource source = DrawSource::submitter;
    crypto::PublicKey drawer; // of the submitter, not used with the beacon
    crypto::VrfSuite suite = crypto::VrfSuite::elligator;
    dispute::Terms dispute;
    std::optional<dispute::DataTerms> data; // where states can be demanded of the solver; its bond is 0: the stake answers
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.price_max, self.worth_in_time, self.worth_of_tick, self.bid_bond, self.stake, self.silence_penalty,
                     self.challenge_bond, self.audit_fee, self.verifier_stake, self.jackpot, self.finder_share, self.verifiers,
                     self.segments, self.legs_max, self.bidding, self.revealing, self.accepting, self.recording, self.drawing,
                     self.replaying, self.opening, self.window, self.source, self.drawer, self.suite, self.dispute, self.data);
    }
    friend bool operator==(const Terms&, const Terms&) = default;
};

inline constexpr std::size_t verifiers_per_task_max = 8;
inline constexpr std::size_t segments_drawn_max = 64;
inline constexpr std::size_t legs_max = 8;
inline constexpr std::uint64_t segments_max = 4096;        // of a task
inline constexpr std::size_t program_bytes_max = 1U << 20; // in a posting
inline constexpr std::uint64_t phase_ticks_max = std::uint64_t{1} << 32;

// What a submitter posts. Its digest, with author and count, is the task's name.
struct Posting {
    commit::Task task;
    Bytes program; // encoded
    Terms terms;
    Digest plant; // plant_digest of a planted fault, or 32 bytes at random: nobody can tell
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.task, self.program, self.terms, self.plant);
    }
    friend bool operator==(const Posting&, const Posting&) = default;
};

// A fault that the submitter lets its own solver make, to see who looks.
struct Plant {
    Digest solver;
    std::uint64_t segment = 0;
    Digest salt;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.solver, self.segment, self.salt);
    }
    friend bool operator==(const Plant&, const Plant&) = default;
};
Digest plant_digest(const Plant& plant);

// The longest time that a solver has for an answer to a demand. Requires: what validate(Terms) accepts. Spec: MARKET-21.
Tick answer_ticks_max(const dispute::DataTerms& terms);

// Looks at numbers, not at the drawer's key. Errors: invalid_terms; the detail says which. Spec: MARKET-14.
Status validate(const Terms& terms);

// Errors: those of validate(terms), invalid_key, limit_exceeded, those of Program::decode, invalid_statement; the detail says what. A task with a step that the
// referee could not judge is refused here. Spec: spec/market.md, spec/audit.md.
Result<commit::ProgramCommitment> validate(const Posting& posting, const Rules& rules);

// All that a posting takes from its author: price, jackpot and audit fees of all legs. Requires: validate().
Amount reserved(const Terms& terms);

} // namespace assay::market
