// A ledger about the toy task, with its parties and their runs: for the tests of the market.
#pragma once

#include <fstream>
#include <map>
#include <sstream>

#include "tests/unit/dispute/toy.hpp"

#include <assay/crypto/signed_transcript.hpp>
#include <assay/market/block.hpp>
#include <assay/market/draw.hpp>

namespace assay::test {

using namespace market;
using crypto::KeyPair;
using crypto::Seed;

// The clerk says what time has made due, so that nobody else's money moves by it.
inline const KeyPair submitter{Seed{{1}}}, solver{Seed{{2}}}, verifier{Seed{{3}}}, stranger{Seed{{4}}}, clerk{Seed{{7}}};
inline const std::array<KeyPair, 4> others{KeyPair{Seed{{8}}}, KeyPair{Seed{{9}}}, KeyPair{Seed{{10}}}, KeyPair{Seed{{11}}}};
inline const crypto::VrfKey drawer{Seed{{5}}}, beacon{Seed{{6}}};

inline Rules rules()
{
    Rules rules;
    rules.network = Digest{{77}};
    rules.fee = {1};
    rules.account_minimum = {10};
    rules.verifier_minimum = {100};
    rules.unbonding = Tick{50};
    rules.beacon = beacon.public_key();
    return rules;
}

// Four steps in two segments.
inline Posting posting()
{
    Posting posting;
    const replay::Segment segment = toy::segment(2);
    replay::RunTrace trace = toy::trace(2);
    posting.program = segment.program->program().encode();
    posting.task = {commit::digest_of(segment.program->commitment()), trace.statement(Digest{}, 0)->data, 42, 4, 2, trace.before()};
    Terms& terms = posting.terms;
    terms.price_max = {1000};
    terms.bid_bond = {10};
    terms.stake = {500};
    terms.silence_penalty = {50};
    terms.challenge_bond = {100};
    terms.audit_fee = {20};
    terms.verifier_stake = {60};
    terms.jackpot = {40};
    terms.bidding = terms.revealing = terms.accepting = terms.recording = terms.drawing = terms.replaying = terms.opening = terms.window =
        Tick{10};
    terms.drawer = drawer.public_key();
    terms.dispute = toy::terms(2);
    return posting;
}

inline constexpr std::nullopt_t done = std::nullopt;

// A ledger with time at hand; every transaction is checked for what it may never do.
struct World {
    Ledger ledger;
    // What was done: time, or a transaction, and why it was refused where it was.
    using Happened = std::variant<Tick, std::pair<SignedTransaction, std::optional<Error>>>;
    std::vector<Happened> history;
    std::map<Digest, std::uint64_t> had, fees; // what each began with, and paid for being heard
    std::map<Digest, std::uint64_t> in_task;   // what a task took and did not pay or burn, by its events

    explicit World(const Rules& rules = test::rules()) : ledger(start(rules))
    {
        for (const Account& account : ledger.accounts().entries()) had[account.id] = account.balance.units;
    }
    static Ledger start(const Rules& rules)
    {
        std::vector<Allocation> money{{submitter.identity(), {5000}}, {solver.identity(), {1000}},   {verifier.identity(), {1000}},
                                      {stranger.identity(), {1000}},  {clerk.identity(), {1000}}};
        for (const KeyPair& other : others) money.push_back({other.identity(), {1000}});
        return Ledger::start(rules, money, Tick{1}).value();
    }

