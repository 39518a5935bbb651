#include <assay/model/layers.hpp>

#include "tests/unit/model/gradient_check.hpp"

using namespace assay;
using namespace assay::test;

namespace {

using Inputs = std::vector<Value>;

// The first output of the program with one state of these elements.
std::vector<double> output_of(Builder& b, const std::vector<RealTensor>& states)
{
    const auto program = b.finish();
    REQUIRE_MESSAGE(program.has_value(), program.failure().message());
    return real_run(*program, states, {}, 5)[0].elements;
}

} // namespace

TEST_CASE("MODEL-7 the layers' gradients are those of central differences")
{
    check_gradients({{4, 3}, {3, 5}, {5}}, [](Builder& b, const Inputs& in) { return weighed(b, model::linear(b, in[0], in[1], in[2])); });
    check_gradients({{4, 6}, {6}, {6}}, [](Builder& b, const Inputs& in) { return weighed(b, model::layer_norm(b, in[0], in[1], in[2])); });
    check_gradients({{2, 4, 6}, {6}}, [](Builder& b, const Inputs& in) { return weighed(b, model::layer_norm(b, in[0], in[1])); });
    for (const auto activation : {model::Activation::rectifier, model::Activation::gelu, model::Activation::gelu_by_tanh})
        check_gradients({{3, 7}}, [&](Builder& b, const Inputs& in) { return weighed(b, model::activate(b, activation, in[0])); });
    check_gradients({{3, 7}}, [](Builder& b, const Inputs& in) { return weighed(b, model::softmax(b, in[0])); });
    check_gradients({{4, 5}}, [](Builder& b, const Inputs& in) {
        const Value targets = b.iota({4}, 0);
        return weighed(b, model::classify(b, in[0], targets).losses);
    });
}

TEST_CASE("MODEL-7 attention: its gradients are right with and without dropout, and where what is masked would overflow")
{
    for (const double rate : {0.0, 0.3})
        for (const double scale : {1.0, 2000.0}) {
            CAPTURE(rate);
            CAPTURE(scale);
            const Shape shape{2, 2, 5, 3};
            check_gradients({shape, shape, shape}, [&](Builder& b, const Inputs& in) {
                model::Dropout dropout = rate > 0 ? model::Dropout{rate, b.integer(3)} : model::Dropout{};
                const Value query = b.multiply(in[0], b.number(scale));
                return weighed(b, model::causal_attention(b, query, in[1], in[2], dropout));
            });
        }
}

TEST_CASE("MODEL-11 layer norm and activations have the values of their formulas")
{
    const RealTensor row = real_tensor({DataType::binary32, {1, 4}}, {1, -2, 0.5, 3});
    Builder norm;
    norm.output("y", model::layer_norm(norm, norm.state("x", row.type), norm.fill({DataType::binary32, {4}}, 0x40000000)));
    const auto normalised = output_of(norm, {row});
    const double mean = 0.625;
    const double variance = (1 + 4 + 0.25 + 9) / 4 - mean * mean;
    for (std::size_t i = 0; i < 4; ++i)
        CHECK(normalised[i] == doctest::Approx(2 * (row.elements[i] - mean) / std::sqrt(variance + 1e-5)).epsilon(1e-6));

    const auto activated = [&](model::Activation activation) {
        Builder b;
        b.output("y", model::activate(b, activation, b.state("x", row.type)));
        return output_of(b, {row});
    };
    CHECK(activated(model::Activation::rectifier) == std::vector<double>{1, 0, 0.5, 3});
    CHECK(activated(model::Activation::gelu)[1] == doctest::Approx(-0.0455003).epsilon(1e-5));         // -2 Phi(-2)
    CHECK(activated(model::Activation::gelu_by_tanh)[1] == doctest::Approx(-0.0454023).epsilon(1e-5)); // its published approximation
}

