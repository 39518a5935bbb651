// One honest entrant wins every knock-out: against any number of others, of every strategy, equal claims, saboteurs, and when it is cut
// off.
#include <doctest/doctest.h>

#include <map>

#include <assay/commit/tensors.hpp>
#include <assay/dispute/bounds.hpp>
#include <assay/hash/openssl.hpp>
#include <assay/sim/knockout.hpp>

#include "tests/unit/dispute/toy_task.hpp"

using namespace assay;
using namespace assay::sim;
using dispute::Claim;
using dispute::Contest;
using dispute::Side;
using dispute::Standing;

namespace {

Digest named(std::uint64_t name)
{
    return hash::tagged_digest("assay.test", name);
}

constexpr std::uint64_t segments = 5;

// A synthetic run of five segments of 64 steps; every segment's steps begin where the first one's do.
struct World {
    std::shared_ptr<SyntheticTask> task;
    Contest contest;
    std::vector<const Adversary*> solvers, challengers;
    std::map<std::vector<std::uint64_t>, std::shared_ptr<SyntheticTrace>> traces;

    explicit World(std::uint8_t group_size = 4, std::uint8_t demotions_max = 3)
    {
        SyntheticSizes sizes;
        sizes.steps = 64;
        sizes.elements = 3072;
        auto made = SyntheticTask::make(sizes, hash::sha256_openssl);
        REQUIRE(made);
        task = *made;
        const dispute::Statement truth = trace_of({})->statement({}, 0);
        contest.program = truth.program;
        contest.task = {commit::digest_of(truth.program), truth.data, truth.seed, segments * sizes.steps, sizes.steps, truth.before};
        contest.terms.group_size = group_size;
        contest.terms.demotions_max = demotions_max;
        contest.terms.joining = contest.terms.calling = Tick{5};
        contest.terms.bond = 10;
        contest.terms.game.solver_clock = contest.terms.game.challenger_clock = Tick{200};
        contest.terms.game.latency = Tick{3};
        for (const Adversary& one : adversaries()) (one.side == Side::solver ? solvers : challengers).push_back(&one);
    }

    std::shared_ptr<SyntheticTrace> trace_of(const Lie& lie)
    {
        auto& known = traces[{static_cast<std::uint64_t>(lie.where), lie.step, lie.output, lie.node, lie.element, lie.record, lie.part}];
        if (!known) known = std::make_shared<SyntheticTrace>(task, lie);
        return known;
    }

    // The truth up to the segment that the lie is in; what follows from it stands for anything.
    KnockoutPlayer player(std::uint64_t name, std::uint64_t false_segment, const Lie& lie, std::uint64_t variant)
    {
        const auto truth = trace_of({}), own = trace_of(lie);
        KnockoutPlayer player;
        player.party = named(name);
        player.claim.checkpoints.assign(segments + 1, contest.task.initial);
        if (lie.where != Lie::Where::nothing)
            for (std::uint64_t i = false_segment; i < segments; ++i)
                player.claim.checkpoints[i + 1] = i == false_segment ? own->statement({}, 0).after : named(variant * 1000 + i);
        player.trace = [=](std::uint64_t segment) -> dispute::Trace& { return segment == false_segment ? *own : *truth; };
        return player;
    }

    KnockoutPlayer honest(std::uint64_t name) { return player(name, 0, {}, 0); }

    // A party that lies somewhere and plays somehow. False states that are equal are followed by others, or by the same.
    KnockoutPlayer liar(std::uint64_t name, Random& random)
    {
        KnockoutPlayer one = player(name, random.below(segments), choose_lie(LieKind::anything, *task, random), 1 + random.below(3));
        one.as_solver = random.one_in(3) ? nullptr : random.of(solvers);
        one.as_challenger = random.one_in(3) ? nullptr : random.of(challengers);
        one.calls = !random.one_in(3);
        return one;
    }
};

// Plays, and checks what must hold whatever the others do. Returns: the rounds.
std::uint32_t check_honest_wins(World& world, const std::vector<KnockoutPlayer>& players, std::size_t honest, std::uint64_t seed)
{
    const std::uint32_t cut_off = players[honest].rounds_cut_off;
    const KnockoutOutcome outcome = play_knockout(world.contest, players, seed, hash::sha256_openssl);
    CHECK(outcome.broken == "");
    const dispute::Knockout& knockout = outcome.knockout;
    const dispute::Entrant& entrant = knockout.state().entrants[honest];
    CHECK(entrant.standing == Standing::playing);
    CHECK(entrant.demotions <= cut_off);
    REQUIRE(knockout.winner());
    CHECK(*knockout.winner() == entrant.claim);
    const auto most = dispute::longest_delay(knockout.state().claims.size(), world.contest.terms.group_size,
                                             world.contest.terms.demotions_max, cut_off > 0);
    CHECK(knockout.state().rounds <= most);
    // No game costs it more than the bounds say.
    const auto limits =
        dispute::bounds(dispute::sizes_of(world.task->program().program(), world.task->sizes().steps), world.contest.terms.game);
    REQUIRE(limits);
    CHECK(outcome.costs[honest].bytes <= outcome.costs[honest].games * std::max(limits->solver_bytes, limits->challenger_bytes));
    return knockout.state().rounds;
}

} // namespace

