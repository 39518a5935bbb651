// Demands for states that only the solver holds. Spec: spec/market.md.
// Holds MARKET-21.
#include <assay/hash/openssl.hpp>

#include "market/handlers.hpp"

namespace assay::market {

namespace {

using Requests = dispute::Availability;

struct Subject {
    Digest task;
    std::uint64_t leg = 0;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.task, self.leg);
    }
};

Result<Requests> requests_of(const TaskState& task, Tick now)
{
    if (task.demands) return Requests::decode(task.demands->requests, hash::sha256_openssl);
    return Requests::start(task.keeping(), now, hash::sha256_openssl);
}

// Errors: wrong_phase where nothing was ever asked of this solver.
Result<Requests> asked_requests(const TaskState& task)
{
    if (!task.demands) return failure(Error::wrong_phase, "nothing was demanded");
    return Requests::decode(task.demands->requests, hash::sha256_openssl);
}

} // namespace

dispute::Keeping TaskState::keeping() const
{
    return {hash::tagged_digest("assay.keeping-subject", Subject{id, legs}, hash::sha256_openssl), program, leg->solver, *terms.data};
}

Status handle(Draft& draft, const Author& author, const Demand& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    ASSAY_TRY(expect_open_to_challenges(*task, draft.now()));
    if (!task->terms.data) return failure(Error::not_allowed, "the task's terms have no demands");
    if (body.request.requester != author.id) return failure(Error::not_allowed, "the request is another's");
    if (body.checkpoint < task->leg->first || body.checkpoint > task->checkpoints.size())
        return failure(Error::index_out_of_range, "the checkpoint is not this solver's");
    if (body.request.state != task->state_at(body.checkpoint))
        return failure(Error::commitment_mismatch, "checkpoint " + std::to_string(body.checkpoint) + " is another state");
    ASSAY_TRY_ASSIGN(Requests requests, requests_of(*task, draft.now()));
    ASSAY_TRY_ASSIGN(const dispute::Applied applied, requests.ask(body.request, draft.now()));
    if (applied == dispute::Applied::already_made) return failure(Error::already_done, "the request is open");
    const Amount fee{task->terms.data->fee * body.request.chunks.size()};
    ASSAY_TRY(draft.take_for(task->id, author.id, fee));
    const Amount fees = task->demands ? task->demands->fees : Amount{};
    task->demands = Demands{requests.encode(), Amount{fees.units + fee.units}};
    draft.emit(EventKind::demanded, task->id, author.id, body.checkpoint);
    return {};
}

Status handle(Draft& draft, const Author& author, const AnswerDemand& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    ASSAY_TRY_ASSIGN(Requests requests, asked_requests(*task));
    ASSAY_TRY_ASSIGN(const dispute::Settlement settlement, requests.answer(body.answer, draft.now()));
    std::uint64_t paid = settlement.burned;
    draft.burn(task->id, Amount{settlement.burned});
    for (const dispute::Payout& payout : settlement.payouts) {
        draft.give(payout.party, Amount{payout.amount});
        paid += payout.amount;
    }
    task->demands = Demands{requests.encode(), Amount{task->demands->fees.units - paid}};
    draft.emit(EventKind::answered, task->id, author.id);
    return {};
}

Status handle(Draft& draft, const Author&, const ClaimWithheld& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    ASSAY_TRY_ASSIGN(Requests requests, asked_requests(*task));
    // What it says of money is what a conviction does with demands and stake.
    ASSAY_TRY(requests.claim_withheld(body.request, draft.now()));
    draft.account(task->leg->solver).standing.deadlines.record(false);
    draft.emit(EventKind::withheld, task->id, *requests.state().withheld_from);
    convict(draft, *task, {requests.state().withheld_from, {}, {}});
    return {};
}

std::vector<dispute::OpenRequest> TaskState::open_demands() const
{
    const auto requests = asked_requests(*this);
    return requests ? requests->state().open : std::vector<dispute::OpenRequest>{};
}

void return_demands(Draft& draft, TaskState& task)
{
    for (const dispute::OpenRequest& open : task.open_demands())
        draft.give(open.request.requester, Amount{task.terms.data->fee * open.request.chunks.size()});
    task.demands.reset();
}

} // namespace assay::market
