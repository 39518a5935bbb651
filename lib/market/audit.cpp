// The draw, the receipts, the opened roots, the attestations. Spec: spec/market.md, spec/audit.md.
// Holds AUDIT-1 to AUDIT-8.
#include <assay/hash/openssl.hpp>
#include <assay/market/draw.hpp>

#include "market/handlers.hpp"

namespace assay::market {

namespace {

// Whoever can be drawn for the leg's last record: it had joined before that was accepted, and now, when the draw begins to be awaited, has
// not left, is no party and has enough of its stake free. Spec: AUDIT-1.
Bytes candidates_for(const Draft& draft, const TaskState& task)
{
    const std::vector<Verifier>& verifiers = draft.verifiers().entries();
    Bytes bits((verifiers.size() + 7) / 8);
    for (std::size_t i = 0; i < verifiers.size(); ++i) {
        const Verifier& verifier = verifiers[i];
        const bool was_there = verifier.active_from <= task.leg->recorded && !verifier.left;
        const bool is_party = verifier.owner == task.leg->solver || verifier.owner == task.submitter;
        const bool is_free = verifier.stake.units - verifier.locked.units >= task.terms.verifier_stake.units;
        if (was_there && !is_party && is_free) bits[i / 8] |= static_cast<std::uint8_t>(1U << i % 8);
    }
    return bits;
}

std::vector<std::uint64_t> weights_of(const Bytes& candidates, const std::vector<Verifier>& verifiers)
{
    std::vector<std::uint64_t> weights(verifiers.size());
    for (std::size_t i = 0; i < std::min(verifiers.size(), 8 * candidates.size()); ++i)
        if ((candidates[i / 8] >> i % 8 & 1) != 0) weights[i] = verifiers[i].weight;
    return weights;
}

Auditor* auditor_of(TaskState& task, const Digest& verifier)
{
    const auto found =
        std::find_if(task.auditors.begin(), task.auditors.end(), [&](const Auditor& auditor) { return auditor.verifier == verifier; });
    return found == task.auditors.end() ? nullptr : &*found;
}

// The beacon's output for the tick that the leg waits for. Spec: AUDIT-2.
Result<crypto::VrfOutput> check_beacon(const Draft& draft, const TaskState& task, const crypto::VrfProof& proof)
{
    const Rules& rules = draft.rules();
    if (draft.now() < task.leg->beacon_tick)
        return failure(Error::too_early, "the beacon's tick is " + std::to_string(task.leg->beacon_tick.value));
    return crypto::verify(rules.beacon, rules.beacon_suite, beacon_input(rules.network, task.leg->beacon_tick), proof);
}

Result<crypto::VrfOutput> check_randomness(const Draft& draft, const TaskState& task, const crypto::VrfProof& proof)
{
    if (task.leg->source == DrawSource::beacon) return check_beacon(draft, task, proof);
    return crypto::verify(task.terms.drawer, task.terms.suite, draw_input(draft.rules().network, task.id, task.leg->last_record), proof);
}

// A benchmark begins when nobody could know its seed. Its clock runs from the beacon's tick, so waiting with the proof gains nothing.
// Spec: AUDIT-8.
Status draw_seed(Draft& draft, const Author& author, TaskState& task, const crypto::VrfProof& proof)
{
    ASSAY_TRY(expect_phase(task, Phase::running, draft.now()));
    ASSAY_TRY_ASSIGN(const crypto::VrfOutput output, check_beacon(draft, task, proof));
    task.leg->seed = benchmark_seed(output, task.id, task.legs);
    task.leg->has_seed = true;
    draft.emit(EventKind::seeded, task.id, author.id, task.leg->seed);
    enter(task, Phase::running, draft.now(), task.terms.recording);
    return {};
}

// Locks a stake, or excuses the verifier whose stake other draws took meanwhile; nobody takes its place. Spec: AUDIT-6.
void appoint(Draft& draft, TaskState& task, std::uint32_t slot)
{
    Verifier& verifier = draft.verifier(slot);
    const Amount stake = task.terms.verifier_stake;
    if (verifier.stake.units - verifier.locked.units < stake.units)
        return draft.emit(EventKind::excused, task.id, verifier.owner, slot);
    verifier.locked.units += stake.units;
    task.auditors.push_back({slot, verifier.owner, stake, {}, {}});
    draft.emit(EventKind::drawn, task.id, verifier.owner, slot);
}

// The game about a drawn segment in which the solver opened another root than here. Spec: AUDIT-7.
Result<std::optional<Conviction>> contradicted(const TaskState& task)
{
    for (const Dispute& dispute : task.disputes) {
        ASSAY_TRY_ASSIGN(const dispute::Game game, dispute::Game::decode(dispute.game, hash::sha256_openssl));
        if (opens_another_root(task, dispute.segment, game))
            return std::optional{Conviction{dispute.challenger, dispute.segment, root_of(task, dispute.segment, game)}};
    }
    return std::optional<Conviction>{};
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
                       [](const Auditor& auditor) { return !auditor.receipt || auditor.is_open(); });
}

// A solver may have crashed: it forfeits, once, and has the same time again. Spec: AUDIT-11.
void end_opening(Draft& draft, TaskState& task)
{
    Leg& leg = *task.leg;
    draft.account(leg.solver).standing.deadlines.record(false);
    if (leg.is_late) return convict(draft, task, {});
    const Amount forfeit = task.terms.silence_penalty;
    leg.is_late = true;
    leg.stake = subtract(leg.stake, forfeit).value();
    draft.burn(task.id, forfeit);
    draft.emit(EventKind::forfeited, task.id, leg.solver, forfeit.units);
    enter(task, Phase::opening, draft.now(), task.terms.opening);
}

} // namespace

