// Judging again is playing again.
#include <assay/dispute/transcript.hpp>

namespace assay::dispute {

Result<Game> replay(const Transcript& transcript)
{
    ASSAY_TRY_ASSIGN(Game game, Game::start(transcript.statement, transcript.terms, transcript.parties, transcript.started));
    for (std::size_t i = 0; i < transcript.moves.size(); ++i) {
        const Result<Applied> applied = game.apply(transcript.moves[i].move, transcript.moves[i].at);
        if (!applied) return failure(applied.error(), "move " + std::to_string(i) + ": " + applied.failure().message());
        if (*applied == Applied::already_made)
            return failure(Error::stale_move, "move " + std::to_string(i) + " stands twice in the transcript");
    }
    if (transcript.timeout_claimed) ASSAY_TRY(game.claim_timeout(*transcript.timeout_claimed));
    return game;
}

} // namespace assay::dispute
