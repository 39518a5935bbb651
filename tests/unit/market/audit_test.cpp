// The audit: who can be drawn, by whose key, and what silence costs in each phase.
#include "tests/unit/market/world.hpp"

using namespace assay;
using namespace assay::test;

namespace {

Posting audited_by(std::uint8_t verifiers, std::uint8_t segments = 1)
{
    Posting posting = test::posting();
    posting.terms.verifiers = verifiers;
    posting.terms.segments = segments;
    return posting;
}

// Two such tasks can be open at once, and a verifier's stake covers one.
Posting twice()
{
    Posting posting = audited_by(1);
    posting.terms.stake = {300};
    posting.terms.verifier_stake = {150};
    posting.terms.drawing = Tick{25};
    return posting;
}

// The others are verifiers too, with stakes of 200.
void join_others(World& world)
{
    for (const KeyPair& other : others) CHECK(world.apply(other, Join{{200}}) == done);
}

Digest recorded(World& world, Run& run, const Posting& posting)
{
    const Digest task = begin(world, posting);
    run.post(world, task);
    run.post(world, task);
    return task;
}

std::vector<std::uint32_t> auditors(const World& world, const Digest& task)
{
    std::vector<std::uint32_t> slots;
    for (const Auditor& auditor : world.task(task).auditors) slots.push_back(auditor.slot);
    return slots;
}

} // namespace

TEST_CASE("AUDIT-1 AUDIT-5 verifiers are drawn without replacement in proportion to their stakes")
{
    std::array<int, 4> first{}, among_two{};
    const int draws = 20000;
    for (int i = 0; i < draws; ++i) {
        crypto::VrfOutput output{};
        output[0] = static_cast<std::uint8_t>(i), output[1] = static_cast<std::uint8_t>(i >> 8);
        DrawStream stream{output, Digest{{1}}, Digest{{2}}};
        const auto drawn = draw_weighted(stream, {100, 0, 300, 600}, 2);
        REQUIRE(drawn.size() == 2);
        CHECK(drawn[0] != drawn[1]);
        ++first[drawn[0]];
        for (const std::uint32_t slot : drawn) ++among_two[slot];
    }
    // Five standard deviations, each at most sqrt(20000) / 2 = 71.
    const auto near = [](int count, double expected) { return std::abs(count - expected) < 355; };
    CHECK(near(first[0], 0.1 * draws));
    CHECK(first[1] == 0);
    CHECK(near(first[2], 0.3 * draws));
    CHECK(near(first[3], 0.6 * draws));
    // As second: after 300 and 600, out of 700 and 400.
    CHECK(near(among_two[0], (0.1 + 0.3 / 7 + 0.6 / 4) * draws));
    CHECK(among_two[1] == 0);
    DrawStream stream{{}, {}, {}};
    CHECK(draw_weighted(stream, {0, 5, 0, 7}, 3).size() == 2);
    CHECK(draw_weighted(stream, {0, 0}, 3).empty());
}

TEST_CASE("AUDIT-5 segments are drawn without replacement, each subset equally likely")
{
    std::map<std::vector<std::uint64_t>, int> seen;
    const int draws = 20000;
    for (int i = 0; i < draws; ++i) {
        crypto::VrfOutput output{};
        output[2] = static_cast<std::uint8_t>(i), output[3] = static_cast<std::uint8_t>(i >> 8);
        DrawStream stream{output, Digest{{1}}, Digest{{2}}};
        ++seen[draw_distinct(stream, 5, 2)];
    }
    CHECK(seen.size() == 10);
    for (const auto& [subset, count] : seen) {
        CHECK(subset[0] < subset[1]);
        CHECK(std::abs(count - draws / 10) < 5 * 43); // sqrt(20000 * 0.1 * 0.9) = 42.4
    }
    DrawStream stream{{}, {}, {}};
    CHECK(draw_distinct(stream, 3, 5) == std::vector<std::uint64_t>{0, 1, 2});
}

