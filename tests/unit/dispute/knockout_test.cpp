// The knock-out as a state machine: who may join, call and move, and when; who is out. How long one can last is in
// knockout_delay_test.cpp, whole knock-outs against adversaries are in tests/unit/sim/knockout_test.cpp.
#include "tests/unit/dispute/knockouts.hpp"

using namespace assay;
using namespace assay::toy;

TEST_CASE("KNOCKOUT-1 KNOCKOUT-2 every field is part of the identity, and terms or tasks outside of the limits start nothing")
{
    const Contest good = contest();
    const Bytes bytes = encode(good);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        Bytes changed = bytes;
        changed[i] ^= 1;
        const auto other = decode<Contest>(changed);
        REQUIRE(other);
        CHECK(digest_of(*other) != digest_of(good));
    }
    const auto error_of = [&](auto change) {
        Contest changed = good;
        change(changed);
        const auto started = Knockout::start(changed, Tick{0});
        REQUIRE(!started);
        return started.error();
    };
    CHECK(error_of([](Contest& c) { c.terms.group_size = 1; }) == Error::invalid_terms);
    CHECK(error_of([](Contest& c) { c.terms.group_size = 17; }) == Error::invalid_terms);
    CHECK(error_of([](Contest& c) { c.terms.demotions_max = 0; }) == Error::invalid_terms);
    CHECK(error_of([](Contest& c) { c.terms.demotions_max = 65; }) == Error::invalid_terms);
    CHECK(error_of([](Contest& c) { c.terms.joining = Tick{clock_max + 1}; }) == Error::invalid_terms);
    CHECK(error_of([](Contest& c) { c.terms.calling = Tick{clock_max + 1}; }) == Error::invalid_terms);
    CHECK(error_of([](Contest& c) { c.terms.bond = (std::uint64_t{1} << 40) + 1; }) == Error::invalid_terms);
    CHECK(error_of([](Contest& c) { c.terms.game.reveal_levels = 0; }) == Error::invalid_terms);
    CHECK(error_of([](Contest& c) { c.task.interval = 0; }) == Error::invalid_statement);
    CHECK(error_of([](Contest& c) { c.task.steps = 0; }) == Error::invalid_statement);
    CHECK(error_of([](Contest& c) { c.task.steps = 4097 * c.task.interval; }) == Error::invalid_statement);
    CHECK(error_of([](Contest& c) { c.task.program.bytes[0] ^= 1; }) == Error::invalid_statement);
    CHECK(error_of([](Contest& c) { c.task.steps = c.task.interval = (std::uint64_t{1} << 40) + 1; }) == Error::invalid_statement);
    Contest largest = good;
    largest.task.steps = 4096 * largest.task.interval;
    largest.terms.group_size = 16;
    largest.terms.demotions_max = 64;
    largest.terms.joining = largest.terms.calling = Tick{clock_max};
    largest.terms.bond = std::uint64_t{1} << 40;
    CHECK(Knockout::start(largest, Tick{time_max}));
    Contest shortest = good;
    shortest.task.steps = 1;
    CHECK(Knockout::start(shortest, Tick{0}));
    CHECK(Knockout::start(good, Tick{time_max + 1}).error() == Error::limit_exceeded);
}

