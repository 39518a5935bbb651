// Spec: PARTY-6, PARTY-7.
#include <assay/node/solver.hpp>

#include <algorithm>

#include <assay/hash/openssl.hpp>
#include <assay/store/checkpoints.hpp>

#include "node/names.hpp"

namespace assay::node {

using namespace market;

namespace {

const SealedBid* bid_of(const TaskState& task, const Digest& bidder)
{
    const auto found = std::find_if(task.bids.begin(), task.bids.end(), [&](const SealedBid& bid) { return bid.bidder == bidder; });
    return found == task.bids.end() ? nullptr : &*found;
}

bool is_solver_of(const TaskState& task, const Digest& name)
{
    return task.leg && task.leg->solver == name;
}

} // namespace

Solver::Solver(Network& network, store::ChunkStore& own, const crypto::Seed& seed, SolverOptions options)
    : Party(network, own, Identity{seed}, options.party, options.cheating), m_options(std::move(options))
{
}

Status Solver::acts_for(const TaskState& task, std::vector<Act>& acts)
{
    ASSAY_TRY(acts_in_games(task, acts));
    ASSAY_TRY(acts_on_demands(task, acts));
    switch (task.phase) {
    case market::Phase::bidding:
    case market::Phase::revealing:
    case market::Phase::accepting: ASSAY_TRY(acts_in_auction(task, acts)); break;
    case market::Phase::running: ASSAY_TRY(acts_in_run(task, acts)); break;
    case market::Phase::opening: ASSAY_TRY(acts_in_opening(task, acts)); break;
    default: break;
    }
    if (is_solver_of(task, name()) || bid_of(task, name()) != nullptr) advance_when_due(task, acts);
    return {};
}

Amount Solver::price_for(const TaskState& task) const
{
    return m_options.price ? *m_options.price : portion(task.terms.price_max, 1, 2);
}

bool Solver::can_take(const TaskState& task) const
{
    if (task.submitter == name() || price_for(task) > task.terms.price_max) return false;
    const auto busy = std::count_if(ledger().tasks().entries().begin(), ledger().tasks().entries().end(), [&](const TaskState& other) {
        return other.phase <= market::Phase::running && (is_solver_of(other, name()) || bid_of(other, name()) != nullptr);
    });
    // Room for what the run itself costs: a fee for each record, and some for a dispute.
    const std::uint64_t fees = ledger().rules().fee.units * (commit::segment_count(task.task) + 64);
    return busy < m_options.tasks_at_once && balance() >= task.terms.bid_bond.units + task.terms.stake.units + fees;
}

Result<std::optional<Solver::StoredBid>> Solver::stored_bid(const TaskState& task) const
{
    ASSAY_TRY_ASSIGN(const std::optional<Digest> address, stored_name(bid_name(task.id, task.legs)));
    if (!address) return std::optional<StoredBid>{};
    ASSAY_TRY_ASSIGN(const Bytes bytes, own().get(*address));
    ASSAY_TRY_ASSIGN(StoredBid bid, decode<StoredBid>(bytes));
    return std::optional{bid};
}

// A bid promises work: who cannot get at what it takes does not bid. The bid is stored before it is sent. Spec: PARTY-2, PARTY-6.
Status Solver::prepare(const TaskState& task)
{
    ASSAY_TRY(state_before(task, view().task(task.id)->states.size()));
    ASSAY_TRY_ASSIGN(const std::optional<StoredBid> stored, stored_bid(task));
    if (stored) return {};
    store::Batch batch;
    batch.put_name(bid_name(task.id, task.legs), batch.put(encode(StoredBid{price_for(task), identity().salt("bid", task.id, task.legs)})));
    return own().write(batch);
}

Status Solver::acts_in_auction(const TaskState& task, std::vector<Act>& acts)
{
    const std::string about = "task " + short_hex(task.id);
    const SealedBid* const bid = bid_of(task, name());
    ASSAY_TRY_ASSIGN(const std::optional<StoredBid> stored, stored_bid(task));
    const bool is_sealing = task.phase == market::Phase::bidding && now() <= task.deadline;
    const std::uint64_t reveal_until = task.deadline.value + (task.phase == market::Phase::bidding ? task.terms.revealing.value : 0);
    if (is_sealing && bid == nullptr && can_take(task)) {
        if (!stored)
            acts.push_back({Urgency::chance, task.id, "prepares a bid for " + about, Work{[this, &task] { return prepare(task); }}});
        else
            acts.push_back({Urgency::chance, task.id, "bids for " + about,
                            Body{CommitBid{task.id, bid_digest(task.id, name(), stored->price, stored->salt)}}});
    } else if (!is_sealing && task.phase != market::Phase::accepting && bid != nullptr && !bid->price && stored &&
               now().value <= reveal_until) {
        acts.push_back({Urgency::promise, task.id, "reveals its bid of " + std::to_string(stored->price.units) + " for " + about,
                        Body{RevealBid{task.id, stored->price, stored->salt}}});
    } else if (task.phase == market::Phase::accepting && is_solver_of(task, name()) && now() <= task.deadline) {
        acts.push_back({Urgency::promise, task.id, "takes up " + about + " and stakes " + std::to_string(task.terms.stake.units),
                        Body{Accept{task.id}}});
    }
    return {};
}

Status Solver::acts_in_run(const TaskState& task, std::vector<Act>& acts)
{
    if (!is_solver_of(task, name()) || now() > task.deadline) return {};
    const std::uint64_t segment = task.checkpoints.size();
    const std::string about = "segment " + std::to_string(segment) + " of task " + short_hex(task.id);
    ASSAY_TRY_ASSIGN(const std::optional<OwnSegment> mine, own_segment(task, segment));
    if (!mine) {
        acts.push_back({Urgency::work, task.id, "trains " + about, Work{[this, &task, segment] { return compute(task, segment); }}});
        return {};
    }
    ASSAY_TRY_ASSIGN(const std::optional<Digest> uploaded, stored_name(uploaded_name(run_of(task), segment)));
    if (!uploaded && !m_options.withholds) {
        acts.push_back({Urgency::promise, task.id, "uploads the checkpoint after " + about,
                        Work{[this, &task, segment] { return upload_checkpoint(task, segment); }}});
        return {};
    }
    ASSAY_TRY_ASSIGN(Body body, record(task, *mine));
    acts.push_back({Urgency::promise, task.id, "records " + about, std::move(body)});
    return {};
}

// The same segment always makes the same record: deterministic training, a salt that follows from the key, a deterministic signature.
// Spec: PARTY-7.
Result<Body> Solver::record(const TaskState& task, const OwnSegment& segment) const
{
    const std::uint64_t index = task.checkpoints.size();
    merkle::CompactRange log = task.log;
    commit::append_checkpoint(log, segment.after);
    const Digest blinded = blinded_root(task.id, name(), index, segment.root, identity().salt("segment", task.id, index));
    const market::Progress progress{task.id, name(), index + 1, segment.after, log.root(), blinded, task.leg->last_record};
    return Body{PostProgress{sign(identity().keys(), ledger().rules().network, progress)}};
}

Status Solver::upload_checkpoint(const TaskState& task, std::uint64_t segment)
{
    const Digest run = run_of(task);
    ASSAY_TRY_ASSIGN(const Digest list, store::list_of_checkpoint(own(), run, segment + 1));
    return upload_slice(list, uploaded_name(run, segment), "uploading checkpoint " + std::to_string(segment + 1));
}

// Who is asked for a state and keeps it back loses its stake, so this comes before the work. Spec: PARTY-16.
Status Solver::acts_on_demands(const TaskState& task, std::vector<Act>& acts)
{
    if (!is_solver_of(task, name()) || m_options.withholds) return {};
    for (const dispute::OpenRequest& open : task.open_demands()) {
        std::uint64_t checkpoint = task.leg->first;
        while (checkpoint < task.checkpoints.size() && task.state_at(checkpoint) != open.request.state) ++checkpoint;
        if (now() > open.deadline) continue;
        acts.push_back({Urgency::promise, task.id, "shows a part of checkpoint " + std::to_string(checkpoint) + " of task " + short_hex(task.id),
                        Work{[this, &task, checkpoint, request = open.request]() -> Status {
                            ASSAY_TRY_ASSIGN(const auto state, state_before(task, checkpoint));
                            return transact(AnswerDemand{task.id, answer_of(request, state, hash::sha256_openssl)});
                        }}});
    }
    return {};
}

Status Solver::acts_in_opening(const TaskState& task, std::vector<Act>& acts)
{
    if (!is_solver_of(task, name()) || now() > task.deadline) return {};
    OpenSegments body{task.id, {}};
    for (const std::uint64_t segment : task.drawn) {
        ASSAY_TRY_ASSIGN(const std::optional<OwnSegment> mine, own_segment(task, segment));
        if (!mine) { // its store was lost: what was trained can be trained again
            acts.push_back({Urgency::promise, task.id, "trains segment " + std::to_string(segment) + " again",
                            Work{[this, &task, segment] { return compute(task, segment); }}});
            return {};
        }
        body.roots.push_back({mine->root, identity().salt("segment", task.id, segment)});
    }
    acts.push_back(
        {Urgency::promise, task.id, "opens the roots of the drawn segments of task " + short_hex(task.id), Body{std::move(body)}});
    return {};
}

} // namespace assay::node
