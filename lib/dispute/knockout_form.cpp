// What every knock-out has; how long one can last.
#include "dispute/knockout_form.hpp"

#include <numeric>
#include <set>

namespace assay::dispute {

namespace {

Failure not_a_knockout(const char* why)
{
    return failure(Error::not_canonical, std::string{"a stored knock-out: "} + why);
}

Status check_claims(const KnockoutState& state)
{
    if (state.entrants.size() > entrants_max || state.claims.size() > state.entrants.size())
        return not_a_knockout("there are more entrants than can be, or claims than entrants");
    std::set<std::vector<Digest>> claims;
    for (const Claim& claim : state.claims) {
        ASSAY_TRY(validate(claim, state.contest));
        if (!claims.insert(claim.checkpoints).second) return not_a_knockout("equal claims are one");
    }
    std::set<Digest> parties;
    std::uint32_t claims_seen = 0;
    for (const Entrant& entrant : state.entrants) {
        if (entrant.claim > claims_seen || entrant.claim >= state.claims.size())
            return not_a_knockout("claims stand in order of appearance");
        claims_seen = std::max(claims_seen, entrant.claim + 1);
        if (!parties.insert(entrant.party).second) return not_a_knockout("a party enters once");
        if (entrant.beaten_by && *entrant.beaten_by >= state.entrants.size()) return not_a_knockout("no such entrant");
        const bool is_out = entrant.standing != Standing::playing;
        if (entrant.demotions > state.contest.terms.demotions_max || (!is_out && entrant.demotions == state.contest.terms.demotions_max))
            return not_a_knockout("an entrant with too many demotions plays");
        if (entrant.wins > entrant.opponents || entrant.opponents >= state.entrants.size() + 1)
            return not_a_knockout("an entrant has won more than it must");
    }
    return claims_seen == state.claims.size() ? Status{} : not_a_knockout("a claim that nobody made");
}

// Joining has no rounds; a round has at least two claims to play for, and afterwards there is at most one.
Status check_phase(const KnockoutState& state)
{
    std::set<std::uint32_t> living;
    for (const Entrant& entrant : state.entrants)
        if (entrant.standing == Standing::playing) living.insert(entrant.claim);
    if (state.phase == KnockoutPhase::joining && state.rounds > 0) return not_a_knockout("rounds before the time to join is over");
    if (state.phase == KnockoutPhase::playing && (living.size() < 2 || state.rounds == 0))
        return not_a_knockout("a round of fewer than two claims");
    if (state.phase == KnockoutPhase::settled && living.size() > 1) return not_a_knockout("it ended with two claims");
    return {};
}

Status check_bout(const KnockoutState& state, const Bout& bout, hash::HashFunction function)
{
    if (bout.challenger >= state.entrants.size() || bout.solver >= bout.challenger) return not_a_knockout("a game without two entrants");
    const Entrant& solver = state.entrants[bout.solver];
    const Entrant& challenger = state.entrants[bout.challenger];
    if (!meet(solver, challenger)) return not_a_knockout("a game of two that do not meet");
    const Statement statement = statement_of(state.contest, digest_of(state.contest), state.rounds, bout.solver, bout.challenger,
                                             state.claims[solver.claim], state.claims[challenger.claim]);
    if (bout.id != game_id(statement, state.contest.terms.game, {solver.party, challenger.party}))
        return not_a_knockout("a game about something else");
    if (bout.verdict) return bout.game.empty() ? Status{} : not_a_knockout("a settled game is not kept");
    ASSAY_TRY_ASSIGN(const Game game, Game::decode(bout.game, function));
    if (game.id() != bout.id || game.is_settled()) return not_a_knockout("another game, or one that is settled");
    if (game.state().turn_started < state.phase_started || game.state().turn_started > state.latest)
        return not_a_knockout("a turn that did not begin in this round");
    return {};
}

} // namespace

Status validate(const Contest& contest)
{
    const KnockoutTerms& terms = contest.terms;
    if (terms.group_size < 2 || terms.group_size > 16) return failure(Error::invalid_terms, "group_size is from 2 to 16");
    if (terms.demotions_max < 1 || terms.demotions_max > 64) return failure(Error::invalid_terms, "demotions_max is from 1 to 64");
    if (terms.joining.value > clock_max || terms.calling.value > clock_max)
        return failure(Error::invalid_terms, "joining and calling are at most 2^60 ticks");
    if (terms.bond > std::uint64_t{1} << 40) return failure(Error::invalid_terms, "bond is at most 2^40");
    const commit::Task& task = contest.task;
    if (task.interval == 0 || task.steps == 0) return failure(Error::invalid_statement, "a task has steps, and checkpoints");
    if (commit::segment_count(task) >= checkpoints_max) return failure(Error::invalid_statement, "a claim has at most 4096 segments");
    if (commit::digest_of(contest.program) != task.program) return failure(Error::invalid_statement, "the task names another program");
    Statement statement;
    statement.program = contest.program;
    statement.steps = std::min(task.steps, task.interval);
    return validate(statement, terms.game);
}

Status validate(const Claim& claim, const Contest& contest)
{
    if (claim.checkpoints.size() != commit::segment_count(contest.task) + 1)
        return failure(Error::invalid_statement, "a claim has the first state, and the state after each segment");
    if (claim.checkpoints.front() != contest.task.initial) return failure(Error::invalid_statement, "the task begins with another state");
    return {};
}

Status check_form(const KnockoutState& state, hash::HashFunction function)
{
    ASSAY_TRY(validate(state.contest));
    ASSAY_TRY(check_claims(state));
    ASSAY_TRY(check_phase(state));
    if (state.latest < state.phase_started || state.latest.value > 2 * time_max) return not_a_knockout("times do not follow each other");
    if (state.bouts.size() > bouts_max) return not_a_knockout("there are more games than can be called");
    if (state.phase != KnockoutPhase::playing && !state.bouts.empty()) return not_a_knockout("games outside of a round");
    std::set<Digest> games;
    for (const Bout& bout : state.bouts) {
        ASSAY_TRY(check_bout(state, bout, function));
        if (!games.insert(bout.id).second) return not_a_knockout("a game stands twice");
    }
    return {};
}

namespace {

// How many claims have each number of demotions; the honest claim, which has none, apart from them.
class Delay {
public:
    Delay(std::uint64_t claims, unsigned group_size, unsigned demotions_max, bool is_censored)
        : m_group_size(group_size), m_has_honest(!is_censored), m_levels(demotions_max, 0)
    {
        m_levels[0] = claims - (m_has_honest ? 1 : 0);
    }