    std::optional<Error> apply(const KeyPair& author, Body body)
    {
        const Transaction transaction{author.identity(), ledger.account(author.identity())->transactions, std::move(body)};
        const Bytes before = ledger.encode();
        const SignedTransaction made = sign(author, rules().network, transaction);
        const auto events = ledger.apply(made);
        history.emplace_back(std::pair{made, events ? std::nullopt : std::optional{events.error()}});
        CHECK(ledger.counted() == ledger.supply());
        const Status whole = ledger.check();
        CHECK_MESSAGE(whole, whole.failure().message());
        if (events) fees[author.identity()] += ledger.rules().fee.units;
        if (events) follow(*events);
        else CHECK(ledger.encode() == before);
        const auto stored = Ledger::decode(ledger.encode());
        REQUIRE(stored);
        CHECK(digest_of(Ledger{*stored}.summary()) == digest_of(ledger.summary()));
        return events ? std::nullopt : std::optional{events.error()};
    }
    // Spec: MARKET-24.
    void follow(const std::vector<Event>& events)
    {
        for (const Event& event : events) {
            if (ledger.task(event.subject) == nullptr) continue;
            if (event.kind == EventKind::taken) in_task[event.subject] += event.number;
            if (event.kind == EventKind::paid || event.kind == EventKind::burned) in_task[event.subject] -= event.number;
        }
        for (const auto& [task, units] : in_task) CHECK(ledger.task(task)->held().units == units);
    }
    void wait(std::uint64_t ticks)
    {
        REQUIRE(ledger.advance(Tick{ledger.now().value + ticks}));
        history.emplace_back(ledger.now());
    }
    void advance(const Digest& task, std::uint64_t ticks = 11)
    {
        wait(ticks);
        CHECK(apply(clerk, Advance{task}) == done);
    }
    [[nodiscard]] std::uint64_t balance(const KeyPair& keys) const { return ledger.account(keys.identity())->balance.units; }
    // What a party has more than at the start, its stake among the verifiers counted, fees left aside.
    [[nodiscard]] std::int64_t gain(const KeyPair& keys) const
    {
        const auto paid = fees.find(keys.identity());
        const auto place = ledger.account(keys.identity())->verifier;
        const std::uint64_t staked = place ? ledger.verifiers().at(*place).stake.units : 0;
        return static_cast<std::int64_t>(balance(keys) + staked + (paid == fees.end() ? 0 : paid->second)) -
               static_cast<std::int64_t>(had.at(keys.identity()));
    }
    // What was burned beyond fees.
    [[nodiscard]] std::int64_t burned() const
    {
        std::uint64_t paid = 0;
        for (const auto& [id, fee] : fees) paid += fee;
        return static_cast<std::int64_t>(ledger.burned().units - paid);
    }
    [[nodiscard]] const TaskState& task(const Digest& id) const { return *ledger.task(id); }
    [[nodiscard]] market::Phase phase(const Digest& id) const { return task(id).phase; }
};

// Who has what in the end.
struct Gains {
    std::int64_t submitter = 0, solver = 0, verifier = 0, stranger = 0, burned = 0;
    friend bool operator==(const Gains&, const Gains&) = default;
};
inline std::ostream& operator<<(std::ostream& out, const Gains& gains)
{
    return out << "submitter " << gains.submitter << ", solver " << gains.solver << ", verifier " << gains.verifier << ", stranger "
               << gains.stranger << ", burned " << gains.burned;
}
inline Gains gains(const World& world)
{
    return {world.gain(submitter), world.gain(solver), world.gain(verifier), world.gain(stranger), world.burned()};
}
// The same, once nothing is held for the task.
inline Gains ended(const World& world, const Digest& task)
{
    CHECK(world.phase(task) == market::Phase::closed);
    CHECK(world.task(task).held() == Amount{});
    return gains(world);
}

// A row of the table of outcomes.
inline Gains outcome(const std::string& name)
{
    std::ifstream table(ASSAY_SOURCE_DIR "/spec/tables/outcomes.txt");
    for (std::string line; std::getline(table, line);) {
        if (!line.starts_with(name + "\t")) continue;
        Gains gains;
        std::istringstream numbers{line.substr(name.size())};
        numbers >> gains.submitter >> gains.solver >> gains.verifier >> gains.stranger >> gains.burned;
        REQUIRE(numbers);
        return gains;
    }
    FAIL("no outcome " << name);
    return {};
}

// Posts, bids and assigns; the solver accepts. Returns: the task.
inline Digest bid_for(World& world, const Posting& posting)
{
    const Digest task = task_id(rules().network, submitter.identity(), world.ledger.account(submitter.identity())->transactions, posting);
    CHECK(world.apply(submitter, Post{posting}) == done);
    CHECK(world.apply(solver, CommitBid{task, bid_digest(task, solver.identity(), {300}, Digest{})}) == done);
    CHECK(world.apply(stranger, CommitBid{task, bid_digest(task, stranger.identity(), {400}, Digest{})}) == done);
    CHECK(world.apply(solver, RevealBid{task, {300}, Digest{}}) == Error::wrong_phase);
    world.wait(11);
    CHECK(world.apply(solver, RevealBid{task, {301}, Digest{}}) == Error::commitment_mismatch);
    CHECK(world.apply(solver, RevealBid{task, {300}, Digest{}}) == done);
    CHECK(world.apply(stranger, RevealBid{task, {400}, Digest{}}) == done);
    CHECK(world.apply(stranger, Advance{task}) == Error::too_early);
    world.advance(task, 10);
    CHECK(world.apply(stranger, Accept{task}) == Error::not_allowed);
    CHECK(world.apply(solver, Accept{task}) == done);
    CHECK(world.task(task).leg->payment == Amount{400});
    return task;
}

inline Digest begin(World& world, const Posting& posting = test::posting())
{
    CHECK(world.apply(verifier, Join{{200}}) == done);
    world.wait(1);
    return bid_for(world, posting);
}

// The next record of a solver, which claims `state`.
inline Progress record(const World& world, const Digest& task, const Digest& state, const Digest& root = Digest{{7}},
                       const KeyPair& author = solver)
{
    const TaskState& here = world.task(task);
    merkle::CompactRange log = here.log;
    commit::append_checkpoint(log, state);
    const std::uint64_t segment = here.checkpoints.size();
    return {task,
            author.identity(),
            segment + 1,
            state,
            log.root(),
            blinded_root(task, author.identity(), segment, root, Digest{{8}}),
            here.leg->last_record};
}

inline std::optional<Error> post(World& world, const Progress& progress, const KeyPair& author = solver)
{
    return world.apply(author, PostProgress{sign(author, rules().network, progress)});
}

// A run of the posted task, segment by segment; what follows a deviation follows honestly.
struct Run {
    std::vector<replay::RunTrace> segments;

