// Joining, calling, moves, and the end of rounds.
#include <assay/dispute/knockout.hpp>

#include <numeric>

#include "dispute/knockout_form.hpp"

namespace assay::dispute {

namespace {

struct BoutName {
    Digest knockout;
    std::uint32_t round = 0, solver = 0, challenger = 0;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.knockout, self.round, self.solver, self.challenger);
    }
};

// What a claim has lost: the least of what its entrants have. Nothing for a claim that has none left.
std::vector<std::optional<std::uint8_t>> demotions_of_claims(const KnockoutState& state)
{
    std::vector<std::optional<std::uint8_t>> demotions(state.claims.size());
    for (const Entrant& entrant : state.entrants) {
        if (entrant.standing != Standing::playing) continue;
        std::optional<std::uint8_t>& least = demotions[entrant.claim];
        if (!least || *least > entrant.demotions) least = entrant.demotions;
    }
    return demotions;
}

bool is_called(const KnockoutState& state, Tick now)
{
    return now.value > state.phase_started.value + state.contest.terms.calling.value;
}

} // namespace

Digest digest_of(const Contest& contest)
{
    return hash::tagged_digest("assay.knockout", contest);
}

std::vector<std::uint32_t> opponents_of(const KnockoutState& state, std::uint32_t entrant)
{
    std::vector<std::uint32_t> opponents;
    if (state.phase != KnockoutPhase::playing) return opponents;
    for (std::uint32_t i = 0; i < state.entrants.size(); ++i)
        if (meet(state.entrants[entrant], state.entrants[i])) opponents.push_back(i);
    return opponents;
}

std::uint64_t first_difference(const Claim& one, const Claim& other)
{
    const auto [mine, theirs] = std::mismatch(one.checkpoints.begin(), one.checkpoints.end(), other.checkpoints.begin());
    ASSAY_CHECK(mine != one.checkpoints.begin() && mine != one.checkpoints.end());
    return static_cast<std::uint64_t>(mine - one.checkpoints.begin());
}

Statement statement_of(const Contest& contest, const Digest& id, std::uint32_t round, std::uint32_t solver, std::uint32_t challenger,
                       const Claim& solver_claim, const Claim& challenger_claim)
{
    const std::uint64_t checkpoint = first_difference(solver_claim, challenger_claim);
    Statement statement;
    statement.task = hash::tagged_digest("assay.knockout-game", BoutName{id, round, solver, challenger});
    statement.segment = checkpoint - 1;
    statement.program = contest.program;
    statement.data = contest.task.data;
    statement.seed = contest.task.seed;
    statement.before = solver_claim.checkpoints[checkpoint - 1];
    statement.after = solver_claim.checkpoints[checkpoint];
    statement.steps = commit::segment_steps(contest.task, checkpoint - 1);
    return statement;
}

Knockout::Knockout(KnockoutState state, hash::HashFunction function)
    : m_id(digest_of(state.contest)), m_hash(function), m_state(std::move(state))
{
}

Result<Knockout> Knockout::start(Contest contest, Tick now, hash::HashFunction function)
{
    ASSAY_TRY(validate(contest));
    if (now.value > time_max) return failure(Error::limit_exceeded, "a knock-out starts at tick 2^62 at the latest");
    KnockoutState state;
    state.contest = std::move(contest);
    state.phase_started = state.latest = now;
    return Knockout{std::move(state), function};
}

Result<Knockout> Knockout::decode(ByteView bytes, hash::HashFunction function)
{
    ASSAY_TRY_ASSIGN(KnockoutState state, assay::decode<KnockoutState>(bytes));
    ASSAY_TRY(check_form(state, function));
    return Knockout{std::move(state), function};
}

Status Knockout::check_time(Tick now) const
{
    if (now < m_state.latest) return failure(Error::too_early, "time went back from tick " + std::to_string(m_state.latest.value));
    if (now.value > 2 * time_max) return failure(Error::limit_exceeded, "no knock-out lasts so long");
    return {};
}

