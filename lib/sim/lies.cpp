// Where to lie: a place of the wanted kind, found by asking the program.
#include <assay/sim/adversaries.hpp>

#include <assay/program/scalar.hpp>

namespace assay::sim {

using program::Family;
using program::Input;
using Where = Lie::Where;

namespace {

constexpr int tries = 200;

bool is_wanted(LieKind kind, const program::Descriptor& node, std::uint64_t records)
{
    switch (kind) {
    case LieKind::source_state: return node.primitive == program::Primitive::state;
    case LieKind::source_data: return node.primitive == program::Primitive::data;
    case LieKind::element: return program::family_of(node.primitive) != Family::source && records == 1;
    default: return records > 1;
    }
}

// A record, and a part of it, of the wanted kind.
bool choose_record(LieKind kind, const program::Descriptor& node, std::uint64_t records, Random& random, Lie& lie)
{
    lie.record = random.one_in(3)   ? records - 1
                 : random.one_in(3) ? random.below(std::min<std::uint64_t>(records, 40))
                                    : random.below(records);
    lie.part = kind == LieKind::result ? 3 : static_cast<std::uint8_t>(random.below(3));
    if (kind == LieKind::result) return true;
    const auto wanted = kind == LieKind::input  ? Input::Kind::operand
                        : kind == LieKind::join ? Input::Kind::accumulator
                                                : Input::Kind::immediate;
    return program::scalar_step(node, lie.element, lie.record).inputs[lie.part].kind == wanted;
}

} // namespace

Lie choose_lie(LieKind kind, const SyntheticTask& task, Random& random)
{
    if (kind == LieKind::anything) kind = static_cast<LieKind>(2 + random.below(8));
    const SyntheticSizes& sizes = task.sizes();
    Lie lie;
    if (kind == LieKind::truth) return lie;
    const std::array places{std::uint64_t{0}, sizes.steps - 1, random.below(sizes.steps)};
    lie.step = random.of(places);
    lie.output = static_cast<std::uint32_t>(random.below(sizes.states));
    lie.where = Where::output;
    if (kind == LieKind::output) return lie;
    const bool in_records = kind == LieKind::result || kind == LieKind::input || kind == LieKind::join || kind == LieKind::constant;
    for (int i = 0; i < tries; ++i) {
        lie.node = static_cast<std::uint32_t>(random.below(random.one_in(2) ? std::min(sizes.nodes, 32U) : sizes.nodes));
        const program::Descriptor node = task.program().program().descriptor({lie.node});
        const std::uint64_t records = task.records_of(lie.node);
        if (!is_wanted(kind, node, records)) continue;
        lie.element = random.one_in(4) ? task.elements_of(lie.node) - 1 : random.below(task.elements_of(lie.node));
        if (in_records && !choose_record(kind, node, records, random, lie)) continue;
        lie.where = in_records ? Where::record : Where::node;
        return lie;
    }
    lie.node = 8;
    lie.element = 0;
    lie.where = Where::node;
    return lie;
}

replay::Deviation deviation_of(const Lie& lie)
{
    constexpr std::uint32_t flipped = 4;
    replay::Deviation deviation;
    if (lie.where == Where::output)
        deviation.state = [lie](std::uint64_t step, std::span<const program::Tensor>, std::vector<program::Tensor>& after) {
            program::Tensor& tensor = after[lie.output % after.size()];
            if (step == lie.step) tensor.set_element(0, tensor.element(0) ^ flipped);
        };
    if (lie.where == Where::node || lie.where == Where::record)
        deviation.node = [lie](std::uint64_t step, program::NodeIndex node, program::Tensor& output) {
            if (step != lie.step || node.value != lie.node) return false;
            const std::uint64_t element = lie.element % output.type().elements();
            output.set_element(element, output.element(element) ^ flipped);
            return true;
        };
    if (lie.where == Where::record)
        deviation.records = [lie](std::uint64_t step, program::NodeIndex node, std::uint64_t, std::vector<program::StepRecord>& records) {
            if (step != lie.step || node.value != lie.node) return;
            program::StepRecord& record = records[lie.record % records.size()];
            if (lie.part < 3) record.inputs[lie.part] ^= flipped;
            else record.result ^= flipped;
        };
    return deviation;
}

} // namespace assay::sim
