// Challenges, and the games that they start. Spec: spec/market.md, spec/audit.md.
// Holds MARKET-9, MARKET-16, MARKET-26 and AUDIT-7.
#include <assay/crypto/signed_transcript.hpp>
#include <assay/hash/openssl.hpp>

#include "market/handlers.hpp"

namespace assay::market {

namespace {

struct Subject {
    Digest task;
    std::uint64_t number = 0;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.task, self.number);
    }
};

// Each game of a task is about a subject of its own, so that no move of one is a move of another.
dispute::Statement statement_of(const TaskState& task, std::uint64_t segment)
{
    dispute::Statement statement;
    statement.task = hash::tagged_digest("assay.dispute-subject", Subject{task.id, task.disputes_opened}, hash::sha256_openssl);
    statement.segment = segment;
    statement.program = task.program;
    statement.data = task.task.data;
    statement.seed = task.leg->seed;
    statement.before = segment == 0 ? task.task.initial : task.checkpoints[segment - 1].state;
    statement.after = task.checkpoints[segment].state;
    statement.steps = commit::segment_steps(task.task, segment);
    return statement;
}

Result<std::size_t> dispute_of(const TaskState& task, const Digest& game)
{
    for (std::size_t i = 0; i < task.disputes.size(); ++i)
        if (task.disputes[i].id == game) return i;
    return failure(Error::unknown_subject, "no game " + short_hex(game));
}

// After a conviction, what a verifier answers for.
bool is_about_defence(const TaskState& task)
{
    return task.phase > Phase::window;
}

// The party that answered for the segment is at fault.
void lose(Draft& draft, TaskState& task, std::size_t index, const dispute::Game& game)
{
    const Dispute lost = task.disputes[index];
    task.disputes.erase(task.disputes.begin() + static_cast<std::ptrdiff_t>(index));
    if (is_about_defence(task)) return lose_defence(draft, task, lost, game.state().parties.solver);
    draft.give(lost.challenger, lost.bond);
    const bool shows_nothing = game.state().out_of_time.has_value();
    if (shows_nothing) convict(draft, task, {lost.challenger, {}, {}, false});
    else convict(draft, task, {lost.challenger, lost.segment, root_of(task, lost.segment, game), false});
}

// Takes the game's verdict, where there is one, or stores the game.
void store(Draft& draft, TaskState& task, std::size_t index, const dispute::Game& game)
{
    Dispute& stored = task.disputes[index];
    if (!game.is_settled()) {
        stored.game = game.encode();
        return;
    }
    if (game.verdict() == dispute::Verdict::convicted) return lose(draft, task, index, game);
    const Amount half = portion(stored.bond, 1, 2);
    draft.give(game.state().parties.solver, half);
    draft.burn(task.id, Amount{stored.bond.units - half.units});
    draft.emit(EventKind::upheld, task.id, stored.challenger, stored.segment);
    task.disputes.erase(task.disputes.begin() + static_cast<std::ptrdiff_t>(index));
}

} // namespace

Status expect_open_to_challenges(const TaskState& task, Tick now)
{
    if (task.phase < Phase::running || task.phase > Phase::window) return failure(Error::wrong_phase, "no solver is at stake");
    if (task.phase == Phase::window && now > task.deadline) return failure(Error::too_late, "the window is closed");
    return {};
}

Status handle(Draft& draft, const Author& author, const Challenge& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    ASSAY_TRY(expect_open_to_challenges(*task, draft.now()));
    if (body.segment < task->leg->first || body.segment >= task->checkpoints.size())
        return failure(Error::index_out_of_range, "the segment is not one of this solver's records");
    ASSAY_TRY(open_game(draft, *task, {author.id, body.bond_max}, {body.segment, task->leg->solver}));
    draft.emit(EventKind::challenged, task->id, author.id, body.segment);
    return {};
}

