#include "exec/plan.hpp"

#include <algorithm>
#include <new>

#include "exec/plan/draft.hpp"

namespace assay::exec {

using program::DataType;
using program::Family;
using program::NodeIndex;
using program::Primitive;

bool WordOrder::operator()(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) const
{
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](std::uint32_t x, std::uint32_t y) { return x < y; });
}

Draft::Draft(const program::Program& of, Plan::Mode mode, std::size_t thread_count)
    : program(of), threads(thread_count), grouped(mode == Plan::Mode::grouped), instruction_of(of.nodes().size(), never)
{
    plan.places.resize(nodes());
}

NodeIndex Draft::root(NodeIndex node) const
{
    while (grouped && program.node(node).primitive == Primitive::reshape) node = program.node(node).operands[0];
    return node;
}

bool Draft::is_constant(NodeIndex node) const
{
    const Primitive primitive = program.node(node).primitive;
    return primitive == Primitive::fill || primitive == Primitive::iota;
}

bool Draft::is_given(NodeIndex node) const
{
    return grouped && (is_constant(node) || family_of(program.node(node).primitive) == Family::source);
}

bool Draft::is_groupable(NodeIndex node) const
{
    return family_of(program.node(node).primitive) == Family::map && program.type(node).type != DataType::unsigned8;
}

std::vector<NodeIndex> Draft::nodes_of(const Instruction& instruction) const
{
    if (instruction.maps.empty()) return {instruction.node};
    std::vector<NodeIndex> nodes;
    for (const GroupedMap& map : instruction.maps) nodes.push_back(map.node);
    return nodes;
}

std::size_t Draft::bytes_of(NodeIndex node) const
{
    const std::uint64_t bytes = (program.type(node).bytes() + alignment - 1) / alignment * alignment;
    if (bytes > std::numeric_limits<std::size_t>::max() / 2) throw std::bad_alloc();
    return static_cast<std::size_t>(bytes);
}

Plan make_plan(const program::Program& program, Plan::Mode mode, std::size_t threads)
{
    Draft draft{program, mode, threads};
    find_groups(draft);
    find_chains(draft);
    find_causal(draft);
    place_values(draft);
    resolve_operands(draft);
    return std::move(draft.plan);
}

} // namespace assay::exec
