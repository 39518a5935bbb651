// Optimisers, learning-rate schedules and clipping, as nodes. Spec: spec/model.md, MODEL-15 to MODEL-18.
#pragma once

#include <assay/model/variables.hpp>

namespace assay::model {

struct ConstantRate {
    double rate = 1e-3;
};

// Linear up to `rate`, then half a cosine down to `rate_min` at step `steps`, then constant. Step t of the warm-up has the rate
// rate * (t + 1) / (warm_up_steps + 1).
struct WarmUpCosine {
    double rate = 1e-3;
    double rate_min = 1e-4;
    std::uint32_t warm_up_steps = 100;
    std::uint32_t steps = 2000;
};

using Schedule = std::variant<ConstantRate, WarmUpCosine>;

// Adam with decoupled weight decay (Loshchilov and Hutter, 2019).
struct AdamW {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0;
};

// velocity' = momentum * velocity + gradient; weight' = weight * (1 - rate * weight_decay) - rate * velocity'.
struct Sgd {
    double momentum = 0;
    double weight_decay = 0;
};

using Optimiser = std::variant<AdamW, Sgd>;

struct TrainingOptions {
    Schedule schedule;
    Optimiser optimiser;
    double clip_norm = 0; // the largest norm of all gradients together; 0: not limited
};

// Errors: invalid_input, naming the option.
Status validate(const TrainingOptions& options);

// The rate of a step, a binary32 scalar, from the step's number, an unsigned32 scalar.
Value learning_rate(Builder& builder, const Schedule& schedule, Value step);

// All gradients times min(1, norm_max / (norm of all + 1e-6)).
std::vector<Value> clip_by_norm(Builder& builder, const std::vector<Value>& gradients, double norm_max);

// What the optimiser keeps between steps for these parameters.
std::vector<Variable> optimiser_variables(const Optimiser& optimiser, std::span<const Variable> parameters);

// Adds the next values of the parameters and of the optimiser's variables to `next`. `gradients` are in the parameters' order.
void update(Builder& builder, const Optimiser& optimiser, Value rate, std::span<const Variable> parameters,
            std::span<const Value> gradients, const NamedValues& current, NamedValues& next);

} // namespace assay::model