TEST_CASE("KNOCKOUT-8 KNOCKOUT-11 one honest entrant among 2 to 64 wins, against every mixture of adversaries, within the rounds")
{
    World world;
    std::uint64_t seed = 1;
    for (const std::size_t count : {2, 3, 4, 5, 7, 8, 9, 16, 17, 33, 64})
        for (int repeat = 0; repeat < (count <= 9 ? 6 : 1); ++repeat, ++seed) {
            CAPTURE(count);
            CAPTURE(seed);
            Random random{seed};
            const std::size_t place = random.below(count);
            std::vector<KnockoutPlayer> players;
            for (std::size_t i = 0; i < count; ++i) players.push_back(i == place ? world.honest(i) : world.liar(i, random));
            check_honest_wins(world, players, place, seed);
        }
}

TEST_CASE("KNOCKOUT-8 every adversary loses a knock-out to one honest entrant, on either side, for every size of group and limit")
{
    for (const auto& [group_size, demotions_max] : {std::pair<std::uint8_t, std::uint8_t>{2, 1}, {3, 2}, {16, 2}}) {
        World world{group_size, demotions_max};
        std::uint64_t seed = 100;
        for (std::size_t i = 0; i < world.solvers.size() || i < world.challengers.size(); ++i, ++seed) {
            Random random{seed};
            std::vector<KnockoutPlayer> players;
            for (std::uint64_t name = 0; name < 4; ++name) {
                const Adversary* solver = world.solvers[i % world.solvers.size()];
                const Adversary* challenger = world.challengers[i % world.challengers.size()];
                const Lie lie = choose_lie(solver->lie == LieKind::truth ? LieKind::anything : solver->lie, *world.task, random);
                players.push_back(world.player(name, random.below(segments), lie, name + 1));
                players.back().as_solver = solver;
                players.back().as_challenger = challenger;
            }
            const std::size_t place = random.below(5);
            players.insert(players.begin() + static_cast<std::ptrdiff_t>(place), world.honest(9));
            CAPTURE(i);
            CAPTURE(place);
            check_honest_wins(world, players, place, seed);
        }
    }
}

TEST_CASE("KNOCKOUT-3 KNOCKOUT-8 entrants of the honest claim that lose on purpose, first to join, take nobody with them")
{
    World world;
    for (const std::string_view strategy : {"self-convicting", "forged-root", "silent", "short-front", "noisy"}) {
        Random random{7};
        std::vector<KnockoutPlayer> players;
        for (std::uint64_t name = 0; name < 5; ++name) {
            players.push_back(world.honest(name));
            players.back().as_solver = find_adversary(Side::solver, strategy);
            players.back().as_challenger = find_adversary(Side::challenger, "wandering");
        }
        players.push_back(world.honest(5));
        for (std::uint64_t name = 6; name < 12; ++name) players.push_back(world.liar(name, random));
        CAPTURE(strategy);
        check_honest_wins(world, players, 5, 7);
    }
}

TEST_CASE("KNOCKOUT-3 KNOCKOUT-8 many entrants of one false claim are beaten in the rounds of one claim")
{
    World world;
    Random random{11};
    const Lie lie = choose_lie(LieKind::result, *world.task, random);
    std::vector<KnockoutPlayer> players;
    for (std::uint64_t name = 0; name < 30; ++name) {
        players.push_back(world.player(name, 2, lie, 1));
        if (name % 3 == 1) players.back().as_solver = players.back().as_challenger = nullptr;
        if (name % 3 == 2) players.back().as_solver = find_adversary(Side::solver, "stalling");
    }
    players.push_back(world.honest(99));
    CHECK(check_honest_wins(world, players, 30, 11) == 1);
}

