// What a transaction did, for whoever follows the ledger: a list of flat records. Spec: spec/market.md, spec/audit.md.
#pragma once

#include <assay/market/amount.hpp>

namespace assay::market {

enum class EventKind : std::uint8_t {
    paid,
    burned,
    joined,
    left,
    posted,
    bid_committed,
    bid_revealed,
    assigned,
    accepted,
    progressed,
    silent,
    drawn,
    not_drawn,
    receipt_posted,
    segments_opened,
    attested,
    disagreed,
    unanswered,
    challenged,
    moved,
    upheld,
    convicted,
    slashed,
    planted,
    reopened,
    closed,
    excused,
    seeded,
    taken,
    segment_drawn,
    forfeited,
    demanded,
    answered,
    withheld,
    receipt_opened,
    defended,
    contested,
    defence_fell,
};
constexpr std::uint8_t enumerator_limit(EventKind)
{
    return 38;
}

struct Event {
    EventKind kind = EventKind::paid;
    Digest subject;           // the task, or the account
    Digest party;             // whom it concerns
    std::uint64_t number = 0; // an index, or an amount's units
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.kind, self.subject, self.party, self.number);
    }
    friend bool operator==(const Event&, const Event&) = default;
};

} // namespace assay::market
