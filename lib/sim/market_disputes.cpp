// Challenges, the games that follow, and the settlement.
#include <algorithm>

#include <assay/dispute/players.hpp>
#include <assay/hash/openssl.hpp>

#include "sim/market_parts.hpp"

namespace assay::sim {

using namespace market;

namespace {

bool is_honest(Conduct conduct)
{
    return conduct == Conduct::honest || conduct == Conduct::leaking;
}

} // namespace

// The first replaying verifier challenges the first drawn segment that differs from its own. Where a planted fault was drawn and nobody
// looked, the submitter's own watchman does, so that who copied is seen.
void Market::Parts::challenge_what_is_wrong(OpenTask& task, const Agent& agent)
{
    if (task.window_ends == 0 || !is_met(task)) return;
    const std::vector<std::uint64_t>& drawn = state(task).drawn;
    const std::uint64_t segment = *std::find_if(drawn.begin(), drawn.end(), [&](std::uint64_t at) { return is_wrong(task, at); });
    const auto& audits = task.result.audits;
    const auto found =
        std::find_if(audits.begin(), audits.end(), [](const AuditResult& audit) { return audit.conduct == VerifierConduct::replaying; });
    const bool is_planted = task.assignment.solver.conduct == Conduct::planted;
    if (found == audits.end() && !is_planted) return;
    count_gains(task, [&] {
        const Party& finder = found == audits.end() ? watchman : seats[found->seat].party;
        act(finder, Challenge{task.id, segment});
        play_games(task, agent);
        defend(task, agent, finder);
        if (!is_planted || state(task).phase != Phase::convicted) return;
        task.result.is_convicted = true;
        act(submitter, RevealPlant{task.id, task.plant});
    });
}

void Market::Parts::frame(OpenTask& task, const Agent& agent)
{
    if (task.assignment.solver.conduct != Conduct::framing || state(task).drawn.empty()) return;
    count_gains(task, [&] {
        act(agent.accomplice, Challenge{task.id, state(task).drawn.front()});
        play_games(task, agent);
        defend(task, agent, agent.accomplice);
    });
}

void Market::Parts::defend(OpenTask& task, const Agent& agent, const Party& finder)
{
    if (state(task).phase != Phase::convicted || !state(task).conviction->segment) return;
    const bool is_framed = task.assignment.solver.conduct == Conduct::framing;
    const std::vector<Auditor> auditors = state(task).auditors;
    const auto& drawn = state(task).drawn;
    const auto place = std::find(drawn.begin(), drawn.end(), *state(task).conviction->segment) - drawn.begin();
    bool contests = true;
    for (std::size_t i = 0; i < auditors.size(); ++i) {
        const AuditResult& audit = task.result.audits[i];
        const bool attested = auditors[i].roots[static_cast<std::size_t>(place)] == state(task).conviction->root;
        if (!attested || (audit.conduct == VerifierConduct::copying && !setup.copiers_defend)) continue;
        act(seats[audit.seat].party, Defend{task.id});
        if (contests) act(finder, Contest{task.id, auditors[i].verifier});
        contests = !is_framed;
        play_games(task, agent);
    }
}

void Market::Parts::harass(OpenTask& task, const Agent& agent)
{
    count_gains(task, [&] {
        for (std::uint32_t i = 0; i < task.assignment.harassment.challenges; ++i) {
            act(harasser, Challenge{task.id, random.below(terms.segments)});
            if (task.assignment.harassment.argues) play_games(task, agent);
        }
        if (!task.assignment.harassment.argues) play_games(task, agent);
    });
}

// Every game of the task, until it is settled or waits for somebody who is silent.
void Market::Parts::play_games(OpenTask& task, const Agent& agent)
{
    const auto next = [&]() -> std::optional<std::pair<dispute::Game, std::uint64_t>> {
        for (const Dispute& dispute : state(task).disputes) {
            const auto game = dispute::Game::decode(dispute.game, hash::sha256_openssl).value();
            const bool is_silent = dispute.challenger == harasser.id() && !task.assignment.harassment.argues;
            if (game.to_move() == dispute::Side::solver || !is_silent) return std::pair{game, dispute.segment};
        }
        return std::nullopt;
    };
    while (const auto open = next()) {
        const auto& [game, segment] = *open;
        const auto [mover, work] = mover_of(task, agent, game, segment);
        dispute::Trace& trace = run.trace(before(task, segment), work);
        const auto move = game.to_move() == dispute::Side::solver ? next_solver_move(game, trace) : next_challenger_move(game, trace);
        require(move.has_value(), "a party finds its next move");
        if (!move) return;
        act(*mover, PlayMove{task.id, *move});
        ++task.result.moves;
        if (!broken.empty()) return;
    }
}

std::pair<const Party*, Work> Market::Parts::mover_of(const OpenTask& task, const Agent& agent, const dispute::Game& game,
                                                      std::uint64_t segment) const
{
    const bool answers = game.to_move() == dispute::Side::solver;
    const dispute::Parties& parties = game.state().parties;
    const Digest& id = answers ? parties.solver : parties.challenger;
    if (id == agent.solver.id()) return {&agent.solver, task.assignment.solver.conduct == Conduct::framing ? Work::lost : task.work[segment]};
    // Who challenges what is right needs a run that is wrong.
    if (id == harasser.id()) return {&harasser, Work::poisoned};
    if (id == agent.accomplice.id()) return {&agent.accomplice, Work::poisoned};
    const auto seat = std::find_if(seats.begin(), seats.end(), [&](const Seat& one) { return one.party.id() == id; });
    // A verifier that defends a root has the run that it attested to.
    if (seat != seats.end()) return {&seat->party, answers ? task.work[segment] : Work::honest};
    return {&watchman, Work::honest};
}

void Market::Parts::dispute(std::vector<OpenTask>& tasks)
{
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        challenge_what_is_wrong(tasks[i], agents[i]);
        frame(tasks[i], agents[i]);
    }
    for (std::uint64_t tick = 0; tick < phase_ticks; ++tick) {
        for (std::size_t i = 0; i < tasks.size(); ++i)
            if (tasks[i].assignment.harassment.after == tick) harass(tasks[i], agents[i]);
        wait(1);
    }
}

