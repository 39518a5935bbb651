#include <assay/dispute/match.hpp>

#include <assay/dispute/players.hpp>

namespace assay::dispute {

Result<Transcript> play_out(const Statement& statement, const Terms& terms, const Parties& parties, Tick start, Trace& solver, Trace& challenger)
{
    ASSAY_TRY_ASSIGN(Game game, Game::start(statement, terms, parties, start));
    Transcript transcript{statement, terms, parties, start, {}, {}};
    for (Tick now{start.value + 1}; !game.is_settled(); ++now.value) {
        const Result<Move> move = game.to_move() == Side::solver ? next_solver_move(game, solver) : next_challenger_move(game, challenger);
        if (move && game.apply(*move, now)) {
            transcript.moves.push_back({now, *move});
            continue;
        }
        transcript.timeout_claimed = Tick{game.deadline().value + 1};
        ASSAY_TRY(game.claim_timeout(*transcript.timeout_claimed));
    }
    return transcript;
}

} // namespace assay::dispute
