// Spec: PARTY-8, PARTY-9, PARTY-17, PARTY-18.
#include <assay/node/verifier.hpp>

#include <algorithm>

#include <assay/commit/tensors.hpp>
#include <assay/hash/openssl.hpp>
#include <assay/node/lists.hpp>

#include "node/names.hpp"

namespace assay::node {

using namespace market;

Verifier::Verifier(Network& network, store::ChunkStore& own, const crypto::Seed& seed, VerifierOptions options)
    : Party(network, own, Identity{seed}, options.party), m_options(std::move(options))
{
}

// A verifier that lost a stake is not drawn any more: it takes back what is left and joins anew. Spec: PARTY-8.
Status Verifier::acts_for_none(std::vector<Act>& acts)
{
    const Account* const account = ledger().account(name());
    if (account == nullptr || m_options.stake.units == 0) return {};
    if (account->verifier) {
        const market::Verifier& place = ledger().verifiers().at(*account->verifier);
        const bool is_free = place.left && place.locked.units == 0 && now().value - place.left->value > ledger().rules().unbonding.value;
        if (is_free) acts.push_back({Urgency::duty, {}, "takes its stake back", Body{Leave{*account->verifier}}});
    } else if (balance() >= m_options.stake.units + ledger().rules().fee.units) {
        acts.push_back({Urgency::chance,
                        {},
                        "joins the verifiers with a stake of " + std::to_string(m_options.stake.units),
                        Body{Join{m_options.stake}}});
    }
    return {};
}

Status Verifier::acts_for(const TaskState& task, std::vector<Act>& acts)
{
    ASSAY_TRY(acts_in_games(task, acts));
    const auto mine =
        std::find_if(task.auditors.begin(), task.auditors.end(), [&](const Auditor& auditor) { return auditor.verifier == name(); });
    if (mine == task.auditors.end()) return m_options.everything ? acts_of_a_whistleblower(task, acts) : Status{};
    ASSAY_TRY(acts_in_audit(task, *mine, acts));
    advance_when_due(task, acts);
    return {};
}

Status Verifier::acts_of_a_whistleblower(const TaskState& task, std::vector<Act>& acts)
{
    if (task.phase < market::Phase::running || task.phase == market::Phase::closed || task.leg->solver == name()) return {};
    if (task.phase > market::Phase::window) return acts_on_defences(task, acts);
    for (std::uint64_t segment = task.leg->first; segment < task.checkpoints.size(); ++segment) {
        ASSAY_TRY_ASSIGN(const std::optional<OwnSegment> own, own_segment(task, segment));
        if (own) continue;
        acts.push_back({Urgency::work, task.id, "replays segment " + std::to_string(segment) + " of task " + short_hex(task.id),
                        Work{[this, &task, segment] { return compute(task, segment); }}});
        break;
    }
    return task.phase > market::Phase::replaying ? challenge_what_is_wrong(task, acts) : Status{};
}

Result<std::optional<std::vector<Digest>>> Verifier::own_roots(const TaskState& task, std::vector<Act>& acts)
{
    std::vector<Digest> roots;
    for (const std::uint64_t segment : task.drawn) {
        if (m_options.is_lazy) {
            roots.push_back(identity().salt("made-up", task.id, segment));
            continue;
        }
        ASSAY_TRY_ASSIGN(const std::optional<OwnSegment> own, own_segment(task, segment));
        if (!own) {
            acts.push_back({Urgency::work, task.id, "replays segment " + std::to_string(segment) + " of task " + short_hex(task.id),
                            Work{[this, &task, segment] { return compute(task, segment); }}});
            return std::optional<std::vector<Digest>>{};
        }
        roots.push_back(own->root);
    }
    return std::optional{std::move(roots)};
}

Status Verifier::acts_in_audit(const TaskState& task, const Auditor& auditor, std::vector<Act>& acts)
{
    if (task.phase < market::Phase::replaying || task.phase == market::Phase::closed) return {};
    const bool is_after = task.phase > market::Phase::window;
    if (is_after && !auditor.receipt) return m_options.is_lazy ? Status{} : acts_on_defences(task, acts);
    if (!is_after) ASSAY_TRY(demand_what_is_withheld(task, acts));
    ASSAY_TRY_ASSIGN(const auto roots, own_roots(task, acts));
    if (!roots) return {};
    const std::string about = "task " + short_hex(task.id);
    const Digest salt = identity().salt("receipt", task.id, task.legs);
    if (task.phase == market::Phase::replaying && now() <= task.deadline && !auditor.receipt)
        acts.push_back({Urgency::promise, task.id, "posts its receipt for " + about,
                        Body{PostReceipt{task.id, receipt_digest(task.id, name(), *roots, salt)}}});
    // After a conviction, too: what was replayed is paid for. Spec: AUDIT-12.
    const bool may_open = task.phase == market::Phase::attesting || task.phase == market::Phase::convicted;
    if (may_open && now() <= task.deadline && auditor.receipt && !auditor.is_open())
        acts.push_back({Urgency::promise, task.id, "opens its receipt for " + about, Body{OpenReceipt{task.id, *roots, salt}}});
    if (is_after) return m_options.is_lazy ? Status{} : acts_on_defences(task, acts);
    // Until the receipts are open, a challenge would tell those who did not look where to look.
    const bool may_tell = auditor.is_open() || task.phase == market::Phase::window;
    if (may_tell && !m_options.is_lazy) ASSAY_TRY(challenge_what_is_wrong(task, acts));
    return {};
}

// A state that the solver recorded and nobody hands out is asked for on the ledger, once: a part that the verifier's salt draws, so that who keeps
// it back loses its stake. Spec: PARTY-18.
Status Verifier::demand_what_is_withheld(const TaskState& task, std::vector<Act>& acts)
{
    if (!task.terms.data || m_options.is_lazy) return {};
    const std::vector<dispute::OpenRequest> open = task.open_demands();
    if (open.size() == task.terms.data->lanes) return {};
    if (std::any_of(open.begin(), open.end(), [&](const dispute::OpenRequest& one) { return one.request.requester == name(); })) return {};
    if (balance() < task.terms.data->fee + ledger().rules().fee.units) return {};
    for (const std::uint64_t segment : task.drawn) {
        if (segment == task.leg->first) continue; // what the leg began with is not its solver's to upload
        ASSAY_TRY_ASSIGN(const std::optional<OwnSegment> before, own_segment(task, segment - 1));
        ASSAY_TRY_ASSIGN(const std::optional<Digest> demanded, stored_name(demanded_name(run_of(task), segment)));
        if (before || demanded || find_list(own(), digest_before(task, segment))) continue;
        acts.push_back({Urgency::promise, task.id, "gets checkpoint " + std::to_string(segment) + " of task " + short_hex(task.id),
                        Work{[this, &task, segment] { return fetch_or_demand(task, segment); }}});
        return {};
    }
    return {};
}

Status Verifier::fetch_or_demand(const TaskState& task, std::uint64_t segment)
{
    const auto state = state_before(task, segment);
    if (state || ends_the_act(state.error())) return state ? Status{} : state.failure();
    ASSAY_TRY_ASSIGN(const Material* const known, material(task.id));
    const std::span<const program::Declaration> states = known->program->program().states();
    const Digest lot = identity().salt("demand", task.id, segment);
    const auto tensor = static_cast<std::uint32_t>(lot.bytes[0] | lot.bytes[1] << 8) % static_cast<std::uint32_t>(states.size());
    const std::uint64_t chunks = commit::chunk_count(states[tensor].type);
    const std::uint64_t chunk = (lot.bytes[2] | lot.bytes[3] << 8 | lot.bytes[4] << 16) % chunks;
    const commit::OutputOpening output = known->program->open_output(tensor);
    std::uint64_t asked = 0;
    if (task.demands) {
        ASSAY_TRY_ASSIGN(const auto requests, dispute::Availability::decode(task.demands->requests, hash::sha256_openssl));
        asked = requests.state().asked;
    }
    ASSAY_TRY(transact(Demand{task.id, segment,
                              {dispute::digest_of(task.keeping()), asked, name(), task.state_at(segment), tensor, {chunk, chunk + 1}, output,
                               known->program->open_descriptor(output.node)}}));
    return own().put_name(demanded_name(run_of(task), segment), task.state_at(segment));
}

namespace {

// What of a segment the solver showed otherwise than it was replayed; nothing where all agrees. A right state may stand under a wrong
// root: only a game shows that. Spec: AUDIT-7, PARTY-9.
std::optional<std::string> disagreement(const TaskState& task, std::uint64_t segment, const Digest& root, const Digest& after)
{
    const Digest& state = task.checkpoints[segment].state;
    if (after != state) return "its replay ends in " + short_hex(after) + ", not in " + short_hex(state);
    const auto drawn = std::find(task.drawn.begin(), task.drawn.end(), segment);
    const auto index = static_cast<std::size_t>(drawn - task.drawn.begin());
    if (index >= task.opened.size() || task.opened[index] == root) return {};
    return "its replay has the root " + short_hex(root) + ", not " + short_hex(task.opened[index]);
}

} // namespace

Status Verifier::challenge_what_is_wrong(const TaskState& task, std::vector<Act>& acts)
{
    if (task.phase == market::Phase::window && now() > task.deadline) return {};
    const std::vector<TaskHistory::Challenge>& made = view().task(task.id)->challenges;
    for (std::uint64_t segment = task.leg->first; segment < task.checkpoints.size(); ++segment) {
        ASSAY_TRY_ASSIGN(const std::optional<OwnSegment> own, own_segment(task, segment));
        const auto wrong = own ? disagreement(task, segment, own->root, own->after) : std::nullopt;
        if (!wrong) continue;
        if (std::find(made.begin(), made.end(), TaskHistory::Challenge{name(), segment}) != made.end()) continue;
        acts.push_back({Urgency::promise, task.id,
                        "challenges segment " + std::to_string(segment) + " of task " + short_hex(task.id) + ": " + *wrong,
                        Body{Challenge{task.id, segment}}});
        return {}; // the first wrong one convicts
    }
    return {};
}

Status Verifier::acts_on_defences(const TaskState& task, std::vector<Act>& acts)
{
    const auto& conviction = task.conviction;
    if (!conviction || !conviction->segment || now() > task.deadline) return {};
    ASSAY_TRY_ASSIGN(const std::optional<OwnSegment> own, own_segment(task, *conviction->segment));
    if (!own) return {}; // whoever did not look has nothing to say
    const std::string about = "root of segment " + std::to_string(*conviction->segment) + " of task " + short_hex(task.id);
    const bool is_right = own->root == conviction->root && own->after == task.checkpoints[*conviction->segment].state;
    const std::vector<TaskHistory::Contest>& made = view().task(task.id)->contests;
    for (const Auditor& auditor : task.auditors) {
        const bool can_defend = task.phase == market::Phase::convicted && auditor.is_open() && auditor.defence == Defence::none;
        if (is_right && auditor.verifier == name() && can_defend)
            acts.push_back({Urgency::promise, task.id, "defends its " + about, Body{Defend{task.id}}});
        const bool is_new = std::find(made.begin(), made.end(), TaskHistory::Contest{name(), auditor.verifier}) == made.end();
        if (!is_right && auditor.defence == Defence::standing && is_new)
            acts.push_back({Urgency::promise, task.id, "contests that " + short_hex(auditor.verifier) + " defends the " + about,
                            Body{Contest{task.id, auditor.verifier}}});
    }
    return {};
}

} // namespace assay::node