TEST_CASE("KNOCKOUT-3 a party enters once, up to the last tick; equal claims are one claim; what is no claim about the task is refused")
{
    auto knockout = Knockout::start(contest(), Tick{100});
    REQUIRE(knockout);
    CHECK(*knockout->join(named(1), claim_of(1), Tick{100}) == Applied::made);
    CHECK(*knockout->join(named(1), claim_of(1), Tick{0}) == Applied::already_made);
    refused(*knockout, Error::already_done, [](Knockout& k) { return k.join(named(1), claim_of(2), Tick{101}); });
    CHECK(*knockout->join(named(2), claim_of(1), Tick{110}) == Applied::made);
    CHECK(knockout->state().claims.size() == 1);
    CHECK(knockout->state().entrants.size() == 2);
    refused(*knockout, Error::too_early, [](Knockout& k) { return k.join(named(3), claim_of(3), Tick{109}); });
    refused(*knockout, Error::too_late, [](Knockout& k) { return k.join(named(3), claim_of(3), Tick{111}); });
    refused(*knockout, Error::limit_exceeded, [](Knockout& k) { return k.join(named(3), claim_of(3), Tick{2 * time_max + 1}); });
    Claim other = claim_of(3);
    other.checkpoints.front().bytes[5] ^= 1;
    refused(*knockout, Error::invalid_statement, [&](Knockout& k) { return k.join(named(3), other, Tick{110}); });
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{4}}) {
        other = claim_of(3);
        other.checkpoints.resize(size);
        refused(*knockout, Error::invalid_statement, [&](Knockout& k) { return k.join(named(3), other, Tick{110}); });
    }
    refused(*knockout, Error::too_early, [](Knockout& k) { return k.advance(Tick{110}); });
    refused(*knockout, Error::wrong_phase, [](Knockout& k) { return k.call(0, 1, Tick{110}); });
    check_stored(*knockout);
}

TEST_CASE("KNOCKOUT-7 a knock-out that nobody entered has no winner; one claim wins unopposed, with all its entrants")
{
    Knockout nobody = with({});
    CHECK(nobody.advance(Tick{111}));
    REQUIRE(nobody.is_settled());
    CHECK(!nobody.winner());
    CHECK(nobody.settlement().payouts.empty());
    refused(nobody, Error::game_over, [](Knockout& k) { return k.advance(Tick{112}); });
    refused(nobody, Error::too_late, [](Knockout& k) { return k.join(named(1), claim_of(1), Tick{112}); });
    check_stored(nobody);
    Knockout one = playing({claim_of(1), claim_of(1)});
    REQUIRE(one.is_settled());
    CHECK(one.winner() == 0);
    CHECK(one.state().rounds == 0);
    CHECK(paid(one.settlement(), 1) == 100);
    CHECK(paid(one.settlement(), 2) == 100);
    CHECK(one.settlement().burned == 0);
}

TEST_CASE("KNOCKOUT-5 games are called between entrants of one group and of different claims, up to the last tick, once")
{
    Knockout knockout = playing({claim_of(1), claim_of(2), claim_of(1), claim_of(3), claim_of(4), claim_of(5)});
    refused(knockout, Error::index_out_of_range, [](Knockout& k) { return k.call(0, 6, Tick{112}); });
    refused(knockout, Error::not_allowed, [](Knockout& k) { return k.call(0, 2, Tick{112}); }); // one claim
    refused(knockout, Error::not_allowed, [](Knockout& k) { return k.call(0, 0, Tick{112}); });
    refused(knockout, Error::not_allowed, [](Knockout& k) { return k.call(0, 5, Tick{112}); }); // another group
    CHECK(*knockout.call(1, 0, Tick{112}) == Applied::made);
    CHECK(*knockout.call(0, 1, Tick{0}) == Applied::already_made);
    CHECK(*knockout.call(0, 4, Tick{116}) == Applied::made);
    refused(knockout, Error::too_late, [](Knockout& k) { return k.call(1, 4, Tick{117}); });
    refused(knockout, Error::too_early, [](Knockout& k) { return k.call(1, 4, Tick{115}); });
    const Game game = knockout.game(knockout.state().bouts[0]);
    CHECK(game.state().parties.solver == named(1));
    CHECK(game.state().parties.challenger == named(2));
    CHECK(game.state().statement.segment == 0);
    CHECK(game.state().statement.steps == 2);
    CHECK(game.state().statement.before == contest().task.initial);
    CHECK(game.state().statement.after == named(1));
    CHECK(knockout.game(knockout.state().bouts[1]).id() != game.id());
    check_stored(knockout);
}

