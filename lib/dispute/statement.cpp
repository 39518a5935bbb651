// What can be said about a game before it starts.
#include <assay/dispute/game.hpp>

namespace assay::dispute {

namespace {

struct GameContent {
    const Statement& statement;
    const Terms& terms;
    const Parties& parties;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.statement, self.terms, self.parties);
    }
};

bool is_clock(Tick tick)
{
    return tick.value >= 1 && tick.value <= time_max;
}

} // namespace

Status validate(const Statement& statement, const Terms& terms)
{
    if (terms.reveal_levels < 1 || terms.reveal_levels > 8) return failure(Error::invalid_terms, "reveal_levels is from 1 to 8");
    if (!is_clock(terms.solver_clock) || !is_clock(terms.challenger_clock)) return failure(Error::invalid_terms, "a clock is from 1 to 2^62 ticks");
    const commit::ProgramCommitment& program = statement.program;
    if (program.node_count == 0 || program.node_count > program::nodes_max) return failure(Error::invalid_statement, "program.node_count is from 1 to 2^20");
    if (program.output_count == 0 || program.output_count > program::nodes_max)
        return failure(Error::invalid_statement, "program.output_count is from 1 to 2^20");
    if (program.state_count > program::nodes_max || program.data_count > program::nodes_max)
        return failure(Error::invalid_statement, "program.state_count and data_count are at most 2^20");
    if (statement.steps == 0 || statement.steps > steps_max) return failure(Error::invalid_statement, "steps is from 1 to 2^40");
    return {};
}

Digest game_id(const Statement& statement, const Terms& terms, const Parties& parties)
{
    return hash::tagged_digest("assay.dispute", GameContent{statement, terms, parties});
}

} // namespace assay::dispute