TEST_CASE("KNOCKOUT-11 what a knock-out costs its honest entrant grows with the logarithm of the number of claims")
{
    // Everybody else has a claim of its own (not false in its last state only, of which there are few), plays well for a while, and then
    // lets its clock run out.
    for (const std::size_t claims : {4, 16, 64, 256}) {
        World world{4, 3};
        Random random{17};
        std::vector<KnockoutPlayer> players{world.honest(0)};
        for (std::uint64_t name = 1; name < claims; ++name) {
            players.push_back(world.player(name, name % (segments - 1), choose_lie(LieKind::anything, *world.task, random), name));
            players.back().as_solver = find_adversary(Side::solver, "tired");
            players.back().as_challenger = find_adversary(Side::challenger, "tired");
            players.back().calls = name % 4 == 0;
        }
        const KnockoutOutcome outcome = play_knockout(world.contest, players, 17, hash::sha256_openssl);
        CHECK(outcome.broken == "");
        CHECK(outcome.knockout.winner() == 0);
        const std::uint32_t rounds = outcome.knockout.state().rounds;
        CHECK(rounds <= dispute::longest_delay(claims, 4, 3, false));
        CHECK(outcome.costs[0].games <= 3 * rounds);
        MESSAGE(claims << " claims: " << rounds << " rounds, " << outcome.costs[0].games << " games and " << outcome.costs[0].bytes
                       << " bytes of the honest entrant, " << outcome.record.acts.size() << " acts in all");
    }
}

TEST_CASE("KNOCKOUT-8 an honest entrant that nobody hears for a round less than the limit still wins; at the limit it is out")
{
    for (const std::uint32_t rounds : {1, 2, 3}) {
        World world{4, 3};
        Random random{13};
        std::vector<KnockoutPlayer> players{world.honest(0)};
        players[0].rounds_cut_off = rounds;
        for (std::uint64_t name = 1; name < 9; ++name) {
            players.push_back(world.player(name, name % segments, choose_lie(LieKind::anything, *world.task, random), name));
            players.back().as_solver = find_adversary(Side::solver, "stalling");
        }
        if (rounds < 3) {
            check_honest_wins(world, players, 0, 13);
            continue;
        }
        // Only to show that the limit is what decides: its opponents call all games, and it answers none.
        for (KnockoutPlayer& one : players) one.as_solver = one.as_challenger = nullptr;
        CHECK(play_knockout(world.contest, players, 13, hash::sha256_openssl).knockout.state().entrants[0].standing ==
              Standing::out_by_demotions);
    }
}

TEST_CASE("KNOCKOUT-5 a knock-out over a run that is replayed: adversaries forge numbers in any segment, the last and shorter one included")
{
    namespace toys = assay::toy;
    const replay::Segment first = toys::segment(2);
    Contest contest;
    contest.program = first.program->commitment();
    contest.task = {commit::digest_of(contest.program),           commit::state_digest(std::span{*first.data}), first.seed, 5, 2,
                    commit::state_digest(std::span{first.before})};
    contest.terms.joining = contest.terms.calling = Tick{5};
    contest.terms.game = toys::terms(2);
    const auto factory = [program = first.program->program(), data = first.data, seed = first.seed] {
        return exec::make_interpreter(program, data, seed);
    };
    // A run whose segment `at` deviates; the others follow from it honestly.
    const auto make = [&](std::uint64_t name, std::uint64_t at, const replay::Deviation& deviation) {
        auto traces = std::make_shared<std::vector<std::unique_ptr<replay::RunTrace>>>();
        KnockoutPlayer player;
        player.party = named(name);
        player.claim.checkpoints = {contest.task.initial};
        std::vector<program::Tensor> before = first.before;
        for (std::uint64_t i = 0; i < 3; ++i) {
            replay::Segment own = first;
            own.before = before;
            own.steps = commit::segment_steps(contest.task, i);
            traces->push_back(std::make_unique<replay::RunTrace>(std::move(own), factory, i == at ? deviation : replay::Deviation{}));
            before = *traces->back()->final_state();
            player.claim.checkpoints.push_back(*traces->back()->after());
        }
        player.trace = [traces](std::uint64_t segment) -> dispute::Trace& { return *(*traces)[segment]; };
        return player;
    };
    for (std::size_t place = 0; place < 5; ++place) {
        std::vector<KnockoutPlayer> players;
        for (std::uint64_t i = 0; i < 5; ++i) {
            replay::Deviation forged;
            forged.node = [i](std::uint64_t step, program::NodeIndex node, program::Tensor& output) {
                if (step != 0 || node.value != (i % 2 == 0 ? 8U : 20U)) return false;
                output.set_element(0, output.element(0) ^ (0x00100000U << (i / 2)));
                return true;
            };
            players.push_back(make(i, i == place ? 9 : i % 3, forged));
            if (i != place && i % 2 == 0) players.back().as_solver = find_adversary(Side::solver, "equivocating");
        }
        const KnockoutOutcome outcome = play_knockout(contest, players, place);
        CHECK(outcome.broken == "");
        const dispute::Knockout& knockout = outcome.knockout;
        CHECK(knockout.state().entrants[place].standing == Standing::playing);
        CHECK(knockout.state().entrants[place].demotions == 0);
        CHECK(knockout.winner() == knockout.state().entrants[place].claim);
    }
}
