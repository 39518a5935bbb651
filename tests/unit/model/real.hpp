// Evaluates programs with real numbers (binary64 in place of binary32), so that central differences are sharp enough to judge gradients.
// The scalar steps are the library's; only the arithmetic is other.
#pragma once

#include <bit>
#include <cmath>
#include <map>

#include <assay/program/program.hpp>
#include <assay/program/scalar.hpp>

namespace assay::test {

using program::Operation;

struct RealTensor {
    program::TensorType type;
    std::vector<double> elements; // integers are exact
};

inline RealTensor real_tensor(const program::TensorType& type, std::vector<double> elements)
{
    RealTensor tensor;
    tensor.type = type;
    tensor.elements = std::move(elements);
    return tensor;
}

inline double real_of(std::uint32_t bits, program::DataType type)
{
    return type == program::DataType::binary32 ? static_cast<double>(std::bit_cast<float>(bits)) : bits;
}

inline RealTensor real_of(const program::Tensor& tensor)
{
    RealTensor real{tensor.type(), {}};
    for (std::uint64_t i = 0; i < tensor.type().elements(); ++i) real.elements.push_back(real_of(tensor.element(i), tensor.type().type));
    return real;
}

inline double real_compute(const program::ScalarStep& step, double x, double y, double z, std::uint64_t seed)
{
    switch (step.operation) {
    case Operation::copy: return x;
    case Operation::add: return x + y;
    case Operation::subtract: return x - y;
    case Operation::multiply: return x * y;
    case Operation::divide: return x / y;
    case Operation::minimum: return std::min(x, y);
    case Operation::maximum: return std::max(x, y);
    case Operation::negate: return -x;
    case Operation::absolute: return std::fabs(x);
    case Operation::square_root: return std::sqrt(x);
    case Operation::exponential: return std::exp(x);
    case Operation::logarithm: return std::log(x);
    case Operation::hyperbolic_tangent: return std::tanh(x);
    case Operation::error_function: return std::erf(x);
    case Operation::sine: return std::sin(x);
    case Operation::cosine: return std::cos(x);
    case Operation::reciprocal_square_root: return 1 / std::sqrt(x);
    case Operation::less: return x < y ? 1 : 0;
    case Operation::equal: return std::equal_to<>{}(x, y) ? 1 : 0;
    case Operation::from_unsigned: return x;
    case Operation::select: return std::not_equal_to<>{}(x, 0.0) ? y : z;
    case Operation::fused_multiply_add: return x * y + z;
    case Operation::add_where_equal: return std::equal_to<>{}(z, static_cast<double>(step.parameter)) ? x + y : x;
    case Operation::add_where_not_below: return z >= step.parameter ? x + y : x;
    default: // integer operations
        return program::compute<program::IntegerArithmetic>(step, static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y),
                                                            static_cast<std::uint32_t>(z), seed);
    }
}

// All outputs of the program, in order, from its states and data.
inline std::vector<RealTensor> real_run(const program::Program& program, const std::vector<RealTensor>& states,
                                        const std::vector<RealTensor>& data, std::uint64_t seed)
{
    std::vector<RealTensor> values;
    for (std::uint32_t i = 0; i < program.nodes().size(); ++i) {
        const program::Descriptor node = program.descriptor({i});
        if (family_of(node.primitive) == program::Family::source) {
            const std::uint32_t index = std::get<program::SourceAttributes>(node.attributes).index;
            values.push_back(node.primitive == program::Primitive::state ? states[index] : data[index]);
            continue;
        }
        RealTensor result{node.output, {}};
        std::vector<double> steps;
        const auto resolve = [&](const program::Input& input, double y) {
            const auto read = [&](std::size_t slot, std::uint64_t element) {
                return values[node.operands[slot].node.value].elements[element];
            };
            switch (input.kind) {
            case program::Input::Kind::immediate: return real_of(static_cast<std::uint32_t>(input.value), node.output.type);
            case program::Input::Kind::operand: return read(input.slot, input.value);
            case program::Input::Kind::accumulator: return steps[input.value];
            default: return read(0, gathered_element(node, input.value, static_cast<std::uint32_t>(y)));
            }
        };
        for (std::uint64_t element = 0; element < node.output.elements(); ++element) {
            steps.clear();
            for (std::uint64_t count = step_count(node, element), s = 0; s < count; ++s) {
                const program::ScalarStep step = scalar_step(node, element, s);
                const double y = resolve(step.inputs[1], 0);
                steps.push_back(real_compute(step, resolve(step.inputs[0], y), y, resolve(step.inputs[2], 0), seed));
            }
            result.elements.push_back(steps.back());
        }
        values.push_back(std::move(result));
    }
    std::vector<RealTensor> outputs;
    for (const auto& output : program.outputs()) outputs.push_back(values[output.node.value]);
    return outputs;
}

// Reproducible numbers for tests, away from 0 and in (-2, -0.1) or (0.1, 2).
class Numbers {
public:
    explicit Numbers(std::uint64_t seed) : m_state(seed) {}
    double next()
    {
        const double share = static_cast<double>(word() >> 8) / 16777216.0;
        return ((word() & 1) != 0 ? 1 : -1) * (0.1 + 1.9 * share);
    }
    std::uint32_t below(std::uint32_t limit) { return word() % limit; }

private:
    std::uint32_t word()
    {
        m_state = m_state * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::uint32_t>(m_state >> 33);
    }
    std::uint64_t m_state;
};

} // namespace assay::test