Result<Applied> Knockout::join(const Digest& party, const Claim& claim, Tick now)
{
    for (const Entrant& entrant : m_state.entrants)
        if (entrant.party == party) {
            if (m_state.claims[entrant.claim] == claim) return Applied::already_made;
            return failure(Error::already_done, "the party has entered with another claim");
        }
    ASSAY_TRY(check_time(now));
    const std::uint64_t last = m_state.phase_started.value + m_state.contest.terms.joining.value;
    if (m_state.phase != KnockoutPhase::joining || now.value > last) return failure(Error::too_late, "the time to join is over");
    ASSAY_TRY(validate(claim, m_state.contest));
    if (m_state.entrants.size() == entrants_max) return failure(Error::limit_exceeded, "2^20 parties have entered");
    const auto known = std::find(m_state.claims.begin(), m_state.claims.end(), claim);
    Entrant entrant;
    entrant.party = party;
    entrant.claim = static_cast<std::uint32_t>(known - m_state.claims.begin());
    if (known == m_state.claims.end()) m_state.claims.push_back(claim);
    m_state.entrants.push_back(entrant);
    m_state.latest = now;
    return Applied::made;
}

Result<Applied> Knockout::call(std::uint32_t one, std::uint32_t other, Tick now)
{
    if (m_state.phase != KnockoutPhase::playing) return failure(Error::wrong_phase, "no round is played");
    if (std::max(one, other) >= m_state.entrants.size()) return failure(Error::index_out_of_range, "no such entrant");
    const std::uint32_t solver = std::min(one, other), challenger = std::max(one, other);
    for (const Bout& bout : m_state.bouts)
        if (bout.solver == solver && bout.challenger == challenger) return Applied::already_made;
    const Entrant& defends = m_state.entrants[solver];
    const Entrant& disputes = m_state.entrants[challenger];
    if (!meet(defends, disputes)) return failure(Error::not_allowed, "these two do not meet in this round");
    ASSAY_TRY(check_time(now));
    if (is_called(m_state, now)) return failure(Error::too_late, "games are called at the beginning of a round");
    if (m_state.bouts.size() == bouts_max) return failure(Error::limit_exceeded, "2^20 games were called in this round");
    const Statement statement = statement_of(m_state.contest, m_id, m_state.rounds, solver, challenger, m_state.claims[defends.claim],
                                             m_state.claims[disputes.claim]);
    ASSAY_TRY_ASSIGN(const Game game, Game::start(statement, m_state.contest.terms.game, {defends.party, disputes.party}, now, m_hash));
    m_state.bouts.push_back({solver, challenger, game.id(), game.encode(), std::nullopt});
    m_state.latest = now;
    return Applied::made;
}

Result<std::size_t> Knockout::bout_of(const Digest& game) const
{
    const auto found = std::find_if(m_state.bouts.begin(), m_state.bouts.end(), [&](const Bout& bout) { return bout.id == game; });
    if (found == m_state.bouts.end()) return failure(Error::wrong_game, "this round has no game " + short_hex(game));
    if (found->verdict) return failure(Error::game_over);
    return static_cast<std::size_t>(found - m_state.bouts.begin());
}

Game Knockout::game(const Bout& bout) const
{
    ASSAY_CHECK(!bout.verdict);
    return Game::decode(bout.game, m_hash).value();
}

void Knockout::store(std::size_t index, const Game& game)
{
    Bout& bout = m_state.bouts[index];
    if (!game.is_settled()) {
        bout.game = game.encode();
        return;
    }
    bout.game.clear();
    bout.verdict = game.verdict();
    const bool convicted = bout.verdict == Verdict::convicted;
    const std::uint32_t winner = convicted ? bout.challenger : bout.solver;
    Entrant& loser = m_state.entrants[convicted ? bout.solver : bout.challenger];
    ++m_state.entrants[winner].wins;
    if (!loser.beaten_by || (!game.state().out_of_time && !loser.lost_by_proof)) loser.beaten_by = winner;
    if (!game.state().out_of_time) loser.lost_by_proof = true;
}

Result<Applied> Knockout::apply(const Move& move, Tick now)
{
    ASSAY_TRY_ASSIGN(const std::size_t index, bout_of(move.game));
    ASSAY_TRY(check_time(now));
    Game game = this->game(m_state.bouts[index]);
    ASSAY_TRY_ASSIGN(const Applied applied, game.apply(move, now));
    if (applied == Applied::already_made) return applied;
    store(index, game);
    m_state.latest = now;
    end_round_if_over(now);
    return applied;
}

Result<Applied> Knockout::claim_timeout(const Digest& id, Tick now)
{
    ASSAY_TRY_ASSIGN(const std::size_t index, bout_of(id));
    ASSAY_TRY(check_time(now));
    Game game = this->game(m_state.bouts[index]);
    ASSAY_TRY_ASSIGN(const Applied applied, game.claim_timeout(now));
    store(index, game);
    m_state.latest = now;
    end_round_if_over(now);
    return applied;
}

