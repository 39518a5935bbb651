// Synthetic runs are the runs that replaying their program gives; lies about them are convicted at any size.
#include <doctest/doctest.h>

#include <assay/commit/tensors.hpp>
#include <assay/dispute/match.hpp>
#include <assay/hash/openssl.hpp>
#include <assay/sim/synthetic.hpp>

using namespace assay;
using namespace assay::sim;
using dispute::TreeAddress;
using dispute::Verdict;
using Kind = TreeAddress::Kind;

namespace {

std::shared_ptr<SyntheticTask> make_task(const SyntheticSizes& sizes)
{
    auto task = SyntheticTask::make(sizes, hash::sha256_openssl);
    REQUIRE(task);
    return *task;
}

replay::RunTrace replayed(const SyntheticTask& task)
{
    replay::Segment own = task.segment();
    const auto factory = [program = own.program->program(), data = own.data, seed = own.seed] {
        return exec::make_interpreter(program, data, seed);
    };
    return replay::RunTrace{std::move(own), factory, {}, hash::sha256_openssl};
}

// Every node of a tree below `node`, and every leaf's content.
void compare(SyntheticTrace& synthetic, replay::RunTrace& real, const TreeAddress& tree, merkle::Range node)
{
    CAPTURE(node.begin);
    CAPTURE(node.end);
    const auto hash = synthetic.hash(tree, node);
    REQUIRE(hash);
    REQUIRE(*hash == *real.hash(tree, node));
    if (node.is_leaf()) {
        REQUIRE(*synthetic.leaf(tree, node.begin) == *real.leaf(tree, node.begin));
        return;
    }
    const auto [left, right] = merkle::children(node);
    compare(synthetic, real, tree, left);
    compare(synthetic, real, tree, right);
}

void compare_step(SyntheticTrace& synthetic, replay::RunTrace& real, const SyntheticTask& task, std::uint64_t step)
{
    CAPTURE(step);
    const SyntheticSizes& sizes = task.sizes();
    compare(synthetic, real, {Kind::step, step, {}, 0}, {0, std::uint64_t{sizes.nodes} + 1});
    compare(synthetic, real, {Kind::state_before, step, {}, 0}, {0, sizes.states});
    compare(synthetic, real, {Kind::state_after, step, {}, 0}, {0, sizes.states});
    for (std::uint32_t node = 0; node < sizes.nodes; ++node) {
        CAPTURE(node);
        const program::TensorType& type = task.program().program().type({node});
        REQUIRE(task.elements_of(node) == type.elements());
        compare(synthetic, real, {Kind::tensor, step, {node}, 0}, {0, commit::chunk_count(type)});
        if (task.records_of(node) > 1) compare(synthetic, real, {Kind::element, step, {node}, 0}, {0, task.records_of(node)});
    }
}

dispute::Transcript play(const std::shared_ptr<SyntheticTask>& task, const Lie& of_solver, const Lie& of_challenger, std::uint8_t levels)
{
    SyntheticTrace solver{task, of_solver};
    SyntheticTrace challenger{task, of_challenger};
    dispute::Terms terms;
    terms.reveal_levels = levels;
    terms.solver_clock = terms.challenger_clock = Tick{100'000};
    const auto transcript = dispute::play_out(solver.statement({}, 0), terms, {}, Tick{0}, solver, challenger);
    REQUIRE(transcript);
    return *transcript;
}

// The lie loses whoever tells it: as a solver by a proof, as a challenger against an honest solver.
std::size_t check_lie(const std::shared_ptr<SyntheticTask>& task, const Lie& lie, std::uint8_t levels)
{
    CAPTURE(int(lie.where));
    CAPTURE(lie.step);
    CAPTURE(lie.node);
    CAPTURE(lie.element);
    CAPTURE(lie.record);
    CAPTURE(int(lie.part));
    const dispute::Transcript convicting = play(task, lie, {}, levels);
    CHECK(dispute::replay(convicting)->verdict() == Verdict::convicted);
    CHECK(!convicting.timeout_claimed);
    CHECK(dispute::replay(play(task, {}, lie, levels))->verdict() == Verdict::upheld);
    return convicting.moves.size();
}

} // namespace

TEST_CASE("DISPUTE-21 every node of every tree of a synthetic run is that of the replayed run")
{
    // Sizes around powers of two, one, several patterns of tensors and sums, and several periods of steps.
    const std::array all{
        SyntheticSizes{1, 32, 1, 1, 1, 1},      SyntheticSizes{3, 33, 1023, 63, 2, 16},  SyntheticSizes{5, 47, 1024, 64, 3, 2},
        SyntheticSizes{9, 64, 3072, 65, 5, 4},  SyntheticSizes{8, 50, 5120, 1024, 4, 8}, SyntheticSizes{17, 16, 2048, 3072, 1, 16},
        SyntheticSizes{4, 32, 100, 2048, 7, 4}, SyntheticSizes{2, 40, 2048, 100, 8, 64}, SyntheticSizes{2, 32, 17, 1000, 9, 1}};
    for (const SyntheticSizes& sizes : all) {
        CAPTURE(sizes.nodes);
        const auto task = make_task(sizes);
        SyntheticTrace synthetic{task};
        replay::RunTrace real = replayed(*task);
        CHECK(synthetic.statement({}, 3) == *real.statement({}, 3));
        compare(synthetic, real, {Kind::data, 0, {}, 0}, {0, 2});
        if (sizes.steps > 1) compare(synthetic, real, {Kind::segment, 0, {}, 0}, {0, sizes.steps});
        for (std::uint64_t step = 0; step < sizes.steps; ++step) compare_step(synthetic, real, *task, step);
    }
}

TEST_CASE("DISPUTE-21 a synthetic trace has what its run has and nothing else")
{
    const auto task = make_task({4, 20, 2048, 64, 3, 2});
    SyntheticTrace trace{task};
    CHECK(trace.hash({Kind::segment, 0, {}, 0}, {0, 5}).error() == Error::not_available);
    CHECK(trace.hash({Kind::segment, 0, {}, 0}, {1, 3}).error() == Error::not_available);
    CHECK(trace.leaf({Kind::step, 4, {}, 0}, 0).error() == Error::not_available);
    CHECK(trace.leaf({Kind::step, 3, {}, 0}, 21).error() == Error::not_available);
    CHECK(trace.leaf({Kind::tensor, 3, {20}, 0}, 0).error() == Error::not_available);
    CHECK(trace.hash({Kind::element, 0, {16}, 0}, {0, 1}).error() == Error::not_available);
    for (const SyntheticSizes& sizes :
         {SyntheticSizes{0, 32, 1, 1, 1, 1}, SyntheticSizes{1, 15, 1, 1, 1, 1}, SyntheticSizes{1, 32, 1025, 1, 1, 1},
          SyntheticSizes{1, 32, 1, 1025, 1, 1}, SyntheticSizes{1, 32, 1, 1, 0, 1}, SyntheticSizes{1, 32, 1, 1, 1, 3},
          SyntheticSizes{1, 32, 1, 1, 1, 128}})
        CHECK(SyntheticTask::make(sizes).error() == Error::invalid_statement);
}

TEST_CASE("DISPUTE-22 DISPUTE-23 every kind of lie about a synthetic run loses, at the first, a middle and the last place")
{
    for (const SyntheticSizes& sizes : {SyntheticSizes{1, 32, 100, 48, 1, 2}, SyntheticSizes{5, 40, 2048, 1024, 3, 4}}) {
        const auto task = make_task(sizes);
        for (const std::uint64_t step : {std::uint64_t{0}, sizes.steps / 2, sizes.steps - 1}) {
            for (std::uint32_t output = 0; output < sizes.states; ++output)
                check_lie(task, {Lie::Where::output, step, output, 0, 0, 0, 3}, 2);
            for (std::uint32_t node = 0; node < sizes.nodes; ++node) {
                const std::uint64_t elements = task->elements_of(node);
                for (const std::uint64_t element : {std::uint64_t{0}, elements - 1})
                    check_lie(task, {Lie::Where::node, step, 0, node, element, 0, 3}, 3);
                const std::uint64_t records = task->records_of(node);
                if (records == 1 || step != 0) continue;
                for (const std::uint64_t record : {std::uint64_t{0}, records / 2, records - 2, records - 1})
                    for (std::uint8_t part = 0; part < 4; ++part) check_lie(task, {Lie::Where::record, step, 0, node, 0, record, part}, 2);
            }
        }
    }
}

TEST_CASE(
    "DISPUTE-11 DISPUTE-13 the largest run that a game allows is disputed like a small one: 2^40 steps, 2^40 elements, sums of 2^31 terms")
{
    const std::uint64_t steps = std::uint64_t{1} << 40;
    const auto task = make_task({steps, 1000, std::uint64_t{1} << 40, 1U << 31, 1000, 16});
    std::size_t moves = 0;
    for (const std::uint64_t step : {std::uint64_t{0}, std::uint64_t{1} << 33, steps - 1})
        for (const std::uint32_t node : {2U, 16U, 19U, 20U, 21U, 999U}) {
            const std::uint64_t last = task->elements_of(node) - 1;
            for (const std::uint64_t element : {std::uint64_t{0}, last / 3, last}) {
                moves = std::max(moves, check_lie(task, {Lie::Where::node, step, 500, node, element, 0, 3}, 4));
                if (const std::uint64_t records = task->records_of(node); records > 1)
                    moves = std::max(moves, check_lie(task, {Lie::Where::record, step, 999, node, element, records / 3, 2}, 4));
            }
        }
    CHECK(moves <= 70);
}
