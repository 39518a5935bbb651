// Instructions around contractions of several matrices, which a thread carries through one batch after the other.
#include "exec/kernels/contraction.hpp"
#include "exec/plan/draft.hpp"

namespace assay::exec {

using program::DataType;
using program::Descriptor;
using program::NodeIndex;
using program::Primitive;

namespace {

constexpr std::size_t chained_max = 32;
constexpr std::size_t links_ahead = 3;
constexpr std::size_t batch_bytes_max = std::size_t{4} << 20; // some second-level caches

class Chaining {
public:
    explicit Chaining(Draft& draft) : m_draft(draft) {}

    // Around contractions of several matrices.
    void find()
    {
        const std::size_t count = m_draft.plan.instructions.size();
        m_draft.chain_end.resize(count);
        for (std::size_t i = 0; i < count; ++i) m_draft.chain_end[i] = i;
        if (!m_draft.grouped) return;
        m_is_output.assign(m_draft.nodes(), false);
        for (const auto& output : m_draft.program.outputs()) m_is_output[m_draft.root(output.node).value] = true;
        std::size_t free = 0; // instructions from here on are in no chain yet
        for (std::size_t i = 0; i < count; ++i) {
            const NodeIndex node = m_draft.plan.instructions[i].node;
            if (i < free || m_draft.program.node(node).primitive != Primitive::contract) continue;
            const std::size_t batches = contraction_of(m_draft.program.descriptor(node)).batches;
            Range chain{i, i + 1};
            if (batches < 2 * m_draft.threads || batches == 1 || !is_chain(chain, batches)) continue;
            // What links an instruction to the chain may be a later one that reads both.
            for (std::size_t more = 1; more <= links_ahead; ++more)
                if (chain.end + more <= count && is_chain({chain.begin, chain.end + more}, batches)) chain.end += more, more = 0;
            while (chain.begin > free && is_chain({chain.begin - 1, chain.end}, batches)) --chain.begin;
            free = chain.end;
            if (chain.size() == 1) continue;
            m_draft.plan.instructions[chain.begin].chained = chain.size();
            m_draft.plan.instructions[chain.begin].batches = batches;
            for (std::size_t member = chain.begin; member < chain.end; ++member) {
                m_draft.chain_end[member] = chain.end - 1;
                m_draft.plan.instructions[member].batches = batches;
            }
        }
    }

private:
    // Whether batch b of the operand is what batch b of the result reads, where the operand is broadcast to the result's shape.
    static bool is_batched(const program::Shape& operand, const program::Shape& result, std::size_t batches)
    {
        if (operand.rank() != result.rank()) return false;
        std::size_t leading = 1;
        for (std::size_t axis = 0; axis < result.rank() && leading < batches; leading *= result[axis++])
            if (operand[axis] != result[axis]) return false;
        return leading == batches;
    }

    // Whether instruction `i` divides into batches, those that it reads of instructions `chain` being its own.
    [[nodiscard]] bool has_batches(std::size_t i, Range chain, std::size_t batches) const
    {
        const Instruction& instruction = m_draft.plan.instructions[i];
        for (const NodeIndex node : m_draft.nodes_of(instruction)) {
            const program::TensorType& type = m_draft.program.type(node);
            if (type.elements() % batches != 0 || type.type == DataType::unsigned8 || m_is_output[node.value]) return false;
            if (is_cut(m_draft.program.descriptor(node), batches)) return false;
            if (instruction.maps.empty()) continue;
            for (const NodeIndex operand : m_draft.program.node(node).operands) {
                const program::Shape& shape = m_draft.program.type(operand).shape;
                const std::size_t made = m_draft.instruction_of[m_draft.root(operand).value];
                if (made != i && contains(chain, made) && shape != type.shape && !is_batched(shape, type.shape, batches)) return false;
            }
        }
        if (!instruction.maps.empty()) return true;
        const Descriptor node = m_draft.program.descriptor(instruction.node);
        switch (node.primitive) {
        case Primitive::contract: {
            const Contraction contraction = contraction_of(node);
            return contraction.batches % batches == 0 && contraction.rows > 1 && contraction.columns > 1;
        }
        case Primitive::reduce_sum:
        case Primitive::reduce_maximum: return true;
        case Primitive::permute: return !contains(chain, m_draft.instruction_of[m_draft.root(node.operands[0].node).value]);
        default: return false;
        }
    }
    // Whether a batch would begin between the rows of a matrix whose rows differ.
    static bool is_cut(const Descriptor& node, std::size_t batches)
    {
        const auto* reduction = std::get_if<program::ReductionAttributes>(&node.attributes);
        if (reduction == nullptr || !reduction->causal) return false;
        const program::Shape& shape = node.operands[0].type.shape;
        return node.output.elements() / batches % shape[shape.rank() - 2] != 0;
    }
    static bool contains(Range range, std::size_t i) { return i >= range.begin && i < range.end; }

    [[nodiscard]] bool reads(std::size_t reader, std::size_t made) const
    {
        for (const NodeIndex node : m_draft.nodes_of(m_draft.plan.instructions[reader]))
            for (const NodeIndex operand : m_draft.program.node(node).operands)
                if (m_draft.instruction_of[m_draft.root(operand).value] == made) return true;
        return false;
    }

    [[nodiscard]] bool is_chain(Range chain, std::size_t batches) const
    {
        std::size_t bytes = 0;
        for (std::size_t i = chain.begin; i < chain.end; ++i) {
            if (!has_batches(i, chain, batches)) return false;
            bool is_linked = m_draft.program.node(m_draft.plan.instructions[i].node).primitive == Primitive::contract;
            for (std::size_t other = chain.begin; other < chain.end && !is_linked; ++other)
                is_linked = other < i ? reads(i, other) : other > i && reads(other, i);
            if (!is_linked) return false;
            for (const NodeIndex node : m_draft.nodes_of(m_draft.plan.instructions[i])) bytes += m_draft.bytes_of(node) / batches;
        }
        return bytes <= batch_bytes_max && chain.size() <= chained_max;
    }

    Draft& m_draft;
    std::vector<bool> m_is_output; // by node
};

} // namespace

void find_chains(Draft& draft)
{
    Chaining{draft}.find();
}

} // namespace assay::exec
