// What a round of a knock-out leaves behind: which games it had, when it ended, who lost to whom, and who is paid for it.
#include "tests/unit/dispute/checks_throw.hpp"
#include "tests/unit/dispute/knockouts.hpp"

using namespace assay;
using namespace assay::toy;

namespace {

// Longer than some games that are played one after the other.
constexpr Tick long_calling{100'000};

Contest patient(std::uint8_t demotions_max)
{
    Contest all = contest(demotions_max);
    all.terms.calling = long_calling;
    return all;
}

Tick late_in(const Knockout& knockout, std::size_t bout)
{
    return {knockout.game(knockout.state().bouts[bout]).deadline().value + 1};
}

// The solver never moves.
Tick let_solver_lose(Knockout& knockout, std::uint32_t solver, std::uint32_t challenger, Tick now)
{
    REQUIRE(knockout.call(solver, challenger, now));
    const Tick late = late_in(knockout, knockout.state().bouts.size() - 1);
    REQUIRE(knockout.claim_timeout(knockout.state().bouts.back().id, late));
    return late;
}

// The solver opens, and the challenger never moves.
Tick let_challenger_lose(Knockout& knockout, std::uint32_t solver, std::uint32_t challenger, Tick now)
{
    REQUIRE(knockout.call(solver, challenger, now));
    const Bout bout = knockout.state().bouts.back();
    REQUIRE(knockout.apply(opening_of(knockout.game(bout)), now));
    const Tick late = late_in(knockout, knockout.state().bouts.size() - 1);
    REQUIRE(knockout.claim_timeout(bout.id, late));
    return late;
}

// A lie about the second step of the first segment, and the truth about it.
struct Runs {
    replay::RunTrace honest = trace(2);
    replay::RunTrace liar = trace(2, lie());
    Claim truth{{contest().task.initial, *honest.after(), named(1)}};
    Claim lied{{contest().task.initial, *liar.after(), named(2)}};

    static replay::Deviation lie()
    {
        replay::Deviation deviation;
        deviation.node = [](std::uint64_t step, NodeIndex node, Tensor& output) {
            if (step != 1 || node.value != 8) return false;
            output.set_element(0, output.element(0) ^ 0x00100000);
            return true;
        };
        return deviation;
    }
    // The liar, entrant 0, loses to an honest challenger by proof.
    Tick convict(Knockout& knockout, std::uint32_t challenger, Tick now)
    {
        REQUIRE(knockout.call(0, challenger, now));
        const std::size_t index = knockout.state().bouts.size() - 1;
        while (!knockout.state().bouts[index].verdict) {
            const Game game = knockout.game(knockout.state().bouts[index]);
            const auto move = game.to_move() == Side::solver ? next_solver_move(game, liar) : next_challenger_move(game, honest);
            REQUIRE(move);
            REQUIRE(knockout.apply(*move, now));
        }
        return now;
    }
};

} // namespace

TEST_CASE("KNOCKOUT-5 KNOCKOUT-6 a game is about the contest's program, data and seed, and in the next round the same two have another")
{
    Knockout knockout = playing({claim_of(1), claim_of(2)}, 3);
    REQUIRE(knockout.call(0, 1, Tick{111}));
    const Bout first = knockout.state().bouts[0];
    const Statement statement = knockout.game(first).state().statement;
    CHECK(statement.program == contest().program);
    CHECK(statement.data == contest().task.data);
    CHECK(statement.seed == contest().task.seed);
    const Tick late = late_in(knockout, 0);
    REQUIRE(knockout.claim_timeout(first.id, late));
    REQUIRE(knockout.state().rounds == 2);
    REQUIRE(knockout.call(0, 1, late));
    CHECK(knockout.state().bouts[0].id != first.id);
    refused(knockout, Error::wrong_game, [&](Knockout& k) { return k.claim_timeout(first.id, late); });
}

TEST_CASE("KNOCKOUT-7 KNOCKOUT-9 a round ends with the last game that there can be, while games may still be called; who is out earlier "
          "stays beaten")
{
    Knockout knockout = playing({claim_of(1), claim_of(2), claim_of(3)}, patient(2));
    Tick now{111};
    now = let_solver_lose(knockout, 0, 1, now);
    now = let_solver_lose(knockout, 0, 2, now);
    CHECK(knockout.state().rounds == 1);
    now = let_solver_lose(knockout, 1, 2, now);
    REQUIRE(knockout.state().rounds == 2);
    now = let_solver_lose(knockout, 0, 1, now);
    now = let_solver_lose(knockout, 0, 2, now);
    now = let_challenger_lose(knockout, 1, 2, now);
    REQUIRE(knockout.state().rounds == 3);
    CHECK(knockout.state().entrants[0].standing == Standing::out_by_demotions);
    CHECK(knockout.state().entrants[0].beaten_by == 1);
    now = let_solver_lose(knockout, 1, 2, now);
    REQUIRE(knockout.is_settled());
    CHECK(now.value < 111 + long_calling.value);
    // The first one's half went to the second, the second one's to the third.
    CHECK(paid(knockout.settlement(), 1) == 0);
    CHECK(paid(knockout.settlement(), 2) == 50);
    CHECK(paid(knockout.settlement(), 3) == 150);
    CHECK(knockout.settlement().burned == 100);
}

TEST_CASE(
    "KNOCKOUT-9 only the round of the loss counts: who lost in an earlier one, and is out because nobody called a game, is burned whole")
{
    Knockout knockout = playing({claim_of(1), claim_of(2)}, 2);
    let_solver_lose(knockout, 0, 1, Tick{111});
    REQUIRE(knockout.state().rounds == 2);
    REQUIRE(knockout.advance(Tick{knockout.state().phase_started.value + 6}));
    REQUIRE(knockout.is_settled());
    CHECK(knockout.winner() == 1);
    CHECK(paid(knockout.settlement(), 2) == 100);
    CHECK(knockout.settlement().burned == 100);
}

TEST_CASE("KNOCKOUT-9 half of a bond of 3 is 1, of 1 it is nothing, and nobody is paid nothing")
{
    for (const std::uint64_t bond : {1, 2, 3}) {
        Contest all = contest(1);
        all.terms.bond = bond;
        Knockout knockout = playing({claim_of(1), claim_of(2)}, all);
        let_solver_lose(knockout, 0, 1, Tick{111});
        REQUIRE(knockout.is_settled());
        CHECK(paid(knockout.settlement(), 2) == bond + bond / 2);
        CHECK(knockout.settlement().burned == bond - bond / 2);
        CHECK(knockout.settlement().payouts.size() == (bond == 1 ? 1 : 2));
    }
}

TEST_CASE("KNOCKOUT-9 a bond goes to who won by proof first, before whoever won by clock, and otherwise to who won by clock first")
{
    Runs runs;
    const auto beaten_by = [&](auto play) {
        Knockout knockout = playing({runs.lied, runs.truth, claim_of(3), runs.truth, claim_of(4)}, [] {
            Contest all = patient(2);
            all.terms.group_size = 5;
            return all;
        }());
        play(knockout);
        REQUIRE(knockout.state().rounds == 1);
        return knockout.state().entrants[0].beaten_by;
    };
    CHECK(beaten_by([&](Knockout& k) { runs.convict(k, 3, let_solver_lose(k, 0, 2, Tick{111})); }) == 3);
    CHECK(beaten_by([&](Knockout& k) { let_solver_lose(k, 0, 2, runs.convict(k, 3, Tick{111})); }) == 3);
    CHECK(beaten_by([&](Knockout& k) { runs.convict(k, 1, runs.convict(k, 3, Tick{111})); }) == 3);
    CHECK(beaten_by([&](Knockout& k) { let_solver_lose(k, 0, 2, let_solver_lose(k, 0, 4, Tick{111})); }) == 4);
}

TEST_CASE("KNOCKOUT-7 no move is made before what was accepted last, in whichever game, and a move that is made again moves no time")
{
    Knockout knockout = playing({claim_of(1), claim_of(2), claim_of(3)});
    REQUIRE(knockout.call(0, 1, Tick{111}));
    REQUIRE(knockout.call(0, 2, Tick{116}));
    const Move open = opening_of(knockout.game(knockout.state().bouts[0]));
    refused(knockout, Error::too_early, [&](Knockout& k) { return k.apply(open, Tick{115}); });
    REQUIRE(knockout.apply(open, Tick{116}));
    const Knockout made = knockout;
    CHECK(*knockout.apply(open, Tick{120}) == Applied::already_made);
    CHECK(knockout == made);
}

TEST_CASE("KNOCKOUT-7 whoever says that a game is late ends that game alone, and is heard until tick 2^63")
{
    Knockout knockout = playing({claim_of(1), claim_of(2), claim_of(3)});
    REQUIRE(knockout.call(0, 1, Tick{111}));
    REQUIRE(knockout.call(0, 2, Tick{116}));
    REQUIRE(knockout.advance(late_in(knockout, 0)));
    CHECK(knockout.state().rounds == 1);
    CHECK(knockout.state().bouts[0].verdict == Verdict::convicted);
    CHECK(!knockout.state().bouts[1].verdict);
    CHECK(knockout.advance(Tick{2 * time_max}));
}

TEST_CASE("KNOCKOUT-12 a move and a claimed timeout in a record are played as what they are")
{
    Knockout played = with({claim_of(1), claim_of(2), claim_of(3)});
    KnockoutRecord record{contest(), Tick{100}, {}};
    for (std::uint8_t party = 1; party <= 3; ++party) record.acts.push_back({Tick{105}, JoinAct{named(party), claim_of(party)}});
    REQUIRE(played.advance(Tick{111}));
    record.acts.push_back({Tick{111}, AdvanceAct{}});
    for (const std::uint32_t challenger : {1U, 2U}) {
        REQUIRE(played.call(0, challenger, Tick{111}));
        record.acts.push_back({Tick{111}, CallAct{0, challenger}});
    }
    const Tick late = late_in(played, 0);
    const Bout first = played.state().bouts[0], second = played.state().bouts[1];
    const Move open = opening_of(played.game(second));
    REQUIRE(played.apply(open, Tick{112}));
    record.acts.push_back({Tick{112}, open});
    const Tick both_late{std::max(late.value, late_in(played, 1).value)};
    REQUIRE(played.claim_timeout(first.id, both_late));
    record.acts.push_back({both_late, TimeoutAct{first.id}});
    CHECK(!played.state().bouts[1].verdict);
    const auto again = dispute::replay(record);
    REQUIRE(again);
    CHECK(*again == played);
}

TEST_CASE("KNOCKOUT-3 KNOCKOUT-10 2^20 parties enter and are stored, and not one more")
{
    KnockoutState state = with({claim_of(1)}).state();
    while (state.entrants.size() < entrants_max) {
        Entrant next = state.entrants.back();
        for (std::size_t byte = 1; byte < 4; ++byte)
            next.party.bytes[byte] = static_cast<std::uint8_t>(state.entrants.size() >> 8 * (byte - 1));
        state.entrants.push_back(next);
    }
    const auto full = Knockout::decode(encode(state));
    REQUIRE(full);
    refused(*full, Error::limit_exceeded, [](Knockout& k) { return k.join(named(9), claim_of(1), Tick{106}); });
    state.entrants.push_back(state.entrants.back());
    state.entrants.back().party = named(9);
    CHECK(Knockout::decode(encode(state)).error() == Error::not_canonical);
}

TEST_CASE(
    "KNOCKOUT-9 KNOCKOUT-11 equal claims have no first difference, a knock-out that goes on has no winner, and no claims have no delay")
{
    const Knockout knockout = playing({claim_of(1), claim_of(2)});
    const ChecksThrow checks;
    CHECK_THROWS(first_difference(claim_of(1), claim_of(1)));
    Claim other = claim_of(1);
    other.checkpoints[0] = named(5);
    CHECK_THROWS(first_difference(claim_of(1), other));
    CHECK_THROWS((void)knockout.winner());
    CHECK_THROWS((void)knockout.settlement());
    CHECK_THROWS(longest_delay(0, 4, 21, true));
    CHECK_THROWS(longest_delay(1, 1, 1, true));
    CHECK_THROWS(longest_delay(1, 2, 0, true));
}