// Waits for the next clock that runs out, or the end of a phase, and says so.
void Market::Parts::claim_timeouts(std::vector<OpenTask>& tasks)
{
    std::uint64_t first = ~std::uint64_t{0};
    for (const OpenTask& task : tasks) {
        if (state(task).phase == Phase::defending) first = std::min(first, state(task).deadline.value);
        for (const Dispute& dispute : state(task).disputes)
            first = std::min(first, dispute::Game::decode(dispute.game, hash::sha256_openssl).value().deadline().value);
    }
    if (first >= ledger->now().value) wait(first + 1 - ledger->now().value);
    for (std::size_t i = 0; i < tasks.size(); ++i)
        count_gains(tasks[i], [&] {
            const std::vector<Dispute> disputes = state(tasks[i]).disputes;
            for (const Dispute& dispute : disputes)
                if (dispute::Game::decode(dispute.game, hash::sha256_openssl).value().deadline() < ledger->now())
                    act(agents[i].solver, ClaimTimeout{tasks[i].id, dispute.id});
        });
}

void Market::Parts::settle(std::vector<OpenTask>& tasks)
{
    wait(1);
    for (;;) {
        bool is_open = false;
        for (std::size_t i = 0; i < tasks.size(); ++i) {
            if (state(tasks[i]).phase == Phase::closed) continue;
            if (state(tasks[i]).phase == Phase::convicted) begin_defending(tasks[i]);
            const bool waits = state(tasks[i]).phase == Phase::defending && state(tasks[i]).deadline >= ledger->now();
            if (state(tasks[i]).disputes.empty() && !waits) finish(tasks[i], agents[i]);
            else is_open = true;
        }
        if (!is_open || !broken.empty()) break;
        claim_timeouts(tasks);
    }
    for (const OpenTask& task : tasks) check(task);
    require(ledger->counted() == ledger->supply(), "all money is what there was");
    for (const Verifier& verifier : ledger->verifiers().entries()) require(verifier.locked.units == 0, "no stake stays locked");
}

// The second time for defences, where there are any.
void Market::Parts::begin_defending(OpenTask& task)
{
    const std::vector<Auditor>& auditors = state(task).auditors;
    const auto stands = [](const Auditor& auditor) { return auditor.defence == Defence::standing; };
    if (std::any_of(auditors.begin(), auditors.end(), stands)) act(submitter, Advance{task.id});
}

void Market::Parts::finish(OpenTask& task, const Agent& agent)
{
    const Strategy& strategy = task.assignment.solver;
    TaskResult& result = task.result;
    result.is_convicted = state(task).phase == Phase::convicted || state(task).phase == Phase::defending;
    count_gains(task, [&] { act(submitter, Advance{task.id}); });
    if (task.window_ends > 0) result.over_time = ledger->now().value - task.window_ends;
    const auto skipped = static_cast<std::uint64_t>(std::count(task.work.begin(), task.work.end(), Work::skipped));
    const Amount saved = portion({terms.job_cost}, skipped, terms.segments);
    result.solver = wealth(agent.solver) + wealth(agent.accomplice) - task.solver_before;
    result.solver -= static_cast<std::int64_t>(terms.job_cost - saved.units);
    if (strategy.conduct == Conduct::poisoning && !result.is_convicted) result.solver += static_cast<std::int64_t>(terms.poison_gain);
}

void Market::Parts::check(const OpenTask& task)
{
    const Conduct conduct = task.assignment.solver.conduct;
    require(state(task).phase == Phase::closed && state(task).held().units == 0, "a task ends, and keeps no money");
    require(!task.result.is_convicted || !is_honest(conduct), "an honest solver is never convicted");
    const auto earned = static_cast<std::int64_t>(terms.reward) - static_cast<std::int64_t>(terms.job_cost);
    require(!is_honest(conduct) || task.result.solver >= earned, "an honest solver is paid");
    const auto replays = static_cast<std::int64_t>(replay_cost() * terms.audited);
    for (const AuditResult& audit : task.result.audits)
        require(audit.conduct != VerifierConduct::replaying || audit.gain >= -replays, "a verifier that replays loses no stake");
    const std::uint64_t defences = task.result.is_convicted ? 2 * (phase_ticks + 1) : 0;
    require(task.result.over_time <= dispute_ticks + defences + 2, "no dispute lasts longer than was known before");
}

} // namespace assay::sim