TEST_CASE("AUDIT-1 parties, latecomers, those who left and those whose stake is bound are not drawn")
{
    World world;
    Run run;
    CHECK(world.apply(submitter, Join{{200}}) == done); // 0
    CHECK(world.apply(solver, Join{{200}}) == done);    // 1
    CHECK(world.apply(others[0], Join{{200}}) == done); // 2
    Posting posting = twice();
    posting.terms.verifiers = 8;
    const Digest task = begin(world, posting); // joins the verifier: 3
    CHECK(world.apply(others[0], Leave{2}) == done);
    run.post(world, task);
    CHECK(world.apply(others[1], Join{{200}}) == done); // 4, in the tick of the last record
    run.post(world, task);
    world.wait(1);
    CHECK(world.apply(others[2], Join{{200}}) == done); // 5, after it
    CHECK(world.apply(verifier, Leave{3}) == done);     // leaving now changes nothing
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    CHECK(auditors(world, task) == std::vector<std::uint32_t>{3});
    CHECK(world.ledger.verifiers().at(3).locked == Amount{150});
    // Whoever stands behind this task has not enough left for another.
    World busy;
    CHECK(busy.apply(others[0], Join{{200}}) == done);
    const Digest first = recorded(busy, run, posting), second = bid_for(busy, posting);
    CHECK(busy.apply(clerk, own_draw(busy, first)) == done);
    CHECK(auditors(busy, first).size() == 2);
    run.post(busy, second);
    run.post(busy, second);
    CHECK(busy.apply(clerk, own_draw(busy, second)) == done);
    CHECK(busy.phase(second) == market::Phase::window);
    CHECK(auditors(busy, second).empty());
}

TEST_CASE("AUDIT-6 a verifier whose stake another draw bound after the record is excused, and nobody takes its place")
{
    World world;
    Run run;
    const Posting posting = twice();
    CHECK(world.apply(verifier, Join{{200}}) == done);
    world.wait(1);
    const Digest first = bid_for(world, posting);
    run.post(world, first), run.post(world, first);
    const Digest second = bid_for(world, posting);
    run.post(world, second), run.post(world, second);
    CHECK(world.task(second).candidates == Bytes{1});
    CHECK(world.apply(others[0], Join{{200}}) == done);
    CHECK(world.apply(clerk, own_draw(world, first)) == done);
    CHECK(auditors(world, first) == std::vector<std::uint32_t>{0});
    CHECK(world.apply(clerk, own_draw(world, second)) == done);
    CHECK(auditors(world, second).empty());
    CHECK(world.phase(second) == market::Phase::window);
    world.advance(second);
    CHECK(world.phase(second) == market::Phase::closed); // paid, and the audit's fee returned
    CHECK(world.gain(submitter) == -400 - 1060);
}

TEST_CASE("AUDIT-2 the submitter's key draws for the last record, and no other proof counts")
{
    World world;
    Run run;
    const Digest task = recorded(world, run, audited_by(1));
    Draw forged = own_draw(world, task);
    forged.proof.bytes[40] ^= 1;
    CHECK(world.apply(clerk, forged) == Error::invalid_randomness);
    CHECK(world.apply(clerk, Draw{task, drawer.prove(crypto::VrfSuite::elligator, draw_input(rules().network, task, Digest{}))}) ==
          Error::invalid_randomness);
    CHECK(world.apply(clerk, Draw{task, drawer.prove(crypto::VrfSuite::try_and_increment,
                                                     draw_input(rules().network, task, world.task(task).leg->last_record))}) ==
          Error::invalid_randomness);
    CHECK(world.apply(clerk, beacon_draw(task, world.task(task).leg->beacon_tick)) == Error::invalid_randomness);
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    CHECK(world.apply(clerk, own_draw(world, task)) == Error::wrong_phase);
}

TEST_CASE("AUDIT-2 a beacon's key draws for the tick after the record, once that has come")
{
    World world;
    Run run;
    Posting posting = audited_by(1);
    posting.terms.source = DrawSource::beacon;
    const Digest task = recorded(world, run, posting);
    const Tick next{world.ledger.now().value + 1};
    CHECK(world.apply(clerk, beacon_draw(task, next)) == Error::too_early);
    world.wait(2);
    CHECK(world.apply(clerk, own_draw(world, task)) == Error::invalid_randomness);
    CHECK(world.apply(clerk, beacon_draw(task, world.ledger.now())) == Error::invalid_randomness);
    CHECK(world.apply(clerk, beacon_draw(task, next)) == done);
    CHECK(auditors(world, task) == std::vector<std::uint32_t>{0});
}

