// One simulated game: the public game, what is under way to it, and what is checked whenever something arrives.
#pragma once

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
    // What is under way to the public game.
    struct Letter {
        std::uint64_t at = 0;
        std::uint64_t order = 0;
        dispute::Side from = dispute::Side::solver;
        dispute::Move move;
    };
    // A side looks at the game, or claims that the other's time is over. Forgotten when a move is made.
    struct Reminder {
        std::uint64_t at = 0;
        std::uint64_t order = 0;
        dispute::Side side = dispute::Side::solver;
        bool claims = false;
    };
    struct Seat {
        const Adversary* adversary;
        SyntheticTrace trace;
        std::uint32_t messages = 0;
        std::uint32_t looks = 0; // since the last move of the game
        std::uint64_t down_until = 0;
    };

    void remind(std::uint64_t at, dispute::Side side, bool claims = false);
    void post(std::uint64_t at, dispute::Side from, dispute::Move&& move);
    // Goes on to what happens next. Requires: something will.
    void step();
    void wake_both();
    void look(dispute::Side side);
    void send(dispute::Side side, Send& message);
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
    std::vector<Letter> m_letters; // few at a time, and not sorted
    std::vector<Reminder> m_reminders;
    std::vector<Send> m_sends; // of the player that looks
    Outcome m_outcome;
};

} // namespace assay::sim
