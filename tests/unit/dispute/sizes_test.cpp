// Empty, one-element, 2^k - 1, 2^k, 2^k + 1 sized trees and last, shorter segments, as played games at every layer: each lie at each place
// of each size is convicted by proof, and no false claim about it succeeds, for every number of levels that a reveal may show.
#include <assay/commit/task.hpp>

#include "tests/unit/dispute/toy.hpp"

using namespace assay;
using namespace assay::toy;

namespace {

struct Sizes {
    std::uint32_t elements = 1; // of the tensor that counts
    std::uint32_t terms = 1;    // of the sum
    std::uint32_t nodes = 6;    // at least 6, and 5 more than there are copies
    std::uint32_t copies = 0;   // further tensors of state, which stay as they are
    std::uint32_t sums = 1;
};

constexpr std::uint32_t counted = 3, summed = 4;

// A state of a tensor that counts, of another one, of the sums of its rows, and of copies.
replay::Segment make_segment(const Sizes& sizes, std::uint64_t steps)
{
    using namespace program;
    const TensorType many{DataType::unsigned32, Shape{sizes.elements}}, rows{DataType::binary32, Shape{sizes.sums, sizes.terms}};
    const TensorType sums{DataType::binary32, Shape{sizes.sums, 1}}, one{DataType::binary32, Shape{1}};
    ProgramParts parts;
    parts.states = {{"many", many}, {"rows", rows}, {"sums", sums}};
    parts.nodes = {{Primitive::state, SourceAttributes{0, many}, {}, "many before"},
                   {Primitive::state, SourceAttributes{1, rows}, {}, "rows before"},
                   {Primitive::fill, FillAttributes{many, 1}, {}, "ones"},
                   {Primitive::add, NoAttributes{}, {{0}, {2}}, "counted"},
                   {Primitive::reduce_sum, ReductionAttributes{1, false}, {{1}}, "sums"}};
    parts.outputs = {{"many", {counted}}, {"rows", {1}}};
    for (std::uint32_t i = 0; i < sizes.copies; ++i) {
        const std::string name = "copy " + std::to_string(i);
        parts.states.push_back({name, one});
        parts.nodes.push_back({Primitive::state, SourceAttributes{3 + i, one}, {}, name});
    }
    std::uint32_t last = summed;
    while (parts.nodes.size() < sizes.nodes) {
        parts.nodes.push_back({Primitive::negate, NoAttributes{}, {{last}}, "chain"});
        last = static_cast<std::uint32_t>(parts.nodes.size() - 1);
    }
    parts.outputs.push_back({"sums", {last}});
    for (std::uint32_t i = 0; i < sizes.copies; ++i) parts.outputs.push_back({"copy " + std::to_string(i), {summed + 1 + i}});
    const auto checked = Program::from_parts(std::move(parts));
    REQUIRE(checked);
    replay::Segment own;
    own.program = std::make_shared<const commit::CommittedProgram>(*checked);
    own.data = std::make_shared<const std::vector<Tensor>>();
    own.steps = steps;
    for (const Declaration& state : checked->states()) {
        Tensor tensor{state.type};
        for (std::uint64_t i = 0; i < state.type.elements(); ++i)
            tensor.set_element(i, static_cast<std::uint32_t>(state.type.type == DataType::binary32 ? 0x3f800000 + 0x8000 * i : i + 1));
        own.before.push_back(std::move(tensor));
    }
    return own;
}

replay::RunTrace make_trace(const replay::Segment& own, replay::Deviation deviation = {})
{
    const auto factory = [program = own.program->program(), data = own.data, seed = own.seed] {
        return exec::make_interpreter(program, data, seed);
    };
    return replay::RunTrace{own, factory, std::move(deviation)};
}

int disputes = 0;

void check_both(const replay::Segment& own, std::uint8_t levels, const replay::Deviation& deviation)
{
    replay::RunTrace liar = make_trace(own, deviation), honest = make_trace(own);
    REQUIRE(*liar.after() != *honest.after());
    const Outcome convicted = play(liar, honest, levels);
    CHECK(convicted.verdict == Verdict::convicted);
    CHECK(!convicted.by_timeout);
    replay::RunTrace lying_challenger = make_trace(own, deviation), honest_solver = make_trace(own);
    CHECK(play(honest_solver, lying_challenger, levels).verdict == Verdict::upheld);
    ++disputes;
}

replay::Deviation changes(std::uint64_t step, std::uint32_t node, std::uint64_t element)
{
    replay::Deviation deviation;
    deviation.node = [=](std::uint64_t at, NodeIndex where, Tensor& output) {
        if (at != step || where.value != node) return false;
        output.set_element(element, output.element(element) ^ 1);
        return true;
    };
    return deviation;
}

// A sum of two has no third input; part 3 is the result.
constexpr std::array<std::size_t, 3> parts_of_a_record{0, 1, 3};

replay::Deviation changes_record(std::uint64_t element, std::uint64_t record, std::size_t part)
{
    replay::Deviation deviation = changes(0, summed, element);
    deviation.records = [=](std::uint64_t, NodeIndex, std::uint64_t at, std::vector<program::StepRecord>& records) {
        if (at == element) (part < 3 ? records[record].inputs[part] : records[record].result) ^= 4;
    };
    return deviation;
}

constexpr std::array<std::uint64_t, 12> around{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33};

} // namespace

