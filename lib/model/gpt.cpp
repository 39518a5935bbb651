// The transformer: blocks of attention and a two-layer perceptron, each behind a layer norm and added to what it read.
#include <assay/model/gpt.hpp>

#include <assay/arith/binary32.hpp>
#include <assay/model/number.hpp>

namespace assay::model {

using program::DataType;
using program::Shape;

namespace {

constexpr std::uint32_t vocabulary_max = 1U << 24;
constexpr double weight_deviation = 0.02; // Radford et al., "Language models are unsupervised multitask learners", 2019

std::string block_name(std::uint32_t layer)
{
    return "block " + std::to_string(layer);
}

class Parameters {
public:
    explicit Parameters(const GptOptions& options) : m_options(options) {}

    std::vector<Variable> list()
    {
        const std::uint32_t width = m_options.width;
        const std::uint32_t deviation = binary32_bits(weight_deviation);
        // Every block adds twice to the same sum: its last matrices begin smaller, so that the sum's variance does not grow with depth.
        const std::uint32_t residual = arith::divide(deviation, arith::square_root(arith::from_unsigned(2 * m_options.layers)));
        add_matrix("token embedding", {m_options.vocabulary, width}, deviation);
        add_matrix("position embedding", {m_options.context, width}, deviation);
        for (std::uint32_t layer = 0; layer < m_options.layers; ++layer) {
            const std::string block = block_name(layer);
            add_norm(block + "/attention/norm");
            for (const char* part : {"query", "key", "value"}) add_linear(block + "/attention/" + part, width, width, deviation);
            add_linear(block + "/attention/projection", width, width, residual);
            add_norm(block + "/perceptron/norm");
            add_linear(block + "/perceptron/hidden", width, 4 * width, deviation);
            add_linear(block + "/perceptron/projection", 4 * width, width, residual);
        }
        add_norm("norm");
        if (!m_options.tied_head) add_matrix("head/weight", {width, m_options.vocabulary}, deviation);
        return std::move(m_list);
    }

private:
    void add_matrix(std::string name, Shape shape, std::uint32_t deviation)
    {
        m_list.push_back({std::move(name), {DataType::binary32, std::move(shape)}, {Initial::Kind::normal, deviation}, true});
    }
    void add_vector(std::string name, std::uint32_t length, std::uint32_t bits)
    {
        m_list.push_back({std::move(name), {DataType::binary32, {length}}, {Initial::Kind::constant, bits}, false});
    }
    void add_linear(const std::string& name, std::uint32_t in, std::uint32_t out, std::uint32_t deviation)
    {
        add_matrix(name + "/weight", {in, out}, deviation);
        if (m_options.biases) add_vector(name + "/bias", out, 0);
    }
    void add_norm(const std::string& name)
    {
        add_vector(name + "/weight", m_options.width, arith::one);
        if (m_options.biases) add_vector(name + "/bias", m_options.width, 0);
    }

    GptOptions m_options;
    std::vector<Variable> m_list;
};

// One forward pass. Activations are [batch * positions, width] between the layers.
class Forward {
public:
    Forward(Builder& builder, const GptOptions& options, const NamedValues& parameters, Dropout& dropout)
        : m_builder(builder), m_options(options), m_parameters(parameters), m_dropout(dropout)
    {
    }

    Value logits(Value tokens)
    {
        m_batch = static_cast<std::uint32_t>(m_builder.shape(tokens).elements() / m_options.context);
        const Value table = m_parameters.at("token embedding");
        Value stream = embed(table, tokens);
        for (std::uint32_t layer = 0; layer < m_options.layers; ++layer) {
            const std::string block = block_name(layer);
            const Builder::Scope scope(m_builder, block);
            stream = m_builder.name(m_builder.add(stream, attention(stream, block + "/attention/")), "after attention");
            stream = m_builder.name(m_builder.add(stream, perceptron(stream, block + "/perceptron/")), "after perceptron");
        }
        const Value last = normalised(stream, "", "norm");
        const Value result = m_options.tied_head
                                 ? m_builder.contract(last, table, {false, true, program::default_block, program::Limit::none})
                                 : m_builder.contract(last, m_parameters.at("head/weight"));
        return m_builder.name(result, "logits");
    }

private:
    [[nodiscard]] Shape activations() const { return {m_batch * m_options.context, m_options.width}; }

    // Nothing where the options leave it out.
    [[nodiscard]] Value bias(const std::string& name) const { return m_options.biases ? m_parameters.at(name + "/bias") : Value{}; }