TEST_CASE("MODEL-12 causal attention gives the first position its own value, and no position depends on a later one")
{
    const TensorType type{DataType::binary32, {1, 1, 4, 2}};
    Builder b;
    const Value query = b.state("query", type);
    const Value key = b.state("key", type);
    const Value value = b.state("value", type);
    model::Dropout none;
    b.output("out", model::causal_attention(b, query, key, value, none));
    const RealTensor base = real_tensor(type, {0.3, -1, 0.8, 2, -0.5, 0.4, 1, 1.5});
    RealTensor changed = base;
    changed.elements[6] = 100;
    const auto before = output_of(b, {base, base, base});
    const auto after = output_of(b, {base, changed, changed});
    CHECK(before[0] == doctest::Approx(0.3));
    CHECK(before[1] == doctest::Approx(-1));
    for (std::size_t i = 0; i < 6; ++i) CHECK(before[i] == doctest::Approx(after[i]));
    CHECK(before[6] != doctest::Approx(after[6]));
}

TEST_CASE("MODEL-13 classify: cross-entropy and hits of known rows")
{
    Builder b;
    const Value logits = b.state("logits", {DataType::binary32, {2, 3}});
    const model::Classification result = model::classify(b, logits, b.iota({2}, 0));
    b.output("losses", result.losses);
    b.output("hits", result.hits);
    const auto program = b.finish();
    REQUIRE(program.has_value());
    const auto outputs = real_run(*program, {real_tensor({DataType::binary32, {2, 3}}, {2, 1, 0, 5, 1, 3})}, {}, 0);
    CHECK(outputs[0].elements[0] == doctest::Approx(std::log(std::exp(2) + std::exp(1) + 1) - 2));
    CHECK(outputs[0].elements[1] == doctest::Approx(std::log(std::exp(5) + std::exp(1) + std::exp(3)) - 1));
    CHECK(outputs[1].elements == std::vector<double>{1, 0});
}

TEST_CASE("MODEL-13 targets that do not fit the logits are refused")
{
    Builder b;
    const Value logits = b.state("logits", {DataType::binary32, {2, 3}});
    model::classify(b, logits, b.iota({3}, 0));
    CHECK(b.finish().error() == Error::invalid_shape);
}

TEST_CASE("MODEL-8 integers below a range are spread over it")
{
    Builder b;
    b.output("y", model::uniform_below(b, {6000}, 7, b.integer(1), 6));
    std::vector<int> counts(6);
    for (const double value : output_of(b, {})) ++counts.at(static_cast<std::size_t>(value));
    for (const int count : counts) CHECK(std::abs(count - 1000) < 150); // five standard deviations
}

TEST_CASE("MODEL-10 normal variables have the mean, deviation and tails of their distribution")
{
    Builder b;
    b.output("y", model::normal(b, {100, 200}, 7, b.integer(0), 0x3f000000));
    const auto values = output_of(b, {});
    double sum = 0;
    double squares = 0;
    int outside = 0;
    for (const double value : values) {
        sum += value;
        squares += value * value;
        outside += std::fabs(value) > 1 ? 1 : 0;
    }
    CHECK(std::fabs(sum / 20000) < 0.02);
    CHECK(squares / 20000 == doctest::Approx(0.25).epsilon(0.05));
    CHECK(outside / 20000.0 == doctest::Approx(0.0455).epsilon(0.15));
}

TEST_CASE("MODEL-9 dropout: drops at its rate, scales what stays, differs by site and step, and is nothing at rate 0")
{
    Builder b;
    const Value ones = b.fill({DataType::binary32, {4000}}, 0x3f800000);
    model::Dropout dropout{0.25, b.state("step", {DataType::unsigned32, {}})};
    b.output("first", dropout(b, ones));
    b.output("second", dropout(b, ones));
    const auto program = b.finish();
    REQUIRE(program.has_value());
    const auto run = [&](double step) { return real_run(*program, {real_tensor({DataType::unsigned32, {}}, {step})}, {}, 9); };
    const auto outputs = run(0);
    const auto later = run(1);
    double dropped = 0;
    for (const double value : outputs[0].elements) {
        if (value < 1) dropped += 1;
        else CHECK(value == doctest::Approx(4.0 / 3));
    }
    CHECK(dropped / 4000 == doctest::Approx(0.25).epsilon(0.12));
    CHECK(outputs[0].elements != outputs[1].elements);
    CHECK(outputs[0].elements != later[0].elements);
    model::Dropout none;
    CHECK(none(b, ones) == ones);
}
