// What the demonstration trains: a transformer on a text, or a perceptron on handwritten digits, with everything that belongs to it.
#pragma once

#include <assay/exec/executor.hpp>
#include <assay/model/gpt.hpp>
#include <assay/model/perceptron.hpp>

namespace assay::app {

struct ProblemOptions {
    std::string input; // a text, or a folder with digits
    model::GptOptions gpt;
    model::PerceptronOptions perceptron;
    std::uint32_t batch = 0; // 0: what suits the model
    double dropout = 0;
    double rate = 2e-3;
    double rate_min = 2e-4;
    std::uint32_t warm_up_steps = 20;
    std::uint32_t steps = 300;
};

struct Problem {
    std::string description; // of the model, in words
    model::TrainingTask programs;
    exec::DataSet data;
    std::vector<std::uint32_t> held_out; // the offsets of the examples that are not trained on, for the evaluation program
    std::uint32_t batch = 1;
    std::uint64_t predictions = 1; // of an example
    exec::DataSet prompt;          // data of an inference pass
};

// Errors: those of reading the input; invalid_input naming the option that does not suit.
Result<Problem> make_problem(const ProblemOptions& options);

} // namespace assay::app