TEST_CASE("KNOCKOUT-5 the game is about the first segment in which two claims differ, the last and shorter one included")
{
    Claim one = claim_of(1), other = claim_of(1);
    other.checkpoints[2] = named(9);
    Knockout knockout = playing({one, other});
    REQUIRE(knockout.call(0, 1, Tick{111}));
    const Statement statement = knockout.game(knockout.state().bouts[0]).state().statement;
    CHECK(statement.segment == 1);
    CHECK(statement.steps == 1);
    CHECK(statement.before == named(1));
    CHECK(statement.after == named(1));
}

TEST_CASE("KNOCKOUT-4 KNOCKOUT-8 whoever does not play is demoted round by round and out at the limit, and it costs the others nothing")
{
    Knockout knockout = playing({claim_of(1), claim_of(2), claim_of(3), claim_of(4), claim_of(5)}, 3);
    const std::vector<std::uint32_t> first{0, 0, 0, 0, 1};
    for (std::size_t i = 0; i < 5; ++i) CHECK(knockout.state().entrants[i].group == first[i]);
    CHECK(knockout.state().entrants[4].opponents == 0);
    refused(knockout, Error::too_early, [](Knockout& k) { return k.advance(Tick{116}); });
    CHECK(knockout.advance(Tick{117}));
    // The claim that was alone has the fewest demotions now, and comes first.
    CHECK(knockout.state().rounds == 2);
    CHECK(knockout.state().entrants[4].demotions == 0);
    CHECK(knockout.state().entrants[4].group == 0);
    CHECK(knockout.state().entrants[3].group == 1);
    CHECK(knockout.state().entrants[0].demotions == 1);
    std::uint64_t now = 117;
    while (!knockout.is_settled()) {
        now += 6;
        CHECK(knockout.advance(Tick{now}));
        check_stored(knockout);
    }
    CHECK(knockout.state().rounds <= longest_delay(5, 4, 3, true));
    std::uint64_t sum = knockout.settlement().burned;
    for (const Payout& payout : knockout.settlement().payouts) sum += payout.amount;
    CHECK(sum == 500);
}

TEST_CASE("KNOCKOUT-6 KNOCKOUT-8 KNOCKOUT-9 a silent solver loses to its challenger by clock; half of a lost bond goes to who won, the "
          "rest is burned")
{
    Knockout knockout = playing({claim_of(1), claim_of(2)}, 1);
    REQUIRE(knockout.call(0, 1, Tick{111}));
    const Bout bout = knockout.state().bouts[0];
    const Tick deadline = knockout.game(bout).deadline();
    refused(knockout, Error::too_early, [&](Knockout& k) { return k.claim_timeout(bout.id, deadline); });
    refused(knockout, Error::wrong_game, [&](Knockout& k) { return k.claim_timeout(named(7), deadline); });
    refused(knockout, Error::too_early, [&](Knockout& k) { return k.advance(deadline); });
    refused(knockout, Error::too_early, [&](Knockout& k) { return k.apply(knockout.game(bout).next_move(Open{}), Tick{110}); });
    refused(knockout, Error::too_early, [&](Knockout& k) { return k.claim_timeout(bout.id, Tick{110}); });
    refused(knockout, Error::too_early, [](Knockout& k) { return k.advance(Tick{110}); });
    refused(knockout, Error::limit_exceeded, [&](Knockout& k) { return k.claim_timeout(bout.id, Tick{2 * time_max + 1}); });
    refused(knockout, Error::limit_exceeded, [](Knockout& k) { return k.advance(Tick{2 * time_max + 1}); });
    Knockout by_anybody = knockout;
    REQUIRE(by_anybody.advance(Tick{deadline.value + 1}));
    REQUIRE(knockout.claim_timeout(bout.id, Tick{deadline.value + 1}));
    CHECK(by_anybody == knockout);
    REQUIRE(knockout.is_settled());
    CHECK(knockout.winner() == 1);
    CHECK(knockout.state().entrants[0].standing == Standing::out_by_demotions);
    CHECK(paid(knockout.settlement(), 1) == 0);
    CHECK(paid(knockout.settlement(), 2) == 150);
    CHECK(knockout.settlement().burned == 50);
}