TEST_CASE("AUDIT-4 AUDIT-3 where the submitter does not draw the beacon does; where neither does, the audit's fees are burned")
{
    World world;
    Run run;
    const Digest task = recorded(world, run, audited_by(1));
    const std::uint64_t deadline = world.task(task).deadline.value;
    CHECK(world.apply(clerk, beacon_draw(task, Tick{deadline + 1})) == Error::invalid_randomness); // it is still the submitter's turn
    world.wait(11);
    CHECK(world.apply(clerk, own_draw(world, task)) == Error::invalid_randomness);
    CHECK(world.apply(clerk, Advance{task}) == Error::too_early);
    World drawn = world;
    CHECK(drawn.apply(clerk, beacon_draw(task, Tick{deadline + 1})) == done);
    CHECK(auditors(drawn, task) == std::vector<std::uint32_t>{0});
    world.wait(10);
    CHECK(world.apply(clerk, beacon_draw(task, Tick{deadline + 1})) == Error::too_late);
    world.advance(task, 0);
    CHECK(world.phase(task) == market::Phase::window);
    world.advance(task);
    CHECK(ended(world, task) == outcome("nobody draws"));
    // The beacon's own silence is nobody's fault here.
    World silent;
    Posting posting = audited_by(1);
    posting.terms.source = DrawSource::beacon;
    const Digest other = recorded(silent, run, posting);
    silent.advance(other);
    silent.advance(other);
    CHECK(ended(silent, other) == outcome("beacon silent"));
}

TEST_CASE("AUDIT-3 nobody attests twice, late, for another, or to what it did not commit to")
{
    World world;
    Run run;
    const Digest task = recorded(world, run, audited_by(1));
    CHECK(world.apply(verifier, PostReceipt{task, Digest{}}) == Error::wrong_phase);
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    CHECK(world.apply(stranger, PostReceipt{task, Digest{}}) == Error::not_allowed);
    CHECK(world.apply(solver, opened_by(world, task, run)) == Error::wrong_phase); // never before the receipts
    World late = world;
    late.wait(11);
    CHECK(late.apply(verifier, PostReceipt{task, Digest{}}) == Error::too_late);
    post_receipt(world, task, verifier, run);
    CHECK(world.apply(verifier, PostReceipt{task, Digest{}}) == Error::wrong_phase);
    OpenSegments wrong = opened_by(world, task, run);
    CHECK(world.apply(stranger, wrong) == Error::not_allowed);
    wrong.roots[0].root = Digest{{6}};
    CHECK(world.apply(solver, wrong) == Error::commitment_mismatch);
    wrong = opened_by(world, task, run);
    wrong.roots[0].salt = Digest{{6}};
    CHECK(world.apply(solver, wrong) == Error::commitment_mismatch);
    CHECK(world.apply(solver, OpenSegments{task, {}}) == Error::commitment_mismatch);
    CHECK(world.apply(solver, opened_by(world, task, run)) == done);
    const auto roots = run.roots(world.task(task).drawn);
    CHECK(world.apply(stranger, OpenReceipt{task, roots, Digest{{3}}}) == Error::not_allowed);
    CHECK(world.apply(verifier, OpenReceipt{task, roots, Digest{{4}}}) == Error::commitment_mismatch);
    CHECK(world.apply(verifier, OpenReceipt{task, {}, Digest{{3}}}) == Error::commitment_mismatch);
    open_receipt(world, task, verifier, run);
    CHECK(world.apply(verifier, OpenReceipt{task, roots, Digest{{3}}}) == Error::wrong_phase);
}

TEST_CASE("AUDIT-3 a verifier that posts no receipt, opens none, or disagrees and convicts nobody loses its stake")
{
    Run run, other{forged_sum()};
    World mute;
    const Digest unanswered = recorded(mute, run, audited_by(1));
    CHECK(mute.apply(clerk, own_draw(mute, unanswered)) == done);
    mute.advance(unanswered);
    CHECK(mute.phase(unanswered) == market::Phase::window);
    mute.advance(unanswered);
    CHECK(ended(mute, unanswered) == outcome("verifier silent"));

    World sealed;
    const Digest unopened = recorded(sealed, run, audited_by(1));
    CHECK(sealed.apply(clerk, own_draw(sealed, unopened)) == done);
    post_receipt(sealed, unopened, verifier, run);
    CHECK(sealed.apply(solver, opened_by(sealed, unopened, run)) == done);
    sealed.advance(unopened);
    sealed.advance(unopened);
    CHECK(ended(sealed, unopened) == outcome("verifier silent"));

    World wrong;
    const Digest denied = recorded(wrong, run, audited_by(1, 2));
    audit(wrong, denied, run, other);
    CHECK(!wrong.task(denied).agrees(wrong.task(denied).auditors[0], 0));
    wrong.advance(denied);
    CHECK(ended(wrong, denied) == outcome("verifier silent"));
}

