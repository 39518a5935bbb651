// A convicted solver may have lost on purpose, about a segment that is right. Verifiers that attested to it answer for themselves: each in
// its own games, in the solver's place. Spec: spec/market.md.
// Holds MARKET-25 to MARKET-27.
#include <assay/hash/openssl.hpp>

#include "market/handlers.hpp"

namespace assay::market {

namespace {

Result<Auditor*> auditor_of(TaskState& task, const Digest& verifier)
{
    for (Auditor& auditor : task.auditors)
        if (auditor.verifier == verifier) return &auditor;
    return failure(Error::not_allowed, "the verifier was not drawn");
}

} // namespace

bool attested_to_conviction(const TaskState& task, const Auditor& auditor)
{
    if (!task.conviction || !task.conviction->segment || !auditor.is_open()) return false;
    const auto found = std::find(task.drawn.begin(), task.drawn.end(), *task.conviction->segment);
    return found != task.drawn.end() && auditor.roots[static_cast<std::size_t>(found - task.drawn.begin())] == task.conviction->root;
}

bool is_defended(const TaskState& task)
{
    return std::any_of(task.auditors.begin(), task.auditors.end(), [](const Auditor& auditor) { return auditor.defence == Defence::standing; });
}

Status handle(Draft& draft, const Author& author, const Defend& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    ASSAY_TRY(expect_phase(*task, Phase::convicted, draft.now()));
    ASSAY_TRY_ASSIGN(Auditor* const auditor, auditor_of(*task, author.id));
    if (!attested_to_conviction(*task, *auditor)) return failure(Error::not_allowed, "the verifier's open receipt has no root that was convicted");
    if (auditor->defence != Defence::none) return failure(Error::already_done, "the root is defended");
    ASSAY_TRY(draft.take_for(task->id, author.id, task->terms.challenge_bond));
    auditor->defence = Defence::standing;
    draft.emit(EventKind::defended, task->id, author.id, *task->conviction->segment);
    return {};
}

Status handle(Draft& draft, const Author& author, const Contest& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    ASSAY_TRY(expect_phase(*task, task->phase == Phase::convicted ? Phase::convicted : Phase::defending, draft.now()));
    ASSAY_TRY_ASSIGN(const Auditor* const auditor, auditor_of(*task, body.verifier));
    if (auditor->defence != Defence::standing) return failure(Error::not_allowed, "no defence of this verifier stands");
    ASSAY_TRY(open_game(draft, *task, {author.id, body.bond_max}, {*task->conviction->segment, auditor->verifier}));
    draft.emit(EventKind::contested, task->id, author.id, auditor->slot);
    return {};
}

void lose_defence(Draft& draft, TaskState& task, const Dispute& lost, const Digest& verifier)
{
    Auditor& auditor = *auditor_of(task, verifier).value();
    auditor.defence = Defence::fallen;
    const Amount bond = task.terms.challenge_bond, half = portion(bond, 1, 2);
    draft.give(lost.challenger, Amount{lost.bond.units + half.units});
    draft.burn(task.id, Amount{bond.units - half.units});
    draft.emit(EventKind::defence_fell, task.id, verifier, lost.segment);
    // Nothing is left to contest.
    std::erase_if(task.disputes, [&](const Dispute& other) {
        const bool is_against_it = dispute::Game::decode(other.game, hash::sha256_openssl).value().state().parties.solver == verifier;
        if (is_against_it) draft.give(other.challenger, other.bond);
        return is_against_it;
    });
}

} // namespace assay::market
