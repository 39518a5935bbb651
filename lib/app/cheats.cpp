// The cheats.
#include "app/cheats.hpp"

#include <bit>
#include <map>

namespace assay::app {

using program::DataType;
using program::NodeIndex;
using program::Primitive;
using program::Tensor;
using replay::Deviation;

namespace {

using Change = std::function<void(Tensor&)>;

Deviation changes_node(std::uint64_t at, NodeIndex where, Change change)
{
    Deviation deviation;
    deviation.node = [=](std::uint64_t step, NodeIndex node, Tensor& output) {
        if (step != at || node != where) return false;
        change(output);
        return true;
    };
    return deviation;
}

// Flips a bit of the fraction that no rounding hides.
void nudge_element(Tensor& tensor, std::uint64_t element)
{
    tensor.set_element(element, tensor.element(element) ^ 0x00200000);
}

void nudge_middle(Tensor& tensor)
{
    nudge_element(tensor, tensor.type().elements() / 2);
}

// A single weight may be multiplied by nothing but zeros, as that of a pixel at the border is.
void nudge_all(Tensor& tensor)
{
    for (std::uint64_t i = 0; i < tensor.type().elements(); ++i) nudge_element(tensor, i);
}

Failure no_such_node(std::string_view what)
{
    return failure(Error::invalid_input, "this program has no " + std::string{what});
}

// The node behind the first output that is a matrix of numbers: a weight after the step.
Result<NodeIndex> weight_after(const program::Program& program)
{
    for (const auto& output : program.outputs())
        if (program.type(output.node).type == DataType::binary32 && program.type(output.node).shape.rank() >= 2) return output.node;
    return no_such_node("weights");
}

template <class Accepts>
Result<NodeIndex> find_node(const program::Program& program, std::string_view what, Accepts accepts)
{
    for (std::uint32_t i = 0; i < program.nodes().size(); ++i)
        if (accepts(NodeIndex{i}, program.nodes()[i])) return NodeIndex{i};
    return no_such_node(what);
}

Result<Deviation> skipped_step(const program::Program&, std::uint64_t at)
{
    Deviation deviation;
    deviation.state = [=](std::uint64_t step, std::span<const Tensor> before, std::vector<Tensor>& after) {
        if (step == at) after.assign(before.begin(), before.end());
    };
    return deviation;
}

Result<Deviation> cut_short(const program::Program&, std::uint64_t at)
{
    Deviation deviation;
    deviation.state = [=](std::uint64_t step, std::span<const Tensor> before, std::vector<Tensor>& after) {
        if (step >= at) after.assign(before.begin(), before.end());
    };
    return deviation;
}

Result<Deviation> other_data(const program::Program& program, std::uint64_t at)
{
    ASSAY_TRY_ASSIGN(const NodeIndex node,
                     find_node(program, "data", [](NodeIndex, const program::Node& n) { return n.primitive == Primitive::data; }));
    return changes_node(at, node, [](Tensor& data) {
        const std::uint64_t elements = data.type().elements();
        for (std::uint64_t i = 0; i < elements / 2; ++i) {
            const std::uint32_t first = data.element(i);
            data.set_element(i, data.element(elements - 1 - i));
            data.set_element(elements - 1 - i, first);
        }
    });
}

Result<Deviation> nudged_weight(const program::Program& program, std::uint64_t at)
{
    ASSAY_TRY_ASSIGN(const NodeIndex node, weight_after(program));
    return changes_node(at, node, nudge_middle);
}

// The last element of an exponential is in the sum of a softmax whose other terms are not masked, so that it reaches everything behind.
Result<Deviation> forged_node(const program::Program& program, std::uint64_t at)
{
    Result<NodeIndex> node = no_such_node("exponential");
    for (const Primitive primitive : {Primitive::exponential, Primitive::maximum})
        if (!node)
            node =
                find_node(program, "exponential or maximum", [&](NodeIndex, const program::Node& n) { return n.primitive == primitive; });
    if (!node) return node.failure();
    return changes_node(at, *node, [](Tensor& output) {
        const std::uint64_t last = output.type().elements() - 1;
        output.set_element(last, output.element(last) == 0 ? arith::one : output.element(last) ^ 0x00400000);
    });
}

// The rates of the schedule are the small ones among its constants; which of them counts depends on the step.
bool is_rate(const program::Node& node)
{
    if (node.primitive != Primitive::fill || node.name.find("learning rate/") == std::string::npos) return false;
    const auto& fill = std::get<program::FillAttributes>(node.attributes);
    const float value = std::bit_cast<float>(fill.bits);
    return fill.type == program::TensorType{} && value > 0 && value < 0.1F;
}

Result<Deviation> other_parameters(const program::Program& program, std::uint64_t)
{
    ASSAY_TRY(find_node(program, "learning rate", [](NodeIndex, const program::Node& node) { return is_rate(node); }));
    Deviation deviation;
    deviation.node = [nodes = program.nodes()](std::uint64_t, NodeIndex node, Tensor& value) {
        if (!is_rate(nodes[node.value])) return false;
        value.set_element(0, arith::multiply(value.element(0), arith::add(arith::one, arith::one)));
        return true;
    };
    return deviation;
}

Result<Deviation> foreign_checkpoint(const program::Program& program, std::uint64_t)
{
    ASSAY_TRY_ASSIGN(const NodeIndex node, find_node(program, "weights", [&](NodeIndex i, const program::Node& n) {
                         return n.primitive == Primitive::state && program.type(i).type == DataType::binary32 &&
                                program.type(i).shape.rank() >= 2;
                     }));
    return changes_node(0, node, nudge_all);
}

// A contraction's sums taken downward: right to within rounding, and not the definition. Of those with the
// most terms the last one, so that the difference is large, and few roundings come after it.
Result<Deviation> reduction_order(const program::Program& program, std::uint64_t at)
{
    Result<NodeIndex> last = no_such_node("matrix product");
    std::uint64_t most = 0;
    for (std::uint32_t i = 0; i < program.nodes().size(); ++i) {
        if (program.nodes()[i].primitive != Primitive::contract) continue;
        const std::uint64_t terms = program::step_count(program.descriptor({i}), 0);
        if (terms < most) continue;
        most = terms;
        last = NodeIndex{i};
    }
    ASSAY_TRY_ASSIGN(const NodeIndex node, last);
    const program::Descriptor descriptor = program.descriptor(node);
    auto operands = std::make_shared<std::map<std::uint32_t, Tensor>>();
    Deviation deviation;
    deviation.node = [=](std::uint64_t step, NodeIndex here, Tensor& output) {
        for (const program::Operand& operand : descriptor.operands)
            if (here == operand.node) (*operands)[here.value] = output;
        if (step != at || here != node) return false;
        const auto read = [&](const program::Input& input) {
            return operands->at(descriptor.operands[input.slot].node.value).element(input.value);
        };
        for (std::uint64_t element = 0; element < output.type().elements(); ++element) {
            std::uint32_t sum = 0;
            for (std::uint64_t i = program::step_count(descriptor, element); i-- > 0;) {
                const program::ScalarStep term = program::scalar_step(descriptor, element, i);
                if (term.operation == program::Operation::fused_multiply_add)
                    sum = arith::fused_multiply_add(read(term.inputs[0]), read(term.inputs[1]), sum);
            }
            output.set_element(element, sum);
        }
        return true;
    };
    return deviation;
}

Result<Deviation> hidden_nan(const program::Program& program, std::uint64_t at)
{
    ASSAY_TRY_ASSIGN(const NodeIndex node, weight_after(program));
    return changes_node(at, node, [](Tensor& weight) { weight.set_element(0, 0x7fc0beef); });
}

} // namespace

const std::vector<Cheat>& cheats()
{
    static const std::vector<Cheat> all{
        {"skipped-step", "does not make a step, and calls the state before it the state after it", true, skipped_step},
        {"other-data", "uses other data than the task's", false, other_data},
        {"nudged-weight", "changes one weight after a step", true, nudged_weight},
        {"forged-node", "forges one number inside a step", false, forged_node},
        {"other-parameters", "trains with twice the learning rate", true, other_parameters},
        {"foreign-checkpoint", "starts from a checkpoint of its own", false, foreign_checkpoint},
        {"reduction-order", "adds the terms of a matrix product in another order", false, reduction_order},
        {"hidden-nan", "hides 16 bits in the payload of a NaN", false, hidden_nan},
        {"cut-short", "stops in the middle of the interval and calls that state the last", true, cut_short},
    };
    return all;
}

Result<const Cheat*> find_cheat(const std::string& name)
{
    std::string names;
    for (const Cheat& cheat : cheats()) {
        if (cheat.name == name) return &cheat;
        names += (names.empty() ? "" : ", ") + cheat.name;
    }
    return failure(Error::invalid_input, "no cheat is called \"" + name + "\"; there are: " + names);
}

} // namespace assay::app
