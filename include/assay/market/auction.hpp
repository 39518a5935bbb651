// Who gets a task, and for how much: a sealed reverse auction in which telling the truth is the best that a bidder can do.
// Spec: spec/auction.md, AUCTION-1 to AUCTION-8.
//
// A bid names the price of one unit of work; the protocol, and never the bidder, knows what the bidder's work is worth (its quality).
// The best scores, quality less price, win; a winner is paid the highest prices at which it would still have won, so its own price
// decides whether it wins and never what it is paid. One task is an auction of one unit; a batch of equal tasks is one of several,
// in which a bidder may win as many units as it says that it can do.
//
// Amounts of money are in the ledger's smallest unit. Everything here is integers, and a pure function of its arguments: sealing the
// bids, holding the bonds and reading the beacon are the ledger's.
#pragma once

#include <assay/hash/sha256.hpp>

namespace assay::market {

// No price, quality or sum of payments may be above this, so that no sum of two wraps.
inline constexpr std::uint64_t auction_amount_max = std::uint64_t{1} << 61;

inline constexpr std::size_t bids_max = 4096;

struct Bid {
    std::uint64_t price = 0;    // for one unit
    std::int64_t quality = 0;   // what a unit by this bidder is worth to the submitter; see quality_of
    std::uint64_t capacity = 1; // the most units that it takes
    Digest tie{};               // see tie_digest; the smaller one wins among equal scores
};

// What one bidder won. Payments are for all its units together.
struct Award {
    std::size_t bid = 0; // its place among the bids
    std::uint64_t units = 0;
    std::uint64_t payment = 0;

    friend bool operator==(const Award&, const Award&) = default;
};

// Decides an auction of `units` equal tasks, of which none may cost more than `reserve`.
// Returns: an award for every bid that won something, best score first; fewer units than wanted where too few bids are within the
// reserve. No winner is paid less than its price or more than the reserve for a unit.
// Requires: at least one unit; no two bids with the same tie.
// Errors: limit_exceeded: above bids_max or auction_amount_max, or reserve times units is.
// Cost: bids log bids. Spec: AUCTION-1 to AUCTION-5.
Result<std::vector<Award>> decide_auction(std::uint64_t units, std::uint64_t reserve, std::span<const Bid> bids);

// Orders bids of equal score. The beacon must not be known when bids are sealed: otherwise a bidder would try names until one wins.
// Spec: AUCTION-4.
Digest tie_digest(const Digest& beacon, const Digest& task, const Digest& bidder);

// What the submitter says a result is worth to it.
struct Worth {
    std::uint64_t in_time = 0;       // the result, when it comes before the deadline
    std::uint64_t tick_of_delay = 0; // what each tick of waiting takes off
};

// What the protocol knows of a bidder.
struct Record {
    std::uint64_t operations_per_tick = 0; // as its benchmark task showed
    std::uint32_t availability = 0;        // parts per million; see Availability::lower_bound
};

// The value of a unit of `operations` by this bidder: availability times the worth, less the price of the ticks that it needs.
// Requires: a speed above zero, an availability of at most a million.
// Errors: limit_exceeded: operations above 2^63, or a worth or an outcome outside of ±auction_amount_max. Spec: AUCTION-6.
Result<std::int64_t> quality_of(const Worth& worth, const Record& record, std::uint64_t operations);

// How reliably a bidder kept its deadlines, the older ones counting less: weights of 1/65536 that every new deadline shrinks by
// 1/256, so that at most the last 256 or so speak. A value; what is recorded is up to the ledger.
class Availability {
public:
    Availability() = default;
    // Requires: a sum of at most weight_max. For decoding; record() keeps to it.
    Availability(std::uint64_t kept, std::uint64_t missed);

    static constexpr std::uint64_t weight_one = 65536;
    static constexpr std::uint64_t weight_max = 256 * weight_one;

    // A deadline was kept, or missed. Spec: AUCTION-8.
    void record(bool kept);

    // The lower end of Wilson's score interval at z = 1.96 for the share of kept deadlines, in parts per million, rounded down; 0 for
    // a bidder without a history. 97 of 100 give 0.9155. Spec: AUCTION-7.
    [[nodiscard]] std::uint32_t lower_bound() const;

    [[nodiscard]] std::uint64_t kept() const { return m_kept; }
    [[nodiscard]] std::uint64_t missed() const { return m_missed; }

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.m_kept, self.m_missed);
    }
    [[nodiscard]] bool is_canonical() const { return m_kept <= weight_max && m_missed <= weight_max - m_kept; }
    friend bool operator==(const Availability&, const Availability&) = default;

private:
    std::uint64_t m_kept = 0;
    std::uint64_t m_missed = 0;
};

} // namespace assay::market
