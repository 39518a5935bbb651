#include "bench/training_tasks.hpp"

#include <sys/resource.h>

#include <array>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <random>

#include <assay/model/gpt.hpp>
#include <assay/model/perceptron.hpp>

namespace assay::bench {

using program::DataType;
using program::Tensor;

namespace {

struct GptShape {
    const char* name;
    std::uint32_t layers, heads, width, context, batch, vocabulary;
};
constexpr std::array gpt_shapes{GptShape{"gpt-4x128", 4, 4, 128, 64, 12, 65}, GptShape{"gpt-6x384", 6, 6, 384, 256, 12, 65},
                                GptShape{"gpt-12x768", 12, 12, 768, 64, 4, 50257}};
constexpr std::uint32_t text_length = 100000;

template <class T>
T certain(Result<T> result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", result.failure().message().c_str());
        std::exit(1);
    }
    return std::move(*result);
}

Tensor random_symbols(const program::TensorType& type, std::uint32_t below)
{
    std::mt19937 random{1};
    Tensor tensor{type};
    for (std::uint64_t i = 0; i < type.elements(); ++i) tensor.set_element(i, static_cast<std::uint32_t>(random() % below));
    return tensor;
}

TrainingTask make(const std::string& name, const model::Architecture& architecture, std::vector<Tensor> data, std::uint64_t items)
{
    const model::AdamW adam{0.9, 0.99, 1e-8, 0.1};
    std::vector<model::Variable> variables{{"step", {DataType::unsigned32, {}}, {}}, {"loss", {}, {}}};
    for (const model::Variable& variable : architecture.parameters) variables.push_back(variable);
    for (const model::Variable& variable : model::optimiser_variables(adam, architecture.parameters)) variables.push_back(variable);
    return {name, certain(model::make_task(architecture, {model::ConstantRate{3e-4}, adam, 1.0})).training,
            std::make_shared<const std::vector<Tensor>>(std::move(data)), std::move(variables), items};
}

TrainingTask gpt(const GptShape& shape)
{
    model::GptOptions options;
    options.layers = shape.layers;
    options.heads = shape.heads;
    options.width = shape.width;
    options.context = shape.context;
    options.batch = shape.batch;
    options.vocabulary = shape.vocabulary;
    options.text_length = text_length;
    options.training_length = text_length;
    const model::Architecture architecture = certain(model::gpt(options));
    return make(shape.name, architecture, {random_symbols(architecture.data[0].type, shape.vocabulary)},
                std::uint64_t{shape.batch} * shape.context);
}

TrainingTask perceptron()
{
    model::PerceptronOptions options;
    options.pixels = 784;
    options.hidden = {512, 512};
    options.classes = 10;
    options.batch = 128;
    options.images = 1000;
    options.training_images = 1000;
    const model::Architecture architecture = certain(model::perceptron(options));
    return make("perceptron", architecture, {random_symbols(architecture.data[0].type, 256), random_symbols(architecture.data[1].type, 10)},
                options.batch);
}

} // namespace

std::vector<std::string> training_task_names()
{
    std::vector<std::string> names;
    for (const GptShape& shape : gpt_shapes) names.emplace_back(shape.name);
    names.emplace_back("perceptron");
    return names;
}

TrainingTask training_task(const std::string& name)
{
    for (const GptShape& shape : gpt_shapes)
        if (name == shape.name) return gpt(shape);
    return perceptron();
}

std::vector<Tensor> initial_state(const TrainingTask& task)
{
    std::mt19937 random{2};
    std::vector<Tensor> state;
    for (const model::Variable& variable : task.variables) {
        Tensor tensor{variable.type};
        // A sum of four uniform numbers, of the wanted deviation.
        const auto value = [&] {
            const float sum = static_cast<float>(random() >> 8) + static_cast<float>(random() >> 8) + static_cast<float>(random() >> 8) +
                              static_cast<float>(random() >> 8);
            return std::bit_cast<std::uint32_t>((sum * 0x1p-24F - 2.0F) * 1.7320508F * std::bit_cast<float>(variable.initial.bits));
        };
        const bool is_normal = variable.initial.kind == model::Initial::Kind::normal;
        if (is_normal || variable.initial.bits != 0)
            for (std::uint64_t i = 0; i < variable.type.elements(); ++i) tensor.set_element(i, is_normal ? value() : variable.initial.bits);
        state.push_back(std::move(tensor));
    }
    return state;
}

double peak_memory()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) * 1024;
}

} // namespace assay::bench
