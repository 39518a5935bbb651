// Spec: PARTY-14.
#include <assay/node/beacon.hpp>

#include <assay/market/draw.hpp>

namespace assay::node {

using namespace market;

Beacon::Beacon(Network& network, store::ChunkStore& own, const crypto::Seed& seed, PartyOptions options)
    : Party(network, own, Identity{seed}, std::move(options))
{
}

Status Beacon::acts_for(const TaskState& task, std::vector<Act>& acts)
{
    const Rules& rules = ledger().rules();
    if (!task.leg || rules.beacon != identity().drawer().public_key()) return {};
    const bool seeds = task.phase == market::Phase::running && task.is_benchmark && !task.leg->has_seed;
    const bool draws = task.phase == market::Phase::drawing;
    Tick tick = task.leg->beacon_tick, until = task.deadline;
    if (draws && task.leg->source == DrawSource::submitter) { // which loses its turn when the first proof comes after its deadline
        tick = Tick{task.deadline.value + 1};
        until = Tick{task.deadline.value + task.terms.drawing.value};
    }
    if ((draws || seeds) && now() >= tick && now() <= until)
        acts.push_back({Urgency::promise, task.id, (draws ? "draws for task " : "draws the seed of task ") + short_hex(task.id),
                        Body{Draw{task.id, identity().drawer().prove(rules.beacon_suite, beacon_input(rules.network, tick))}}});
    advance_when_due(task, acts);
    return {};
}

} // namespace assay::node