TEST_CASE("KNOCKOUT-6 KNOCKOUT-8 who loses by proof is out at once, whatever the limit, and a game that is over takes no move")
{
    replay::Deviation forged;
    forged.node = [](std::uint64_t step, NodeIndex node, Tensor& output) {
        if (step != 1 || node.value != 8) return false;
        output.set_element(0, output.element(0) ^ 0x00100000);
        return true;
    };
    for (const bool liar_first : {true, false}) {
        replay::RunTrace honest = trace(2), liar = trace(2, forged);
        const Claim truth{{contest().task.initial, *honest.after(), named(1)}}, lie{{contest().task.initial, *liar.after(), named(2)}};
        Knockout knockout = liar_first ? playing({lie, truth}, 21) : playing({truth, lie}, 21);
        REQUIRE(knockout.call(0, 1, Tick{111}));
        const Bout bout = knockout.state().bouts[0];
        std::uint64_t now = 112;
        Move last;
        while (!knockout.is_settled()) {
            const Game game = knockout.game(knockout.state().bouts[0]);
            const bool solver = game.to_move() == Side::solver;
            replay::RunTrace& mover = solver == liar_first ? liar : honest;
            const auto move = solver ? next_solver_move(game, mover) : next_challenger_move(game, mover);
            REQUIRE(move);
            last = *move;
            REQUIRE(knockout.apply(last, Tick{now++}));
            if (!knockout.is_settled()) CHECK(*knockout.apply(last, Tick{now}) == Applied::already_made);
            check_stored(knockout);
        }
        CHECK(knockout.state().rounds == 1);
        CHECK(knockout.winner() == (liar_first ? 1 : 0));
        CHECK(knockout.state().entrants[liar_first ? 0 : 1].standing == Standing::out_by_proof);
        CHECK(knockout.apply(last, Tick{now}).error() == Error::wrong_game);
        CHECK(knockout.settlement().burned == 50);
    }
}

TEST_CASE("KNOCKOUT-6 a game that is over takes no move and no claim while others of its round are played; nobody has opponents between rounds")
{
    CHECK(opponents_of(with({claim_of(1), claim_of(2)}).state(), 0).empty());
    Knockout knockout = playing({claim_of(1), claim_of(2), claim_of(3)});
    CHECK(opponents_of(knockout.state(), 0) == std::vector<std::uint32_t>{1, 2});
    REQUIRE(knockout.call(0, 1, Tick{111}));
    REQUIRE(knockout.call(0, 2, Tick{116}));
    const Bout first = knockout.state().bouts[0];
    const Tick late{knockout.game(first).deadline().value + 1};
    REQUIRE(knockout.claim_timeout(first.id, late));
    REQUIRE(knockout.state().rounds == 1);
    refused(knockout, Error::game_over, [&](Knockout& k) { return k.claim_timeout(first.id, late); });
    refused(knockout, Error::game_over, [&](Knockout& k) { return k.apply(Move{first.id, 0, first.id, Open{}}, late); });
    check_stored(knockout);
}

TEST_CASE("KNOCKOUT-10 stored bytes with any change are refused, or are a knock-out that can be played on")
{
    Knockout knockout = playing({claim_of(1), claim_of(2), claim_of(1)}, 2);
    REQUIRE(knockout.call(0, 1, Tick{111}));
    REQUIRE(knockout.call(1, 2, Tick{111}));
    const Bytes bytes = knockout.encode();
    std::uint64_t refusals = 0, accepted = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        for (const std::uint8_t flip : {std::uint8_t{1}, std::uint8_t{0x80}}) {
            Bytes changed = bytes;
            changed[i] ^= flip;
            auto stored = Knockout::decode(changed);
            if (!stored) {
                ++refusals;
                continue;
            }
            ++accepted;
            CHECK(stored->encode() == changed);
            for (int rounds = 0; !stored->is_settled() && rounds < 200; ++rounds) (void)stored->advance(Tick{2 * time_max});
        }
    CHECK(refusals > 500);
    CHECK(accepted > 50);
}

