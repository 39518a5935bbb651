// Judges gradients by central differences.
#pragma once

#include <doctest/doctest.h>

#include <assay/model/gradients.hpp>

#include "tests/unit/model/real.hpp"

namespace assay::test {

using model::Builder;
using model::Value;
using program::DataType;
using program::Shape;
using program::TensorType;

// A scalar that depends on every element of `value` in its own way.
inline Value weighed(Builder& b, Value value)
{
    const auto elements = static_cast<std::uint32_t>(b.shape(value).elements());
    const Value places = b.to_binary32(b.iota({elements}, 0));
    const Value weights = b.cosine(b.add(b.multiply(places, b.number(0.7)), b.number(0.4)));
    return model::sum_of_elements(b, b.multiply(b.reshape(value, {elements}), weights));
}

using Expression = std::function<Value(Builder&, const std::vector<Value>&)>;

// Builds the scalar `expression` of inputs with these shapes, and compares its gradients with central differences at up to
// `samples_max` elements of each input. `scale` and `shift` place the inputs; `data` is what the expression declares as data.
inline void check_gradients(const std::vector<Shape>& shapes, const Expression& expression, double scale = 1, double shift = 0,
                            std::uint64_t samples_max = 40, const std::vector<RealTensor>& data = {})
{
    Builder b;
    std::vector<Value> inputs;
    for (std::size_t i = 0; i < shapes.size(); ++i)
        inputs.push_back(b.state("input " + std::to_string(i), {DataType::binary32, shapes[i]}));
    const Value loss = expression(b, inputs);
    b.output("loss", loss);
    const std::vector<Value> slopes = model::gradients(b, loss, inputs);
    for (std::size_t i = 0; i < shapes.size(); ++i) b.output("gradient " + std::to_string(i), slopes[i]);
    const auto program = b.finish();
    REQUIRE_MESSAGE(program.has_value(), program.failure().message());

    Numbers numbers{11};
    std::vector<RealTensor> states;
    for (const Shape& shape : shapes) {
        states.push_back({{DataType::binary32, shape}, {}});
        for (std::uint64_t i = 0; i < shape.elements(); ++i) states.back().elements.push_back(numbers.next() * scale + shift);
    }
    const std::vector<RealTensor> results = real_run(*program, states, data, 5);
    REQUIRE(std::isfinite(results[0].elements[0]));
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        REQUIRE(results[i + 1].type.shape == shapes[i]);
        const std::uint64_t count = shapes[i].elements();
        for (std::uint64_t sample = 0; sample < std::min(count, samples_max); ++sample) {
            const std::uint64_t element = count <= samples_max ? sample : numbers.below(static_cast<std::uint32_t>(count));
            constexpr double step = 1e-6;
            const auto loss_at = [&](double change) {
                auto moved = states;
                moved[i].elements[element] += change;
                return real_run(*program, moved, data, 5)[0].elements[0];
            };
            const double expected = (loss_at(step) - loss_at(-step)) / (2 * step);
            const double found = results[i + 1].elements[element];
            CAPTURE(i);
            CAPTURE(element);
            CHECK(found == doctest::Approx(expected).epsilon(1e-4).scale(1e-2));
        }
    }
}

} // namespace assay::test
