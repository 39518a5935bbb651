#include "app/problem.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "app/digits.hpp"
#include "app/text.hpp"

namespace assay::app {

using program::DataType;
using program::Tensor;

namespace {

constexpr std::uint32_t gpt_batch = 12;
constexpr std::uint32_t perceptron_batch = 64;

exec::DataSet shared(std::vector<Tensor> tensors)
{
    return std::make_shared<const std::vector<Tensor>>(std::move(tensors));
}

Result<model::TrainingTask> make_programs(const model::Architecture& architecture, const ProblemOptions& options)
{
    model::TrainingOptions training;
    training.schedule =
        model::WarmUpCosine{options.rate, options.rate_min, std::min(options.warm_up_steps, options.steps - 1), options.steps};
    training.optimiser = model::AdamW{0.9, 0.99, 1e-8, 0.1};
    training.clip_norm = 1.0;
    return model::make_task(architecture, training);
}

// Windows side by side from `begin` on; the last one is moved back so that it ends with the text.
std::vector<std::uint32_t> windows(std::uint32_t begin, std::uint32_t length, std::uint32_t context)
{
    std::vector<std::uint32_t> offsets;
    const std::uint32_t last = length - context - 1;
    for (std::uint32_t offset = begin; offset < last; offset += context) offsets.push_back(offset);
    offsets.push_back(last);
    return offsets;
}

Result<Problem> make_text_problem(const ProblemOptions& options)
{
    model::GptOptions gpt = options.gpt;
    gpt.batch = options.batch == 0 ? gpt_batch : options.batch;
    gpt.dropout = options.dropout;
    // The held-out tenth has at least one window and what follows it.
    ASSAY_TRY_ASSIGN(const Text text, read_text(options.input, std::size_t{20} * (std::size_t{gpt.context} + 1)));
    const std::uint32_t length = text.symbols.type().shape[0];
    gpt.vocabulary = static_cast<std::uint32_t>(text.alphabet.size());
    gpt.text_length = length;
    gpt.training_length = static_cast<std::uint32_t>(std::uint64_t{length} * 9 / 10);
    ASSAY_TRY_ASSIGN(const model::Architecture architecture, model::gpt(gpt));
    ASSAY_TRY_ASSIGN(model::TrainingTask programs, make_programs(architecture, options));
    Problem problem{fmt::format("a transformer of {} layers, width {}, {} heads, context {}, {} symbols; batch {}", gpt.layers, gpt.width,
                                gpt.heads, gpt.context, gpt.vocabulary, gpt.batch),
                    std::move(programs),
                    shared({text.symbols}),
                    windows(gpt.training_length, length, gpt.context),
                    gpt.batch,
                    gpt.context,
                    {}};
    Tensor prompt{architecture.input.type};
    for (std::uint32_t i = 0; i < gpt.context; ++i) prompt.set_element(i, text.symbols.element(gpt.training_length + i));
    problem.prompt = shared({std::move(prompt)});
    return problem;
}

Result<Problem> make_digits_problem(const ProblemOptions& options)
{
    ASSAY_TRY_ASSIGN(const Digits digits, read_digits(options.input));
    model::PerceptronOptions perceptron = options.perceptron;
    perceptron.images = digits.images.type().shape[0];
    perceptron.pixels = digits.images.type().shape[1];
    perceptron.training_images = static_cast<std::uint32_t>(std::uint64_t{perceptron.images} * 4 / 5);
    perceptron.batch = options.batch == 0 ? perceptron_batch : options.batch;
    perceptron.dropout = options.dropout;
    ASSAY_TRY_ASSIGN(const model::Architecture architecture, model::perceptron(perceptron));
    ASSAY_TRY_ASSIGN(model::TrainingTask programs, make_programs(architecture, options));
    Problem problem{fmt::format("a perceptron of {} pixels, hidden layers {}, {} classes; batch {}, {} images to train, {} held out",
                                perceptron.pixels, fmt::join(perceptron.hidden, " and "), perceptron.classes, perceptron.batch,
                                perceptron.training_images, perceptron.images - perceptron.training_images),
                    std::move(programs),
                    shared({digits.images, digits.labels}),
                    {},
                    perceptron.batch,
                    1,
                    {}};
    for (std::uint32_t i = perceptron.training_images; i < perceptron.images; ++i) problem.held_out.push_back(i);
    if (problem.held_out.empty()) return failure(Error::invalid_input, options.input + ": too few images to hold any out");
    const ByteView pixels = digits.images.bytes().subspan(std::size_t{perceptron.training_images} * perceptron.pixels, perceptron.pixels);
    ASSAY_TRY_ASSIGN(Tensor prompt, Tensor::from_bytes(architecture.input.type, {pixels.begin(), pixels.end()}));
    problem.prompt = shared({std::move(prompt)});
    return problem;
}

} // namespace

Result<Problem> make_problem(const ProblemOptions& options)
{
    std::error_code ignored;
    return std::filesystem::is_directory(options.input, ignored) ? make_digits_problem(options) : make_text_problem(options);
}

} // namespace assay::app
