// From an architecture and training options to the programs of a training task. Spec: spec/model.md, MODEL-14 and MODEL-19 to MODEL-22.
#pragma once

#include <assay/model/optimiser.hpp>
#include <assay/model/random.hpp>

namespace assay::model {

// Examples that were drawn: inputs as `Architecture::logits` takes them, targets unsigned32 [batch, positions].
struct Examples {
    Value inputs;
    Value targets;
};

// A classifier: what it learns, from what, and how it computes.
struct Architecture {
    std::vector<Variable> parameters;
    std::vector<program::Declaration> data; // the data set
    program::Declaration input;             // what inference takes in place of examples
    std::uint32_t batch = 1;                // examples in a step
    std::uint32_t training_offsets = 1;     // training draws the examples' offsets below this, with replacement
    double dropout = 0;
    // The examples at these offsets (unsigned32 [batch]) of the data set.
    std::function<Examples(Builder&, const std::vector<Value>& data, Value offsets)> examples;
    // The logits, binary32 [batch * positions, classes].
    std::function<Value(Builder&, const NamedValues& parameters, Value inputs, Dropout& dropout)> logits;
};

// The four programs of a task. All speak of the same state: "step", "loss" (of the last step), the parameters, the optimiser's variables.
struct TrainingTask {
    program::Program initial;  // no states, no data; the outputs are the first state, drawn with the seed
    program::Program training; // iterable: one step
    program::Program
        evaluation; // one more data tensor, "offsets", unsigned32 [batch]; outputs "losses" and "hits", [batch]: sums over positions
    program::Program inference; // data is the architecture's input; output "logits"
};

// Errors: invalid_input, naming the option; what the builder found wrong with the architecture.
Result<TrainingTask> make_task(const Architecture& architecture, const TrainingOptions& options);

} // namespace assay::model
