// One optimiser is one class with the variables that it keeps and the update of one parameter.
#include <assay/model/optimiser.hpp>

#include <assay/arith/binary32.hpp>
#include <assay/model/gradients.hpp>
#include <assay/model/number.hpp>

namespace assay::model {

namespace {

constexpr Initial initially_zero{Initial::Kind::constant, 0};
constexpr Initial initially_one{Initial::Kind::constant, arith::one};

std::string first_moment(const Variable& parameter)
{
    return "first moment/" + parameter.name;
}

std::string second_moment(const Variable& parameter)
{
    return "second moment/" + parameter.name;
}

std::string velocity(const Variable& parameter)
{
    return "velocity/" + parameter.name;
}

// parameter * (1 - rate * weight_decay) where it decays.
Value decayed(Builder& builder, Value parameter, bool decays, double weight_decay, Value rate)
{
    if (!decays || !(weight_decay > 0)) return parameter;
    const Value factor = builder.subtract(builder.number(1), builder.multiply(rate, builder.number(weight_decay)));
    return builder.multiply(parameter, factor);
}

// average * keep + value * (1 - keep)
Value moving_average(Builder& builder, Value average, Value value, double keep)
{
    const std::uint32_t keep_bits = binary32_bits(keep);
    const Value rest = builder.number_from_bits(arith::subtract(arith::one, keep_bits));
    return builder.add(builder.multiply(average, builder.number_from_bits(keep_bits)), builder.multiply(value, rest));
}

struct Variables {
    std::span<const Variable> parameters;

    std::vector<Variable> operator()(const AdamW&) const
    {
        std::vector<Variable> variables{{"beta1 power", {}, initially_one}, {"beta2 power", {}, initially_one}};
        for (const Variable& parameter : parameters) variables.push_back({first_moment(parameter), parameter.type, initially_zero});
        for (const Variable& parameter : parameters) variables.push_back({second_moment(parameter), parameter.type, initially_zero});
        return variables;
    }

    std::vector<Variable> operator()(const Sgd& sgd) const
    {
        std::vector<Variable> variables;
        if (!(sgd.momentum > 0)) return variables;
        for (const Variable& parameter : parameters) variables.push_back({velocity(parameter), parameter.type, initially_zero});
        return variables;
    }
};

struct Update {
    Builder& builder;
    Value rate;
    std::span<const Variable> parameters;
    std::span<const Value> gradients;
    const NamedValues& current;
    NamedValues& next;

    void operator()(const AdamW& adam) const
    {
        const Value power1 = builder.multiply(current.at("beta1 power"), builder.number(adam.beta1));
        const Value power2 = builder.multiply(current.at("beta2 power"), builder.number(adam.beta2));
        next["beta1 power"] = power1;
        next["beta2 power"] = power2;
        const Value step_size = builder.name(builder.divide(rate, builder.subtract(builder.number(1), power1)), "step size");
        const Value root_scale = builder.reciprocal_square_root(builder.subtract(builder.number(1), power2));
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            const Variable& parameter = parameters[i];
            const Builder::Scope scope(builder, parameter.name);
            const Value gradient = gradients[i];
            const Value first = moving_average(builder, current.at(first_moment(parameter)), gradient, adam.beta1);
            const Value second =
                moving_average(builder, current.at(second_moment(parameter)), builder.multiply(gradient, gradient), adam.beta2);
            const Value root = builder.multiply(builder.square_root(second), root_scale);
            const Value change = builder.divide(builder.multiply(first, step_size), builder.add(root, builder.number(adam.epsilon)));
            const Value kept = decayed(builder, current.at(parameter.name), parameter.decays, adam.weight_decay, rate);
            next[first_moment(parameter)] = builder.name(first, "first moment");
            next[second_moment(parameter)] = builder.name(second, "second moment");
            next[parameter.name] = builder.name(builder.subtract(kept, change), "next");
        }
    }

    void operator()(const Sgd& sgd) const
    {
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            const Variable& parameter = parameters[i];
            const Builder::Scope scope(builder, parameter.name);
            Value direction = gradients[i];
            if (sgd.momentum > 0) {
                const Value before = builder.multiply(current.at(velocity(parameter)), builder.number(sgd.momentum));
                direction = next[velocity(parameter)] = builder.name(builder.add(before, direction), "velocity");
            }
            const Value kept = decayed(builder, current.at(parameter.name), parameter.decays, sgd.weight_decay, rate);
            next[parameter.name] = builder.name(builder.subtract(kept, builder.multiply(direction, rate)), "next");
        }
    }
};

struct Rate {
    Builder& builder;
    Value step;

    Value operator()(const ConstantRate& constant) const { return builder.number(constant.rate); }

