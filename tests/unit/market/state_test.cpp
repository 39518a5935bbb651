// A stored state is taken only where everything holds that the rules make hold.
#include "tests/unit/market/world.hpp"

using namespace assay;
using namespace assay::test;

namespace {

using Change = std::function<void(LedgerParts&)>;

// Why a state with this change is refused; nothing where it is not.
std::optional<Error> refusal(const Bytes& state, const Change& change)
{
    LedgerParts parts = decode<LedgerParts>(state).value();
    change(parts);
    const auto ledger = Ledger::decode(encode(parts));
    return ledger ? std::nullopt : std::optional{ledger.error()};
}

Change in_task(std::function<void(TaskState&)> change)
{
    return [change = std::move(change)](LedgerParts& parts) { change(parts.tasks.at(0)); };
}

// States of one task in every phase, by phase.
std::map<market::Phase, Bytes> phases()
{
    std::map<market::Phase, Bytes> states;
    World world;
    Run lying{forged_sum()}, honest;
    CHECK(world.apply(verifier, Join{{200}}) == done);
    world.wait(1);
    const Digest task = task_id(rules().network, submitter.identity(), 0, posting());
    const auto keep = [&] { states[world.phase(task)] = world.ledger.encode(); };
    CHECK(world.apply(submitter, Post{posting()}) == done);
    CHECK(world.apply(solver, CommitBid{task, bid_digest(task, solver.identity(), {300}, Digest{})}) == done);
    keep();
    world.wait(11);
    CHECK(world.apply(solver, RevealBid{task, {300}, Digest{}}) == done);
    keep();
    world.advance(task, 10);
    keep();
    CHECK(world.apply(solver, Accept{task}) == done);
    lying.post(world, task);
    CHECK(world.apply(stranger, Challenge{task, 0}) == done);
    keep();
    lying.post(world, task);
    keep();
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    keep();
    post_receipt(world, task, verifier, lying);
    keep();
    CHECK(world.apply(solver, opened_by(world, task, lying)) == done);
    keep();
    open_receipt(world, task, verifier, lying);
    keep();
    play_out(world, task, lying.segments[0], honest.segments[0]);
    CHECK(world.apply(verifier, Defend{task}) == done);
    CHECK(world.apply(stranger, Contest{task, verifier.identity()}) == done);
    keep();
    world.advance(task);
    keep();
    play_out(world, task, lying.segments[0], honest.segments[0], stranger, 0, verifier);
    world.advance(task);
    keep();
    return states;
}

} // namespace

TEST_CASE("MARKET-13 a state of any phase is stored and taken again")
{
    const auto states = phases();
    CHECK(states.size() == 12);
    for (const auto& [phase, state] : states) {
        const auto ledger = Ledger::decode(state);
        REQUIRE(ledger);
        CHECK(ledger->encode() == state);
        CHECK(refusal(state, [](LedgerParts&) {}) == done);
    }
}

TEST_CASE("MARKET-13 a state whose money, accounts or verifiers do not fit each other is refused")
{
    const Bytes state = phases().at(market::Phase::replaying);
    const std::vector<Change> changes{
        [](LedgerParts& p) { ++p.burned.units; },
        [](LedgerParts& p) { --p.supply.units; },
        [](LedgerParts& p) { p.accounts[0].balance.units += std::uint64_t{1} << 63, p.accounts[1].balance.units += std::uint64_t{1} << 63; },
        [](LedgerParts& p) { p.now = Tick{ledger_time_max + 1}; },
        [](LedgerParts& p) { p.rules.unbonding = Tick{phase_ticks_max + 1}; },
        [](LedgerParts& p) { p.rules.fee = {amount_max.units + 1}; },
        [](LedgerParts& p) { p.rules.kibibyte_fee = {(std::uint64_t{1} << 38) + 1}; },
        [](LedgerParts& p) { p.accounts[1].id = p.accounts[0].id; },
        [](LedgerParts& p) { p.accounts[0].verifier = 1; },
        [](LedgerParts& p) { p.accounts[0].verifier = 0; },
        [](LedgerParts& p) { p.accounts[2].verifier.reset(); },
        [](LedgerParts& p) { p.tasks.push_back(p.tasks[0]); },
        [](LedgerParts& p) { p.verifiers[0].owner = p.accounts[0].id; },
        [](LedgerParts& p) { p.verifiers[0].locked = {}; },
        [](LedgerParts& p) { ++p.verifiers[0].weight; },
        [](LedgerParts& p) { p.verifiers[0].left = Tick{p.now.value + 1}; },
        [](LedgerParts& p) { p.verifiers[0].is_gone = true; },
    };
    for (const Change& change : changes) CHECK(refusal(state, change) != done);
}

