// The tasks' data follows from Philox, so that nothing has to be stored but the digests.
#include <assay/golden/golden.hpp>

#include <assay/arith/philox.hpp>
#include <assay/commit/tensors.hpp>
#include <assay/model/gpt.hpp>
#include <assay/model/perceptron.hpp>

namespace assay::golden {

using program::DataType;
using program::Primitive;
using program::Shape;
using program::Tensor;

namespace {

Digest expected_digest(std::string_view name)
{
    struct Row {
        std::string_view name, digest;
    };
    constexpr Row rows[]{
#define ASSAY_GOLDEN(task, digest) {task, digest},
#include "golden/digests.def"
#undef ASSAY_GOLDEN
    };
    for (const Row& row : rows)
        if (row.name == name) return *digest_from_hex(row.digest);
    ASSAY_CHECK(false);
    return {};
}

std::uint32_t word(std::uint32_t stream, std::uint32_t index)
{
    return arith::philox4x32_10({index / 4, 0, 0, stream}, {1, 2})[index % 4];
}

Tensor words_below(program::TensorType type, std::uint32_t stream, std::uint32_t limit)
{
    Tensor tensor{std::move(type)};
    for (std::uint32_t i = 0; i < tensor.type().elements(); ++i)
        tensor.set_element(i, static_cast<std::uint32_t>(std::uint64_t{word(stream, i)} * limit >> 32));
    return tensor;
}

exec::DataSet shared(std::vector<Tensor> data)
{
    return std::make_shared<const std::vector<Tensor>>(std::move(data));
}

template <class T>
T certain(Result<T> result)
{
    ASSAY_CHECK(result.has_value()); // the options are ours
    return std::move(*result);
}

Task perceptron()
{
    model::PerceptronOptions options;
    options.pixels = 70;
    options.hidden = {37, 19};
    options.classes = 5;
    options.batch = 24;
    options.images = 90;
    options.training_images = 80;
    const auto task =
        certain(model::make_task(certain(model::perceptron(options)), {model::ConstantRate{0.05}, model::Sgd{0.9, 0.001}, 0}));
    exec::DataSet data = shared({words_below({DataType::unsigned8, {90, 70}}, 1, 256), words_below({DataType::unsigned8, {90}}, 2, 5)});
    return {"perceptron",
            "momentum, weight decay, bytes as data",
            task.initial,
            task.training,
            std::move(data),
            40,
            expected_digest("perceptron")};
}

Task transformer()
{
    model::GptOptions options;
    options.layers = 2;
    options.heads = 3;
    options.width = 24;
    options.context = 17;
    options.batch = 4;
    options.vocabulary = 29;
    options.text_length = 700;
    options.training_length = 600;
    options.biases = true;
    options.dropout = 0.1;
    const auto task = certain(
        model::make_task(certain(model::gpt(options)), {model::WarmUpCosine{1e-2, 1e-3, 5, 20}, model::AdamW{0.9, 0.99, 1e-8, 0.1}, 1.0}));
    return {"transformer",
            "attention, dropout, clipping, schedule, AdamW",
            task.initial,
            task.training,
            shared({words_below({DataType::unsigned8, {700}}, 3, 29)}),
            25,
            expected_digest("transformer")};
}

// Patterns of every exponent and both signs, with what is special among them.
Tensor extreme_numbers(std::uint32_t stream)
{
    constexpr std::uint32_t special[]{0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007fffff, 0x00800000, 0x7f7fffff, 0xff7fffff,
                                      0x7f800000, 0xff800000, 0x7fc00000, 0x3f800000, 0xbf800000, 0x3f7fffff, 0x42b17218, 0xc2cff1b5};
    Tensor tensor{{DataType::binary32, {32, 64}}};
    for (std::uint32_t i = 0; i < tensor.type().elements(); ++i)
        tensor.set_element(i, i % 5 == 0 ? special[word(stream, i) % std::size(special)] : word(stream, i));
    return tensor;
}

Task extremes()
{
    model::Builder builder;
    const program::TensorType type{DataType::binary32, {32, 64}};
    const model::Value a = builder.data("a", type), b = builder.data("b", type);
    const auto output = [&](Primitive primitive, program::Attributes attributes, std::vector<model::Value> operands) {
        builder.output(std::string{name_of(primitive)}, builder.apply(primitive, std::move(attributes), std::move(operands)));
    };
    for (const Primitive primitive : {Primitive::add, Primitive::subtract, Primitive::multiply, Primitive::divide, Primitive::minimum,
                                      Primitive::maximum, Primitive::less, Primitive::equal})
        output(primitive, {}, {a, b});
    for (const Primitive primitive : {Primitive::negate, Primitive::absolute, Primitive::square_root, Primitive::exponential,
                                      Primitive::logarithm, Primitive::hyperbolic_tangent, Primitive::error_function, Primitive::sine,
                                      Primitive::cosine, Primitive::reciprocal_square_root, Primitive::to_unsigned32})
        output(primitive, {}, {a});
    output(Primitive::contract, program::ContractionAttributes{false, true, 16, program::Limit::none}, {a, b});
    output(Primitive::reduce_sum, program::ReductionAttributes{}, {a});
    output(Primitive::reduce_maximum, program::ReductionAttributes{}, {b});
    // Sums of products near 2^-130, all of them subnormal; what is not a number equals nothing, and is left out.
    const auto small = [&](model::Value x) {
        const model::Value sine = builder.sine(x);
        return builder.multiply(builder.select(builder.equal(sine, sine), sine, builder.number(0)), builder.number(0x1p-65));
    };
    output(Primitive::contract, program::ContractionAttributes{false, true, 16, program::Limit::sum_up_to_row}, {small(a), small(b)});
    return {"extremes",
            "subnormal numbers, infinities, NaN, zeros of both signs through every operation",
            {},
            certain(builder.finish()),
            shared({extreme_numbers(4), extreme_numbers(5)}),
            1,
            expected_digest("extremes")};
}

} // namespace

std::vector<Task> tasks()
{
    return {perceptron(), transformer(), extremes()};
}

Result<Digest> run(const Task& task, const MakeExecutor& make)
{
    ASSAY_TRY_ASSIGN(const std::unique_ptr<exec::Executor> executor, make(task.program, task.data, seed));
    if (task.initial) {
        ASSAY_TRY_ASSIGN(const std::unique_ptr<exec::Executor> first, make(*task.initial, shared({}), seed));
        ASSAY_TRY(first->load({}));
        first->step();
        const std::vector<Tensor> state = first->outputs();
        ASSAY_TRY(executor->load(state));
    }
    for (std::uint32_t step = 0; step < task.steps; ++step) executor->step();
    const std::vector<Tensor> outputs = executor->outputs();
    return commit::state_digest(std::span<const Tensor>{outputs});
}

Status self_test(const MakeExecutor& make)
{
    for (const Task& task : tasks()) {
        ASSAY_TRY_ASSIGN(const Digest digest, run(task, make));
        if (digest != task.expected)
            return failure(Error::state_mismatch, std::string{task.name} + " (" + std::string{task.covers} + ") has digest " +
                                                      to_hex(digest) + ", not " + to_hex(task.expected));
    }
    return {};
}

} // namespace assay::golden
