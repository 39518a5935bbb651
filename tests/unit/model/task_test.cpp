#include <assay/exec/executor.hpp>
#include <assay/model/gpt.hpp>
#include <assay/model/perceptron.hpp>

#include "tests/unit/model/gradient_check.hpp"

using namespace assay;
using namespace assay::test;
using model::Architecture;
using model::GptOptions;
using model::PerceptronOptions;
using model::TrainingOptions;
using model::TrainingTask;
using program::Program;
using program::Tensor;

namespace {

constexpr std::uint64_t seed = 42;

GptOptions tiny_gpt()
{
    GptOptions options;
    options.layers = 2;
    options.heads = 2;
    options.width = 4;
    options.context = 3;
    options.batch = 2;
    options.vocabulary = 5;
    options.text_length = 40;
    options.training_length = 30;
    return options;
}

PerceptronOptions tiny_perceptron()
{
    PerceptronOptions options;
    options.pixels = 6;
    options.hidden = {5};
    options.classes = 3;
    options.batch = 4;
    options.images = 12;
    options.training_images = 9;
    return options;
}

TrainingOptions adam_options()
{
    return {model::WarmUpCosine{2e-2, 1e-3, 3, 40}, model::AdamW{0.9, 0.99, 1e-8, 0.1}, 1.0};
}

TrainingTask task_of(const Result<Architecture>& architecture, const TrainingOptions& options)
{
    REQUIRE_MESSAGE(architecture.has_value(), architecture.failure().message());
    auto task = model::make_task(*architecture, options);
    REQUIRE_MESSAGE(task.has_value(), task.failure().message());
    return std::move(*task);
}

std::vector<Tensor> run(const Program& program, const std::vector<Tensor>& states, const std::vector<Tensor>& data, int steps = 1)
{
    auto executor = exec::make_interpreter(program, std::make_shared<const std::vector<Tensor>>(data), seed);
    REQUIRE_MESSAGE(executor.has_value(), executor.failure().message());
    const Status loaded = (*executor)->load(states);
    REQUIRE_MESSAGE(loaded.ok(), loaded.failure().message());
    for (int i = 0; i < steps; ++i) (*executor)->step();
    return (*executor)->outputs();
}

Tensor bytes_tensor(const Shape& shape, const std::function<std::uint32_t(std::uint64_t)>& element)
{
    Tensor tensor{{DataType::unsigned8, shape}};
    for (std::uint64_t i = 0; i < shape.elements(); ++i) tensor.set_element(i, element(i));
    return tensor;
}

// Symbol i + 1 follows symbol i: what comes next can be learned.
Tensor counting_text(const GptOptions& options)
{
    return bytes_tensor({options.text_length}, [&](std::uint64_t i) { return static_cast<std::uint32_t>(i % options.vocabulary); });
}

std::vector<Tensor> stripes(const PerceptronOptions& options)
{
    return {bytes_tensor({options.images, options.pixels},
                         [&](std::uint64_t i) { return (i / options.pixels + i % options.pixels) % 3 == 0 ? 255U : 10U; }),
            bytes_tensor({options.images}, [&](std::uint64_t i) { return static_cast<std::uint32_t>(i % 3); })};
}

double first_number(const Tensor& tensor)
{
    return real_of(tensor).elements.at(0);
}

// The loss of an architecture as an expression of its parameters.
void check_architecture(const Architecture& architecture, const std::vector<Tensor>& data)
{
    std::vector<RealTensor> real;
    for (const Tensor& tensor : data) real.push_back(real_of(tensor));
    std::vector<Shape> shapes;
    for (const auto& parameter : architecture.parameters) shapes.push_back(parameter.type.shape);
    check_gradients(
        shapes,
        [&](Builder& b, const std::vector<Value>& inputs) {
            model::NamedValues parameters;
            for (std::size_t i = 0; i < inputs.size(); ++i) parameters[architecture.parameters[i].name] = inputs[i];
            std::vector<Value> constants;
            for (const auto& declaration : architecture.data) constants.push_back(b.data(declaration.name, declaration.type));
            const Value offsets = b.add(b.iota({architecture.batch}, 0), b.integer(1));
            model::Dropout dropout = architecture.dropout > 0 ? model::Dropout{architecture.dropout, b.integer(7)} : model::Dropout{};
            const auto examples = architecture.examples(b, constants, offsets);
            const Value logits = architecture.logits(b, parameters, examples.inputs, dropout);
            const auto rows = static_cast<std::uint32_t>(b.shape(examples.targets).elements());
            return model::sum_of_elements(b, model::classify(b, logits, b.reshape(examples.targets, {rows})).losses);
        },
        0.5, 0, 3, real);
}

} // namespace

