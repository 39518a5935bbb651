// Whole knock-outs between players of any kind, in virtual time.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <queue>

#include <assay/dispute/bounds.hpp>
#include <assay/dispute/knockout.hpp>
#include <assay/sim/adversaries.hpp>

namespace assay::sim {

// Who enters: what it claims, what it knows of each segment, and how it plays each side. A null adversary is the honest player.
struct KnockoutPlayer {
    Digest party;
    dispute::Claim claim;
    std::function<dispute::Trace&(std::uint64_t segment)> trace;
    const Adversary* as_solver = nullptr;
    const Adversary* as_challenger = nullptr;
    bool calls = true;       // its games; otherwise only others do
    bool is_cut_off = false; // it is not heard, in the first rounds_cut_off rounds
    std::uint32_t rounds_cut_off = 0;
};

// What one player sent over the whole knock-out.
struct Spent {
    std::uint64_t games = 0;
    std::uint64_t bytes = 0;
};

// Plays to the end. After every act, time is what the next event says; every stored state is the state.
class KnockoutTable {
public:
    KnockoutTable(const dispute::Contest& contest, std::vector<KnockoutPlayer> players, std::uint64_t seed, hash::HashFunction function)
        : m_knockout(*dispute::Knockout::start(contest, Tick{0}, function)), m_players(std::move(players)), m_random(seed),
          m_function(function), m_spent(m_players.size())
    {
        for (const KnockoutPlayer& player : m_players) REQUIRE(m_knockout.join(player.party, player.claim, Tick{0}));
        m_now = contest.terms.joining.value + 1;
        REQUIRE(m_knockout.advance(Tick{m_now}));
    }

    const dispute::Knockout& play()
    {
        std::uint32_t round = 0;
        while (!m_knockout.is_settled()) {
            if (m_knockout.state().rounds != round) {
                round = m_knockout.state().rounds;
                m_pending.clear();
                call_all();
                check_stored();
                continue;
            }
            ask_all();
            step();
        }
        check_stored();
        check_money();
        return m_knockout;
    }
    [[nodiscard]] const Spent& spent(std::size_t player) const { return m_spent[player]; }

private:
    struct Pending {
        std::uint64_t at = 0;
        Digest game;
        std::uint32_t after = 0; // moves that had been made
        std::optional<dispute::Move> move;
        std::size_t player = 0;
    };

    [[nodiscard]] bool is_heard(const KnockoutPlayer& player) const
    {
        return !player.is_cut_off || m_knockout.state().rounds > player.rounds_cut_off;
    }

    void call_all()
    {
        const auto& entrants = m_knockout.state().entrants;
        for (std::uint32_t i = 0; i < entrants.size(); ++i) {
            if (!m_players[i].calls || !is_heard(m_players[i])) continue;
            const std::vector<std::uint32_t> opponents = dispute::opponents_of(m_knockout.state(), i);
            CHECK(opponents.size() == (entrants[i].standing == dispute::Standing::playing ? entrants[i].opponents : 0));
            for (const std::uint32_t j : opponents)
                if (const auto called = m_knockout.call(i, j, Tick{m_now}); called && *called == dispute::Applied::made)
                    ++m_spent[i].games, ++m_spent[j].games;
        }
    }

    // Everybody whose turn it is decides once for each move of each game.
    void ask_all()
    {
        for (const dispute::Bout& bout : m_knockout.state().bouts) {
            if (bout.verdict) continue;
            const dispute::Game game = m_knockout.game(bout);
            const std::uint32_t moves = game.state().moves();
            const auto asked = [&](const Pending& one) { return one.game == bout.id && one.after == moves; };
            if (std::any_of(m_pending.begin(), m_pending.end(), asked)) continue;
            const bool solves = game.to_move() == dispute::Side::solver;
            const std::size_t index = solves ? bout.solver : bout.challenger;
            m_pending.push_back({game.deadline().value + 1, bout.id, moves, std::nullopt, index});
            const KnockoutPlayer& player = m_players[index];
            if (!is_heard(player)) continue;
            const View view{game, game.to_move(), Tick{m_now}, m_random, player.trace(game.state().statement.segment), m_heard};
            const Adversary* adversary = solves ? player.as_solver : player.as_challenger;
            std::vector<Send> sends = adversary == nullptr ? honest_answer(view) : answer_of(*adversary, view);
            for (Send& send : sends)
                m_pending.push_back({m_now + std::max<std::uint64_t>(send.wait, 1), bout.id, moves, std::move(send.move), index});
        }
    }

    // The next thing that arrives, or the next clock that runs out.
    void step()
    {
        const auto next =
            std::min_element(m_pending.begin(), m_pending.end(), [](const Pending& a, const Pending& b) { return a.at < b.at; });
        if (next == m_pending.end()) { // nobody called anything
            m_now = m_knockout.state().phase_started.value + m_knockout.state().contest.terms.calling.value + 1;
            REQUIRE(m_knockout.advance(Tick{m_now}));
            return;
        }
        const Pending one = *next;
        m_pending.erase(next);
        m_now = std::max(m_now, one.at);
        if (!one.move) {
            (void)m_knockout.advance(Tick{m_now});
            return;
        }
        // Moves of the other side cannot be signed.
        const bool by_challenger =
            std::holds_alternative<dispute::Select>(one.move->body) || std::holds_alternative<dispute::Prove>(one.move->body);
        const auto& bouts = m_knockout.state().bouts;
        const auto bout = std::find_if(bouts.begin(), bouts.end(), [&](const dispute::Bout& here) { return here.id == one.game; });
        if (bout == bouts.end() || (by_challenger ? bout->challenger : bout->solver) != one.player) return;
        if (m_heard.size() < 20) m_heard.push_back(*one.move);
        m_spent[one.player].bytes += encode(*one.move).size();
        (void)m_knockout.apply(*one.move, Tick{m_now});
    }

    void check_stored() const
    {
        const auto stored = dispute::Knockout::decode(m_knockout.encode(), m_function);
        REQUIRE(stored);
        CHECK(*stored == m_knockout);
    }

    void check_money() const
    {
        const dispute::Settlement settlement = m_knockout.settlement();
        std::uint64_t sum = settlement.burned;
        for (const dispute::Payout& payout : settlement.payouts) sum += payout.amount;
        CHECK(sum == m_players.size() * m_knockout.state().contest.terms.bond);
    }

    dispute::Knockout m_knockout;
    std::vector<KnockoutPlayer> m_players;
    Random m_random;
    hash::HashFunction m_function;
    std::vector<Spent> m_spent;
    std::vector<Pending> m_pending;
    std::vector<dispute::Move> m_heard;
    std::uint64_t m_now = 0;
};

} // namespace assay::sim
