// Records of progress, and what ends a run early. Spec: spec/market.md, spec/audit.md.
// Holds MARKET-8, MARKET-10 and MARKET-20.
#include <assay/hash/openssl.hpp>

#include "market/handlers.hpp"

namespace assay::market {

void append_to_log(TaskState& task, const Digest& state)
{
    task.log.append(merkle::leaf_hash(view_of(state), hash::sha256_openssl), hash::sha256_openssl);
}

Status handle(Draft& draft, const Author& author, const PostProgress& body)
{
    const Progress& record = body.record.progress;
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(record.task));
    ASSAY_TRY(expect_phase(*task, Phase::running, draft.now()));
    Leg& leg = *task->leg;
    if (leg.solver != author.id || record.solver != author.id) return failure(Error::not_allowed, "the run is another's");
    if (!leg.has_seed) return failure(Error::wrong_phase, "the benchmark's seed is not drawn");
    if (record.index != task->checkpoints.size() + 1)
        return failure(Error::invalid_record, "record " + std::to_string(task->checkpoints.size() + 1) + " is next");
    if (record.previous != leg.last_record) return failure(Error::invalid_record, "the record names another before it");
    append_to_log(*task, record.state);
    if (task->log.root(hash::sha256_openssl) != record.log) return failure(Error::invalid_record, "the log does not continue the one before");
    task->checkpoints.push_back({record.state, record.blinded});
    leg.last_record = digest_of(record);
    leg.recorded = draft.now();
    draft.account(author.id).standing.deadlines.record(true);
    draft.emit(EventKind::progressed, task->id, author.id, record.index);
    if (task->checkpoints.size() == commit::segment_count(task->task)) await_draw(draft, *task);
    else enter(*task, Phase::running, draft.now(), task->terms.recording);
    return {};
}

Status handle(Draft& draft, const Author& author, const ProveFraud& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    if (task->phase < Phase::running || task->phase > Phase::window) return failure(Error::wrong_phase, "no solver is at stake");
    const Progress& first = body.fraud.first.progress;
    if (first.task != task->id || first.solver != task->leg->solver)
        return failure(Error::fault_not_shown, "the records are of another run");
    ASSAY_TRY(verify(body.fraud, draft.rules().network));
    convict(draft, *task, {author.id, {}, {}});
    return {};
}

void end_leg_in_silence(Draft& draft, TaskState& task)
{
    Leg& leg = *task.leg;
    if (!leg.has_seed) {
        // The beacon was silent, and that is not the solver's fault. Spec: AUDIT-8.
        draft.give(leg.solver, leg.stake);
        leg.stake = {};
        return close(draft, task);
    }
    leg.is_silent = true;
    draft.account(leg.solver).standing.deadlines.record(false);
    draft.emit(EventKind::silent, task.id, leg.solver, task.checkpoints.size());
    if (task.checkpoints.size() > leg.first) return await_draw(draft, task);
    settle_leg(draft, task);
}

} // namespace assay::market
