// Transfers, and the verifiers' stakes. Spec: spec/market.md, spec/audit.md.
// Holds MARKET-2 and MARKET-17.
#include "market/handlers.hpp"

namespace assay::market {

namespace {

// The next place, and when all are taken the first that was given up.
std::optional<std::uint32_t> free_place(const std::vector<Verifier>& verifiers)
{
    if (verifiers.size() < verifiers_max) return static_cast<std::uint32_t>(verifiers.size());
    const auto found = std::find_if(verifiers.begin(), verifiers.end(), [](const Verifier& verifier) { return verifier.is_gone; });
    if (found == verifiers.end()) return std::nullopt;
    return static_cast<std::uint32_t>(found - verifiers.begin());
}

} // namespace

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
    const std::optional<std::uint32_t> place = free_place(draft.verifiers().entries());
    if (!place) return failure(Error::limit_exceeded, "there are 65536 verifiers");
    ASSAY_TRY(draft.take(author.id, body.stake));
    const Verifier verifier{author.id, body.stake, {}, body.stake.units, Tick{draft.now().value + 1}, {}, false};
    draft.put_verifier(*place, verifier);
    draft.account(author.id).verifier = *place;
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
    verifier.is_gone = true;
    draft.give(author.id, stake);
    draft.account(author.id).verifier.reset();
    draft.emit(EventKind::left, author.id, author.id, stake.units);
    return {};
}

} // namespace assay::market