TEST_CASE("MODEL-23 gradients of a whole transformer: tied and not, with and without biases and dropout")
{
    for (const bool tied : {true, false})
        for (const double dropout : {0.0, 0.2}) {
            CAPTURE(tied);
            CAPTURE(dropout);
            GptOptions options = tiny_gpt();
            options.tied_head = tied;
            options.biases = !tied;
            options.dropout = dropout;
            options.text_length = options.training_length = 8;
            check_architecture(*model::gpt(options), {counting_text(options)});
        }
}

TEST_CASE("MODEL-24 gradients of a whole perceptron")
{
    PerceptronOptions options = tiny_perceptron();
    options.images = options.training_images = 6;
    options.hidden = {5, 4};
    options.activation = model::Activation::gelu;
    check_architecture(*model::perceptron(options), stripes(options));
}

TEST_CASE("MODEL-14 MODEL-19 the programs speak of one state, and survive encoding")
{
    for (const TrainingTask& task :
         {task_of(model::gpt(tiny_gpt()), adam_options()), task_of(model::perceptron(tiny_perceptron()), adam_options())}) {
        CHECK(task.training.is_iterable());
        CHECK(task.evaluation.states() == task.training.states());
        CHECK(task.inference.states() == task.training.states());
        CHECK(task.initial.states().empty());
        REQUIRE(task.initial.outputs().size() == task.training.states().size());
        for (std::size_t i = 0; i < task.training.states().size(); ++i) {
            CHECK(task.initial.outputs()[i].name == task.training.states()[i].name);
            CHECK(task.initial.type(task.initial.outputs()[i].node) == task.training.states()[i].type);
        }
        CHECK(task.training.states()[0].name == "step");
        CHECK(task.training.states()[1].name == "loss");
        for (const Program* program : {&task.initial, &task.training, &task.evaluation, &task.inference})
            CHECK(Program::decode(program->encode()).value() == *program);
    }
}

TEST_CASE("MODEL-20 a transformer trained on a text that counts learns to count")
{
    GptOptions options = tiny_gpt();
    options.width = 8;
    options.tied_head = false;
    const TrainingTask task =
        task_of(model::gpt(options), {model::WarmUpCosine{3e-2, 1e-3, 5, 60}, model::AdamW{0.9, 0.99, 1e-8, 0.1}, 1.0});
    const Tensor text = counting_text(options);
    const std::vector<Tensor> first = run(task.initial, {}, {});
    const std::vector<Tensor> begun = run(task.training, first, {text});
    const std::vector<Tensor> last = run(task.training, first, {text}, 60);
    CHECK(begun[0].element(0) == 1);
    CHECK(last[0].element(0) == 60);
    CHECK(first_number(begun[1]) == doctest::Approx(std::log(5.0)).epsilon(0.05));
    CHECK(first_number(last[1]) < 0.3 * first_number(begun[1]));

    SUBCASE("MODEL-21 evaluation covers the held-out windows by their offsets")
    {
        const Tensor offsets = Tensor::from_elements({DataType::unsigned32, {2}}, std::vector<std::uint32_t>{30, 33});
        const auto before = run(task.evaluation, first, {text, offsets});
        const auto after = run(task.evaluation, last, {text, offsets});
        REQUIRE(after[0].type() == TensorType{DataType::binary32, {2}});
        for (std::size_t i = 0; i < 2; ++i) {
            CHECK(real_of(before[0]).elements[i] == doctest::Approx(3 * std::log(5.0)).epsilon(0.05));
            CHECK(real_of(after[0]).elements[i] < real_of(before[0]).elements[i]);
            CHECK(real_of(after[1]).elements[i] <= 3);
        }
    }
    SUBCASE("MODEL-21 inference gives the logits of a prompt")
    {
        const Tensor prompt = Tensor::from_elements({DataType::unsigned32, {1, 3}}, std::vector<std::uint32_t>{1, 2, 3});
        const auto logits = run(task.inference, last, {prompt});
        REQUIRE(logits[0].type() == TensorType{DataType::binary32, {3, 5}});
        const auto numbers = real_of(logits[0]).elements;
        const auto best = std::max_element(numbers.begin() + 10, numbers.end()) - (numbers.begin() + 10);
        CHECK(best == 4);
    }
}

TEST_CASE("MODEL-20 a perceptron learns stripes, with momentum and without clipping")
{
    const PerceptronOptions options = tiny_perceptron();
    const TrainingTask task = task_of(model::perceptron(options), {model::ConstantRate{0.1}, model::Sgd{0.9, 0}, 0});
    const std::vector<Tensor> first = run(task.initial, {}, {});
    const double begun = first_number(run(task.training, first, stripes(options))[1]);
    const std::vector<Tensor> last = run(task.training, first, stripes(options), 30);
    CHECK(first_number(last[1]) < 0.3 * begun);
    const auto data = stripes(options);
    const Tensor offsets = Tensor::from_elements({DataType::unsigned32, {4}}, std::vector<std::uint32_t>{8, 9, 10, 11});
    CHECK(real_of(run(task.evaluation, last, {data[0], data[1], offsets})[1]).elements == std::vector<double>{1, 1, 1, 1});
}