void begin_beacon_when_due(TaskState& task, Tick now)
{
    if (task.phase != Phase::drawing || task.leg->source == DrawSource::beacon || now <= task.deadline) return;
    task.leg->source = DrawSource::beacon;
    task.leg->beacon_tick = Tick{task.deadline.value + 1};
    enter(task, Phase::drawing, task.deadline, task.terms.drawing);
}

Status handle(Draft& draft, const Author& author, const Draw& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    begin_beacon_when_due(*task, draft.now());
    if (task->phase == Phase::running && !task->leg->has_seed) return draw_seed(draft, author, *task, body.proof);
    ASSAY_TRY(expect_phase(*task, Phase::drawing, draft.now()));
    ASSAY_TRY_ASSIGN(const crypto::VrfOutput output, check_randomness(draft, *task, body.proof));
    DrawStream stream{output, task->id, task->leg->last_record};
    auto weights = weights_of(task->candidates, draft.verifiers().entries());
    for (const std::uint32_t slot : draw_weighted(stream, std::move(weights), task->terms.verifiers)) appoint(draft, *task, slot);
    draw_segments(*task, stream);
    for (const std::uint64_t segment : task->drawn) draft.emit(EventKind::segment_drawn, task->id, task->leg->solver, segment);
    task->candidates.clear();
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
        // A segment of one step has one root, and no game asks for it.
        if (commit::segment_steps(task->task, segment) == 1 &&
            body.roots[i].root != merkle::leaf_hash(view_of(task->checkpoints[segment].state), hash::sha256_openssl))
            return failure(Error::commitment_mismatch, "a segment of one step has the root of its last state");
        if (blinded_root(task->id, author.id, segment, body.roots[i].root, body.roots[i].salt) != task->checkpoints[segment].blinded)
            return failure(Error::commitment_mismatch, "the root of segment " + std::to_string(segment) + " is another");
        task->opened.push_back(body.roots[i].root);
    }
    draft.emit(EventKind::segments_opened, task->id, author.id);
    ASSAY_TRY_ASSIGN(const auto contradiction, contradicted(*task));
    if (contradiction) convict(draft, *task, *contradiction);
    else enter(*task, Phase::attesting, draft.now(), task->terms.opening);
    return {};
}

Status handle(Draft& draft, const Author& author, const OpenReceipt& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    // After a conviction, too: what was replayed until then is paid for. Spec: AUDIT-12.
    const bool is_after = task->phase == Phase::convicted;
    ASSAY_TRY(expect_phase(*task, is_after ? Phase::convicted : Phase::attesting, draft.now()));
    Auditor* const auditor = auditor_of(*task, author.id);
    if (auditor == nullptr || !auditor->receipt) return failure(Error::not_allowed, "there is no receipt");
    if (auditor->is_open()) return failure(Error::already_done, "the receipt is open");
    if (body.roots.size() != task->drawn.size() || receipt_digest(task->id, author.id, body.roots, body.salt) != *auditor->receipt)
        return failure(Error::commitment_mismatch, "the receipt is another");
    auditor->roots = body.roots;
    std::uint64_t agreed = 0, bits = 0;
    for (std::size_t i = 0; i < body.roots.size(); ++i)
        if (task->agrees(*auditor, i)) ++agreed, bits |= std::uint64_t{1} << i;
    const EventKind said = agreed == task->drawn.size() ? EventKind::attested : EventKind::disagreed;
    draft.emit(task->opened.empty() ? EventKind::receipt_opened : said, task->id, author.id, bits);
    if (!is_after && all_of_those_who_answered(*task)) enter(*task, Phase::window, draft.now(), task->terms.window);
    return {};
}

void await_draw(Draft& draft, TaskState& task)
{
    task.leg->source = task.terms.source;
    task.leg->beacon_tick = Tick{draft.now().value + 1};
    task.candidates = candidates_for(draft, task);
    enter(task, Phase::drawing, draft.now(), task.terms.drawing);
}

void advance_audit(Draft& draft, TaskState& task)
{
    switch (task.phase) {
    case Phase::drawing: {
        // A submitter's silence must not save what the audit would have cost; the beacon's is not its fault.
        if (task.terms.source == DrawSource::submitter) {
            const Amount fees{task.terms.audit_fee.units * task.terms.verifiers};
            spend(task, fees);
            draft.burn(task.id, fees);
        }
        task.candidates.clear();
        draft.emit(EventKind::not_drawn, task.id, task.submitter);
        return enter(task, Phase::window, draft.now(), task.terms.window);
    }
    case Phase::replaying: {
        const bool answered =
            std::any_of(task.auditors.begin(), task.auditors.end(), [](const Auditor& auditor) { return auditor.receipt.has_value(); });
        if (answered) return enter(task, Phase::opening, draft.now(), task.terms.opening);
        return enter(task, Phase::window, draft.now(), task.terms.window);
    }
    case Phase::opening: return end_opening(draft, task);
    default: return enter(task, Phase::window, draft.now(), task.terms.window);
    }
}

} // namespace assay::market
