#include <assay/model/optimiser.hpp>

#include <doctest/doctest.h>

#include "tests/unit/model/real.hpp"

using namespace assay;
using namespace assay::test;
using model::Builder;
using model::NamedValues;
using model::Value;
using model::Variable;
using program::DataType;

namespace {

const std::vector<Variable>& two_parameters()
{
    static const std::vector<Variable> parameters{{"w", {DataType::binary32, {2}}, {}, true}, {"b", {DataType::binary32, {2}}, {}, false}};
    return parameters;
}

// Runs `steps` updates of two parameters whose gradients are the parameters times 3; returns the outputs after the last.
std::map<std::string, std::vector<double>> trained(const model::Optimiser& optimiser, double rate, int steps)
{
    std::vector<Variable> variables = two_parameters();
    for (const Variable& more : model::optimiser_variables(optimiser, two_parameters())) variables.push_back(more);
    Builder b;
    NamedValues current;
    NamedValues next;
    for (const Variable& variable : variables) current[variable.name] = b.state(variable.name, variable.type);
    const std::vector<Value> gradients{b.multiply(current["w"], b.number(3)), b.multiply(current["b"], b.number(3))};
    model::update(b, optimiser, b.number(rate), two_parameters(), gradients, current, next);
    std::vector<RealTensor> states;
    for (const Variable& variable : variables) {
        b.output(variable.name, next.at(variable.name));
        const double first = real_of(variable.initial.bits, variable.type.type);
        states.push_back(real_tensor(variable.type, std::vector<double>(variable.type.elements(), first)));
    }
    states[0].elements = {1, -2};
    states[1].elements = {0.5, 4};
    const auto program = b.finish();
    REQUIRE_MESSAGE(program.has_value(), program.failure().message());
    CHECK(program->is_iterable());
    for (int i = 0; i < steps; ++i) states = real_run(*program, states, {}, 0);
    std::map<std::string, std::vector<double>> named;
    for (std::size_t i = 0; i < variables.size(); ++i) named[variables[i].name] = states[i].elements;
    return named;
}

double rate_at(const model::Schedule& schedule, double step)
{
    Builder b;
    b.output("rate", model::learning_rate(b, schedule, b.state("step", {DataType::unsigned32, {}})));
    const auto program = b.finish();
    REQUIRE(program.has_value());
    return real_run(*program, {real_tensor({DataType::unsigned32, {}}, {step})}, {}, 0)[0].elements[0];
}

} // namespace

TEST_CASE("MODEL-16 AdamW does what a plain loop does, and decays only what shall decay")
{
    const double rate = 0.1;
    const double beta1 = 0.9;
    const double beta2 = 0.99;
    const double decay = 0.2;
    const auto found = trained(model::AdamW{beta1, beta2, 1e-8, decay}, rate, 5);
    for (const bool decays : {true, false})
        for (const std::size_t i : {0U, 1U}) {
            double x = decays ? (i == 0 ? 1 : -2) : (i == 0 ? 0.5 : 4);
            double m = 0;
            double v = 0;
            for (int t = 1; t <= 5; ++t) {
                const double g = 3 * x;
                m = beta1 * m + (1 - beta1) * g;
                v = beta2 * v + (1 - beta2) * g * g;
                if (decays) x *= 1 - rate * decay;
                x -= rate * (m / (1 - std::pow(beta1, t))) / (std::sqrt(v / (1 - std::pow(beta2, t))) + 1e-8);
            }
            CHECK(found.at(decays ? "w" : "b")[i] == doctest::Approx(x).epsilon(1e-6));
            CHECK(found.at(decays ? "second moment/w" : "second moment/b")[i] == doctest::Approx(v).epsilon(1e-6));
        }
}

TEST_CASE("MODEL-17 stochastic gradient descent, with momentum and without")
{
    const auto plain = trained(model::Sgd{0, 0.1}, 0.1, 3);
    CHECK(plain.size() == 2);
    CHECK(plain.at("w")[0] == doctest::Approx(std::pow(1 - 0.01 - 0.3, 3)).epsilon(1e-6));
    CHECK(plain.at("b")[0] == doctest::Approx(0.5 * std::pow(1 - 0.3, 3)).epsilon(1e-6));
    const auto heavy = trained(model::Sgd{0.9, 0}, 0.1, 4);
    double x = 4;
    double velocity = 0;
    for (int t = 0; t < 4; ++t) {
        velocity = 0.9 * velocity + 3 * x;
        x -= 0.1 * velocity;
    }
    CHECK(heavy.at("b")[1] == doctest::Approx(x).epsilon(1e-6));
    CHECK(heavy.at("velocity/b")[1] == doctest::Approx(velocity).epsilon(1e-6));
}

