// The four programs, each written from the same list of variables.
#include <assay/model/task.hpp>

#include <assay/arith/binary32.hpp>
#include <assay/model/gradients.hpp>
#include <assay/model/layers.hpp>

namespace assay::model {

using program::DataType;
using program::Program;
using program::TensorType;

namespace {

std::vector<Variable> variables_of(const Architecture& architecture, const TrainingOptions& options)
{
    std::vector<Variable> variables{{"step", {DataType::unsigned32, {}}, {}}, {"loss", {}, {}}};
    const auto append = [&](const std::vector<Variable>& more) { variables.insert(variables.end(), more.begin(), more.end()); };
    append(architecture.parameters);
    append(optimiser_variables(options.optimiser, architecture.parameters));
    return variables;
}

NamedValues declare_states(Builder& builder, std::span<const Variable> variables)
{
    NamedValues values;
    for (const Variable& variable : variables) values[variable.name] = builder.state(variable.name, variable.type);
    return values;
}

std::vector<Value> declare_data(Builder& builder, const Architecture& architecture)
{
    std::vector<Value> values;
    for (const auto& declaration : architecture.data) values.push_back(builder.data(declaration.name, declaration.type));
    return values;
}

Classification classify_examples(Builder& builder, const Architecture& architecture, const NamedValues& state, const Examples& examples,
                                 Dropout& dropout)
{
    const Value logits = architecture.logits(builder, state, examples.inputs, dropout);
    const auto rows = static_cast<std::uint32_t>(builder.shape(examples.targets).elements());
    return classify(builder, logits, builder.reshape(examples.targets, {rows}));
}

Value mean_of_elements(Builder& builder, Value values)
{
    const auto count = static_cast<std::uint32_t>(builder.shape(values).elements());
    return builder.multiply(sum_of_elements(builder, values),
                            builder.number_from_bits(arith::divide(arith::one, arith::from_unsigned(count))));
}

Result<Program> initial_program(std::span<const Variable> variables)
{
    Builder builder;
    for (std::uint32_t i = 0; i < variables.size(); ++i) builder.output(variables[i].name, initial_value(builder, variables[i], i));
    return builder.finish();
}

Result<Program> training_program(const Architecture& architecture, const TrainingOptions& options, std::span<const Variable> variables)
{
    Builder builder;
    const NamedValues state = declare_states(builder, variables);
    const std::vector<Value> data = declare_data(builder, architecture);
    const Value step = state.at("step");
    const Value offsets =
        builder.name(uniform_below(builder, {architecture.batch}, example_stream, step, architecture.training_offsets), "offsets");
    Dropout dropout = architecture.dropout > 0 ? Dropout{architecture.dropout, step} : Dropout{};
    const Classification result = classify_examples(builder, architecture, state, architecture.examples(builder, data, offsets), dropout);
    const Value loss = builder.name(mean_of_elements(builder, result.losses), "loss");
    std::vector<Value> weights;
    for (const Variable& parameter : architecture.parameters) weights.push_back(state.at(parameter.name));
    std::vector<Value> slopes = gradients(builder, loss, weights);
    if (options.clip_norm > 0) slopes = clip_by_norm(builder, slopes, options.clip_norm);
    NamedValues next{{"step", builder.add(step, builder.integer(1))}, {"loss", loss}};
    update(builder, options.optimiser, learning_rate(builder, options.schedule, step), architecture.parameters, slopes, state, next);
    for (const Variable& variable : variables) builder.output(variable.name, next.at(variable.name));
    return builder.finish();
}

Result<Program> evaluation_program(const Architecture& architecture, std::span<const Variable> variables)
{
    Builder builder;
    const NamedValues state = declare_states(builder, variables);
    const std::vector<Value> data = declare_data(builder, architecture);
    const std::uint32_t batch = architecture.batch;
    const Value offsets = builder.data("offsets", {DataType::unsigned32, {batch}});
    Dropout none;
    const Classification result = classify_examples(builder, architecture, state, architecture.examples(builder, data, offsets), none);
    const auto positions = static_cast<std::uint32_t>(builder.shape(result.losses).elements() / batch);
    const auto sum_of_example = [&](Value values) {
        return builder.reshape(builder.reduce_sum(builder.reshape(values, {batch, positions})), {batch});
    };
    builder.output("losses", sum_of_example(result.losses));
    builder.output("hits", sum_of_example(result.hits));
    return builder.finish();
}

Result<Program> inference_program(const Architecture& architecture, std::span<const Variable> variables)
{
    Builder builder;
    const NamedValues state = declare_states(builder, variables);
    const Value input = builder.data(architecture.input.name, architecture.input.type);
    Dropout none;
    builder.output("logits", architecture.logits(builder, state, input, none));
    return builder.finish();
}

} // namespace

Result<TrainingTask> make_task(const Architecture& architecture, const TrainingOptions& options)
{
    ASSAY_TRY(validate(options));
    if (architecture.batch == 0 || architecture.training_offsets == 0)
        return failure(Error::invalid_input, "there are no examples to draw");
    if (!(architecture.dropout >= 0 && architecture.dropout < 1)) return failure(Error::invalid_input, "the dropout rate is not in [0, 1)");
    const std::vector<Variable> variables = variables_of(architecture, options);
    ASSAY_TRY_ASSIGN(Program initial, initial_program(variables));
    ASSAY_TRY_ASSIGN(Program training, training_program(architecture, options, variables));
    ASSAY_TRY_ASSIGN(Program evaluation, evaluation_program(architecture, variables));
    ASSAY_TRY_ASSIGN(Program inference, inference_program(architecture, variables));
    return TrainingTask{std::move(initial), std::move(training), std::move(evaluation), std::move(inference)};
}

} // namespace assay::model
