// Programs from anybody: refused, or computed alike by both executors (PROGRAM-9, NUMERICS-20).
#include <assay/exec/executor.hpp>
#include <assay/program/scalar.hpp>

#include "tests/fuzz/fuzz.hpp"
#include "tests/unit/dispute/toy_task.hpp"
#include "tests/unit/exec/awkward.hpp"

namespace {

using namespace assay;

constexpr std::uint64_t work_max = 20'000;

// Whether the interpreter is done in a moment.
bool is_small(const program::Program& program)
{
    std::uint64_t work = 0;
    for (std::uint32_t i = 0; i < program.nodes().size() && work < work_max; ++i) {
        const program::Descriptor node = program.descriptor({i});
        const bool is_source = program::family_of(node.primitive) == program::Family::source;
        const std::uint64_t steps = is_source ? 1 : program::step_count(node, node.output.elements() - 1);
        if (node.output.elements() > work_max || steps > work_max) return false;
        work += node.output.elements() * steps;
    }
    return work < work_max;
}

} // namespace

std::vector<assay::Bytes> assay::fuzz::seeds()
{
    std::vector<Bytes> all{toy::toy_program().encode()};
    for (const program::Program& program : test::awkward_programs())
        if (is_small(program)) all.push_back(program.encode());
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto program = program::Program::decode({data, size});
    if (!program) return 0;
    const Bytes again = program->encode();
    fuzz::expect(std::equal(again.begin(), again.end(), data, data + size), "what is accepted encodes to the same bytes");
    if (!is_small(*program)) return 0;
    for (const auto& declared : {program->states(), program->data()})
        for (const auto& tensor : declared)
            if (tensor.type.bytes() > work_max) return 0;
    const auto states = test::awkward_states(*program, 1);
    const auto given = std::make_shared<const std::vector<program::Tensor>>(test::awkward_data(*program, 1));
    const auto interpreter = exec::make_interpreter(*program, given, 5), fast = exec::make_fast_executor(*program, given, 5, 1);
    fuzz::expect(interpreter && fast, "an accepted program has executors");
    for (exec::Executor* executor : {interpreter->get(), fast->get()}) {
        fuzz::expect(executor->load(states).ok(), "states of the declared types are loaded");
        executor->step();
    }
    fuzz::expect((*interpreter)->outputs() == (*fast)->outputs(), "both executors have the same bits");
    return 0;
}
