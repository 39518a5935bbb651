// Random tensors out of the words of the primitive `random`. Spec: spec/model.md, MODEL-8 to MODEL-10.
//
// A stream is one place where a program draws; with equal seed, stream and counter the words are equal.
#pragma once

#include <assay/model/builder.hpp>

namespace assay::model {

// Integers below `range`, unsigned32. Requires: range is not 0.
Value uniform_below(Builder& builder, program::Shape shape, std::uint32_t stream, Value counter, std::uint32_t range);

// Normal variables of mean 0 with the standard deviation of these binary32 bits (Box-Muller).
Value normal(Builder& builder, const program::Shape& shape, std::uint32_t stream, Value counter, std::uint32_t deviation_bits);

// Sets elements to zero at random and scales the others so that the mean stays; every call draws from a stream of its own.
class Dropout {
public:
    // Leaves everything as it is: for evaluation.
    Dropout() = default;
    // `counter` is an unsigned32 scalar, the step. Requires: 0 <= rate < 1.
    Dropout(double rate, Value counter) : m_rate(rate), m_counter(counter) {}

    Value operator()(Builder& builder, Value value);

private:
    double m_rate = 0;
    Value m_counter;
    std::uint32_t m_stream = 0; // the stream of the last call; streams of dropout begin with 1
};

inline constexpr std::uint32_t example_stream = 0;            // the examples of a step
inline constexpr std::uint32_t initial_stream = 0x8000'0000U; // plus the tensor's position among the states: its first value

} // namespace assay::model
