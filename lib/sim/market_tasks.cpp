// The life of the tasks that are open at once, phase by phase.
#include <algorithm>

#include <assay/hash/openssl.hpp>
#include <assay/market/draw.hpp>

#include "sim/market_parts.hpp"

namespace assay::sim {

using namespace market;

namespace {

bool offers_roots(Conduct conduct)
{
    return conduct != Conduct::honest;
}

struct SaltContent {
    Digest task;
    std::uint64_t number = 0;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.task, self.number);
    }
};

// Salts of a task follow from its name, so that nobody has to remember them.
Digest salt_of(const Digest& task, std::uint64_t number)
{
    return hash::tagged_digest("assay.simulated-task-salt", SaltContent{task, number}, hash::sha256_openssl);
}

std::vector<Work> work_for(const Strategy& strategy, std::uint32_t segments, Random& random)
{
    std::vector<Work> work(segments, Work::honest);
    const bool skips = strategy.conduct == Conduct::lazy || strategy.conduct == Conduct::self_convicting;
    const bool poisons = strategy.conduct == Conduct::poisoning || strategy.conduct == Conduct::planted;
    const std::uint32_t wrong = skips ? std::min(strategy.wrong, segments) : poisons ? 1 : 0;
    // Floyd's way to choose `wrong` of them.
    for (std::uint32_t last = segments - wrong; last < segments; ++last) {
        const auto at = static_cast<std::uint32_t>(random.below(last + 1));
        work[work[at] == Work::honest ? at : last] = skips ? Work::skipped : Work::poisoned;
    }
    return work;
}

} // namespace

const Digest& Market::Parts::before(const OpenTask& task, std::uint64_t segment) const
{
    const TaskState& here = state(task);
    return segment == 0 ? here.task.initial : here.checkpoints[segment - 1].state;
}

bool Market::Parts::is_met(const OpenTask& task) const
{
    const std::vector<std::uint64_t>& drawn = state(task).drawn;
    return std::any_of(drawn.begin(), drawn.end(), [&](std::uint64_t segment) { return is_wrong(task, segment); });
}

bool Market::Parts::is_among_friends(const OpenTask& task) const
{
    return std::all_of(task.result.audits.begin(), task.result.audits.end(),
                       [](const AuditResult& audit) { return audit.conduct == VerifierConduct::copying; });
}

void Market::Parts::assign(std::vector<OpenTask>& tasks, std::span<const Assignment> assignments)
{
    for (std::size_t i = 0; i < assignments.size(); ++i) {
        OpenTask task;
        task.assignment = assignments[i];
        task.work = work_for(assignments[i].solver, terms.segments, random);
        Posting posting{run.task(terms.segments), program, ledger_terms(), fresh_digest()};
        if (assignments[i].solver.conduct == Conduct::planted) {
            const auto at = std::find(task.work.begin(), task.work.end(), Work::poisoned) - task.work.begin();
            task.plant = {agents[i].solver.id(), static_cast<std::uint64_t>(at), fresh_digest()};
            posting.plant = plant_digest(task.plant);
        }
        task.id = task_id(ledger->rules().network, submitter.id(), ledger->account(submitter.id())->transactions, posting);
        task.solver_before = wealth(agents[i].solver) + wealth(agents[i].accomplice);
        act(submitter, Post{std::move(posting)});
        const Digest sealed = bid_digest(task.id, agents[i].solver.id(), {terms.reward}, salt_of(task.id, 0));
        act(agents[i].solver, CommitBid{task.id, sealed});
        tasks.push_back(std::move(task));
    }
    wait(phase_ticks + 1);
    for (std::size_t i = 0; i < tasks.size(); ++i) act(agents[i].solver, RevealBid{tasks[i].id, {terms.reward}, salt_of(tasks[i].id, 0)});
    wait(phase_ticks + 1);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        act(submitter, Advance{tasks[i].id});
        act(agents[i].solver, Accept{tasks[i].id});
    }
}

