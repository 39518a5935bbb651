// A decoder-only transformer over symbols, of the shape of GPT-2. Spec: spec/model.md, MODEL-23.
#pragma once

#include <assay/model/layers.hpp>
#include <assay/model/task.hpp>

namespace assay::model {

// The defaults are a small character model: four layers of width 128 that read 64 characters.
struct GptOptions {
    std::uint32_t layers = 4;
    std::uint32_t heads = 4;
    std::uint32_t width = 128;
    std::uint32_t context = 64;
    std::uint32_t batch = 12;
    std::uint32_t vocabulary = 65;
    std::uint32_t text_length = 0;     // symbols in the data set
    std::uint32_t training_length = 0; // of these, the first that training draws from
    bool biases = false;
    bool tied_head = true;
    double dropout = 0;
    Activation activation = Activation::gelu;
};

// Data "text": symbols below `vocabulary`, unsigned8 [text_length] where they fit into bytes, unsigned32 where they do not. Offsets: where
// a window of context + 1 symbols begins. Input "prompt": unsigned32 [1, context]. Errors: invalid_input, naming the option.
Result<Architecture> gpt(const GptOptions& options);

} // namespace assay::model