    explicit Run(replay::Deviation first = {}, std::uint64_t steps = 2)
    {
        segments.push_back(toy::trace(steps, std::move(first)));
        replay::Segment second = toy::segment(steps);
        second.before = segments[0].final_state().value();
        const auto factory = [program = second.program->program(), data = second.data, seed = second.seed] {
            return exec::make_interpreter(program, data, seed);
        };
        segments.emplace_back(std::move(second), factory);
    }
    Digest state(std::size_t segment) { return segments[segment].after().value(); }
    Digest root(std::size_t segment)
    {
        const std::uint64_t steps = segments[segment].statement(Digest{}, segment)->steps;
        return segments[segment].hash({dispute::TreeAddress::Kind::segment, 0, {}, 0}, {0, steps}).value();
    }
    std::vector<Digest> roots(std::span<const std::uint64_t> drawn)
    {
        std::vector<Digest> roots;
        for (const std::uint64_t segment : drawn) roots.push_back(root(segment));
        return roots;
    }
    // Posts the record of the next segment.
    void post(World& world, const Digest& task, const KeyPair& author = solver)
    {
        const std::size_t next = world.task(task).checkpoints.size();
        CHECK(test::post(world, record(world, task, state(next), root(next), author), author) == done);
    }
};

// A run that forges a number in its second step.
inline replay::Deviation forged_sum()
{
    replay::Deviation deviation;
    deviation.node = [](std::uint64_t step, program::NodeIndex node, program::Tensor& output) {
        if (step != 1 || node.value != 8) return false;
        output.set_element(0, output.element(0) ^ 0x00100000);
        return true;
    };
    return deviation;
}

// A run whose states are right, beside a number that it forges: nothing follows from it but that a game is lost at it.
inline replay::Deviation lost_on_purpose(Run& honest)
{
    replay::Deviation deviation = forged_sum();
    deviation.state = [right = honest.segments[0].final_state().value()](std::uint64_t step, auto, std::vector<program::Tensor>& after) {
        if (step == 1) after = right;
    };
    return deviation;
}

// The submitter's draw for the last record, and the beacon's for its tick.
inline Draw own_draw(const World& world, const Digest& task)
{
    return {task, drawer.prove(crypto::VrfSuite::elligator, draw_input(rules().network, task, world.task(task).leg->last_record))};
}
inline Draw beacon_draw(const Digest& task, Tick tick)
{
    return {task, beacon.prove(crypto::VrfSuite::elligator, beacon_input(rules().network, tick))};
}

inline void post_receipt(World& world, const Digest& task, const KeyPair& keys, Run& seen)
{
    const auto roots = seen.roots(world.task(task).drawn);
    CHECK(world.apply(keys, PostReceipt{task, receipt_digest(task, keys.identity(), roots, Digest{{3}})}) == done);
}
inline void open_receipt(World& world, const Digest& task, const KeyPair& keys, Run& seen)
{
    CHECK(world.apply(keys, OpenReceipt{task, seen.roots(world.task(task).drawn), Digest{{3}}}) == done);
}
inline OpenSegments opened_by(const World& world, const Digest& task, Run& run)
{
    OpenSegments body{task, {}};
    for (const Digest& root : run.roots(world.task(task).drawn)) body.roots.push_back({root, Digest{{8}}});
    return body;
}

// From the last record to the window: all that the one verifier and the solver do.
inline void audit(World& world, const Digest& task, Run& run, Run& seen)
{
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    post_receipt(world, task, verifier, seen);
    CHECK(world.apply(solver, opened_by(world, task, run)) == done);
    open_receipt(world, task, verifier, seen);
    CHECK(world.phase(task) == market::Phase::window);
}

// Plays the game of this place among the open ones to its end, every move a transaction of its side's; `answering` has the solver's. Returns: how many there were.
inline int play_out(World& world, const Digest& task, dispute::Trace& solvers, dispute::Trace& challengers,
                    const KeyPair& challenger = stranger, std::size_t place = 0, const KeyPair& answering = solver)
{
    const Digest id = world.task(task).disputes.at(place).id;
    for (int moves = 0;; ++moves) {
        const auto& disputes = world.task(task).disputes;
        const auto found = std::find_if(disputes.begin(), disputes.end(), [&](const Dispute& dispute) { return dispute.id == id; });
        if (found == disputes.end()) return moves;
        const auto game = dispute::Game::decode(found->game);
        REQUIRE(game);
        const bool is_solvers = game->to_move() == dispute::Side::solver;
        const auto move = is_solvers ? next_solver_move(*game, solvers) : next_challenger_move(*game, challengers);
        REQUIRE(move);
        // Nobody makes the other side's moves.
        CHECK(world.apply(is_solvers ? challenger : answering, PlayMove{task, *move}) == Error::not_allowed);
        REQUIRE(world.apply(is_solvers ? answering : challenger, PlayMove{task, *move}) == done);
    }
}

} // namespace assay::test
