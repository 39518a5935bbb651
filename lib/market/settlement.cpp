// What everybody gets in the end, and what time has made due. Spec: spec/market.md, spec/audit.md.
// Holds MARKET-6, MARKET-8, MARKET-9, MARKET-18, MARKET-27, AUDIT-9, AUDIT-10 and AUDIT-12.
#include "market/handlers.hpp"

namespace assay::market {

namespace {

// Half of the solver's stake at most goes to whoever found the fault; convicting oneself never pays. Returns: the rest, which is to be
// burned. Spec: MARKET-18.
std::uint64_t slash_solver(Draft& draft, const TaskState& task, Amount stake)
{
    const std::optional<Digest>& finder = task.conviction->finder;
    const Amount share = finder ? portion(stake, task.terms.finder_share, 1000) : Amount{};
    if (finder) draft.give(*finder, share);
    draft.emit(EventKind::slashed, task.id, task.leg->solver, stake.units);
    return stake.units - share.units;
}

bool agrees_on_all(const TaskState& task, const Auditor& auditor)
{
    std::size_t agreed = 0;
    while (agreed < task.drawn.size() && task.agrees(auditor, agreed)) ++agreed;
    return agreed == task.drawn.size();
}

// What the verifiers' open receipts say about the segment that was shown wrong. Spec: AUDIT-12, MARKET-27.
class Testimony {
public:
    explicit Testimony(const TaskState& task) : m_is_defended(is_defended(task)), m_place(task.drawn.size())
    {
        if (!task.conviction->segment) return;
        const auto found = std::find(task.drawn.begin(), task.drawn.end(), *task.conviction->segment);
        m_place = static_cast<std::size_t>(found - task.drawn.begin());
        m_is_audited = m_place != task.drawn.size();
        if (!m_is_audited) return;
        m_solvers = task.conviction->root;
        for (const Auditor& auditor : task.auditors)
            if (auditor.is_open() && auditor.verifier == task.conviction->finder) m_finders = auditor.roots[m_place];
    }
    [[nodiscard]] bool is_wrong(const Auditor& auditor) const { return !m_is_defended && has_solvers(auditor); }
    // A root that was defended is right. Of those who saw another than one that was not, a finder among them knows who replayed: its root is
    // that of everybody who did.
    [[nodiscard]] bool is_paid(const Auditor& auditor) const
    {
        if (m_is_defended) return has_solvers(auditor);
        return auditor.is_open() && !has_solvers(auditor) && (!m_finders || auditor.roots[m_place] == *m_finders);
    }
    // And saw that this segment is wrong.
    [[nodiscard]] bool found_it(const Auditor& auditor) const { return m_is_audited && is_paid(auditor); }

private:
    [[nodiscard]] bool has_solvers(const Auditor& auditor) const
    {
        return m_is_audited && auditor.is_open() && auditor.roots[m_place] == m_solvers;
    }