TEST_CASE("AUDIT-3 one receipt is enough to go on, and who did not answer pays alone")
{
    World world;
    Run run;
    join_others(world);
    const Digest task = recorded(world, run, audited_by(5));
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    CHECK(auditors(world, task).size() == 5);
    post_receipt(world, task, verifier, run);
    post_receipt(world, task, others[0], run);
    world.advance(task);
    CHECK(world.phase(task) == market::Phase::opening);
    CHECK(world.apply(solver, opened_by(world, task, run)) == done);
    CHECK(world.apply(others[1], OpenReceipt{task, {}, {}}) == Error::not_allowed);
    open_receipt(world, task, verifier, run);
    CHECK(world.apply(verifier, OpenReceipt{task, run.roots(world.task(task).drawn), Digest{{3}}}) == Error::already_done);
    open_receipt(world, task, others[0], run);
    world.advance(task);
    CHECK(ended(world, task) == Gains{-440, 400, 20, 0, 180});
    CHECK(world.gain(others[0]) == 20);
    for (std::size_t i = 1; i < 4; ++i) {
        CHECK(world.gain(others[i]) == -60); // of a stake of 200, the rest of which it may take back
        CHECK(world.ledger.verifiers().at(i).left.has_value());     // but it is drawn no more
    }
}

TEST_CASE("AUDIT-11 a solver that opens its roots late forfeits once, and is then paid as ever")
{
    World world;
    Run run;
    const Digest task = recorded(world, run, audited_by(1));
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    post_receipt(world, task, verifier, run);
    world.wait(11);
    CHECK(world.apply(solver, opened_by(world, task, run)) == Error::too_late);
    world.advance(task, 0);
    CHECK(world.phase(task) == market::Phase::opening);
    CHECK(world.task(task).leg->is_late);
    CHECK(world.apply(solver, opened_by(world, task, run)) == done);
    open_receipt(world, task, verifier, run);
    world.advance(task);
    CHECK(ended(world, task) == outcome("roots opened late"));
    CHECK(world.ledger.account(solver.identity())->standing.deadlines.missed() == Availability::weight_one);
}

TEST_CASE("AUDIT-11 AUDIT-3 a solver that keeps its roots closed is convicted, and verifiers' work is paid for from its stake")
{
    World world;
    Run run;
    const Digest task = recorded(world, run, audited_by(1));
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    post_receipt(world, task, verifier, run);
    world.advance(task), world.advance(task);
    CHECK(world.phase(task) == market::Phase::convicted);
    CHECK(world.apply(solver, opened_by(world, task, run)) == Error::wrong_phase);
    World closed = world;
    closed.advance(task);
    CHECK(ended(closed, task) == outcome("roots kept closed")); // nobody found it, so all of it is burned
    CHECK(closed.ledger.account(solver.identity())->standing.deadlines.missed() > Availability::weight_one);
    const auto roots = run.roots(world.task(task).drawn);
    CHECK(world.apply(verifier, OpenReceipt{task, roots, Digest{{4}}}) == Error::commitment_mismatch);
    CHECK(world.apply(stranger, OpenReceipt{task, roots, Digest{{3}}}) == Error::not_allowed);
    open_receipt(world, task, verifier, run);
    CHECK(world.apply(verifier, OpenReceipt{task, roots, Digest{{3}}}) == Error::already_done);
    world.advance(task);
    CHECK(ended(world, task) == outcome("roots kept closed, receipt opened"));
}

