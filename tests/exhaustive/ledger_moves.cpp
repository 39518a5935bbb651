// What parties do about a task, by its phase.
#include <assay/merkle/tree.hpp>

#include "tests/exhaustive/ledger_play.hpp"

namespace assay::test {

using namespace market;

namespace {

constexpr Digest salt{{8}};

} // namespace

std::pair<std::size_t, Body> Market::about(const Ledger& ledger, const TaskState& task)
{
    Secret& secret = m_secrets[task.id];
    // The end of bidding is noticed by whoever reveals.
    const bool is_over = task.phase == Phase::bidding && ledger.now() > task.deadline;
    if (task.phase != Phase::closed && ledger.now() > task.deadline && m_random.one_in(is_over ? 20 : 2)) return {party(), Advance{task.id}};
    if (!task.disputes.empty() && !m_random.one_in(3)) return disputing(task, secret);
    if (task.terms.data && task.leg && task.phase >= Phase::running && m_random.one_in(6)) return demanding(task, secret);
    switch (is_over ? Phase::revealing : task.phase) {
    case Phase::bidding: {
        if (m_random.one_in(40)) return {secret.submitter, Withdraw{task.id}};
        // Who plants a fault has its solver bid nothing.
        const bool is_planting = secret.plant && m_random.one_in(2);
        const std::size_t who = is_planting ? party_of(secret.plant->solver) : party();
        const Amount ask{is_planting ? 0 : m_random.below(300)};
        const auto& [price, seal] = secret.bids.try_emplace(who, ask, m_random.digest()).first->second;
        return {who, CommitBid{task.id, bid_digest(task.id, m_stage->keys[who].identity(), price, seal)}};
    }
    case Phase::revealing: {
        const std::size_t who = task.bids.empty() ? party() : party_of(task.bids[m_random.below(task.bids.size())].bidder);
        const auto& [price, seal] = secret.bids[who];
        return {who, RevealBid{task.id, price, seal}};
    }
    case Phase::accepting: return {party_of(task.leg->solver), Accept{task.id}};
    case Phase::running: return running(task, secret);
    case Phase::drawing:
    case Phase::replaying:
    case Phase::opening:
    case Phase::attesting: return auditing(task, secret);
    case Phase::convicted:
        if (secret.plant && m_random.one_in(4)) return {secret.submitter, RevealPlant{task.id, *secret.plant}};
        if (!task.auditors.empty() && m_random.one_in(2)) return auditing(task, secret);
        [[fallthrough]];
    case Phase::defending: return defending(task);
    default: break;
    }
    if (m_random.one_in(3) && task.phase == Phase::window) return {party(), Challenge{task.id, m_random.below(2), {m_random.below(50)}}};
    return {party(), Advance{task.id}};
}

Progress Market::record(const TaskState& task, const Secret& secret, std::size_t solver)
{
    const std::uint64_t segment = task.checkpoints.size();
    const Digest state = m_stage->script(secret.is_short, secret.lies).state(std::min<std::uint64_t>(segment, 1));
    const Digest id = m_stage->keys[solver].identity();
    merkle::CompactRange log = task.log;
    commit::append_checkpoint(log, state);
    return {task.id, id, segment + 1, state, log.root(), blinded_root(task.id, id, segment, root(task, secret, segment), salt),
            task.leg->last_record};
}

Digest Market::root(const TaskState& task, const Secret& secret, std::uint64_t segment)
{
    if (secret.forges_root && segment == 0) return Digest{{7}};
    static_cast<void>(task);
    return m_stage->script(secret.is_short, secret.lies).root(std::min<std::uint64_t>(segment, 1));
}

Body Market::draw(const TaskState& task)
{
    const Rules& rules = m_stage->rules;
    if (m_random.one_in(8)) return Draw{task.id, m_stage->draw(m_stage->beacon, beacon_input(rules.network, Tick{m_random.below(40)}))};
    if (task.leg->source == DrawSource::submitter && task.leg->has_seed && !m_random.one_in(8))
        return Draw{task.id, m_stage->draw(m_stage->drawer, draw_input(rules.network, task.id, task.leg->last_record))};
    const bool is_late = task.phase == Phase::drawing && task.leg->source == DrawSource::submitter;
    const Tick tick = is_late ? Tick{task.deadline.value + 1} : task.leg->beacon_tick;
    return Draw{task.id, m_stage->draw(m_stage->beacon, beacon_input(rules.network, tick))};
}

Body Market::fraud(const TaskState& task, Secret& secret)
{
    const std::size_t solver = party_of(task.leg->solver);
    Progress first = secret.last && secret.last->progress.task == task.id ? secret.last->progress : record(task, secret, solver);
    Progress second = first;
    std::optional<Rewrite> rewrite;
    if (m_random.one_in(2)) {
        second.state = m_random.one_in(3) ? second.state : m_random.digest();
    } else {
        const Digest other = m_random.one_in(3) ? first.state : m_random.digest();
        std::vector<Digest> leaves;
        for (std::uint64_t i = 0; i <= first.index + 1; ++i) leaves.push_back(merkle::leaf_hash(view_of(i == first.index ? other : Digest{})));
        const merkle::Tree log = merkle::Tree::from_leaf_hashes(std::move(leaves));
        second.index = first.index + 1;
        second.log = log.root();
        rewrite = Rewrite{other, log.prove_inclusion(m_random.one_in(4) ? 0 : first.index)};
    }
    return ProveFraud{task.id, {m_stage->sign(solver, first), m_stage->sign(solver, second), std::move(rewrite)}};
}

std::pair<std::size_t, Body> Market::running(const TaskState& task, Secret& secret)
{
    const std::size_t solver = party_of(task.leg->solver);
    if (!task.leg->has_seed) return {party(), draw(task)};
    if (m_random.one_in(50)) return {party(), fraud(task, secret)};
    if (m_random.one_in(8)) return {party(), Challenge{task.id, m_random.below(2), {m_random.below(50)}}};
    if (m_random.one_in(3)) return {party(), Advance{task.id}};
    Progress progress = record(task, secret, solver);
    switch (m_random.below(40)) {
    case 0: ++progress.index; break;
    case 1: progress.log = {}; break;
    case 2: progress.previous = m_random.digest(); break;
    case 3: progress.solver = m_stage->keys[party()].identity(); break;
    default: break;
    }
    // No handler looks at this signature: that was checked before a transaction is applied.
    secret.last = SignedProgress{progress, m_stage->keys[solver].public_key(), {}};
    return {solver, PostProgress{*secret.last}};
}

std::vector<Digest> Market::receipt_roots(const TaskState& task, const Secret& secret, std::size_t verifier)
{
    // Honest verifiers, lazy ones that agree with whatever they are told, and some that see what isn't there.
    const bool sees = verifier % 3 == 0 ? false : verifier % 3 == 1 ? secret.lies : true;
    std::vector<Digest> roots;
    for (const std::uint64_t segment : task.drawn)
        roots.push_back(verifier % 3 == 1 ? root(task, secret, segment)
                                          : m_stage->script(secret.is_short, sees).root(std::min<std::uint64_t>(segment, 1)));
    return roots;
}

std::pair<std::size_t, Body> Market::auditing(const TaskState& task, Secret& secret)
{
    if (m_random.one_in(12)) return {party(), Challenge{task.id, m_random.below(2), {m_random.below(50)}}};
    if (m_random.one_in(4)) return {party(), Advance{task.id}};
    const std::size_t solver = party_of(task.leg->solver);
    if (task.phase == Phase::drawing) return {party(), draw(task)};
    if (task.phase == Phase::opening) {
        OpenSegments body{task.id, {}};
        for (const std::uint64_t segment : task.drawn) body.roots.push_back({root(task, secret, segment), salt});
        if (m_random.one_in(10) && !body.roots.empty()) body.roots.front().root = m_random.digest();
        return {solver, body};
    }
    const std::size_t who =
        task.auditors.empty() || m_random.one_in(8) ? party() : party_of(task.auditors[m_random.below(task.auditors.size())].verifier);
    std::vector<Digest> roots = receipt_roots(task, secret, who);
    if (task.phase == Phase::replaying)
        return {who, PostReceipt{task.id, receipt_digest(task.id, m_stage->keys[who].identity(), roots, salt)}};
    return {who, OpenReceipt{task.id, std::move(roots), m_random.one_in(16) ? Digest{} : salt}};
}

// A verifier stands by its root, right or wrong, and somebody doubts it.
std::pair<std::size_t, Body> Market::defending(const TaskState& task)
{
    if (task.auditors.empty() || m_random.one_in(5)) return {party(), Advance{task.id}};
    const Auditor& auditor = task.auditors[m_random.below(task.auditors.size())];
    if (m_random.one_in(2)) return {party_of(auditor.verifier), Defend{task.id}};
    return {party(), Contest{task.id, auditor.verifier, {m_random.below(50)}}};
}

std::pair<std::size_t, Body> Market::demanding(const TaskState& task, Secret& secret)
{
    const auto open = task.open_demands();
    if (!open.empty() && !m_random.one_in(4)) {
        const dispute::DataRequest& request = open[m_random.below(open.size())].request;
        const auto* tensors = m_stage->script(secret.is_short, secret.lies).tensors(request.state);
        if (tensors == nullptr || m_random.one_in(5)) return {party(), ClaimWithheld{task.id, digest_of(request, hash::sha256_openssl)}};
        AnswerDemand body{task.id, answer_of(request, *tensors, hash::sha256_openssl)};
        if (m_random.one_in(8)) body.answer.chunks[0][0] ^= 1;
        return {party_of(task.leg->solver), std::move(body)};
    }
    const std::size_t who = party();
    const std::uint64_t checkpoint = m_random.below(task.checkpoints.size() + 1);
    std::uint64_t number = m_random.one_in(16) ? 1 : 0;
    if (task.demands) number += dispute::Availability::decode(task.demands->requests, hash::sha256_openssl)->state().asked;
    const auto tensor = static_cast<std::uint32_t>(m_random.below(3));
    const auto output = m_stage->program->open_output(tensor % m_stage->program->commitment().output_count);
    const std::uint64_t chunk = m_random.one_in(8) ? 1 : 0;
    return {who, Demand{task.id, checkpoint,
                        {digest_of(task.keeping()), number, m_stage->keys[who].identity(), task.state_at(checkpoint), tensor,
                         {chunk, chunk + 1}, output, m_stage->program->open_descriptor(output.node)}}};
}

std::pair<std::size_t, Body> Market::disputing(const TaskState& task, Secret& secret)
{
    const Dispute& dispute = task.disputes[m_random.below(task.disputes.size())];
    if (m_random.one_in(6)) return {party(), ClaimTimeout{task.id, dispute.id}};
    const auto game = dispute::Game::decode(dispute.game, hash::sha256_openssl);
    const std::size_t solver = party_of(game->state().parties.solver), challenger = party_of(dispute.challenger);
    const std::size_t segment = std::min<std::uint64_t>(dispute.segment, 1);
    if (m_random.one_in(16)) {
        const dispute::Select any{static_cast<std::uint32_t>(m_random.below(8)), {}};
        return {challenger, PlayMove{task.id, game->next_move(any)}};
    }
    const bool is_solvers = game->to_move() == dispute::Side::solver;
    // Some verifiers that defend are friends of a solver that lost on purpose.
    const bool loses = secret.loses && (task.phase < Phase::convicted || solver % 4 == 3);
    Script& solvers = loses ? m_stage->losing(secret.is_short) : m_stage->script(secret.is_short, secret.lies);
    const auto move = is_solvers ? next_solver_move(*game, solvers.segment(segment))
                                 : next_challenger_move(*game, m_stage->script(secret.is_short, !secret.lies).segment(segment));
    if (!move) return {party(), ClaimTimeout{task.id, dispute.id}};
    return {is_solvers ? solver : challenger, PlayMove{task.id, *move}};
}

std::optional<Body> Market::due(const Ledger& ledger)
{
    for (const TaskState& task : ledger.tasks().entries()) {
        for (const dispute::OpenRequest& open : task.open_demands())
            if (open.deadline < ledger.now()) return ClaimWithheld{task.id, digest_of(open.request, hash::sha256_openssl)};
        for (const Dispute& dispute : task.disputes)
            if (const auto game = dispute::Game::decode(dispute.game, hash::sha256_openssl); game->deadline() < ledger.now())
                return ClaimTimeout{task.id, dispute.id};
        if (task.phase != Phase::closed && task.disputes.empty() && task.deadline < ledger.now()) return Advance{task.id};
    }
    return std::nullopt;
}

} // namespace assay::test
