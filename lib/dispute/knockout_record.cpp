#include <assay/dispute/knockout_record.hpp>

namespace assay::dispute {

Result<Applied> apply(Knockout& knockout, const KnockoutAct& act, Tick at)
{
    if (const auto* join = std::get_if<JoinAct>(&act)) return knockout.join(join->party, join->claim, at);
    if (const auto* call = std::get_if<CallAct>(&act)) return knockout.call(call->one, call->other, at);
    if (const auto* move = std::get_if<Move>(&act)) return knockout.apply(*move, at);
    if (const auto* timeout = std::get_if<TimeoutAct>(&act)) return knockout.claim_timeout(timeout->game, at);
    return knockout.advance(at);
}

Result<Knockout> replay(const KnockoutRecord& record, hash::HashFunction function)
{
    ASSAY_TRY_ASSIGN(Knockout knockout, Knockout::start(record.contest, record.started, function));
    for (std::size_t i = 0; i < record.acts.size(); ++i) {
        const Result<Applied> applied = apply(knockout, record.acts[i].act, record.acts[i].at);
        if (!applied) return failure(applied.error(), "act " + std::to_string(i) + ": " + applied.failure().message());
        if (*applied == Applied::already_made) return failure(Error::already_done, "act " + std::to_string(i) + " changes nothing");
    }
    return knockout;
}

} // namespace assay::dispute