TEST_CASE("KNOCKOUT-10 claims that nobody makes, equal claims and parties that enter twice are no knock-out's")
{
    const Knockout knockout = playing({claim_of(1), claim_of(2)});
    const auto error_of = [&](auto change) {
        KnockoutState state = knockout.state();
        change(state);
        const auto stored = Knockout::decode(encode(state));
        return stored ? std::optional<Error>{} : std::optional{stored.error()};
    };
    CHECK(error_of([](KnockoutState&) {}) == std::nullopt);
    CHECK(error_of([](KnockoutState& s) { s.claims.push_back(claim_of(3)); }) == Error::not_canonical);
    CHECK(error_of([](KnockoutState& s) { s.claims[1] = s.claims[0]; }) == Error::not_canonical);
    CHECK(error_of([](KnockoutState& s) { s.claims[1].checkpoints.pop_back(); }) == Error::invalid_statement);
    CHECK(error_of([](KnockoutState& s) { s.entrants[1].claim = 2; }) == Error::not_canonical);
    CHECK(error_of([](KnockoutState& s) { std::swap(s.entrants[0], s.entrants[1]); }) == Error::not_canonical);
    CHECK(error_of([](KnockoutState& s) { s.entrants[1].party = s.entrants[0].party; }) == Error::not_canonical);
    CHECK(error_of([](KnockoutState& s) { s.entrants[1].beaten_by = 2; }) == Error::not_canonical);
    CHECK(error_of([](KnockoutState& s) { s.entrants[1].beaten_by = 1; }) == std::nullopt);
    CHECK(error_of([](KnockoutState& s) { s.entrants[1].demotions = 1; }) == std::nullopt);
    CHECK(error_of([](KnockoutState& s) { s.entrants[1].demotions = 2; }) == Error::not_canonical);
    CHECK(error_of([](KnockoutState& s) { s.entrants[1].wins = s.entrants[1].opponents + 1; }) == Error::not_canonical);
    CHECK(error_of([](KnockoutState& s) { s.entrants[1].opponents = 3; }) == Error::not_canonical);
    CHECK(error_of([](KnockoutState& s) { s.contest.terms.group_size = 1; }) == Error::invalid_terms);
    CHECK(error_of([](KnockoutState& s) { s.entrants[1].standing = Standing::out_by_proof; }) == Error::not_canonical);
    CHECK(error_of([](KnockoutState& s) { s.phase = KnockoutPhase::settled; }) == Error::not_canonical);
    CHECK(error_of([](KnockoutState& s) { s.phase = KnockoutPhase::joining; }) == Error::not_canonical);
    CHECK(error_of([](KnockoutState& s) { s.rounds = 0; }) == Error::not_canonical);
    CHECK(error_of([](KnockoutState& s) { s.latest = Tick{s.phase_started.value - 1}; }) == Error::not_canonical);
    CHECK(error_of([](KnockoutState& s) { s.latest = Tick{2 * time_max}; }) == std::nullopt);
    CHECK(error_of([](KnockoutState& s) { s.latest = Tick{2 * time_max + 1}; }) == Error::not_canonical);
    const Knockout three = playing({claim_of(1), claim_of(2), claim_of(1)});
    for (const std::uint32_t claim : {0U, 1U, 2U}) {
        KnockoutState state = three.state();
        state.entrants[2].claim = claim;
        CHECK(Knockout::decode(encode(state)).has_value() == (claim < 2));
        state.entrants[1].claim = state.entrants[2].claim = 0;
        CHECK(!Knockout::decode(encode(state)));
    }
    Knockout called = knockout;
    REQUIRE(called.call(0, 1, Tick{113}));
    for (const std::uint64_t latest : {112, 113}) {
        KnockoutState state = called.state();
        state.latest = Tick{latest};
        CHECK(Knockout::decode(encode(state)).has_value() == (latest == 113));
        state.phase_started = state.latest = Tick{114};
        CHECK(!Knockout::decode(encode(state)));
    }
}

