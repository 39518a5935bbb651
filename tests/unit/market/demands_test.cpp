// A solver shows what it recorded, or loses; and who demands pays, and holds nobody up.
#include "tests/unit/market/world.hpp"

using namespace assay;
using namespace assay::test;

namespace {

Posting with_demands()
{
    Posting posting = test::posting();
    posting.terms.segments = 2;
    dispute::DataTerms data;
    data.lanes = 2;
    data.levels = 2;
    data.bytes_per_tick = 1 << 20;
    data.clock = Tick{4};
    data.fee = 40;
    posting.terms.data = data;
    return posting;
}

// The first chunk of a tensor of a checkpoint.
Demand demand(const World& world, const Digest& task, std::uint64_t checkpoint, const KeyPair& author = stranger, std::uint64_t number = 0)
{
    const TaskState& here = world.task(task);
    const auto program = toy::segment(2).program;
    const auto output = program->open_output(0);
    return {task, checkpoint,
            {digest_of(here.keeping()), number, author.identity(), here.state_at(checkpoint), 0, {0, 1}, output, program->open_descriptor(output.node)}};
}

std::vector<program::Tensor> state_of(Run& run, std::uint64_t checkpoint)
{
    return checkpoint == 0 ? toy::segment(2).before : run.segments[checkpoint - 1].final_state().value();
}

AnswerDemand answer(const World& world, const Digest& task, Run& run, std::uint64_t checkpoint)
{
    return {task, answer_of(world.task(task).open_demands().at(0).request, state_of(run, checkpoint))};
}

} // namespace

TEST_CASE("MARKET-21 any recorded state is demanded and shown, for a fee of which half is the solver's")
{
    World world;
    Run run;
    const Digest task = begin(world, with_demands());
    run.post(world, task);
    for (std::uint64_t checkpoint = 0; checkpoint <= 1; ++checkpoint) {
        const Demand body = demand(world, task, checkpoint, stranger, checkpoint);
        CHECK(world.apply(stranger, body) == done);
        CHECK(world.apply(stranger, body) == Error::already_done);
        CHECK(world.task(task).demands->fees == Amount{40});
        AnswerDemand wrong = answer(world, task, run, checkpoint);
        wrong.answer.chunks[0][0] ^= 1;
        CHECK(world.apply(solver, wrong) == Error::root_mismatch);
        CHECK(world.apply(solver, answer(world, task, run, checkpoint)) == done);
        CHECK(world.task(task).demands->fees == Amount{});
    }
    CHECK(gains(world) == Gains{-1060, -500 + 40, 0, -80, 40});
    run.post(world, task);
    audit(world, task, run, run);
    world.advance(task);
    CHECK(ended(world, task) == Gains{-420, 400 + 40, 20, -80, 40});
}

TEST_CASE("MARKET-21 what cannot be demanded: other states, other checkpoints, in another's name, of no solver, where terms have no demands")
{
    World world;
    Run run;
    const Digest task = begin(world, with_demands());
    run.post(world, task);
    const Demand good = demand(world, task, 1);
    const auto refusal = [&](auto change) {
        Demand body = good;
        change(body);
        return world.apply(stranger, body);
    };
    CHECK(refusal([](Demand& d) { d.checkpoint = 0; }) == Error::commitment_mismatch);
    CHECK(refusal([](Demand& d) { d.checkpoint = 2; }) == Error::index_out_of_range);
    CHECK(refusal([](Demand& d) { d.request.requester = verifier.identity(); }) == Error::not_allowed);
    CHECK(refusal([](Demand& d) { d.request.keeping = {}; }) == Error::wrong_game);
    CHECK(refusal([](Demand& d) { d.request.number = 1; }) == Error::future_move);
    CHECK(refusal([](Demand& d) { d.request.chunks = {0, 1000}; }) == Error::index_out_of_range);
    CHECK(world.apply(solver, ClaimWithheld{task, Digest{}}) == Error::wrong_phase);
    CHECK(refusal([](Demand&) {}) == done);
    CHECK(world.apply(solver, ClaimWithheld{task, Digest{}}) == Error::wrong_game);
    World none;
    const Digest other = begin(none);
    run.post(none, other);
    CHECK(none.apply(stranger, Demand{other, 1, good.request}) == Error::not_allowed);
}