TEST_CASE("DISPUTE-8 DISPUTE-9 DISPUTE-11 segments of every size around powers of two: the lie in each step, at 1 to 4 levels a reveal")
{
    disputes = 0;
    for (std::uint8_t levels = 1; levels <= 4; ++levels)
        for (const std::uint64_t steps : around)
            for (std::uint64_t step = 0; step<steps; step += steps> 17 ? 8 : 1) {
                CAPTURE(steps);
                CAPTURE(step);
                check_both(make_segment({}, steps), levels, changes(step, counted, 0));
            }
    CHECK(disputes == 4 * (1 + 2 + 3 + 4 + 5 + 7 + 8 + 9 + 15 + 16 + 17 + 5));
}

TEST_CASE("DISPUTE-8 DISPUTE-12 steps with every number of nodes around powers of two: the lie in each node")
{
    for (std::uint8_t levels = 1; levels <= 4; ++levels)
        for (const std::uint32_t nodes : {6U, 7U, 8U, 9U, 14U, 15U, 16U, 17U})
            for (std::uint32_t node = 0; node < nodes; ++node) {
                CAPTURE(nodes);
                CAPTURE(node);
                check_both(make_segment({1, 1, nodes, 0}, 1), levels, changes(0, node, 0));
            }
}

TEST_CASE("DISPUTE-8 DISPUTE-16 states of 3 to 17 tensors: each of them is not what the step put out")
{
    for (std::uint8_t levels = 1; levels <= 4; ++levels)
        for (const std::uint32_t copies : {0U, 1U, 2U, 4U, 5U, 6U, 12U, 13U, 14U})
            for (std::uint32_t tensor = 0; tensor < 3 + copies; ++tensor) {
                replay::Deviation deviation;
                deviation.state = [=](std::uint64_t, std::span<const Tensor>, std::vector<Tensor>& after) {
                    after[tensor].set_element(0, after[tensor].element(0) ^ 1);
                };
                CAPTURE(copies);
                CAPTURE(tensor);
                check_both(make_segment({1, 1, 6 + copies, copies}, 1), levels, deviation);
            }
}

TEST_CASE("DISPUTE-8 DISPUTE-12 DISPUTE-17 tensors of 1 to 9 chunks, the last one full, one element short, or of one element: the lie in "
          "the first and last element of each")
{
    for (std::uint8_t levels = 1; levels <= 4; ++levels)
        for (std::uint32_t chunks = 1; chunks <= 9; ++chunks)
            for (const std::uint32_t missing : {0U, 1U, 255U}) {
                const std::uint32_t elements = 256 * chunks - missing;
                for (std::uint64_t chunk = 0; chunk < chunks; ++chunk)
                    for (const std::uint64_t element : {256 * chunk, std::min<std::uint64_t>(256 * chunk + 255, elements - 1)}) {
                        CAPTURE(elements);
                        CAPTURE(element);
                        check_both(make_segment({elements, 1, 6, 0}, 1), levels, changes(0, counted, element));
                    }
            }
}

TEST_CASE(
    "DISPUTE-8 DISPUTE-13 DISPUTE-18 sums of every number of terms around powers of two, one included: the lie in each part of each record")
{
    for (std::uint8_t levels = 1; levels <= 4; ++levels)
        for (const std::uint64_t terms : around)
            for (std::uint64_t record = 0; record<terms; record += terms> 17 ? 8 : 1)
                for (const std::size_t part : parts_of_a_record) {
                    const replay::Deviation deviation = changes_record(0, record, part);
                    CAPTURE(terms);
                    CAPTURE(record);
                    CAPTURE(part);
                    check_both(make_segment({1, static_cast<std::uint32_t>(terms), 6, 0}, 1), levels, deviation);
                }
}

TEST_CASE("DISPUTE-18 DISPUTE-19 DISPUTE-20 DISPUTE-31 each of several sums has records of its own: the lie in each part of each record of each")
{
    for (std::uint8_t levels = 1; levels <= 4; ++levels)
        for (std::uint64_t element = 0; element < 3; ++element)
            for (std::uint64_t record = 0; record < 3; ++record)
                for (const std::size_t part : parts_of_a_record) {
                    CAPTURE(element);
                    CAPTURE(record);
                    CAPTURE(part);
                    check_both(make_segment({1, 3, 6, 0, 3}, 1), levels, changes_record(element, record, part));
                }
}

TEST_CASE("DISPUTE-11 DISPUTE-12 a program of one node, without state and without data, is disputed")
{
    program::ProgramParts parts;
    parts.nodes = {{Primitive::fill, program::FillAttributes{{DataType::unsigned32, Shape{}}, 5}, {}, "five"}};
    parts.outputs = {{"five", {0}}};
    const auto checked = program::Program::from_parts(std::move(parts));
    REQUIRE(checked);
    replay::Segment own;
    own.program = std::make_shared<const commit::CommittedProgram>(*checked);
    own.data = std::make_shared<const std::vector<Tensor>>();
    for (std::uint8_t levels = 1; levels <= 8; ++levels) {
        check_both(own, levels, changes(0, 0, 0));
        replay::Deviation deviation;
        deviation.state = [](std::uint64_t, std::span<const Tensor>, std::vector<Tensor>& after) { after[0].set_element(0, 6); };
        check_both(own, levels, deviation);
    }
}

TEST_CASE("DISPUTE-11 COMMIT-10 every segment of runs whose last one is shorter, or the only one")
{
    for (const std::uint64_t steps : {1, 2, 3, 4, 5, 7, 8, 9})
        for (const std::uint64_t interval : {1, 2, 3, 4, 8, 10}) {
            commit::Task task;
            task.steps = steps;
            task.interval = interval;
            std::uint64_t covered = 0;
            for (std::uint64_t i = 0; i < commit::segment_count(task); ++i) {
                const std::uint64_t own = commit::segment_steps(task, i);
                covered += own;
                check_both(make_segment({}, own), 2, changes(own - 1, counted, 0));
            }
            CHECK(covered == steps);
        }
}