TEST_CASE("AUDIT-12 beside a verifier that replayed and convicts, one that made its roots up is not paid")
{
    World world;
    Run lying{forged_sum()}, honest;
    join_others(world);
    const Digest task = recorded(world, lying, audited_by(3, 2));
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    // Of the three one replays and convicts, one replays, one guesses.
    std::vector<const KeyPair*> drawn;
    for (const Auditor& auditor : world.task(task).auditors)
        for (const KeyPair* keys : {&verifier, &others[0], &others[1], &others[2], &others[3]})
            if (keys->identity() == auditor.verifier) drawn.push_back(keys);
    REQUIRE(drawn.size() == 3);
    const std::vector<Digest> guess{Digest{{1}}, Digest{{2}}};
    post_receipt(world, task, *drawn[0], honest);
    post_receipt(world, task, *drawn[1], honest);
    CHECK(world.apply(*drawn[2], PostReceipt{task, receipt_digest(task, drawn[2]->identity(), guess, Digest{{3}})}) == done);
    CHECK(world.apply(solver, opened_by(world, task, lying)) == done);
    open_receipt(world, task, *drawn[0], honest);
    open_receipt(world, task, *drawn[1], honest);
    CHECK(world.apply(*drawn[2], OpenReceipt{task, guess, Digest{{3}}}) == done);
    World found_by_stranger = world;
    for (auto [where, finder] : {std::pair{&world, drawn[0]}, std::pair{&found_by_stranger, &stranger}}) {
        CHECK(where->apply(*finder, Challenge{task, 0}) == done);
        play_out(*where, task, lying.segments[0], honest.segments[0], *finder);
        where->advance(task);
        CHECK(where->phase(task) == market::Phase::closed);
    }
    CHECK(world.gain(*drawn[0]) == 20 + 250);
    CHECK(world.gain(*drawn[1]) == 20);
    CHECK(world.gain(*drawn[2]) == 0);
    // Nobody knows whose root is right when the finder has none: the guess is paid, and would have cost its stake without a conviction.
    for (const KeyPair* keys : drawn) CHECK(found_by_stranger.gain(*keys) == 20);
}

TEST_CASE("AUDIT-12 a verifier whose receipt was not open when somebody convicted opens it then, and is paid or slashed by what it says")
{
    Run lying{forged_sum()}, honest;
    for (const bool looked : {true, false}) {
        World world;
        const Digest task = recorded(world, lying, audited_by(1, 2));
        CHECK(world.apply(clerk, own_draw(world, task)) == done);
        post_receipt(world, task, verifier, looked ? honest : lying);
        CHECK(world.apply(stranger, Challenge{task, 0}) == done);
        play_out(world, task, lying.segments[0], honest.segments[0]);
        CHECK(world.phase(task) == market::Phase::convicted);
        open_receipt(world, task, verifier, looked ? honest : lying);
        world.advance(task);
        CHECK(ended(world, task) == outcome(looked ? "convicted after a disagreement" : "convicted after an attestation"));
    }
}

TEST_CASE("MARKET-18 AUDIT-11 where roots stay closed, the task is open again from where the leg began, as often as its terms allow")
{
    World world;
    Run honest;
    Posting posting = audited_by(1, 2);
    posting.terms.legs_max = 2;
    const Digest task = recorded(world, honest, posting);
    const auto log = world.task(task).log;
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    post_receipt(world, task, verifier, honest);
    world.advance(task), world.advance(task);
    open_receipt(world, task, verifier, honest);
    world.advance(task);
    CHECK(world.phase(task) == market::Phase::bidding);
    CHECK(world.task(task).checkpoints.empty());
    CHECK(world.task(task).log != log);
    CHECK(!world.task(task).conviction);
    CHECK(world.apply(others[0], CommitBid{task, bid_digest(task, others[0].identity(), {300}, Digest{})}) == done);
    world.wait(11);
    CHECK(world.apply(others[0], RevealBid{task, {300}, Digest{}}) == done);
    world.advance(task, 10);
    CHECK(world.apply(others[0], Accept{task}) == done);
    honest.post(world, task, others[0]), honest.post(world, task, others[0]);
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    post_receipt(world, task, verifier, honest);
    CHECK(world.apply(others[0], opened_by(world, task, honest)) == done);
    open_receipt(world, task, verifier, honest);
    world.advance(task);
    // The only bid of the second leg is paid the reserve; the first leg cost the submitter nothing.
    CHECK(ended(world, task) == Gains{-1020, -500, 40, 0, 480});
    CHECK(world.gain(others[0]) == 1000);
}