TEST_CASE("MODEL-20 steps draw different examples, inside of the training part")
{
    GptOptions options = tiny_gpt();
    options.batch = 50;
    const TrainingTask task = task_of(model::gpt(options), adam_options());
    std::vector<Tensor> drawn;
    auto executor = exec::make_interpreter(task.training, std::make_shared<const std::vector<Tensor>>(1, counting_text(options)), seed);
    REQUIRE(executor.has_value());
    REQUIRE((*executor)->load(run(task.initial, {}, {})).ok());
    for (int i = 0; i < 2; ++i) {
        const Status traced = (*executor)->traced_step([&](program::NodeIndex node, Tensor& tensor) {
            if (task.training.node(node).name == "offsets") drawn.push_back(tensor);
            return false;
        });
        REQUIRE(traced.ok());
    }
    REQUIRE(drawn.size() == 2);
    CHECK(drawn[0] != drawn[1]);
    std::uint32_t largest = 0;
    for (const Tensor& tensor : drawn)
        for (std::uint64_t i = 0; i < 50; ++i) largest = std::max(largest, tensor.element(i));
    CHECK(largest <= 26); // the window of 3 and the symbol after it end at 30
    CHECK(largest >= 22);
}

TEST_CASE("MODEL-22 impossible options are refused by name")
{
    const auto refused = [](const auto& architecture, const char* what) {
        CAPTURE(what);
        REQUIRE(!architecture.has_value());
        CHECK(architecture.error() == Error::invalid_input);
        CHECK(architecture.failure().detail.find(what) != std::string::npos);
    };
    const auto gpt_with = [](const std::function<void(GptOptions&)>& change) {
        GptOptions options = tiny_gpt();
        change(options);
        return model::gpt(options);
    };
    refused(gpt_with([](auto& o) { o.layers = 0; }), "layers");
    refused(gpt_with([](auto& o) { o.width = 0; }), "width");
    refused(gpt_with([](auto& o) { o.heads = 3; }), "heads");
    refused(gpt_with([](auto& o) { o.vocabulary = 0; }), "vocabulary");
    refused(gpt_with([](auto& o) { o.vocabulary = (1U << 24) + 1; }), "vocabulary");
    refused(gpt_with([](auto& o) { o.context = 0; }), "context");
    refused(gpt_with([](auto& o) { o.batch = 0; }), "batch");
    refused(gpt_with([](auto& o) { o.training_length = 41; }), "longer than the text");
    refused(gpt_with([](auto& o) { o.training_length = 3; }), "longer than the context");
    const auto perceptron_with = [](const std::function<void(PerceptronOptions&)>& change) {
        PerceptronOptions options = tiny_perceptron();
        change(options);
        return model::perceptron(options);
    };
    refused(perceptron_with([](auto& o) { o.pixels = 0; }), "pixels");
    refused(perceptron_with([](auto& o) { o.classes = 0; }), "classes");
    refused(perceptron_with([](auto& o) { o.hidden = {0}; }), "hidden");
    refused(perceptron_with([](auto& o) { o.batch = 0; }), "batch");
    refused(perceptron_with([](auto& o) { o.training_images = 13; }), "training images");
    Architecture architecture = *model::gpt(tiny_gpt());
    architecture.dropout = 1;
    refused(model::make_task(architecture, adam_options()), "dropout");
    architecture.training_offsets = 0;
    refused(model::make_task(architecture, adam_options()), "examples");
    refused(model::make_task(*model::gpt(tiny_gpt()), {model::ConstantRate{-1}, model::AdamW{}, 0}), "learning rate");
}

TEST_CASE("MODEL-23 the small character model has the size that is known for it")
{
    GptOptions options;
    options.text_length = 1115394;
    options.training_length = 1003854;
    const auto architecture = model::gpt(options);
    REQUIRE(architecture.has_value());
    std::uint64_t weights = 0;
    for (const auto& parameter : architecture->parameters) weights += parameter.type.elements();
    // 65 and 64 rows of embeddings; four blocks of twelve square matrices and two norms; the last norm. All of width 128.
    CHECK(weights == 128 * (65 + 64) + 4 * (12 * 128 * 128 + 2 * 128) + 128);
    const TrainingTask task = task_of(architecture, {model::WarmUpCosine{}, model::AdamW{0.9, 0.99, 1e-8, 0.1}, 1.0});
    // The worked example of spec/model.md.
    std::uint64_t state_bytes = 0;
    for (const auto& state : task.training.states()) state_bytes += state.type.bytes();
    CHECK(architecture->parameters.size() == 35);
    CHECK(task.training.states().size() == 109);
    CHECK(state_bytes == 3 * 4 * 804096 + 16);
    CHECK(task.training.nodes().size() == 1424);
    const auto is_contraction = [](const program::Node& node) { return node.primitive == program::Primitive::contract; };
    CHECK(std::count_if(task.training.nodes().begin(), task.training.nodes().end(), is_contraction) == 109);
}
