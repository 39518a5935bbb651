// A party's part in disputes: the same pure players as everywhere, over a trace that is replayed when a question comes. Spec: PARTY-5.
#include <assay/dispute/players.hpp>
#include <assay/hash/openssl.hpp>
#include <assay/node/party.hpp>

namespace assay::node {

using namespace market;
using dispute::Side;

Status Party::acts_in_games(const TaskState& task, std::vector<Act>& acts)
{
    for (const Dispute& stored : task.disputes) {
        ASSAY_TRY_ASSIGN(dispute::Game game, dispute::Game::decode(stored.game, hash::sha256_openssl));
        const dispute::Parties& parties = game.state().parties;
        const Digest& to_move = game.to_move() == Side::solver ? parties.solver : parties.challenger;
        const std::string about = "the dispute about segment " + std::to_string(stored.segment) + " of task " + short_hex(task.id);
        if (now() > game.deadline()) {
            acts.push_back({Urgency::duty, task.id, "claims the silent side's time in " + about, Body{ClaimTimeout{task.id, stored.id}}});
        } else if (to_move == name()) {
            const std::string what = "makes move " + std::to_string(game.state().moves()) + " in " + about + ", layer " +
                                     std::string{name_of(game.state().layer)};
            acts.push_back({Urgency::dispute, task.id, what, Work{[this, &task, game = std::move(game)] { return play(task, game); }}});
        }
    }
    return {};
}

Status Party::play(const TaskState& task, const dispute::Game& game)
{
    ASSAY_TRY_ASSIGN(replay::RunTrace* const trace, trace_of(task, game.state().statement.segment));
    ASSAY_TRY_ASSIGN(dispute::Move move,
                     game.to_move() == Side::solver ? next_solver_move(game, *trace) : next_challenger_move(game, *trace));
    return transact(PlayMove{task.id, std::move(move)});
}

Result<replay::RunTrace*> Party::trace_of(const TaskState& task, std::uint64_t segment)
{
    const Digest run = run_of(task);
    if (m_traced && m_traced->run == run && m_traced->segment == segment) return m_traced->trace.get();
    ASSAY_TRY_ASSIGN(replay::Segment start, segment_of(task, segment));
    ASSAY_TRY_ASSIGN(replay::Deviation deviation, deviation_in(task, segment, start.program->program()));
    const replay::ExecutorFactory factory = factory_of(start);
    m_traced.emplace(
        Traced{run, segment, std::make_unique<replay::RunTrace>(std::move(start), factory, std::move(deviation), hash::sha256_openssl)});
    return m_traced->trace.get();
}

} // namespace assay::node
