// Images to classes.
#include <assay/model/perceptron.hpp>

#include <assay/arith/binary32.hpp>

namespace assay::model {

using program::DataType;

namespace {

std::string layer_name(std::size_t layer)
{
    return "layer " + std::to_string(layer);
}

// Weights with variance 2 / in, which keeps the variance through rectifiers (He et al., "Delving deep into rectifiers", 2015).
std::vector<Variable> parameters_of(const PerceptronOptions& options)
{
    std::vector<Variable> parameters;
    std::uint32_t in = options.pixels;
    for (std::size_t layer = 0; layer <= options.hidden.size(); ++layer) {
        const std::uint32_t out = layer < options.hidden.size() ? options.hidden[layer] : options.classes;
        const std::uint32_t deviation = arith::square_root(arith::divide(arith::from_unsigned(2), arith::from_unsigned(in)));
        parameters.push_back({layer_name(layer) + "/weight", {DataType::binary32, {in, out}}, {Initial::Kind::normal, deviation}, true});
        parameters.push_back({layer_name(layer) + "/bias", {DataType::binary32, {out}}, {}, false});
        in = out;
    }
    return parameters;
}

Value logits_of(Builder& builder, const PerceptronOptions& options, const NamedValues& parameters, Value images, Dropout& dropout)
{
    const std::uint32_t share = arith::divide(arith::one, arith::from_unsigned(255));
    Value values = builder.multiply(builder.to_binary32(images), builder.number_from_bits(share));
    for (std::size_t layer = 0; layer <= options.hidden.size(); ++layer) {
        const Builder::Scope scope(builder, layer_name(layer));
        values = linear(builder, values, parameters.at(layer_name(layer) + "/weight"), parameters.at(layer_name(layer) + "/bias"));
        if (layer < options.hidden.size()) values = dropout(builder, activate(builder, options.activation, values));
    }
    return builder.name(values, "logits");
}

Status validate(const PerceptronOptions& options)
{
    const auto refuse = [](const char* why) { return failure(Error::invalid_input, why); };
    if (options.pixels == 0) return refuse("there are no pixels");
    if (options.classes == 0 || options.classes > 256) return refuse("the classes are not between 1 and 256");
    for (const std::uint32_t width : options.hidden)
        if (width == 0) return refuse("a hidden layer is empty");
    if (options.batch == 0) return refuse("the batch is empty");
    if (options.training_images == 0 || options.training_images > options.images)
        return refuse("the training images are not between 1 and all images");
    return {};
}

} // namespace

Result<Architecture> perceptron(const PerceptronOptions& options)
{
    ASSAY_TRY(validate(options));
    Architecture architecture;
    architecture.parameters = parameters_of(options);
    architecture.data = {{"images", {DataType::unsigned8, {options.images, options.pixels}}},
                         {"labels", {DataType::unsigned8, {options.images}}}};
    architecture.input = {"pixels", {DataType::unsigned8, {1, options.pixels}}};
    architecture.batch = options.batch;
    architecture.training_offsets = options.training_images;
    architecture.dropout = options.dropout;
    architecture.examples = [options](Builder& builder, const std::vector<Value>& data, Value offsets) {
        const Builder::Scope scope(builder, "examples");
        const Value labels = builder.to_unsigned32(builder.gather(data[1], offsets));
        return Examples{builder.gather(data[0], offsets), builder.reshape(labels, {options.batch, 1})};
    };
    architecture.logits = [options](Builder& builder, const NamedValues& parameters, Value inputs, Dropout& dropout) {
        return logits_of(builder, options, parameters, inputs, dropout);
    };
    return architecture;
}

} // namespace assay::model