TEST_CASE("MARKET-13 a task without what its phase needs is refused")
{
    const auto states = phases();
    using market::Phase;
    const std::vector<std::pair<Phase, Change>> changes{
        {Phase::bidding, in_task([](TaskState& t) { t.escrow.units -= 10, t.bids[0].bond.units += 10; })},
        {Phase::bidding, in_task([](TaskState& t) { t.bids[0].price = Amount{300}; })},
        {Phase::bidding, in_task([](TaskState& t) { t.leg.emplace(); })},
        {Phase::bidding, in_task([](TaskState& t) { t.submitter = Digest{{99}}; })},
        {Phase::bidding, in_task([](TaskState& t) { t.terms.recording = Tick{0}; })},
        {Phase::bidding, in_task([](TaskState& t) { t.task.interval = 0; })},
        {Phase::bidding, in_task([](TaskState& t) { t.is_benchmark = true; })},
        {Phase::bidding, in_task([](TaskState& t) { t.legs = 1; })},
        {Phase::bidding, in_task([](TaskState& t) { t.deadline = Tick{~std::uint64_t{0}}; })},
        {Phase::bidding, in_task([](TaskState& t) { t.candidates = {1}; })},
        {Phase::accepting, in_task([](TaskState& t) { t.bids[0].price.reset(); })},
        {Phase::accepting, in_task([](TaskState& t) { t.leg.reset(); })},
        {Phase::accepting, in_task([](TaskState& t) { t.leg->payment = {1001}; })},
        {Phase::running, in_task([](TaskState& t) { t.leg->stake.units -= 1, t.escrow.units += 1; })},
        {Phase::running, in_task([](TaskState& t) { t.leg->first = 2; })},
        {Phase::running, in_task([](TaskState& t) { t.leg->recorded = Tick{~std::uint64_t{0}}; })},
        {Phase::running, in_task([](TaskState& t) { t.leg->has_seed = false; })},
        {Phase::running, in_task([](TaskState& t) { t.leg->is_late = true, t.leg->stake.units -= 50, t.escrow.units += 50; })},
        {Phase::running, in_task([](TaskState& t) { t.demands.emplace(); })},
        {Phase::running, in_task([](TaskState& t) { t.leg->beacon_tick = Tick{1000}; })},
        {Phase::running, in_task([](TaskState& t) { t.checkpoints[0].state = Digest{}; })},
        {Phase::running, in_task([](TaskState& t) { t.checkpoints.clear(); })},
        {Phase::running, in_task([](TaskState& t) { t.disputes[0].id = Digest{}; })},
        {Phase::running, in_task([](TaskState& t) { t.disputes[0].game.pop_back(); })},
        {Phase::running, in_task([](TaskState& t) { t.disputes[0].segment = 1; })},
        {Phase::running, in_task([](TaskState& t) { t.disputes[0].challenger = t.submitter; })},
        {Phase::drawing, in_task([](TaskState& t) { t.candidates = {0, 1}; })},
        {Phase::drawing, in_task([](TaskState& t) { t.drawn = {0}; })},
        {Phase::drawing, [](LedgerParts& p) { p.accounts[2].verifier.reset(), p.accounts[2].balance.units += p.verifiers[0].stake.units,
                                              p.verifiers[0].stake = {}, p.verifiers[0].left = Tick{1}, p.verifiers[0].is_gone = true; }},
        {Phase::replaying, in_task([](TaskState& t) { t.drawn.clear(); })},
        {Phase::replaying, in_task([](TaskState& t) { t.drawn = {2}; })},
        {Phase::replaying, in_task([](TaskState& t) { t.auditors[0].slot = 1; })},
        {Phase::replaying, in_task([](TaskState& t) { t.auditors[0].verifier = t.submitter; })},
        {Phase::replaying, in_task([](TaskState& t) { t.auditors.push_back(t.auditors[0]); })},
        {Phase::replaying, in_task([](TaskState& t) { t.auditors[0].roots = {Digest{}}; })},
        {Phase::attesting, in_task([](TaskState& t) { t.opened.clear(); })},
        {Phase::attesting, in_task([](TaskState& t) { t.opened.emplace_back(); })},
        {Phase::window, in_task([](TaskState& t) { t.auditors[0].roots.push_back({}); })},
        {Phase::window, in_task([](TaskState& t) { t.conviction.emplace(); })},
        {Phase::convicted, in_task([](TaskState& t) { t.conviction.reset(); })},
        {Phase::convicted, in_task([](TaskState& t) { t.conviction->root.reset(); })},
        {Phase::convicted, in_task([](TaskState& t) { t.auditors[0].defence = Defence::none, t.escrow.units += 100; })},
        {Phase::convicted, in_task([](TaskState& t) { t.auditors[0].defence = Defence::fallen, t.escrow.units += 100; })},
        {Phase::convicted, in_task([](TaskState& t) { t.conviction->root = Digest{{99}}; })},
        {Phase::convicted, in_task([](TaskState& t) { t.disputes.clear(), t.conviction.reset(), t.phase = Phase::window; })},
        {Phase::defending, in_task([](TaskState& t) { t.conviction->segment = 1; })},
        {Phase::defending, in_task([](TaskState& t) { t.disputes[0].segment = 1; })},
        {Phase::defending, in_task([](TaskState& t) { t.auditors[0].roots = {Digest{{99}}}; })},
        {Phase::defending, in_task([](TaskState& t) { t.conviction = Conviction{{}, {}, {}, true}; })},
        {Phase::defending, in_task([](TaskState& t) { t.leg.reset(); })},
        {Phase::defending, in_task([](TaskState& t) { t.escrow.units -= 100; })},
        {Phase::closed, in_task([](TaskState& t) { t.drawn = {0}; })},
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        CAPTURE(i);
        CHECK(refusal(states.at(changes[i].first), changes[i].second) == Error::invalid_block);
    }
}
