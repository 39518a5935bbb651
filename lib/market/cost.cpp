#include <assay/market/cost.hpp>

#include <assay/program/scalar.hpp>

namespace assay::market {

namespace {

constexpr std::uint64_t count_max = std::uint64_t{1} << 62;

Status add_to(std::uint64_t& sum, std::uint64_t count, std::uint64_t factor)
{
    if (factor != 0 && count > count_max / factor) return failure(Error::limit_exceeded, "a cost is at most 2^62");
    if (sum > count_max - count * factor) return failure(Error::limit_exceeded, "a cost is at most 2^62");
    sum += count * factor;
    return {};
}

std::uint64_t bytes_of(const program::TensorType& type)
{
    return type.elements() * program::width_of(type.type);
}

} // namespace

Result<Cost> cost_of_step(const program::Program& program)
{
    Cost cost;
    for (const auto* declarations : {&program.states(), &program.data()})
        for (const program::Declaration& declaration : *declarations) ASSAY_TRY(add_to(cost.memory, bytes_of(declaration.type), 1));
    for (std::uint32_t i = 0; i < program.nodes().size(); ++i) {
        const program::Descriptor node = program.descriptor({i});
        const std::uint64_t elements = node.output.elements();
        ASSAY_TRY(add_to(cost.memory, bytes_of(node.output), 1));
        ASSAY_TRY(add_to(cost.bytes, bytes_of(node.output), 1));
        for (const program::Operand& operand : node.operands) ASSAY_TRY(add_to(cost.bytes, bytes_of(operand.type), 1));
        if (program::family_of(node.primitive) == program::Family::source || elements == 0) continue;
        // Sums whose length depends on the element grow along it: the longer of the two ends bounds all.
        ASSAY_TRY(add_to(cost.operations, std::max(program::step_count(node, 0), program::step_count(node, elements - 1)), elements));
    }
    return cost;
}

Result<Cost> cost_of_run(const program::Program& program, const commit::Task& task)
{
    ASSAY_TRY_ASSIGN(const Cost step, cost_of_step(program));
    Cost run;
    run.memory = step.memory;
    ASSAY_TRY(add_to(run.operations, step.operations, task.steps));
    ASSAY_TRY(add_to(run.bytes, step.bytes, task.steps));
    return run;
}

} // namespace assay::market