void Market::Parts::train(std::vector<OpenTask>& tasks)
{
    for (std::uint64_t segment = 0; segment < terms.segments; ++segment) {
        for (std::size_t i = 0; i < tasks.size(); ++i) {
            const Party& solver = agents[i].solver;
            const TaskState& here = state(tasks[i]);
            const TinyRun::Segment& made = run.segment(before(tasks[i], segment), tasks[i].work[segment]);
            merkle::CompactRange log = here.log;
            commit::append_checkpoint(log, made.after);
            const Digest blinded = blinded_root(here.id, solver.id(), segment, made.root, salt_of(here.id, segment + 1));
            const Progress record{here.id, solver.id(), segment + 1, made.after, log.root(), blinded, here.leg->last_record};
            const SignedProgress posted =
                setup.signs ? sign(solver.keys, ledger->rules().network, record) : SignedProgress{record, solver.keys.public_key(), {}};
            act(solver, PostProgress{posted});
        }
        wait(1);
    }
}

// The roots of the drawn segments that this verifier comes to.
std::vector<Digest> Market::Parts::roots_of(const OpenTask& task, std::uint32_t seat, bool& replayed)
{
    const VerifierConduct conduct = seats[seat].conduct;
    const bool copies = conduct == VerifierConduct::copying && offers_roots(task.assignment.solver.conduct);
    replayed = conduct != VerifierConduct::guessing && !copies;
    std::vector<Digest> roots;
    for (const std::uint64_t segment : state(task).drawn) {
        if (conduct == VerifierConduct::guessing) roots.push_back(fresh_digest());
        else roots.push_back(run.segment(before(task, segment), copies ? task.work[segment] : Work::honest).root);
    }
    return roots;
}

// The solver has seen the draw, and somebody who is no friend of it will see what it skipped.
void Market::Parts::convict_itself(OpenTask& task, const Agent& agent)
{
    const Progress first{task.id, agent.solver.id(), 1, {}, {}, {}, {}};
    Progress second = first;
    second.state.bytes[0] = 1;
    const Digest& network = ledger->rules().network;
    act(agent.accomplice, ProveFraud{task.id, {sign(agent.solver.keys, network, first), sign(agent.solver.keys, network, second), {}}});
}

void Market::Parts::audit(std::vector<OpenTask>& tasks)
{
    for (OpenTask& task : tasks) {
        const Bytes input = draw_input(ledger->rules().network, task.id, state(task).leg->last_record);
        act(submitter, Draw{task.id, drawer.prove(crypto::VrfSuite::elligator, input)});
        for (const Auditor& auditor : state(task).auditors)
            for (std::uint32_t seat = 0; seat < seats.size(); ++seat)
                if (seats[seat].party.id() == auditor.verifier) task.result.audits.push_back({seat, seats[seat].conduct, 0});
    }
    wait(1);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        OpenTask& task = tasks[i];
        if (task.assignment.solver.conduct == Conduct::self_convicting && is_met(task) && !is_among_friends(task)) {
            convict_itself(task, agents[i]);
            continue;
        }
        const std::vector<std::uint64_t> drawn = state(task).drawn;
        std::vector<std::vector<Digest>> roots;
        for (AuditResult& result : task.result.audits) {
            bool replayed = false;
            roots.push_back(roots_of(task, result.seat, replayed));
            if (replayed) result.gain -= static_cast<std::int64_t>(replay_cost() * drawn.size());
            const Party& party = seats[result.seat].party;
            act(party, PostReceipt{task.id, receipt_digest(task.id, party.id(), roots.back(), salt_of(task.id, 0))});
        }
        std::vector<OpenedRoot> opened;
        for (const std::uint64_t segment : drawn)
            opened.push_back({run.segment(before(task, segment), task.work[segment]).root, salt_of(task.id, segment + 1)});
        act(agents[i].solver, OpenSegments{task.id, std::move(opened)});
        for (std::size_t j = 0; j < roots.size(); ++j)
            act(seats[task.result.audits[j].seat].party, OpenReceipt{task.id, std::move(roots[j]), salt_of(task.id, 0)});
        task.window_ends = state(task).deadline.value;
    }
}

} // namespace assay::sim