    Value operator()(const WarmUpCosine& cosine) const
    {
        constexpr double pi = 3.141592653589793;
        const auto ratio = [](std::uint32_t numerator_bits, std::uint32_t denominator) {
            return arith::divide(numerator_bits, arith::from_unsigned(denominator));
        };
        const Value time = builder.to_binary32(step);
        const std::uint32_t warm_up = cosine.warm_up_steps;
        const Value since = builder.subtract(time, builder.number_from_bits(arith::from_unsigned(warm_up)));
        const Value share = builder.multiply(since, builder.number_from_bits(ratio(arith::one, cosine.steps - warm_up)));
        const Value angle = builder.multiply(builder.minimum(share, builder.number(1)), builder.number(pi));
        const std::uint32_t half_range =
            arith::multiply(arith::subtract(binary32_bits(cosine.rate), binary32_bits(cosine.rate_min)), binary32_bits(0.5));
        const Value above = builder.multiply(builder.add(builder.cosine(angle), builder.number(1)), builder.number_from_bits(half_range));
        const Value falling = builder.add(builder.number(cosine.rate_min), above);
        const std::uint32_t slope = ratio(binary32_bits(cosine.rate), warm_up + 1);
        const Value rising = builder.multiply(builder.add(time, builder.number(1)), builder.number_from_bits(slope));
        return builder.select(builder.less(step, builder.integer(warm_up)), rising, falling);
    }
};

Status require(bool condition, std::string what)
{
    if (condition) return {};
    return failure(Error::invalid_input, std::move(what));
}

bool is_share(double value)
{
    return value >= 0 && value < 1;
}

bool is_positive(double value)
{
    return value > 0 && value < 3e38;
}

struct Validation {
    Status operator()(const ConstantRate& constant) const
    {
        return require(is_positive(constant.rate), "the learning rate is not positive");
    }

    Status operator()(const WarmUpCosine& cosine) const
    {
        ASSAY_TRY(require(is_positive(cosine.rate), "the learning rate is not positive"));
        ASSAY_TRY(
            require(cosine.rate_min >= 0 && cosine.rate_min <= cosine.rate, "the smallest learning rate is not between 0 and the largest"));
        return require(cosine.warm_up_steps < cosine.steps, "the warm-up is not shorter than the schedule");
    }

    Status operator()(const AdamW& adam) const
    {
        ASSAY_TRY(require(is_share(adam.beta1) && is_share(adam.beta2), "a beta is not in [0, 1)"));
        ASSAY_TRY(require(is_positive(adam.epsilon), "epsilon is not positive"));
        return require(is_share(adam.weight_decay), "the weight decay is not in [0, 1)");
    }

    Status operator()(const Sgd& sgd) const
    {
        ASSAY_TRY(require(is_share(sgd.momentum), "the momentum is not in [0, 1)"));
        return require(is_share(sgd.weight_decay), "the weight decay is not in [0, 1)");
    }
};

} // namespace

Status validate(const TrainingOptions& options)
{
    ASSAY_TRY(std::visit(Validation{}, options.schedule));
    ASSAY_TRY(std::visit(Validation{}, options.optimiser));
    return require(options.clip_norm >= 0 && options.clip_norm < 3e38, "the largest norm of the gradients is negative");
}

Value learning_rate(Builder& builder, const Schedule& schedule, Value step)
{
    const Builder::Scope scope(builder, "learning rate");
    return std::visit(Rate{builder, step}, schedule);
}

std::vector<Value> clip_by_norm(Builder& builder, const std::vector<Value>& gradients, double norm_max)
{
    const Builder::Scope scope(builder, "clip");
    Value squares = builder.number(0);
    for (const Value gradient : gradients) squares = builder.add(squares, sum_of_elements(builder, builder.multiply(gradient, gradient)));
    const Value norm = builder.name(builder.square_root(squares), "norm");
    const Value share = builder.divide(builder.number(norm_max), builder.add(norm, builder.number(1e-6)));
    const Value scale = builder.name(builder.minimum(share, builder.number(1)), "scale");
    std::vector<Value> clipped;
    for (const Value gradient : gradients) clipped.push_back(builder.multiply(gradient, scale));
    return clipped;
}

std::vector<Variable> optimiser_variables(const Optimiser& optimiser, std::span<const Variable> parameters)
{
    return std::visit(Variables{parameters}, optimiser);
}

void update(Builder& builder, const Optimiser& optimiser, Value rate, std::span<const Variable> parameters,
            std::span<const Value> gradients, const NamedValues& current, NamedValues& next)
{
    const Builder::Scope scope(builder, "optimiser");
    std::visit(Update{builder, rate, parameters, gradients, current, next}, optimiser);
}

} // namespace assay::model