    [[nodiscard]] std::uint64_t claims() const { return std::accumulate(m_levels.begin(), m_levels.end(), std::uint64_t{m_has_honest}); }

    void play_round()
    {
        m_next.assign(m_levels.size(), 0);
        m_group.clear();
        m_is_last = claims() <= m_group_size;
        if (m_has_honest) m_group.push_back(honest);
        for (unsigned level = 0; level < m_levels.size(); ++level) {
            std::uint64_t left = m_levels[level];
            for (; left > 0 && !m_group.empty(); --left) add(level);
            m_next[level] += left / m_group_size;
            demote(level, left / m_group_size * (m_group_size - 1));
            for (left %= m_group_size; left > 0; --left) add(level);
        }
        close();
        m_levels = m_next;
    }

private:
    static constexpr unsigned honest = ~0U;

    void demote(unsigned level, std::uint64_t count)
    {
        if (level + 1 < m_next.size()) m_next[level + 1] += count;
    }
    void add(unsigned level)
    {
        m_group.push_back(level);
        if (m_group.size() == m_group_size) close();
    }
    void close()
    {
        if (m_group.empty()) return;
        std::size_t stays = 0;
        // Where only one group is left, it is not the first that stays when all others would be out.
        if (m_is_last && m_group[0] != honest && m_group.size() > 1 && m_group[1] + 1 == m_next.size()) stays = 1;
        for (std::size_t i = 0; i < m_group.size(); ++i) {
            if (m_group[i] == honest) continue;
            if (i == stays) ++m_next[m_group[i]];
            else demote(m_group[i], 1);
        }
        m_group.clear();
    }

    std::uint64_t m_group_size;
    bool m_has_honest;
    bool m_is_last = false;
    std::vector<std::uint64_t> m_levels;
    std::vector<std::uint64_t> m_next;
    std::vector<unsigned> m_group;
};

} // namespace

std::uint32_t longest_delay(std::uint64_t claims, unsigned group_size, unsigned demotions_max, bool is_censored)
{
    ASSAY_CHECK(claims >= 1 && group_size >= 2 && demotions_max >= 1);
    std::uint32_t rounds = 0;
    for (Delay delay{claims, group_size, demotions_max, is_censored}; delay.claims() > 1; ++rounds) delay.play_round();
    return rounds;
}

} // namespace assay::dispute