TEST_CASE("KNOCKOUT-10 a stored game is one of the round's, once, and is kept until it is over")
{
    Knockout knockout = playing({claim_of(1), claim_of(2), claim_of(3)});
    REQUIRE(knockout.call(0, 1, Tick{113}));
    REQUIRE(knockout.call(0, 2, Tick{113}));
    const auto is_stored = [&](auto change) {
        KnockoutState state = knockout.state();
        change(state);
        return Knockout::decode(encode(state)).has_value();
    };
    CHECK(is_stored([](KnockoutState&) {}));
    CHECK(!is_stored([](KnockoutState& s) { s.bouts[1] = s.bouts[0]; }));
    CHECK(!is_stored([](KnockoutState& s) { s.bouts[1].game = s.bouts[0].game; }));
    CHECK(!is_stored([](KnockoutState& s) { s.bouts[1].id.bytes[0] ^= 1; }));
    CHECK(!is_stored([](KnockoutState& s) { s.bouts[1].challenger = 3; }));
    CHECK(!is_stored([](KnockoutState& s) { s.bouts[1].solver = 2; }));
    CHECK(!is_stored([](KnockoutState& s) { s.entrants[2].group = 1; }));
    CHECK(!is_stored([](KnockoutState& s) { s.bouts[1].verdict = Verdict::upheld; }));
    CHECK(is_stored([](KnockoutState& s) {
        s.bouts[1].verdict = Verdict::upheld;
        s.bouts[1].game.clear();
    }));
    CHECK(!is_stored([](KnockoutState& s) { s.bouts[1].game.clear(); }));
    CHECK(!is_stored([&](KnockoutState& s) {
        Game game = knockout.game(s.bouts[1]);
        REQUIRE(game.claim_timeout(Tick{game.deadline().value + 1}));
        s.bouts[1].game = game.encode();
    }));
    const auto before_the_round = [](KnockoutState& s) {
        s.phase = KnockoutPhase::joining;
        s.rounds = 0;
    };
    CHECK(!is_stored(before_the_round));
    CHECK(!is_stored([&](KnockoutState& s) {
        before_the_round(s);
        s.bouts.pop_back();
        const Statement statement = statement_of(s.contest, digest_of(s.contest), 0, 0, 1, s.claims[0], s.claims[1]);
        s.bouts[0] = {0, 1, game_id(statement, s.contest.terms.game, {named(1), named(2)}), {}, Verdict::upheld};
    }));
    CHECK(is_stored([&](KnockoutState& s) {
        before_the_round(s);
        s.bouts.clear();
    }));
}

TEST_CASE("KNOCKOUT-12 a record is played again from its bytes; one that lacks an act, has one twice or in another order is none")
{
    Knockout played = *Knockout::start(contest(), Tick{100});
    KnockoutRecord record{contest(), Tick{100}, {}};
    const auto act = [&](std::uint64_t at, KnockoutAct what) {
        REQUIRE(apply(played, what, Tick{at}));
        record.acts.push_back({Tick{at}, std::move(what)});
    };
    act(101, JoinAct{named(1), claim_of(1)});
    act(102, JoinAct{named(2), claim_of(2)});
    act(111, AdvanceAct{});
    act(112, CallAct{1, 0});
    act(5000, TimeoutAct{played.state().bouts[0].id});
    act(5001, CallAct{0, 1});
    act(9000, AdvanceAct{});
    REQUIRE(played.is_settled());
    const auto stored = decode<KnockoutRecord>(encode(record));
    REQUIRE(stored);
    CHECK(*stored == record);
    const auto again = dispute::replay(*stored);
    REQUIRE(again);
    CHECK(*again == played);
    for (std::size_t i = 0; i < record.acts.size(); ++i) {
        KnockoutRecord other = record;
        other.acts.insert(other.acts.begin() + static_cast<std::ptrdiff_t>(i), record.acts[i]);
        CHECK(!dispute::replay(other));
        other = record;
        other.acts.erase(other.acts.begin() + static_cast<std::ptrdiff_t>(i));
        const auto shorter = dispute::replay(other);
        CHECK((!shorter || !(*shorter == played)));
        if (i == 0) continue;
        other = record;
        std::swap(other.acts[i], other.acts[i - 1]);
        CHECK(!dispute::replay(other));
    }
}
