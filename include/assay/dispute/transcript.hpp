// The record of a game, from which anyone can find the verdict again, without the model and without the data.
// Spec: spec/dispute.md, DISPUTE-24.
#pragma once

#include <assay/dispute/game.hpp>

namespace assay::dispute {

struct TimedMove {
    Tick at;
    Move move;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.at, self.move);
    }
    friend bool operator==(const TimedMove&, const TimedMove&) = default;
};

struct Transcript {
    Statement statement;
    Terms terms;
    Parties parties;
    Tick started;
    std::vector<TimedMove> moves;
    std::optional<Tick> timeout_claimed;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.statement, self.terms, self.parties, self.started, self.moves, self.timeout_claimed);
    }
    friend bool operator==(const Transcript&, const Transcript&) = default;
};

// Plays the transcript from its start. Returns: the game as it stands at the end, which may not be settled.
// Errors: that of the first move that a game refuses, with its number in the detail.
Result<Game> replay(const Transcript& transcript);

} // namespace assay::dispute
