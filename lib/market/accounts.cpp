// Transfers, and the verifiers' stakes. Spec: spec/market.md, spec/audit.md.
// Holds MARKET-2.
#include "market/handlers.hpp"

namespace assay::market {

Status handle(Draft& draft, const Author& author, const Transfer& body)
{
    if (!draft.has_account(body.to)) {
        if (body.amount < draft.rules().account_minimum)
            return failure(Error::limit_exceeded, "an account begins with at least " + std::to_string(draft.rules().account_minimum.units));
    }
    ASSAY_TRY(draft.take(author.id, body.amount));
    draft.give(body.to, body.amount);
    return {};
}

Status handle(Draft& draft, const Author& author, const Join& body)
{
    if (draft.account(author.id).verifier) return failure(Error::already_done, "an account has one place among the verifiers");
    if (body.stake < draft.rules().verifier_minimum || body.stake.units == 0)
        return failure(Error::invalid_terms, "the stake is below the minimum");
    const std::size_t count = draft.verifiers().size();
    if (count == verifiers_max) return failure(Error::limit_exceeded, "there are 65536 verifiers");
    ASSAY_TRY(draft.take(author.id, body.stake));
    const Verifier verifier{author.id, body.stake, {}, body.stake.units, Tick{draft.now().value + 1}, {}};
    draft.account(author.id).verifier = draft.add_verifier(verifier);
    draft.emit(EventKind::joined, author.id, author.id, body.stake.units);
    return {};
}

Status handle(Draft& draft, const Author& author, const Leave& body)
{
    if (draft.account(author.id).verifier != body.slot) return failure(Error::not_allowed, "the place is another's");
    Verifier& verifier = draft.verifier(body.slot);
    if (!verifier.left) {
        verifier.left = draft.now();
        return {};
    }
    if (draft.now().value - verifier.left->value <= draft.rules().unbonding.value)
        return failure(Error::too_early, "the stake is still bound");
    if (verifier.locked.units != 0) return failure(Error::wrong_phase, "a task that it was drawn for is open");
    const Amount stake = verifier.stake;
    verifier.stake = {};
    draft.give(author.id, stake);
    draft.account(author.id).verifier.reset();
    draft.emit(EventKind::left, author.id, author.id, stake.units);
    return {};
}

} // namespace assay::market
