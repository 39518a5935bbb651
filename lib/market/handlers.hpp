// One function for each kind of transaction, and the steps that several of them take. Each works on a draft that is thrown away when
// it is refused. Spec: spec/market.md, spec/audit.md.
#pragma once

#include <assay/dispute/game.hpp>

#include "market/draft.hpp"

namespace assay::market {

struct Author {
    Digest id;
    std::uint64_t number = 0;
};

Status handle(Draft& draft, const Author& author, const Transfer& body);
Status handle(Draft& draft, const Author& author, const Join& body);
Status handle(Draft& draft, const Author& author, const Leave& body);
Status handle(Draft& draft, const Author& author, const Post& body);
Status handle(Draft& draft, const Author& author, const Withdraw& body);
Status handle(Draft& draft, const Author& author, const CommitBid& body);
Status handle(Draft& draft, const Author& author, const RevealBid& body);
Status handle(Draft& draft, const Author& author, const Accept& body);
Status handle(Draft& draft, const Author& author, const PostProgress& body);
Status handle(Draft& draft, const Author& author, const ProveFraud& body);
Status handle(Draft& draft, const Author& author, const Draw& body);
Status handle(Draft& draft, const Author& author, const PostReceipt& body);
Status handle(Draft& draft, const Author& author, const OpenSegments& body);
Status handle(Draft& draft, const Author& author, const OpenReceipt& body);
Status handle(Draft& draft, const Author& author, const Challenge& body);
Status handle(Draft& draft, const Author& author, const PlayMove& body);
Status handle(Draft& draft, const Author& author, const ClaimTimeout& body);
Status handle(Draft& draft, const Author& author, const RevealPlant& body);
Status handle(Draft& draft, const Author& author, const Advance& body);
Status handle(Draft& draft, const Author& author, const Demand& body);
Status handle(Draft& draft, const Author& author, const AnswerDemand& body);
Status handle(Draft& draft, const Author& author, const ClaimWithheld& body);
Status handle(Draft& draft, const Author& author, const Defend& body);
Status handle(Draft& draft, const Author& author, const Contest& body);

// Errors: wrong_phase, too_late.
Status expect_phase(const TaskState& task, Phase phase, Tick now);

// Moves a task into a phase that lasts for `ticks` from now.
void enter(TaskState& task, Phase phase, Tick now, Tick ticks);

// Adds a state to the task's log. Spec: COMMIT-11.
void append_to_log(TaskState& task, const Digest& state);

// The end of bidding, when its time has come, by whatever transaction meets it first.
void begin_revealing_when_due(TaskState& task, Tick now);

// Assigns to the best bid that is left, or closes the task.
void assign_best(Draft& draft, TaskState& task);

// The solver kept silent: its part is audited as far as it got.
void end_leg_in_silence(Draft& draft, TaskState& task);

// The end of the submitter's time to draw: from then on the beacon draws. Spec: AUDIT-4.
void begin_beacon_when_due(TaskState& task, Tick now);

// The last record is there: fixes who can be drawn for it, and by whose key.
void await_draw(Draft& draft, TaskState& task);

// Ends the auditors' part, with what each phase's silence costs.
void advance_audit(Draft& draft, TaskState& task);

// The solver's root of a segment: as opened in the audit, or else as shown in a game about it. Verifiers' roots are compared with it.
std::optional<Digest> root_of(const TaskState& task, std::uint64_t segment, const dispute::Game& game);
// Whether the party that answers for a segment was bound to one root, the solver by the audit and a verifier by its receipt, and showed
// another: its commitments contradict each other. Spec: AUDIT-7, MARKET-26.
bool opens_another_root(const TaskState& task, std::uint64_t segment, const dispute::Game& game);

// A game about a segment between its challenger, who puts up a bond, and who answers for it. Errors: limit_exceeded, insufficient_funds.
struct Challenger {
    Digest id;
    Amount bond_max;
};
struct Answering {
    std::uint64_t segment = 0;
    Digest party;
};
Status open_game(Draft& draft, TaskState& task, const Challenger& challenger, const Answering& answering);

// Whether this verifier said that the root is right which the conviction says is wrong. Spec: AUDIT-12.
bool attested_to_conviction(const TaskState& task, const Auditor& auditor);
// Whether a defence stands. Spec: MARKET-27.
bool is_defended(const TaskState& task);
// A defence that fell, by a game that is not among the task's any more. Spec: MARKET-26.
void lose_defence(Draft& draft, TaskState& task, const Dispute& lost, const Digest& verifier);

// The solver is at fault: games end, and after the times for plants and defences the task is settled.
void convict(Draft& draft, TaskState& task, Conviction conviction);

// Errors: wrong_phase without a solver at stake, too_late when the window has closed.
Status expect_open_to_challenges(const TaskState& task, Tick now);

// The end of the solver's part: what is still open is paid back.
void return_demands(Draft& draft, TaskState& task);

// Pays for the leg, and closes the task or opens the rest for bids.
void settle_leg(Draft& draft, TaskState& task);
void settle_conviction(Draft& draft, TaskState& task);

// Opens what is left of a task for bids, where another leg is allowed; closes it otherwise. Requires: the leg is paid for.
void reopen(Draft& draft, TaskState& task);
// Returns what is left to the submitter.
void close(Draft& draft, TaskState& task);

// Takes from the escrow. Requires: it is there.
void spend(TaskState& task, Amount amount);

} // namespace assay::market
