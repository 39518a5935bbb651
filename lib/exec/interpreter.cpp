// The reference interpreter: for every element of every node, the scalar steps of program/scalar.hpp, one after another. Spec: PROGRAM-20.
#include <assay/exec/executor.hpp>

#include "exec/native_arithmetic.hpp"
#include <assay/exec/floating_point_environment.hpp>
#include <assay/exec/vector_target.hpp>
#include <assay/program/scalar.hpp>

namespace assay::exec {

using program::Descriptor;
using program::Family;
using program::NodeIndex;
using program::Tensor;

namespace {

class Interpreter final : public Executor {
public:
    Interpreter(const program::Program& program, DataSet data, std::uint64_t seed)
        : m_program(program), m_data(std::move(data)), m_seed(seed)
    {
    }

    Status load(std::span<const Tensor> states) override
    {
        ASSAY_TRY(check_tensors(m_program.states(), states));
        m_states.assign(states.begin(), states.end());
        return {};
    }

    Status load_data(DataSet data) override
    {
        ASSAY_TRY(check_tensors(m_program.data(), *data));
        m_data = std::move(data);
        return {};
    }

    void step() override
    {
        evaluate_all([](NodeIndex, Tensor&) { return false; });
    }

    Status traced_step(const NodeVisitor& visit) override
    {
        evaluate_all(visit);
        return {};
    }

    [[nodiscard]] Tensor output(std::size_t index) const override
    {
        ASSAY_CHECK(m_values.size() == m_program.nodes().size());
        return m_values[m_program.outputs()[index].node.value];
    }

    void read_outputs(std::vector<Tensor>& tensors) const override
    {
        tensors.resize(m_program.outputs().size());
        for (std::size_t i = 0; i < tensors.size(); ++i) tensors[i] = output(i);
    }

private:
    void evaluate_all(const NodeVisitor& visit)
    {
        ASSAY_CHECK(m_states.size() == m_program.states().size());
        const FloatingPointEnvironment environment;
        m_values.clear();
        for (std::uint32_t i = 0; i < m_program.nodes().size(); ++i) {
            m_values.push_back(evaluate(m_program.descriptor({i})));
            visit({i}, m_values.back());
        }
        if (m_program.is_iterable()) m_states = outputs();
    }

    [[nodiscard]] Tensor evaluate(const Descriptor& node) const
    {
        if (node.primitive == program::Primitive::state) return m_states[std::get<program::SourceAttributes>(node.attributes).index];
        if (node.primitive == program::Primitive::data) return (*m_data)[std::get<program::SourceAttributes>(node.attributes).index];
        const auto read = [&](std::uint8_t slot, std::uint64_t element) {
            return m_values[node.operands[slot].node.value].element(element);
        };
        Tensor result{node.output};
        std::vector<std::uint32_t> accumulators;
        const std::uint64_t elements = node.output.elements();
        for (std::uint64_t element = 0; element < elements; ++element) {
            const std::uint64_t steps = program::step_count(node, element);
            accumulators.resize(steps);
            for (std::uint64_t i = 0; i < steps; ++i) {
                const program::ScalarStep step = program::scalar_step(node, element, i);
                const auto in = program::resolve_inputs(node, step, read, [&](std::uint64_t earlier) { return accumulators[earlier]; });
                accumulators[i] = program::compute<NativeArithmetic>(step, in[0], in[1], in[2], m_seed);
            }
            result.set_element(element, accumulators.back());
        }
        return result;
    }

    program::Program m_program;
    DataSet m_data;
    std::uint64_t m_seed;
    std::vector<Tensor> m_states;
    std::vector<Tensor> m_values;
};

} // namespace

Status check_tensors(std::span<const program::Declaration> declared, std::span<const Tensor> given)
{
    if (declared.size() != given.size())
        return failure(Error::state_mismatch,
                       std::to_string(declared.size()) + " tensors are declared, " + std::to_string(given.size()) + " are given");
    for (std::size_t i = 0; i < declared.size(); ++i)
        if (declared[i].type != given[i].type())
            return failure(Error::state_mismatch, declared[i].name + " is declared as " + to_string(declared[i].type) + ", given as " +
                                                      to_string(given[i].type()));
    return {};
}

Result<std::unique_ptr<Executor>> make_interpreter(const program::Program& program, DataSet data, std::uint64_t seed)
{
    ASSAY_TRY(check_processor());
    ASSAY_TRY(check_tensors(program.data(), *data));
    return std::unique_ptr<Executor>{std::make_unique<Interpreter>(program, std::move(data), seed)};
}

} // namespace assay::exec
