// Sealed bids, their opening, the assignment, and taking it up. Spec: spec/market.md, spec/audit.md.
// Holds MARKET-7 and MARKET-15.
#include <assay/hash/openssl.hpp>

#include "market/handlers.hpp"

namespace assay::market {

namespace {

SealedBid* bid_of(TaskState& task, const Digest& bidder)
{
    const auto found = std::find_if(task.bids.begin(), task.bids.end(), [&](const SealedBid& bid) { return bid.bidder == bidder; });
    return found == task.bids.end() ? nullptr : &*found;
}

// Of the salts that were sealed and opened: whoever commits last does not know them, and whoever opens last can only keep its own back.
Digest tie_beacon(const TaskState& task)
{
    std::vector<Digest> salts;
    for (const SealedBid& bid : task.bids) salts.push_back(bid.salt);
    return hash::tagged_digest("assay.bids", salts, hash::sha256_openssl);
}

// A bidder without a benchmark counts as just fast enough for its deadlines.
std::int64_t quality(const Standing& standing, const TaskState& task)
{
    const std::uint64_t slowest = task.work_per_record / task.terms.recording.value + 1;
    const market::Record record{standing.operations_per_tick == 0 ? slowest : standing.operations_per_tick,
                                standing.deadlines.lower_bound()};
    const auto worth = quality_of({task.terms.worth_in_time.units, task.terms.worth_of_tick.units}, record, task.work_per_record);
    return worth ? *worth : 0; // out of range: neither better nor worse than a stranger
}

} // namespace

void begin_revealing_when_due(TaskState& task, Tick now)
{
    if (task.phase == Phase::bidding && now > task.deadline) enter(task, Phase::revealing, task.deadline, task.terms.revealing);
}

void assign_best(Draft& draft, TaskState& task)
{
    const Digest beacon = tie_beacon(task);
    std::vector<Bid> bids;
    for (const SealedBid& bid : task.bids)
        bids.push_back({bid.price->units, quality(draft.account(bid.bidder).standing, task), 1, tie_digest(beacon, task.id, bid.bidder)});
    const auto awards = decide_auction(1, task.terms.price_max.units, bids);
    if (!awards || awards->empty()) return close(draft, task);
    task.leg = Leg{};
    task.leg->solver = task.bids[awards->front().bid].bidder;
    task.leg->payment = {awards->front().payment};
    enter(task, Phase::accepting, draft.now(), task.terms.accepting);
    draft.emit(EventKind::assigned, task.id, task.leg->solver, task.leg->payment.units);
}

Status handle(Draft& draft, const Author& author, const CommitBid& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    ASSAY_TRY(expect_phase(*task, Phase::bidding, draft.now()));
    if (bid_of(*task, author.id) != nullptr) return failure(Error::already_done, "a bidder bids once");
    if (task->bids.size() == sealed_bids_max) return failure(Error::limit_exceeded, "a task has at most 64 bids");
    ASSAY_TRY(draft.take_for(task->id, author.id, task->terms.bid_bond));
    task->bids.push_back({author.id, body.commitment, task->terms.bid_bond, {}, {}});
    draft.emit(EventKind::bid_committed, task->id, author.id);
    return {};
}

Status handle(Draft& draft, const Author& author, const RevealBid& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    begin_revealing_when_due(*task, draft.now());
    ASSAY_TRY(expect_phase(*task, Phase::revealing, draft.now()));
    SealedBid* const bid = bid_of(*task, author.id);
    if (bid == nullptr) return failure(Error::unknown_subject, "no bid was committed to");
    if (bid->price) return failure(Error::already_done, "the bid is open");
    if (body.price > amount_max) return failure(Error::limit_exceeded, "no amount is above 2^60");
    if (bid_digest(task->id, author.id, body.price, body.salt) != bid->commitment)
        return failure(Error::commitment_mismatch, "the bid is another");
    bid->price = body.price;
    bid->salt = body.salt;
    draft.emit(EventKind::bid_revealed, task->id, author.id, body.price.units);
    return {};
}

Status handle(Draft& draft, const Author& author, const Accept& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    ASSAY_TRY(expect_phase(*task, Phase::accepting, draft.now()));
    if (task->leg->solver != author.id) return failure(Error::not_allowed, "the task was assigned to another");
    ASSAY_TRY(draft.take_for(task->id, author.id, task->terms.stake));
    for (const SealedBid& bid : task->bids) draft.give(bid.bidder, bid.bond);
    task->bids.clear();
    Leg& leg = *task->leg;
    leg.stake = task->terms.stake;
    leg.first = task->checkpoints.size();
    leg.begun = leg.recorded = draft.now();
    leg.seed = task->task.seed;
    leg.has_seed = !task->is_benchmark;
    if (task->is_benchmark) leg.begun = leg.beacon_tick = Tick{draft.now().value + 1};
    enter(*task, Phase::running, draft.now(), task->terms.recording);
    draft.emit(EventKind::accepted, task->id, author.id, leg.stake.units);
    return {};
}

} // namespace assay::market