TEST_CASE("MODEL-15 the schedule warms up in a line, falls on a cosine and stays")
{
    const model::WarmUpCosine schedule{1e-3, 1e-4, 100, 2000};
    CHECK(rate_at(schedule, 0) == doctest::Approx(1e-3 / 101).epsilon(1e-6));
    CHECK(rate_at(schedule, 99) == doctest::Approx(1e-3 * 100 / 101).epsilon(1e-6));
    CHECK(rate_at(schedule, 100) == doctest::Approx(1e-3).epsilon(1e-6));
    CHECK(rate_at(schedule, 1050) == doctest::Approx(5.5e-4).epsilon(1e-6));
    CHECK(rate_at(schedule, 1525) == doctest::Approx(1e-4 + 4.5e-4 * (1 - std::sqrt(0.5))).epsilon(1e-6));
    CHECK(rate_at(schedule, 2000) == doctest::Approx(1e-4).epsilon(1e-5));
    CHECK(rate_at(schedule, 100000) == doctest::Approx(1e-4).epsilon(1e-5));
    CHECK(rate_at(model::WarmUpCosine{1, 0, 0, 10}, 0) == doctest::Approx(1));
    CHECK(rate_at(model::ConstantRate{0.25}, 77) == doctest::Approx(0.25));
}

TEST_CASE("MODEL-18 clipping scales all gradients together, and only when their norm is too large")
{
    const auto clipped = [](double norm_max) {
        Builder b;
        const std::vector<Value> gradients{b.state("a", {DataType::binary32, {2, 2}}), b.state("b", {DataType::binary32, {3}})};
        const auto results = model::clip_by_norm(b, gradients, norm_max);
        b.output("a", results[0]);
        b.output("b", results[1]);
        const auto program = b.finish();
        REQUIRE(program.has_value());
        return real_run(
            *program, {real_tensor({DataType::binary32, {2, 2}}, {1, 2, -2, 0}), real_tensor({DataType::binary32, {3}}, {0, 4, 0})}, {}, 0);
    };
    const auto small = clipped(2.5); // the norm is 5
    CHECK(small[0].elements[2] == doctest::Approx(-1));
    CHECK(small[1].elements[1] == doctest::Approx(2));
    CHECK(clipped(6)[1].elements[1] == doctest::Approx(4));
}

TEST_CASE("MODEL-22 training options that mean nothing are refused by name")
{
    using model::AdamW;
    using model::ConstantRate;
    using model::Sgd;
    using model::TrainingOptions;
    using model::WarmUpCosine;
    CHECK(model::validate(TrainingOptions{WarmUpCosine{}, AdamW{}, 1}).ok());
    const std::pair<TrainingOptions, const char*> wrong[] = {
        {{ConstantRate{0}, AdamW{}, 0}, "learning rate"},
        {{ConstantRate{std::nan("")}, AdamW{}, 0}, "learning rate"},
        {{WarmUpCosine{-1, 0, 1, 2}, AdamW{}, 0}, "learning rate"},
        {{WarmUpCosine{1, 2, 1, 2}, AdamW{}, 0}, "smallest learning rate"},
        {{WarmUpCosine{1, 0, 2, 2}, AdamW{}, 0}, "warm-up"},
        {{ConstantRate{}, AdamW{1, 0.9, 1e-8, 0}, 0}, "beta"},
        {{ConstantRate{}, AdamW{0.9, 0.9, 0, 0}, 0}, "epsilon"},
        {{ConstantRate{}, AdamW{0.9, 0.9, 1e-8, -1}, 0}, "weight decay"},
        {{ConstantRate{}, Sgd{1, 0}, 0}, "momentum"},
        {{ConstantRate{}, Sgd{0, 1}, 0}, "weight decay"},
        {{ConstantRate{}, Sgd{}, -1}, "norm"},
    };
    for (const auto& row : wrong) {
        const Status status = model::validate(row.first);
        REQUIRE(!status.ok());
        CHECK(status.error() == Error::invalid_input);
        CAPTURE(row.second);
        CHECK(status.failure().detail.find(row.second) != std::string::npos);
    }
}
