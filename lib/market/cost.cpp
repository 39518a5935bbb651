// Holds MARKET-19.
#include <assay/market/cost.hpp>

#include <assay/program/scalar.hpp>

#include "market/wide.hpp"

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

Result<Amount> price_of(const Cost& run, const Machine& machine)
{
    ASSAY_CHECK(machine.operations_per_second > 0 && machine.bytes_per_second > 0);
    constexpr std::uint64_t hour = 3600;
    // The number of units is hour * max(count / (rate * 3600)); counts are at most 2^62 and amounts 2^60, so products fit 128 bits.
    const auto units = [&](std::uint64_t count, std::uint64_t rate) {
        return ceiling_quotient(Wide{count} * machine.hour.units, Wide{rate} * hour);
    };
    const Wide price = std::max(units(run.operations, machine.operations_per_second), units(run.bytes, machine.bytes_per_second));
    if (price > amount_max.units) return failure(Error::limit_exceeded, "the price is above 2^60");
    return Amount{static_cast<std::uint64_t>(price)};
}

Result<PriceRange> price_range(const Cost& run, std::span<const Machine> machines)
{
    ASSAY_CHECK(!machines.empty());
    PriceRange range{amount_max, {}};
    for (const Machine& machine : machines) {
        ASSAY_TRY_ASSIGN(const Amount price, price_of(run, machine));
        range = {std::min(range.lowest, price), std::max(range.highest, price)};
    }
    return range;
}

} // namespace assay::market
