// The meaning of every primitive, one scalar operation at a time. Spec: spec/program.md, "Evaluation", PROGRAM-12 to PROGRAM-20.
//
// Every element of every node is the result of a short list of scalar steps: one step for most primitives, one for each term of
// a sum for contractions, reductions and scatter_add. A step says which operation it is and where its inputs come from. The list
// is a pure function of the node's descriptor and the element's index, and it is the only definition that there is: the
// interpreter executes it with native arithmetic, the referee executes one step of it with integers, and the fast executor is
// tested against it.
#pragma once

#include <assay/arith/binary32.hpp>
#include <assay/arith/functions.hpp>
#include <assay/arith/philox.hpp>
#include <assay/program/node.hpp>

namespace assay::program {

enum class Operation : std::uint8_t {
    copy, // x
    add, subtract, multiply, divide, minimum, maximum, negate, absolute, square_root, exponential, logarithm, hyperbolic_tangent,
    error_function, sine, cosine, reciprocal_square_root, less, equal, from_unsigned, to_unsigned,
    integer_add, integer_subtract, integer_multiply, integer_multiply_high, integer_less, integer_equal,
    select,               // y where x is not 0, otherwise z
    fused_multiply_add,   // x * y + z, rounded once
    random_word,          // Philox: x counter, y and z the index's low and high half, parameter the stream
    add_where_equal,      // x + y where z = parameter, otherwise x
    add_where_not_below,  // x + y where z >= parameter, otherwise x
};

// Where an input of a scalar step comes from.
struct Input {
    enum class Kind : std::uint8_t {
        immediate,   // `value` itself
        operand,     // element `value` of operand `slot`
        accumulator, // the result of step `value` of the same element
        gathered,    // operand 0's element in the row that input y names, column `value`
    };
    Kind kind = Kind::immediate;
    std::uint8_t slot = 0;
    std::uint64_t value = 0;
    friend bool operator==(const Input&, const Input&) = default;
};

struct ScalarStep {
    Operation operation = Operation::copy;
    std::array<Input, 3> inputs{}; // x, y, z
    std::uint32_t parameter = 0;
};

// The number of scalar steps of an element, at least 1. Requires: a descriptor that infer_type accepts, element in its output.
std::uint64_t step_count(const Descriptor& node, std::uint64_t element);

// Step `step` of an element's list. The last step's result is the element. Requires: as above, step below step_count.
// Not for Family::source, whose tensors are copied whole.
ScalarStep scalar_step(const Descriptor& node, std::uint64_t element, std::uint64_t step);

// Which element of operand 0 a gathered input is, when input y has the value `row`: rows past the end are the last row.
std::uint64_t gathered_element(const Descriptor& node, std::uint64_t column, std::uint32_t row);

// binary32 by integer operations only: what the referee computes with.
struct IntegerArithmetic {
    static std::uint32_t add(std::uint32_t a, std::uint32_t b) { return arith::add(a, b); }
    static std::uint32_t subtract(std::uint32_t a, std::uint32_t b) { return arith::subtract(a, b); }
    static std::uint32_t multiply(std::uint32_t a, std::uint32_t b) { return arith::multiply(a, b); }
    static std::uint32_t divide(std::uint32_t a, std::uint32_t b) { return arith::divide(a, b); }
    static std::uint32_t fused_multiply_add(std::uint32_t a, std::uint32_t b, std::uint32_t c) { return arith::fused_multiply_add(a, b, c); }
    static std::uint32_t square_root(std::uint32_t a) { return arith::square_root(a); }
    static std::uint32_t exponential(std::uint32_t a) { return arith::exponential(a); }
    static std::uint32_t logarithm(std::uint32_t a) { return arith::logarithm(a); }
    static std::uint32_t hyperbolic_tangent(std::uint32_t a) { return arith::hyperbolic_tangent(a); }
    static std::uint32_t error_function(std::uint32_t a) { return arith::error_function(a); }
    static std::uint32_t sine(std::uint32_t a) { return arith::sine(a); }
    static std::uint32_t cosine(std::uint32_t a) { return arith::cosine(a); }
    static std::uint32_t reciprocal_square_root(std::uint32_t a) { return arith::reciprocal_square_root(a); }
    static std::uint32_t from_unsigned(std::uint32_t a) { return arith::from_unsigned(a); }
};

// The result of one scalar operation on bit patterns; `Arithmetic` supplies what rounds. Every NaN result is 0x7fc00000.
// `seed` keys the random words. Spec: PROGRAM-13.
template <class Arithmetic>
std::uint32_t compute(const ScalarStep& step, std::uint32_t x, std::uint32_t y, std::uint32_t z, std::uint64_t seed)
{
    using A = Arithmetic;
    switch (step.operation) {
    case Operation::copy: return x;
    case Operation::add: return A::add(x, y);
    case Operation::subtract: return A::subtract(x, y);
    case Operation::multiply: return A::multiply(x, y);
    case Operation::divide: return A::divide(x, y);
    case Operation::minimum: return arith::minimum(x, y);
    case Operation::maximum: return arith::maximum(x, y);
    case Operation::negate: return arith::negate(x);
    case Operation::absolute: return arith::absolute(x);
    case Operation::square_root: return A::square_root(x);
    case Operation::exponential: return A::exponential(x);
    case Operation::logarithm: return A::logarithm(x);
    case Operation::hyperbolic_tangent: return A::hyperbolic_tangent(x);
    case Operation::error_function: return A::error_function(x);
    case Operation::sine: return A::sine(x);
    case Operation::cosine: return A::cosine(x);
    case Operation::reciprocal_square_root: return A::reciprocal_square_root(x);
    case Operation::less: return arith::less(x, y) ? 1 : 0;
    case Operation::equal: return arith::equal(x, y) ? 1 : 0;
    case Operation::from_unsigned: return A::from_unsigned(x);
    case Operation::to_unsigned: return arith::to_unsigned(x);
    case Operation::integer_add: return x + y;
    case Operation::integer_subtract: return x - y;
    case Operation::integer_multiply: return x * y;
    case Operation::integer_multiply_high: return static_cast<std::uint32_t>(std::uint64_t{x} * y >> 32);
    case Operation::integer_less: return x < y ? 1 : 0;
    case Operation::integer_equal: return x == y ? 1 : 0;
    case Operation::select: return x != 0 ? y : z;
    case Operation::fused_multiply_add: return A::fused_multiply_add(x, y, z);
    case Operation::random_word: {
        const std::uint64_t word = std::uint64_t{z} << 32 | y;
        const std::uint64_t block = word / 4;
        const auto words = arith::philox4x32_10({static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), x, step.parameter},
                                                {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
        return words[word % 4];
    }
    case Operation::add_where_equal: return z == step.parameter ? A::add(x, y) : x;
    case Operation::add_where_not_below: return z >= step.parameter ? A::add(x, y) : x;
    }
    ASSAY_CHECK(false);
    return 0;
}

// The inputs of a scalar step, resolved. `read(slot, element)` returns an operand's element, `accumulated(step)` an earlier
// step's result. Written once for tensors (replay) and for openings (referee).
template <class Read, class Accumulated>
std::array<std::uint32_t, 3> resolve_inputs(const Descriptor& node, const ScalarStep& step, Read&& read, Accumulated&& accumulated)
{
    std::array<std::uint32_t, 3> values{};
    // y before x: a gathered x depends on it.
    for (const std::size_t i : {std::size_t{1}, std::size_t{0}, std::size_t{2}}) {
        const Input& input = step.inputs[i];
        switch (input.kind) {
        case Input::Kind::immediate: values[i] = static_cast<std::uint32_t>(input.value); break;
        case Input::Kind::operand: values[i] = read(input.slot, input.value); break;
        case Input::Kind::accumulator: values[i] = accumulated(input.value); break;
        case Input::Kind::gathered: values[i] = read(std::uint8_t{0}, gathered_element(node, input.value, values[1])); break;
        }
    }
    return values;
}

// What is committed for one scalar step of an element with several: its resolved inputs and its result. Spec: COMMIT-9.
struct StepRecord {
    static constexpr std::size_t encoded_bytes = 16;
    std::array<std::uint32_t, 3> inputs{};
    std::uint32_t result = 0;

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.inputs[0], self.inputs[1], self.inputs[2], self.result);
    }
    friend bool operator==(const StepRecord&, const StepRecord&) = default;
};

// All steps of an element, in order; the last record's result is the element.
template <class Arithmetic, class Read>
std::vector<StepRecord> evaluate_steps(const Descriptor& node, std::uint64_t element, std::uint64_t seed, Read&& read)
{
    std::vector<StepRecord> records(step_count(node, element));
    for (std::uint64_t i = 0; i < records.size(); ++i) {
        const ScalarStep step = scalar_step(node, element, i);
        const auto in = resolve_inputs(node, step, read, [&](std::uint64_t earlier) { return records[earlier].result; });
        records[i] = {in, compute<Arithmetic>(step, in[0], in[1], in[2], seed)};
    }
    return records;
}

} // namespace assay::program