    // A layer's parameters stand under `path` + `part`, its nodes under the current scope and `part`.
    Value normalised(Value input, const std::string& path, const char* part)
    {
        const Builder::Scope scope(m_builder, part);
        return layer_norm(m_builder, input, m_parameters.at(path + part + "/weight"), bias(path + part));
    }

    Value project(Value input, const std::string& path, const char* part)
    {
        const Builder::Scope scope(m_builder, part);
        return linear(m_builder, input, m_parameters.at(path + part + "/weight"), bias(path + part));
    }

    Value embed(Value table, Value tokens)
    {
        const Builder::Scope scope(m_builder, "embedding");
        const Value sum = m_builder.add(m_builder.gather(table, tokens), m_parameters.at("position embedding"));
        return m_dropout(m_builder, m_builder.reshape(sum, activations()));
    }

    // [batch * positions, width] to [batch, heads, positions, width / heads].
    Value heads(Value input)
    {
        const Shape split{m_batch, m_options.context, m_options.heads, m_options.width / m_options.heads};
        return m_builder.permute(m_builder.reshape(input, split), {0, 2, 1, 3});
    }

    Value attention(Value stream, const std::string& path)
    {
        const Builder::Scope scope(m_builder, "attention");
        const Value input = normalised(stream, path, "norm");
        const Value query = heads(project(input, path, "query"));
        const Value key = heads(project(input, path, "key"));
        const Value value = heads(project(input, path, "value"));
        const Value mixed = m_builder.permute(causal_attention(m_builder, query, key, value, m_dropout), {0, 2, 1, 3});
        return m_dropout(m_builder, project(m_builder.reshape(mixed, activations()), path, "projection"));
    }

    Value perceptron(Value stream, const std::string& path)
    {
        const Builder::Scope scope(m_builder, "perceptron");
        const Value hidden = project(normalised(stream, path, "norm"), path, "hidden");
        return m_dropout(m_builder, project(activate(m_builder, m_options.activation, hidden), path, "projection"));
    }

    Builder& m_builder;
    const GptOptions& m_options;
    const NamedValues& m_parameters;
    Dropout& m_dropout;
    std::uint32_t m_batch = 0;
};

Status validate(const GptOptions& options)
{
    const auto refuse = [](const char* why) { return failure(Error::invalid_input, why); };
    if (options.layers == 0 || options.layers > 1000) return refuse("the number of layers is not between 1 and 1000");
    if (options.width == 0 || options.width > 65536) return refuse("the width is not between 1 and 65536");
    if (options.heads == 0 || options.width % options.heads != 0) return refuse("the heads do not divide the width");
    if (options.vocabulary == 0 || options.vocabulary > vocabulary_max) return refuse("the vocabulary is not between 1 and 2^24 symbols");
    if (options.context == 0 || options.context > 65536) return refuse("the context is not between 1 and 65536 symbols");
    if (options.batch == 0 || options.batch > 65535) return refuse("the batch is not between 1 and 65535 windows");
    if (options.training_length > options.text_length) return refuse("the training part is longer than the text");
    if (options.training_length <= options.context) return refuse("the training part is not longer than the context");
    return {};
}

} // namespace

Result<Architecture> gpt(const GptOptions& options)
{
    ASSAY_TRY(validate(options));
    Architecture architecture;
    architecture.parameters = Parameters{options}.list();
    const DataType symbol = options.vocabulary <= 256 ? DataType::unsigned8 : DataType::unsigned32;
    architecture.data = {{"text", {symbol, {options.text_length}}}};
    architecture.input = {"prompt", {DataType::unsigned32, {1, options.context}}};
    architecture.batch = options.batch;
    architecture.training_offsets = options.training_length - options.context;
    architecture.dropout = options.dropout;
    architecture.examples = [options, symbol](Builder& builder, const std::vector<Value>& data, Value offsets) {
        const Builder::Scope scope(builder, "examples");
        const Value first = builder.add(builder.reshape(offsets, {options.batch, 1}), builder.iota({options.context}, 0));
        const auto symbols = [&](Value places) {
            const Value read = builder.gather(data[0], places);
            return symbol == DataType::unsigned32 ? read : builder.to_unsigned32(read);
        };
        return Examples{symbols(first), symbols(builder.add(first, builder.integer(1)))};
    };
    architecture.logits = [options](Builder& builder, const NamedValues& parameters, Value inputs, Dropout& dropout) {
        return Forward{builder, options, parameters, dropout}.logits(inputs);
    };
    return architecture;
}

} // namespace assay::model
