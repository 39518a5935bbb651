// The record of a knock-out, from which anyone finds again who won and who was out for what, without the model and without the data.
// Spec: spec/knockout.md, KNOCKOUT-12.
#pragma once

#include <assay/dispute/knockout.hpp>

namespace assay::dispute {

struct JoinAct {
    Digest party;
    Claim claim;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.party, self.claim);
    }
    friend bool operator==(const JoinAct&, const JoinAct&) = default;
};
struct CallAct {
    std::uint32_t one = 0, other = 0;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.one, self.other);
    }
    friend bool operator==(const CallAct&, const CallAct&) = default;
};
struct TimeoutAct {
    Digest game;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.game);
    }
    friend bool operator==(const TimeoutAct&, const TimeoutAct&) = default;
};
struct AdvanceAct {
    template <class Self, class Visit>
    static auto fields(Self&, Visit visit)
    {
        return visit();
    }
    friend bool operator==(const AdvanceAct&, const AdvanceAct&) = default;
};

using KnockoutAct = std::variant<JoinAct, CallAct, Move, TimeoutAct, AdvanceAct>;

struct TimedAct {
    Tick at;
    KnockoutAct act;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.at, self.act);
    }
    friend bool operator==(const TimedAct&, const TimedAct&) = default;
};

struct KnockoutRecord {
    Contest contest;
    Tick started;
    std::vector<TimedAct> acts; // that were accepted and changed something, in order
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.contest, self.started, self.acts);
    }
    friend bool operator==(const KnockoutRecord&, const KnockoutRecord&) = default;
};

// Does one act. Returns and errors: those of the function of Knockout that it stands for.
Result<Applied> apply(Knockout& knockout, const KnockoutAct& act, Tick at);

// Plays the record from its start. Returns: the knock-out as it stands at the end, which may not be settled.
// Errors: that of the first act that is refused, with its number in the detail; already_done for one that changes nothing.
Result<Knockout> replay(const KnockoutRecord& record, hash::HashFunction function = hash::sha256);

} // namespace assay::dispute