Status open_game(Draft& draft, TaskState& task, const Challenger& challenger, const Answering& answering)
{
    ASSAY_TRY_ASSIGN(const Amount bond, task.next_bond());
    if (bond > challenger.bond_max) return failure(Error::limit_exceeded, "a challenge's bond is now " + std::to_string(bond.units));
    ASSAY_TRY(draft.take_for(task.id, challenger.id, bond));
    const dispute::Parties parties{answering.party, challenger.id};
    ASSAY_TRY_ASSIGN(const dispute::Game game, dispute::Game::start(statement_of(task, answering.segment), task.terms.dispute, parties,
                                                                    draft.now(), hash::sha256_openssl));
    ++task.disputes_opened;
    task.disputes.push_back({game.id(), challenger.id, answering.segment, bond, game.encode()});
    return {};
}

Status handle(Draft& draft, const Author& author, const PlayMove& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    ASSAY_TRY_ASSIGN(const std::size_t index, dispute_of(*task, body.move.game));
    ASSAY_TRY_ASSIGN(dispute::Game game, dispute::Game::decode(task->disputes[index].game, hash::sha256_openssl));
    const dispute::Parties& parties = game.state().parties;
    const bool is_solvers = crypto::side_of(body.move.body) == dispute::Side::solver;
    if (author.id != (is_solvers ? parties.solver : parties.challenger))
        return failure(Error::not_allowed, "the move is the other party's");
    ASSAY_TRY(game.apply(body.move, draft.now()));
    draft.emit(EventKind::moved, task->id, author.id, body.move.number);
    if (opens_another_root(*task, task->disputes[index].segment, game)) {
        lose(draft, *task, index, game);
        return {};
    }
    store(draft, *task, index, game);
    return {};
}

Status handle(Draft& draft, const Author&, const ClaimTimeout& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    ASSAY_TRY_ASSIGN(const std::size_t index, dispute_of(*task, body.game));
    ASSAY_TRY_ASSIGN(dispute::Game game, dispute::Game::decode(task->disputes[index].game, hash::sha256_openssl));
    ASSAY_TRY(game.claim_timeout(draft.now()));
    store(draft, *task, index, game);
    return {};
}

namespace {

// The solver's root of the segment that a game is about; nothing before it showed one.
std::optional<Digest> root_shown(const dispute::Game& game)
{
    const dispute::GameState& state = game.state();
    if (state.statement.steps == 1) return merkle::leaf_hash(view_of(state.statement.after), hash::sha256_openssl);
    if (state.made.empty()) return {};
    return state.tree(dispute::Layer::segment).root;
}

// What the solver opened of a segment in the audit.
std::optional<Digest> root_opened(const TaskState& task, std::uint64_t segment)
{
    for (std::size_t i = 0; i < task.drawn.size() && i < task.opened.size(); ++i)
        if (task.drawn[i] == segment) return task.opened[i];
    return {};
}

} // namespace

bool opens_another_root(const TaskState& task, std::uint64_t segment, const dispute::Game& game)
{
    const std::optional<Digest> bound = is_about_defence(task) ? task.conviction->root : root_opened(task, segment), shown = root_shown(game);
    return bound && shown && *bound != *shown;
}

std::optional<Digest> root_of(const TaskState& task, std::uint64_t segment, const dispute::Game& game)
{
    const std::optional<Digest> opened = root_opened(task, segment);
    return opened ? opened : root_shown(game);
}

Result<Amount> TaskState::next_bond() const
{
    const std::size_t doublings = disputes.size() / disputes_per_price;
    if (doublings > 60) return failure(Error::limit_exceeded, "too many games are open");
    return multiply(terms.challenge_bond, std::uint64_t{1} << doublings);
}

void convict(Draft& draft, TaskState& task, Conviction conviction)
{
    for (const Dispute& other : task.disputes) draft.give(other.challenger, other.bond);
    task.disputes.clear();
    return_demands(draft, task);
    task.candidates.clear();
    enter(task, Phase::convicted, draft.now(), task.terms.opening);
    draft.emit(EventKind::convicted, task.id, task.leg->solver, conviction.segment.value_or(0));
    task.conviction = std::move(conviction);
}

} // namespace assay::market
