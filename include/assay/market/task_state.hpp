// Where a task stands on the ledger. Plain data, encodable; only the ledger writes it. Spec: spec/market.md, spec/audit.md.
#pragma once

#include <assay/market/auction.hpp>
#include <assay/market/progress.hpp>
#include <assay/market/terms.hpp>
#include <assay/merkle/compact.hpp>

namespace assay::market {

// Each phase ends with an act, or by the clock: Advance says what time has made due.
enum class Phase : std::uint8_t {
    bidding,   // commitments come in
    revealing, // and are opened
    accepting, // the winner stakes, or loses its bond
    running,   // records come in
    drawing,   // the audit's randomness
    replaying, // the verifiers' receipts
    opening,   // the solver opens its segments' roots
    attesting, // the verifiers open their receipts
    window,    // anyone may still challenge
    convicted, // receipts are opened, a plant is revealed, attestations are defended
    defending, // defended attestations may be contested
    closed,
};
constexpr std::uint8_t enumerator_limit(Phase)
{
    return 12;
}

inline constexpr std::size_t sealed_bids_max = 64;
// So many open challenges double the bond of the next. Spec: MARKET-16.
inline constexpr std::size_t disputes_per_price = 16;

struct SealedBid {
    Digest bidder;
    Digest commitment;
    Amount bond;
    std::optional<Amount> price; // once revealed
    Digest salt;                 // also
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.bidder, self.commitment, self.bond, self.price, self.salt);
    }
    friend bool operator==(const SealedBid&, const SealedBid&) = default;
};

struct Checkpoint {
    Digest state;
    Digest blinded;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.state, self.blinded);
    }
    friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// A solver's part of the run.
struct Leg {
    Digest solver;
    Amount payment; // for all segments of the task; a leg gets its share
    Amount stake;
    std::uint64_t first = 0; // its first segment
    std::uint64_t seed = 0;
    Digest last_record;
    Tick begun, recorded;
    bool is_silent = false; // it stopped before the end
    bool is_late = false;   // it let the time to open its roots pass once, and forfeited the silence penalty
    bool has_seed = false;  // false until the beacon has drawn that of a benchmark
    DrawSource source = DrawSource::submitter; // who draws now
    Tick beacon_tick;                          // what the beacon's key is evaluated on, for a seed or a draw
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.solver, self.payment, self.stake, self.first, self.seed, self.last_record, self.begun, self.recorded,
                     self.is_silent, self.is_late, self.has_seed, self.source, self.beacon_tick);
    }
    friend bool operator==(const Leg&, const Leg&) = default;
};

// Whether a verifier stands by a root that a conviction says is wrong. Spec: MARKET-25.
enum class Defence : std::uint8_t {
    none,
    standing, // with a bond, the terms' challenge_bond
    fallen,   // a game against it was lost, and the bond with it
};
constexpr std::uint8_t enumerator_limit(Defence)
{
    return 3;
}

// A verifier that was drawn for a leg.
struct Auditor {
    std::uint32_t slot = 0; // among the ledger's verifiers
    Digest verifier;
    Amount stake; // at risk here
    std::optional<Digest> receipt;
    std::vector<Digest> roots; // its own of the drawn segments, once the receipt is open
    Defence defence = Defence::none;
    [[nodiscard]] bool is_open() const { return !roots.empty(); }
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.slot, self.verifier, self.stake, self.receipt, self.roots, self.defence);
    }
    friend bool operator==(const Auditor&, const Auditor&) = default;
};

struct Dispute {
    Digest id;
    Digest challenger;
    std::uint64_t segment = 0;
    Amount bond;
    Bytes game; // encoded dispute::Game
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.id, self.challenger, self.segment, self.bond, self.game);
    }
    friend bool operator==(const Dispute&, const Dispute&) = default;
};

// What was asked of the present solver. Spec: MARKET-21.
struct Demands {
    Bytes requests; // encoded dispute::Availability
    Amount fees;    // of those that are open
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.requests, self.fees);
    }
    friend bool operator==(const Demands&, const Demands&) = default;
};

struct Conviction {
    std::optional<Digest> finder;         // none where silence convicts
    std::optional<std::uint64_t> segment; // shown wrong by proof; none where silence or two records convict
    std::optional<Digest> root;           // of that segment, as the solver showed it
    bool is_planted = false;              // the submitter says so
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.finder, self.segment, self.root, self.is_planted);
    }
    friend bool operator==(const Conviction&, const Conviction&) = default;
};

struct TaskState {
    Digest id;
    Digest submitter;
    commit::Task task;
    commit::ProgramCommitment program;
    Terms terms;
    Digest plant;
    std::uint64_t work_per_record = 0;
    bool is_benchmark = false;

    Phase phase = Phase::bidding;
    Tick deadline; // the last tick at which the phase's act counts
    Amount escrow; // price, jackpot and audit fees that are still here
    std::uint8_t legs = 0;
    std::uint64_t disputes_opened = 0;
    std::vector<SealedBid> bids;
    std::optional<Leg> leg;
    merkle::CompactRange log;
    std::vector<Checkpoint> checkpoints; // after each segment so far, of all legs
    Bytes candidates; // while the draw is awaited: bit i % 8 of byte i / 8 says whether verifier i can be drawn
    std::vector<std::uint64_t> drawn;
    std::vector<Digest> opened; // the solver's roots of the drawn segments
    std::vector<Auditor> auditors;
    std::vector<Dispute> disputes;
    std::optional<Conviction> conviction;
    std::optional<Demands> demands; // from the leg's first one on

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.id, self.submitter, self.task, self.program, self.terms, self.plant, self.work_per_record, self.is_benchmark,
                     self.phase, self.deadline, self.escrow, self.legs, self.disputes_opened, self.bids, self.leg, self.log,
                     self.checkpoints, self.candidates, self.drawn, self.opened, self.auditors, self.disputes, self.conviction, self.demands);
    }
    friend bool operator==(const TaskState&, const TaskState&) = default;

    // The bond of the next challenge. Errors: limit_exceeded where it would be above amount_max. Spec: MARKET-16.
    [[nodiscard]] Result<Amount> next_bond() const;

    // What a request of the present solver's data names, and how many there were. Requires: a leg, terms with data. Spec: MARKET-21.
    [[nodiscard]] dispute::Keeping keeping() const;
    // What the present solver still has to show, or else its time ends.
    [[nodiscard]] std::vector<dispute::OpenRequest> open_demands() const;
    // The state that is recorded as this checkpoint, 0 being the task's first. Requires: at most as many as there are.
    [[nodiscard]] const Digest& state_at(std::uint64_t checkpoint) const
    {
        return checkpoint == 0 ? task.initial : checkpoints[checkpoint - 1].state;
    }

    // Whether a verifier's root of the i-th drawn segment is the one that the solver opened. Requires: i below the number of drawn ones.
    [[nodiscard]] bool agrees(const Auditor& auditor, std::size_t i) const
    {
        return auditor.is_open() && !opened.empty() && auditor.roots[i] == opened[i];
    }

    // All money that the task holds: escrow, bonds and stakes.
    [[nodiscard]] Amount held() const;
};

} // namespace assay::market
