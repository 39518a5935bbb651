// Whole disputes on the toy task, enumerated: every lie at every place of every layer is convicted by a proof, and no claim
// against an honest solver succeeds.
#include "tests/unit/dispute/toy.hpp"

using namespace assay;
using namespace assay::toy;

namespace {

replay::Deviation changes_element(std::uint64_t at, NodeIndex where, std::uint64_t element, std::uint32_t flip)
{
    replay::Deviation deviation;
    deviation.node = [=](std::uint64_t step, NodeIndex node, Tensor& output) {
        if (step != at || node != where) return false;
        output.set_element(element, output.element(element) ^ flip);
        return true;
    };
    return deviation;
}

// Lies that do not reach the state after the segment are no false claims; this says how many did.
int convictions = 0;

bool claims_the_truth(replay::RunTrace& one, std::uint64_t steps)
{
    replay::RunTrace honest = trace(steps);
    return *one.after() == *honest.after();
}

// The solver deviates: convicted, by a proof and not by a clock, whenever its claim is false; and the transcript says the same.
void check_convicted(std::uint64_t steps, std::uint8_t levels, const replay::Deviation& deviation)
{
    replay::RunTrace solver = trace(steps, deviation);
    if (claims_the_truth(solver, steps)) return;
    replay::RunTrace challenger = trace(steps);
    const Outcome outcome = play(solver, challenger, levels);
    CHECK(outcome.verdict == Verdict::convicted);
    CHECK(!outcome.by_timeout);
    const auto again = dispute::replay(outcome.transcript);
    REQUIRE(again);
    CHECK(again->verdict() == Verdict::convicted);
    ++convictions;
}

// The challenger lies about what the solver should have had: the honest solver is upheld.
void check_upheld(std::uint64_t steps, std::uint8_t levels, const replay::Deviation& deviation)
{
    replay::RunTrace solver = trace(steps);
    replay::RunTrace challenger = trace(steps, deviation);
    const Outcome outcome = play(solver, challenger, levels);
    CHECK(outcome.verdict == Verdict::upheld);
}

// Both directions for a change of the first and last element of every node in every step.
void for_every_node(std::uint64_t steps, std::uint8_t levels)
{
    const program::Program toy = toy_program();
    for (std::uint64_t step = 0; step < steps; ++step)
        for (std::uint32_t node = 0; node < toy.nodes().size(); ++node)
            for (const std::uint64_t element : {std::uint64_t{0}, toy.type({node}).elements() - 1}) {
                CAPTURE(steps);
                CAPTURE(levels);
                CAPTURE(step);
                CAPTURE(node);
                const replay::Deviation deviation = changes_element(step, {node}, element, 1);
                check_convicted(steps, levels, deviation);
                check_upheld(steps, levels, deviation);
            }
}

} // namespace

TEST_CASE("DISPUTE-9 DISPUTE-12 DISPUTE-13 DISPUTE-21 DISPUTE-22 DISPUTE-23 COMMIT-7 COMMIT-8 a wrong element of any node in any step is convicted, a false claim about it fails (arity and length enumerated)")
{
    for (const std::uint64_t steps : {1, 2, 3, 4, 5})
        for (const std::uint8_t levels : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{4}})
            if (steps < 4 || levels == 2) for_every_node(steps, levels);
    CHECK(convictions >= 400);
}

TEST_CASE("DISPUTE-23 the first of 32 nodes in a row that differs is selected, wherever it stands")
{
    for (const std::uint64_t at : {0, 15, 16, 31}) check_convicted(40, 6, changes_element(at, {3}, 0, 1));
}

TEST_CASE("DISPUTE-16 a state that is not made of its step's outputs is convicted: skipped steps, steps cut short, swapped tensors")
{
    for (const std::uint64_t steps : {1, 2, 5, 8, 9})
        for (std::uint64_t at = 0; at < steps; ++at)
            for (std::size_t tensor = 0; tensor < 3; ++tensor) {
                replay::Deviation skipped;
                skipped.state = [=](std::uint64_t step, std::span<const Tensor> before, std::vector<Tensor>& after) {
                    if (step == at) after[tensor] = before[tensor];
                };
                check_convicted(steps, 2, skipped);
                check_upheld(steps, 2, skipped);
                replay::Deviation cut_short;
                cut_short.state = [=](std::uint64_t step, std::span<const Tensor> before, std::vector<Tensor>& after) {
                    if (step >= at) after.assign(before.begin(), before.end());
                };
                check_convicted(steps, 3, cut_short);
            }
}

TEST_CASE("DISPUTE-18 DISPUTE-19 DISPUTE-20 COMMIT-9 a lie in any record of a sum is convicted, whether in its inputs or its result")
{
    for (const std::uint32_t node : {5U, 8U}) {
        const program::Descriptor descriptor = toy_program().descriptor({node});
        for (std::uint64_t record = 0; record < program::step_count(descriptor, 0); ++record)
            for (std::size_t part = 0; part < 4; ++part) {
                replay::Deviation deviation = changes_element(1, {node}, 0, 4);
                deviation.records = [=](std::uint64_t step, NodeIndex where, std::uint64_t, std::vector<program::StepRecord>& records) {
                    if (step != 1 || where.value != node) return;
                    if (part < 3) records[record].inputs[part] ^= 4;
                    else records[record].result ^= 4;
                };
                CAPTURE(node);
                CAPTURE(record);
                CAPTURE(part);
                check_convicted(3, 1, deviation);
                check_convicted(3, 3, deviation);
                check_upheld(3, 2, deviation);
            }
    }
}

TEST_CASE("DISPUTE-15 other data than the task's, and a start from elsewhere, are convicted")
{
    for (const std::uint32_t source : {0U, 1U, 2U})
        for (const std::uint64_t at : {0, 1, 2}) {
            check_convicted(3, 2, changes_element(at, {source}, 0, 0x00800000));
            check_upheld(3, 2, changes_element(at, {source}, 0, 0x00800000));
        }
}

TEST_CASE("DISPUTE-17 a NaN with a hidden payload is convicted")
{
    replay::Deviation deviation;
    deviation.node = [](std::uint64_t step, NodeIndex node, Tensor& output) {
        if (step != 1 || node.value != 11) return false;
        output.set_element(0, 0x7fc00001);
        return true;
    };
    check_convicted(2, 2, deviation);
}

TEST_CASE("DISPUTE-11 an inference pass, a single step whose outputs are no state, is disputed the same way")
{
    program::ProgramParts parts = toy_program().parts();
    parts.outputs = {{"high", {17}}, {"squares", {8}}};
    const auto checked = program::Program::from_parts(parts);
    REQUIRE(checked);
    CHECK(!checked->is_iterable());
    replay::Segment own = segment(1);
    own.program = std::make_shared<const commit::CommittedProgram>(*checked);
    const auto factory = [&] { return exec::make_interpreter(*checked, own.data, own.seed); };
    for (std::uint32_t node = 0; node < 18; ++node) {
        replay::RunTrace solver{own, factory, changes_element(0, {node}, 0, 1)};
        replay::RunTrace challenger{own, factory};
        if (*solver.after() == *challenger.after()) continue;
        const Outcome outcome = play(solver, challenger, 2);
        CHECK(outcome.verdict == Verdict::convicted);
        CHECK(!outcome.by_timeout);
    }
}