TEST_CASE("MARKET-21 a solver that withholds a state is convicted, with who demanded it as finder, and open fees go back")
{
    World world;
    Run run;
    const Digest task = begin(world, with_demands());
    run.post(world, task);
    CHECK(world.apply(stranger, demand(world, task, 1)) == done);
    CHECK(world.apply(others[0], demand(world, task, 1, others[0], 1)) == done);
    CHECK(world.apply(others[1], demand(world, task, 1, others[1], 2)) == Error::limit_exceeded); // all lanes are taken
    const dispute::OpenRequest open = world.task(task).open_demands().at(0);
    const Digest request = digest_of(open.request);
    CHECK(open.deadline.value - world.ledger.now().value <= answer_ticks_max(*with_demands().terms.data).value);
    world.wait(open.deadline.value - world.ledger.now().value);
    CHECK(world.apply(clerk, ClaimWithheld{task, request}) == Error::too_early);
    World shown = world;
    CHECK(shown.apply(clerk, answer(shown, task, run, 1)) == done); // by whomever, in the last tick
    world.wait(1);
    CHECK(world.apply(solver, answer(world, task, run, 1)) == Error::too_late);
    CHECK(world.apply(clerk, ClaimWithheld{task, request}) == done);
    CHECK(world.phase(task) == market::Phase::convicted);
    CHECK(world.task(task).conviction == Conviction{stranger.identity(), {}, {}});
    CHECK(world.apply(clerk, ClaimWithheld{task, request}) == Error::wrong_phase);
    world.advance(task);
    CHECK(ended(world, task) == outcome("withheld"));
    CHECK(world.gain(others[0]) == 0);
}

TEST_CASE("MARKET-21 demands hold nobody up: the settlement waits for the last answer at most, and nothing is demanded after the window")
{
    World world;
    Run run;
    const Digest task = begin(world, with_demands());
    run.post(world, task), run.post(world, task);
    audit(world, task, run, run);
    world.wait(10); // the window's last tick
    CHECK(world.apply(stranger, demand(world, task, 2)) == done);
    world.wait(1);
    CHECK(world.apply(stranger, demand(world, task, 1, stranger, 1)) == Error::too_late);
    CHECK(world.apply(clerk, Advance{task}) == Error::wrong_phase);
    CHECK(world.task(task).open_demands().at(0).deadline.value <= world.task(task).deadline.value + 5);
    CHECK(world.apply(solver, answer(world, task, run, 2)) == done);
    world.advance(task, 0);
    CHECK(ended(world, task) == Gains{-420, 420, 20, -40, 20});
    // The game of a challenger that also demands runs on meanwhile: its clock is its own.
    World both;
    const Digest disputed = begin(both, with_demands());
    run.post(both, disputed);
    CHECK(both.apply(stranger, Challenge{disputed, 0}) == done);
    const auto deadline = dispute::Game::decode(both.task(disputed).disputes.front().game)->deadline();
    CHECK(both.apply(stranger, demand(both, disputed, 0)) == done);
    CHECK(dispute::Game::decode(both.task(disputed).disputes.front().game)->deadline() == deadline);
}

TEST_CASE("MARKET-21 a conviction by others, or a leg's end in silence, returns what open demands cost")
{
    Run lying{forged_sum()}, honest;
    World world;
    const Digest task = begin(world, with_demands());
    lying.post(world, task);
    CHECK(world.apply(others[0], demand(world, task, 1, others[0])) == done);
    CHECK(world.apply(stranger, Challenge{task, 0}) == done);
    play_out(world, task, lying.segments[0], honest.segments[0]);
    CHECK(world.gain(others[0]) == 0);
    world.advance(task);
    CHECK(ended(world, task) == outcome("convicted before the audit"));
    World silent;
    const Digest nothing = begin(silent, with_demands());
    silent.wait(8);
    CHECK(silent.apply(stranger, demand(silent, nothing, 0)) == done);
    silent.advance(nothing, 3);
    CHECK(ended(silent, nothing) == outcome("silent before a record"));
}

TEST_CASE("MARKET-21 MARKET-14 terms of demands are refused where answers could not be given, used, or paid for")
{
    World world;
    const auto refusal = [&](auto change) {
        Posting posting = with_demands();
        change(*posting.terms.data);
        return world.apply(submitter, Post{posting});
    };
    using Data = dispute::DataTerms;
    CHECK(refusal([](Data& d) { d.lanes = 0; }) == Error::invalid_terms);
    CHECK(refusal([](Data& d) { d.lanes = 65; }) == Error::invalid_terms);
    CHECK(refusal([](Data& d) { d.levels = 11; }) == Error::invalid_terms);
    CHECK(refusal([](Data& d) { d.bytes_per_tick = 0; }) == Error::invalid_terms);
    CHECK(refusal([](Data& d) { d.clock = Tick{0}; }) == Error::invalid_terms);
    CHECK(refusal([](Data& d) { d.clock = Tick{5}; }) == Error::invalid_terms); // replaying would not be twice an answer
    CHECK(refusal([](Data& d) { d.latency = Tick{phase_ticks_max + 1}; }) == Error::invalid_terms);
    CHECK(refusal([](Data& d) { d.bond = 1; }) == Error::invalid_terms);
    CHECK(refusal([](Data& d) { d.fee = 1; }) == Error::invalid_terms); // an answer would cost more than it brings
    CHECK(refusal([](Data& d) { d.fee = 2; }) == done);
}