Result<Applied> Knockout::advance(Tick now)
{
    if (is_settled()) return failure(Error::game_over);
    ASSAY_TRY(check_time(now));
    if (m_state.phase == KnockoutPhase::joining) {
        if (now.value <= m_state.phase_started.value + m_state.contest.terms.joining.value)
            return failure(Error::too_early, "parties may still join");
        m_state.phase = KnockoutPhase::playing;
        m_state.latest = now;
        begin_round(now);
        return Applied::made;
    }
    bool due = false;
    for (std::size_t i = 0; i < m_state.bouts.size(); ++i) {
        if (m_state.bouts[i].verdict) continue;
        Game game = this->game(m_state.bouts[i]);
        if (!game.claim_timeout(now)) continue;
        store(i, game);
        due = true;
    }
    const std::uint32_t round = m_state.rounds;
    end_round_if_over(now);
    if (!due && m_state.rounds == round && !is_settled()) return failure(Error::too_early, "nothing is due in this round");
    m_state.latest = now;
    return Applied::made;
}

// Sorts the claims, cuts them into groups, and tells every entrant how many it must win against. Spec: KNOCKOUT-4.
void Knockout::begin_round(Tick now)
{
    const auto demotions = demotions_of_claims(m_state);
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < demotions.size(); ++i)
        if (demotions[i]) order.push_back(i);
    m_state.phase_started = now;
    m_state.bouts.clear();
    if (order.size() <= 1) {
        m_state.phase = KnockoutPhase::settled;
        return;
    }
    ++m_state.rounds;
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return *demotions[a] < *demotions[b]; });
    std::vector<std::uint32_t> group_of(m_state.claims.size(), 0);
    for (std::size_t i = 0; i < order.size(); ++i) group_of[order[i]] = static_cast<std::uint32_t>(i / m_state.contest.terms.group_size);
    std::vector<std::uint32_t> in_group(order.size(), 0), in_claim(m_state.claims.size(), 0);
    for (const Entrant& entrant : m_state.entrants) {
        if (entrant.standing != Standing::playing) continue;
        ++in_group[group_of[entrant.claim]];
        ++in_claim[entrant.claim];
    }
    for (Entrant& entrant : m_state.entrants) {
        if (entrant.standing != Standing::playing) continue;
        entrant.group = group_of[entrant.claim];
        entrant.wins = 0;
        entrant.opponents = in_group[entrant.group] - in_claim[entrant.claim];
        entrant.beaten_by.reset();
        entrant.lost_by_proof = false;
    }
}

// Spec: KNOCKOUT-8.
void Knockout::end_round()
{
    for (Entrant& entrant : m_state.entrants) {
        if (entrant.standing != Standing::playing || entrant.wins == entrant.opponents) continue;
        ++entrant.demotions;
        if (entrant.lost_by_proof) entrant.standing = Standing::out_by_proof;
        else if (entrant.demotions == m_state.contest.terms.demotions_max) entrant.standing = Standing::out_by_demotions;
    }
}

void Knockout::end_round_if_over(Tick now)
{
    const auto is_open = [](const Bout& bout) { return !bout.verdict; };
    if (std::any_of(m_state.bouts.begin(), m_state.bouts.end(), is_open)) return;
    // Once every game that there can be was played, nobody waits for the time to call more.
    const std::uint64_t pairs =
        std::accumulate(m_state.entrants.begin(), m_state.entrants.end(), std::uint64_t{0}, [](std::uint64_t sum, const Entrant& entrant) {
            return sum + (entrant.standing == Standing::playing ? entrant.opponents : 0);
        });
    if (2 * m_state.bouts.size() != pairs && !is_called(m_state, now)) return;
    end_round();
    begin_round(now);
}

std::optional<std::uint32_t> Knockout::winner() const
{
    ASSAY_CHECK(is_settled());
    for (const Entrant& entrant : m_state.entrants)
        if (entrant.standing == Standing::playing) return entrant.claim;
    return std::nullopt;
}

// Spec: KNOCKOUT-9.
Settlement Knockout::settlement() const
{
    ASSAY_CHECK(is_settled());
    const std::uint64_t bond = m_state.contest.terms.bond;
    Settlement all;
    for (const Entrant& entrant : m_state.entrants) {
        if (entrant.standing == Standing::playing) {
            all.payouts.push_back({entrant.party, bond});
            continue;
        }
        const std::uint64_t share = entrant.beaten_by ? bond / 2 : 0;
        if (share > 0) all.payouts.push_back({m_state.entrants[*entrant.beaten_by].party, share});
        all.burned += bond - share;
    }
    return all;
}

} // namespace assay::dispute