    bool m_is_defended;
    std::size_t m_place; // of the segment among the drawn ones
    bool m_is_audited = false;
    std::optional<Digest> m_solvers, m_finders;
};

// The verifier's stake is free again, or lost to the last unit that was at risk. Nobody gets it: a solver that lets itself be convicted
// would frame those who attested to it for a share.
void release(Draft& draft, const TaskState& task, const Auditor& auditor, bool is_slashed)
{
    Verifier& verifier = draft.verifier(auditor.slot);
    verifier.locked.units -= auditor.stake.units;
    if (!is_slashed) return;
    verifier.stake.units -= auditor.stake.units;
    draft.emit(EventKind::taken, task.id, auditor.verifier, auditor.stake.units);
    // One that lost a stake draws no more: its weight was that of the whole.
    if (!verifier.left) verifier.left = draft.now();
    draft.burn(task.id, auditor.stake);
    draft.emit(EventKind::slashed, task.id, auditor.verifier, auditor.stake.units);
}

// The records of a leg whose roots stayed closed are worth nothing: who comes next begins where it began.
void drop_records(Draft& draft, TaskState& task)
{
    draft.drop_checkpoints(task, task.leg->first);
    task.log = {};
    append_to_log(task, task.task.initial);
    for (const Checkpoint& checkpoint : task.checkpoints) append_to_log(task, checkpoint.state);
}

// Each of k finders gets J / 2^(k-1): one party that poses as several gains nothing. Spec: spec/market.md, spec/audit.md.
void pay_jackpot(Draft& draft, TaskState& task, const std::vector<Digest>& finders)
{
    if (finders.empty()) return;
    spend(task, task.terms.jackpot);
    const std::uint64_t each = task.terms.jackpot.units >> (finders.size() - 1);
    std::uint64_t rest = task.terms.jackpot.units;
    for (const Digest& finder : finders) {
        const std::uint64_t share = std::min(each, rest);
        draft.give(finder, Amount{share});
        rest -= share;
    }
    draft.burn(task.id, Amount{rest});
}

// What was defended is not wrong: the bonds return, and all that the conviction still says is that the solver lost. Spec: MARKET-27.
void close_defences(Draft& draft, TaskState& task)
{
    for (Auditor& auditor : task.auditors) {
        if (auditor.defence == Defence::standing) draft.give(auditor.verifier, task.terms.challenge_bond);
        auditor.defence = Defence::none;
    }
    task.conviction = Conviction{};
}

void record_capability(Draft& draft, const TaskState& task)
{
    const bool attested = std::any_of(task.auditors.begin(), task.auditors.end(),
                                      [&](const Auditor& auditor) { return auditor.is_open() && agrees_on_all(task, auditor); });
    if (!task.is_benchmark || !attested || task.leg->first != 0) return;
    const std::uint64_t ticks = task.leg->recorded.value - task.leg->begun.value + 1;
    draft.account(task.leg->solver).standing.operations_per_tick = draft.rules().benchmark->work / ticks;
}

} // namespace

Status expect_phase(const TaskState& task, Phase phase, Tick now)
{
    if (task.phase != phase)
        return failure(Error::wrong_phase, "the task is in phase " + std::to_string(static_cast<unsigned>(task.phase)));
    if (now > task.deadline) return failure(Error::too_late, "the deadline was tick " + std::to_string(task.deadline.value));
    return {};
}

void enter(TaskState& task, Phase phase, Tick now, Tick ticks)
{
    task.phase = phase;
    task.deadline = {now.value + ticks.value};
}

void spend(TaskState& task, Amount amount)
{
    task.escrow = subtract(task.escrow, amount).value();
}

Amount TaskState::held() const
{
    std::uint64_t sum = escrow.units + (leg ? leg->stake.units : 0) + (demands ? demands->fees.units : 0);
    for (const SealedBid& bid : bids) sum += bid.bond.units;
    for (const Dispute& dispute : disputes) sum += dispute.bond.units;
    for (const Auditor& auditor : auditors) sum += auditor.defence == Defence::standing ? terms.challenge_bond.units : 0;
    return {sum};
}

void close(Draft& draft, TaskState& task)
{
    return_demands(draft, task);
    for (const SealedBid& bid : task.bids) draft.give(bid.bidder, bid.bond);
    draft.give(task.submitter, task.escrow);
    task.escrow = {};
    task.bids.clear();
    draft.drop_checkpoints(task, 0);
    task.candidates.clear();
    task.drawn.clear();
    task.opened.clear();
    task.auditors.clear();
    task.phase = Phase::closed;
    draft.emit(EventKind::closed, task.id, task.submitter);
}

void reopen(Draft& draft, TaskState& task)
{
    ++task.legs;
    if (task.legs == task.terms.legs_max) return close(draft, task);
    return_demands(draft, task);
    task.leg.reset();
    task.conviction.reset();
    task.candidates.clear();
    task.drawn.clear();
    task.opened.clear();
    task.auditors.clear();
    enter(task, Phase::bidding, draft.now(), task.terms.bidding);
    draft.emit(EventKind::reopened, task.id, task.submitter, task.checkpoints.size());
}

void settle_leg(Draft& draft, TaskState& task)
{
    const std::uint64_t total = commit::segment_count(task.task);
    const Leg leg = *task.leg;
    const Amount pay = portion(leg.payment, task.checkpoints.size() - leg.first, total);
    const Amount penalty = leg.is_silent ? std::min(task.terms.silence_penalty, leg.stake) : Amount{};
    spend(task, pay);
    draft.burn(task.id, penalty);
    draft.give(leg.solver, Amount{pay.units + leg.stake.units - penalty.units});
    task.leg->stake = {};
    // A verifier that saw something else had to challenge; one that didn't answer did no work. Spec: spec/market.md, spec/audit.md.
    for (const Auditor& auditor : task.auditors) {
        const bool good = auditor.is_open() && agrees_on_all(task, auditor);
        if (!auditor.is_open()) draft.emit(EventKind::unanswered, task.id, auditor.verifier);
        release(draft, task, auditor, !good);
        if (!good) continue;
        spend(task, task.terms.audit_fee);
        draft.give(auditor.verifier, task.terms.audit_fee);
    }
    record_capability(draft, task);
    if (task.checkpoints.size() == total) return close(draft, task);
    reopen(draft, task);
}

void settle_conviction(Draft& draft, TaskState& task)
{
    const Testimony testimony{task};
    if (is_defended(task)) close_defences(draft, task);
    const bool is_planted = task.conviction->is_planted;
    const Amount stake = task.leg->stake;
    task.leg->stake = {};
    std::uint64_t unclaimed = 0; // of the solver's slash: pays for the audit before it is burned
    if (is_planted) draft.give(task.leg->solver, stake);
    else unclaimed = slash_solver(draft, task, stake);
    std::vector<Digest> finders;
    for (const Auditor& auditor : task.auditors) {
        const bool is_wrong = testimony.is_wrong(auditor);
        release(draft, task, auditor, is_wrong);
        if (is_planted && testimony.found_it(auditor)) finders.push_back(auditor.verifier);
        if (!testimony.is_paid(auditor)) continue;
        const std::uint64_t fee = task.terms.audit_fee.units, from_slash = std::min(fee, unclaimed);
        unclaimed -= from_slash;
        spend(task, Amount{fee - from_slash});
        draft.give(auditor.verifier, Amount{fee});
    }
    draft.burn(task.id, Amount{unclaimed});
    // Who convicted before any receipt was open has it alone. Spec: AUDIT-10.
    if (finders.empty() && task.conviction->finder) finders.push_back(*task.conviction->finder);
    if (is_planted) pay_jackpot(draft, task, finders);
    // Nobody showed a fault: another solver may do the work. Otherwise the submitter has its money, and may post again.
    if (task.conviction->finder) return close(draft, task);
    drop_records(draft, task);
    reopen(draft, task);
}

Status handle(Draft& draft, const Author& author, const RevealPlant& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    ASSAY_TRY(expect_phase(*task, Phase::convicted, draft.now()));
    if (task->submitter != author.id) return failure(Error::not_allowed, "the task is another's");
    if (plant_digest(body.plant) != task->plant || body.plant.solver != task->leg->solver ||
        task->conviction->segment != body.plant.segment)
        return failure(Error::commitment_mismatch, "what was proved is not what was planted");
    if (task->conviction->is_planted) return failure(Error::already_done, "the plant is revealed");
    task->conviction->is_planted = true;
    draft.emit(EventKind::planted, task->id, task->leg->solver, body.plant.segment);
    return {};
}

Status handle(Draft& draft, const Author&, const Advance& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    begin_revealing_when_due(*task, draft.now());
    begin_beacon_when_due(*task, draft.now());
    if (task->phase == Phase::closed) return failure(Error::wrong_phase, "the task is closed");
    if (draft.now() <= task->deadline) return failure(Error::too_early, "the deadline is tick " + std::to_string(task->deadline.value));
    switch (task->phase) {
    case Phase::revealing:
    case Phase::accepting: {
        // Bids that stayed sealed, and the winner that did not take its task up, lose their bonds. Spec: spec/market.md, spec/audit.md.
        if (task->phase == Phase::accepting) draft.account(task->leg->solver).standing.deadlines.record(false);
        const auto is_lost = [&](const SealedBid& bid) {
            return task->phase == Phase::revealing ? !bid.price : bid.bidder == task->leg->solver;
        };
        for (const SealedBid& bid : task->bids)
            if (is_lost(bid)) draft.burn(task->id, bid.bond);
        std::erase_if(task->bids, is_lost);
        task->leg.reset();
        assign_best(draft, *task);
        return {};
    }
    case Phase::running: end_leg_in_silence(draft, *task); return {};
    case Phase::window:
        if (!task->disputes.empty()) return failure(Error::wrong_phase, "games are open");
        if (!task->open_demands().empty()) return failure(Error::wrong_phase, "demands are open");
        settle_leg(draft, *task);
        return {};
    case Phase::convicted:
        if (is_defended(*task)) enter(*task, Phase::defending, draft.now(), task->terms.opening);
        else settle_conviction(draft, *task);
        return {};
    case Phase::defending:
        if (!task->disputes.empty()) return failure(Error::wrong_phase, "games are open");
        settle_conviction(draft, *task);
        return {};
    default: advance_audit(draft, *task); return {};
    }
}

} // namespace assay::market
