// Every course of small knock-outs, through the state machine itself: every pair of dishonest entrants may have no game, or one that either
// of them loses, in every round.
#include <map>

#include "tests/unit/dispute/knockouts.hpp"

using namespace assay;
using namespace assay::toy;

namespace {

Contest contest(std::uint8_t group_size, std::uint8_t demotions_max)
{
    const replay::Segment own = segment(2);
    Contest all;
    all.program = own.program->commitment();
    all.task = {commit::digest_of(all.program),
                commit::state_digest(std::span{*own.data}),
                own.seed,
                2,
                2,
                commit::state_digest(std::span{own.before})};
    all.terms.group_size = group_size;
    all.terms.demotions_max = demotions_max;
    all.terms.game = terms(2);
    return all;
}

using Pair = std::pair<std::uint32_t, std::uint32_t>;

class Courses {
public:
    // Entrant `honest` wins all its games; none is honest where it is the number of entrants.
    Courses(std::uint32_t honest) : m_honest(honest) {}

    // The most rounds that there can still be. Requires: a round has just begun.
    std::uint32_t rounds(const Knockout& knockout)
    {
        const KnockoutState& state = knockout.state();
        if (m_honest < state.entrants.size()) {
            REQUIRE(state.entrants[m_honest].standing == Standing::playing);
            REQUIRE(state.entrants[m_honest].demotions == 0);
        }
        if (knockout.is_settled()) return 0;
        std::vector<std::pair<int, int>> key;
        for (const Entrant& entrant : state.entrants) key.emplace_back(static_cast<int>(entrant.standing), entrant.demotions);
        if (const auto known = m_known.find(key); known != m_known.end()) return known->second;
        std::vector<Pair> pairs;
        for (std::uint32_t i = 0; i < state.entrants.size(); ++i)
            for (const std::uint32_t j : opponents_of(state, i))
                if (i < j) pairs.emplace_back(i, j);
        std::uint32_t most = 0;
        choose(knockout, pairs, 0, most);
        return m_known[key] = most + 1;
    }
    [[nodiscard]] std::size_t states() const { return m_known.size(); }

private:
    void choose(const Knockout& knockout, const std::vector<Pair>& pairs, std::size_t next, std::uint32_t& most)
    {
        if (next == pairs.size()) {
            Knockout ended = knockout;
            REQUIRE(ended.advance(Tick{knockout.state().phase_started.value + 100'000}));
            REQUIRE(ended.state().phase_started != knockout.state().phase_started);
            most = std::max(most, rounds(ended));
            return;
        }
        const auto [solver, challenger] = pairs[next];
        const Tick now = knockout.state().phase_started;
        if (solver != m_honest && challenger != m_honest) choose(knockout, pairs, next + 1, most); // nobody calls it
        Knockout called = knockout;
        REQUIRE(called.call(solver, challenger, now));
        if (solver != m_honest) choose(called, pairs, next + 1, most); // the solver never moves
        if (challenger == m_honest) return;
        // The solver opens, and the challenger never moves.
        const Game game = called.game(called.state().bouts.back());
        REQUIRE(called.apply(opening_of(game), now));
        choose(called, pairs, next + 1, most);
    }

    std::uint32_t m_honest;
    std::map<std::vector<std::pair<int, int>>, std::uint32_t> m_known;
};

Knockout begin(std::uint8_t entrants, std::uint8_t group_size, std::uint8_t demotions_max, bool is_one_shared)
{
    auto knockout = Knockout::start(contest(group_size, demotions_max), Tick{0});
    REQUIRE(knockout);
    for (std::uint8_t i = 0; i < entrants; ++i) {
        // Two entrants may share a claim: the last one has the first one's.
        const std::uint8_t name = is_one_shared && i + 1 == entrants ? 1 : static_cast<std::uint8_t>(i + 1);
        REQUIRE(
            knockout->join(named(static_cast<std::uint8_t>(i + 1)), Claim{{knockout->state().contest.task.initial, named(name)}}, Tick{0}));
    }
    REQUIRE(knockout->advance(Tick{1}));
    return *knockout;
}

} // namespace

TEST_CASE("KNOCKOUT-8 KNOCKOUT-11 in every course of a small knock-out an honest entrant is never demoted, and the longest has the rounds "
          "that were computed")
{
    std::size_t states = 0;
    for (const std::uint8_t group_size : {std::uint8_t{2}, std::uint8_t{3}, std::uint8_t{4}})
        for (std::uint8_t demotions_max = 1; demotions_max <= 3; ++demotions_max)
            for (std::uint8_t entrants = 2; entrants <= 5; ++entrants)
                for (std::uint32_t honest = 0; honest <= entrants; ++honest) {
                    if (entrants == 5 && (demotions_max == 3 || group_size == 4)) continue; // a minute
                    CAPTURE(int(group_size));
                    CAPTURE(int(demotions_max));
                    CAPTURE(int(entrants));
                    CAPTURE(honest);
                    Courses courses{honest};
                    const std::uint32_t most = courses.rounds(begin(entrants, group_size, demotions_max, false));
                    CHECK(most == longest_delay(entrants, group_size, demotions_max, honest == entrants));
                    states += courses.states();
                }
    MESSAGE(states << " states at the beginning of a round");
}

TEST_CASE("KNOCKOUT-3 KNOCKOUT-8 the same where two entrants share a claim: one of them loses on purpose, and the other is never demoted")
{
    for (const std::uint8_t group_size : {std::uint8_t{2}, std::uint8_t{4}})
        for (std::uint8_t demotions_max = 1; demotions_max <= 2; ++demotions_max)
            for (std::uint8_t entrants = 3; entrants <= 4; ++entrants)
                for (const std::uint32_t honest : {std::uint32_t{0}, std::uint32_t{entrants} - 1, std::uint32_t{1}}) {
                    Courses courses{honest};
                    const std::uint32_t most = courses.rounds(begin(entrants, group_size, demotions_max, true));
                    CHECK(most <= longest_delay(std::uint64_t{entrants} - 1, group_size, demotions_max, false));
                }
}
