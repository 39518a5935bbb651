// The draw, the receipts, the opened roots, the attestations. Spec: spec/market.md, spec/audit.md.
// Holds AUDIT-1, AUDIT-2 and AUDIT-3.
#include <assay/market/draw.hpp>

#include "market/handlers.hpp"

namespace assay::market {

namespace {

// Whoever could be drawn for a record that was accepted at `recorded`. Spec: spec/market.md, spec/audit.md.
std::vector<std::uint64_t> weights_for(const Draft& draft, const TaskState& task)
{
    std::vector<std::uint64_t> weights;
    for (const Verifier& verifier : draft.verifiers().entries()) {
        const bool was_there = verifier.active_from <= task.leg->recorded && (!verifier.left || *verifier.left > task.leg->recorded);
        const bool is_party = verifier.owner == task.leg->solver || verifier.owner == task.submitter;
        const bool is_free = verifier.stake.units - verifier.locked.units >= task.terms.verifier_stake.units;
        weights.push_back(was_there && !is_party && is_free ? verifier.weight : 0);
    }
    return weights;
}

Auditor* auditor_of(TaskState& task, const Digest& verifier)
{
    const auto found =
        std::find_if(task.auditors.begin(), task.auditors.end(), [&](const Auditor& auditor) { return auditor.verifier == verifier; });
    return found == task.auditors.end() ? nullptr : &*found;
}

Result<crypto::VrfOutput> check_randomness(const Draft& draft, const TaskState& task, const crypto::VrfProof& proof)
{
    const Rules& rules = draft.rules();
    if (task.terms.source == DrawSource::submitter)
        return crypto::verify(task.terms.drawer, task.terms.suite, draw_input(rules.network, task.id, task.leg->last_record), proof);
    if (draft.now() == task.leg->recorded) return failure(Error::too_early, "the beacon's tick has not come");
    return crypto::verify(rules.beacon, rules.beacon_suite, beacon_input(rules.network, Tick{task.leg->recorded.value + 1}), proof);
}

// A silent solver's last segment is always drawn: who continues must be able to fetch what it ends with.
void draw_segments(TaskState& task, DrawStream& stream)
{
    const std::uint64_t first = task.leg->first, count = task.checkpoints.size() - first;
    task.drawn = draw_distinct(stream, count, task.terms.segments);
    for (std::uint64_t& segment : task.drawn) segment += first;
    if (task.leg->is_silent) task.drawn.back() = task.checkpoints.size() - 1;
}

bool all_of_those_who_answered(const TaskState& task)
{
    return std::all_of(task.auditors.begin(), task.auditors.end(),
                       [](const Auditor& auditor) { return !auditor.receipt || auditor.opened; });
}

} // namespace

Status handle(Draft& draft, const Author& author, const Draw& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    ASSAY_TRY(expect_phase(*task, Phase::drawing, draft.now()));
    ASSAY_TRY_ASSIGN(const crypto::VrfOutput output, check_randomness(draft, *task, body.proof));
    DrawStream stream{output};
    for (const std::uint32_t slot : draw_weighted(stream, weights_for(draft, *task), task->terms.verifiers)) {
        Verifier& verifier = draft.verifier(slot);
        verifier.locked.units += task->terms.verifier_stake.units;
        task->auditors.push_back({slot, verifier.owner, task->terms.verifier_stake, {}, false, 0});
        draft.emit(EventKind::drawn, task->id, verifier.owner, slot);
    }
    draw_segments(*task, stream);
    if (task->auditors.empty()) {
        draft.emit(EventKind::not_drawn, task->id, author.id);
        enter(*task, Phase::window, draft.now(), task->terms.window);
    } else {
        enter(*task, Phase::replaying, draft.now(), task->terms.replaying);
    }
    return {};
}

Status handle(Draft& draft, const Author& author, const PostReceipt& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    ASSAY_TRY(expect_phase(*task, Phase::replaying, draft.now()));
    Auditor* const auditor = auditor_of(*task, author.id);
    if (auditor == nullptr) return failure(Error::not_allowed, "the verifier was not drawn");
    if (auditor->receipt) return failure(Error::already_done, "the receipt is there");
    auditor->receipt = body.receipt;
    draft.emit(EventKind::receipt_posted, task->id, author.id);
    if (std::all_of(task->auditors.begin(), task->auditors.end(), [](const Auditor& other) { return other.receipt.has_value(); }))
        enter(*task, Phase::opening, draft.now(), task->terms.opening);
    return {};
}

Status handle(Draft& draft, const Author& author, const OpenSegments& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    ASSAY_TRY(expect_phase(*task, Phase::opening, draft.now()));
    if (task->leg->solver != author.id) return failure(Error::not_allowed, "the run is another's");
    if (body.roots.size() != task->drawn.size()) return failure(Error::commitment_mismatch, "one root for each drawn segment");
    for (std::size_t i = 0; i < task->drawn.size(); ++i) {
        const std::uint64_t segment = task->drawn[i];
        if (blinded_root(task->id, author.id, segment, body.roots[i].root, body.roots[i].salt) != task->checkpoints[segment].blinded)
            return failure(Error::commitment_mismatch, "the root of segment " + std::to_string(segment) + " is another");
        task->opened.push_back(body.roots[i].root);
    }
    draft.emit(EventKind::segments_opened, task->id, author.id);
    enter(*task, Phase::attesting, draft.now(), task->terms.opening);
    return {};
}

Status handle(Draft& draft, const Author& author, const OpenReceipt& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    ASSAY_TRY(expect_phase(*task, Phase::attesting, draft.now()));
    Auditor* const auditor = auditor_of(*task, author.id);
    if (auditor == nullptr || !auditor->receipt) return failure(Error::not_allowed, "there is no receipt");
    if (auditor->opened) return failure(Error::already_done, "the receipt is open");
    if (body.roots.size() != task->drawn.size() || receipt_digest(task->id, author.id, body.roots, body.salt) != *auditor->receipt)
        return failure(Error::commitment_mismatch, "the receipt is another");
    auditor->opened = true;
    for (std::size_t i = 0; i < body.roots.size(); ++i)
        if (body.roots[i] == task->opened[i]) auditor->agrees |= std::uint64_t{1} << i;
    const bool agrees = static_cast<std::size_t>(__builtin_popcountll(auditor->agrees)) == task->drawn.size();
    draft.emit(agrees ? EventKind::attested : EventKind::disagreed, task->id, author.id, auditor->agrees);
    if (all_of_those_who_answered(*task)) enter(*task, Phase::window, draft.now(), task->terms.window);
    return {};
}

void advance_audit(Draft& draft, TaskState& task)
{
    switch (task.phase) {
    case Phase::drawing: {
        // Silence must not save what the audit would have cost. Spec: spec/market.md, spec/audit.md.
        const Amount fees{task.terms.audit_fee.units * task.terms.verifiers};
        spend(task, fees);
        draft.burn(task.id, fees);
        draft.emit(EventKind::not_drawn, task.id, task.submitter);
        return enter(task, Phase::window, draft.now(), task.terms.window);
    }
    case Phase::replaying: {
        const bool answered =
            std::any_of(task.auditors.begin(), task.auditors.end(), [](const Auditor& auditor) { return auditor.receipt.has_value(); });
        if (answered) return enter(task, Phase::opening, draft.now(), task.terms.opening);
        return enter(task, Phase::window, draft.now(), task.terms.window);
    }
    case Phase::opening:
        draft.account(task.leg->solver).standing.deadlines.record(false);
        return convict(draft, task, std::nullopt, std::nullopt);
    default: return enter(task, Phase::window, draft.now(), task.terms.window);
    }
}

} // namespace assay::market
