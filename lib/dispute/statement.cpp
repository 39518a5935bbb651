// What can be said about a game before it starts.
#include <assay/dispute/game.hpp>

namespace assay::dispute {

namespace {

constexpr std::size_t game_content_bytes = 362; // all fields have fixed widths

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
    return tick.value >= 1 && tick.value <= clock_max;
}

Status validate(const Terms& terms)
{
    if (terms.reveal_levels < 1 || terms.reveal_levels > 8) return failure(Error::invalid_terms, "reveal_levels is from 1 to 8");
    if (terms.segment_levels < 1 || terms.segment_levels > 15) return failure(Error::invalid_terms, "segment_levels is from 1 to 15");
    if (!is_clock(terms.solver_clock) || !is_clock(terms.challenger_clock))
        return failure(Error::invalid_terms, "a clock is from 1 to 2^60 ticks");
    if (terms.latency.value > latency_max) return failure(Error::invalid_terms, "latency is at most 2^40 ticks");
    if (terms.bytes_per_tick == 0) return failure(Error::invalid_terms, "bytes_per_tick is at least 1");
    return {};
}

} // namespace

Status validate(const Statement& statement, const Terms& terms)
{
    ASSAY_TRY(validate(terms));
    const commit::ProgramCommitment& program = statement.program;
    if (!program::validate_counts(program.node_count, program.output_count, program.state_count, program.data_count))
        return failure(Error::invalid_statement, "no program has so many, or so few, nodes, outputs, states or data tensors");
    if (statement.steps == 0 || statement.steps > steps_max) return failure(Error::invalid_statement, "steps is from 1 to 2^40");
    return {};
}

Digest game_id(const Statement& statement, const Terms& terms, const Parties& parties, hash::HashFunction function)
{
    const auto content = encode_within<game_content_bytes>(GameContent{statement, terms, parties});
    return hash::tagged_digest_of_encoding("assay.dispute", content, function);
}

} // namespace assay::dispute
