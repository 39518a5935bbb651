#include <assay/sim/knockout.hpp>

#include <set>

namespace assay::sim {

using namespace dispute;

namespace {

constexpr std::size_t heard_max = 20; // moves that are kept for those who replay them

class KnockoutTable {
public:
    KnockoutTable(const Contest& contest, std::span<const KnockoutPlayer> players, std::uint64_t seed, hash::HashFunction function)
        : m_outcome{Knockout::start(contest, Tick{0}, function).value(),
                    {contest, Tick{0}, {}},
                    std::vector<KnockoutCost>(players.size()),
                    {}},
          m_players(players), m_random(seed), m_function(function)
    {
        for (const KnockoutPlayer& player : players) ASSAY_CHECK(act(JoinAct{player.party, player.claim}).has_value());
        m_now = contest.terms.joining.value + 1;
        ASSAY_CHECK(act(AdvanceAct{}).has_value());
    }

    KnockoutOutcome play()
    {
        const std::uint32_t most = longest_delay(std::max<std::size_t>(state().claims.size(), 1), state().contest.terms.group_size,
                                                 state().contest.terms.demotions_max, true);
        for (std::uint32_t round = 0; !knockout().is_settled() && m_outcome.broken.empty();) {
            if (state().rounds == round) {
                ask_all();
                step();
                continue;
            }
            round = state().rounds;
            require(round <= most, "a knock-out ends in the rounds that were computed");
            m_pending.clear();
            m_asked.clear();
            call_all();
            check_stored();
        }
        check_stored();
        const auto judged = dispute::replay(m_outcome.record, m_function);
        require(judged && *judged == knockout(), "whoever plays the record again finds the same knock-out");
        if (knockout().is_settled()) check_money();
        return std::move(m_outcome);
    }

private:
    // What arrives: a move, or nothing, which is a deadline that is over.
    struct Pending {
        std::uint64_t at = 0;
        Digest game;
        std::optional<Move> move;
        std::size_t player = 0;
    };

    Knockout& knockout() { return m_outcome.knockout; }
    [[nodiscard]] const KnockoutState& state() const { return m_outcome.knockout.state(); }
    [[nodiscard]] bool is_heard(const KnockoutPlayer& player) const { return state().rounds > player.rounds_cut_off; }

    void require(bool holds, const char* invariant)
    {
        if (!holds && m_outcome.broken.empty()) m_outcome.broken = invariant;
    }

    // Does it now, and writes it down if it changed something.
    Result<Applied> act(const KnockoutAct& what)
    {
        Result<Applied> applied = dispute::apply(knockout(), what, Tick{m_now});
        if (applied && *applied == Applied::made) m_outcome.record.acts.push_back({Tick{m_now}, what});
        return applied;
    }

    void call_all()
    {
        for (std::uint32_t i = 0; i < m_players.size(); ++i) {
            const std::vector<std::uint32_t> opponents = opponents_of(state(), i);
            require(state().entrants[i].standing != Standing::playing || opponents.size() == state().entrants[i].opponents,
                    "an entrant must win against its opponents");
            if (!m_players[i].calls || !is_heard(m_players[i])) continue;
            for (const std::uint32_t j : opponents) {
                const auto called = act(CallAct{i, j});
                require(called.has_value(), "a game is called at the beginning of a round");
                if (called && *called == Applied::made) ++m_outcome.costs[i].games, ++m_outcome.costs[j].games;
            }
        }
    }

    // Everybody whose turn it is decides once for each move of each game.
    void ask_all()
    {
        for (const Bout& bout : state().bouts) {
            if (bout.verdict || m_asked.contains(bout.id)) continue;
            m_asked.insert(bout.id);
            const Game game = knockout().game(bout);
            const bool solves = game.to_move() == Side::solver;
            const std::size_t index = solves ? bout.solver : bout.challenger;
            m_pending.push_back({game.deadline().value + 1, bout.id, std::nullopt, index});
            const KnockoutPlayer& player = m_players[index];
            if (!is_heard(player)) continue;
            const View view{game, game.to_move(), Tick{m_now}, m_random, player.trace(game.state().statement.segment), m_heard};
            const Adversary* adversary = solves ? player.as_solver : player.as_challenger;
            std::vector<Send> sends;
            adversary == nullptr ? honest_answer(view, sends) : answer_of(*adversary, view, sends);
            for (Send& send : sends)
                m_pending.push_back({m_now + std::max<std::uint64_t>(send.wait, 1), bout.id, std::move(send.move), index});
        }
    }

    // The next thing that arrives, or the next clock that runs out.
    void step()
    {
        const auto next =
            std::min_element(m_pending.begin(), m_pending.end(), [](const Pending& a, const Pending& b) { return a.at < b.at; });
        if (next == m_pending.end()) { // nothing is open, and not everything was called
            m_now = std::max(m_now, state().phase_started.value + state().contest.terms.calling.value + 1);
            return require(act(AdvanceAct{}).has_value(), "a round ends when the time to call is over");
        }
        const Pending one = std::move(*next);
        m_pending.erase(next);
        m_now = std::max(m_now, one.at);
        if (one.move) return deliver(one);
        (void)act(TimeoutAct{one.game}); // refused where a move was made meanwhile
    }

    void deliver(const Pending& one)
    {
        // Moves of the other side cannot be signed.
        const bool by_challenger = std::holds_alternative<Select>(one.move->body) || std::holds_alternative<Prove>(one.move->body);
        const auto bout = std::find_if(state().bouts.begin(), state().bouts.end(), [&](const Bout& here) { return here.id == one.game; });
        if (bout == state().bouts.end() || (by_challenger ? bout->challenger : bout->solver) != one.player) return;
        if (m_heard.size() < heard_max) m_heard.push_back(*one.move);
        m_outcome.costs[one.player].bytes += encode(*one.move).size();
        const auto made = act(*one.move); // what is refused changes nothing
        if (made && *made == Applied::made) m_asked.erase(one.game);
    }

    void check_stored()
    {
        const auto stored = Knockout::decode(knockout().encode(), m_function);
        require(stored && *stored == knockout(), "a stored knock-out is the knock-out");
    }

    void check_money()
    {
        const Settlement settlement = knockout().settlement();
        std::uint64_t sum = settlement.burned;
        for (const Payout& payout : settlement.payouts) sum += payout.amount;
        require(sum == m_players.size() * state().contest.terms.bond, "all bonds are paid out or burned, once");
    }

    KnockoutOutcome m_outcome;
    std::span<const KnockoutPlayer> m_players;
    Random m_random;
    hash::HashFunction m_function;
    std::vector<Pending> m_pending;
    std::set<Digest> m_asked; // games whose next mover has decided
    std::vector<Move> m_heard;
    std::uint64_t m_now = 0;
};

} // namespace

KnockoutOutcome play_knockout(const Contest& contest, std::span<const KnockoutPlayer> players, std::uint64_t seed,
                              hash::HashFunction function)
{
    return KnockoutTable{contest, players, seed, function}.play();
}

} // namespace assay::sim
