// One simulated game: the public game, what is under way to it, and what is checked whenever something arrives.
#pragma once

#include <queue>

#include <assay/sim/simulator.hpp>

namespace assay::sim {

std::string sentence_of(const dispute::Move& move);
std::string_view name_of(dispute::Side side);

// What the verdict must be; nothing where both are dishonest.
std::optional<dispute::Verdict> expected_verdict(const Scenario& scenario);

dispute::Terms terms_for(const Scenario& scenario);

class Table {
public:
    Table(const Scenario& scenario, const Options& options, const Rules& rules, const std::shared_ptr<SyntheticTask>& task,
          const std::vector<dispute::Move>& heard);

    Outcome play();

private:
    enum class What : std::uint8_t { arrives, looks, claims };
    struct Event {
        std::uint64_t at = 0;
        std::uint64_t order = 0;
        What what = What::looks;
        dispute::Side side = dispute::Side::solver;
        std::uint32_t seen = 0; // how many moves had been made: a look or claim that is about an older game is forgotten
        std::shared_ptr<const dispute::Move> move;
        friend bool operator>(const Event& a, const Event& b) { return std::pair{a.at, a.order} > std::pair{b.at, b.order}; }
    };
    struct Seat {
        const Adversary* adversary;
        SyntheticTrace trace;
        std::uint32_t messages = 0;
        std::uint32_t looks = 0; // since the last move of the game
        std::uint64_t down_until = 0;
    };

    void push(std::uint64_t at, What what, dispute::Side side, std::shared_ptr<const dispute::Move> move = {});
    void wake_both();
    void look(dispute::Side side);
    void send(dispute::Side side, Send message);
    void deliver(dispute::Side side, const dispute::Move& move);
    void claim();
    void check_after_move(dispute::Side side, std::uint64_t granted, std::uint64_t turn_started);
    void check_bounds();
    void check_end();
    void require(bool holds, std::string_view invariant);
    // `sentence` makes one, where stories are wanted.
    template <class Sentence>
    void tell(Sentence sentence);
    Seat& seat(dispute::Side side) { return side == dispute::Side::solver ? m_solver : m_challenger; }

    const Scenario& m_scenario;
    const Options& m_options;
    const Rules& m_rules;
    const std::vector<dispute::Move>& m_heard;
    Seat m_solver;
    Seat m_challenger;
    dispute::Terms m_terms;
    dispute::Transcript m_transcript; // its moves are kept where it is judged at the end
    Random m_random;
    std::optional<dispute::Game> m_game;
    std::array<std::uint64_t, 2> m_used{}; // by side: what its clock must show
    std::uint64_t m_granted = 0;           // all grants so far
    std::uint64_t m_now = 0;
    std::uint64_t m_order = 0;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> m_events;
    Outcome m_outcome;
};

} // namespace assay::sim
