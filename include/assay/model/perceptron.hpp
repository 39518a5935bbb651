// A perceptron with hidden layers over images of one byte a pixel. Spec: spec/model.md, MODEL-24.
#pragma once

#include <assay/model/layers.hpp>
#include <assay/model/task.hpp>

namespace assay::model {

struct PerceptronOptions {
    std::uint32_t pixels = 784;
    std::vector<std::uint32_t> hidden{128};
    std::uint32_t classes = 10;
    std::uint32_t batch = 64;
    std::uint32_t images = 0;          // in the data set
    std::uint32_t training_images = 0; // of these, the first that training draws from
    double dropout = 0;                // after each hidden layer
    Activation activation = Activation::rectifier;
};

// Data "images": unsigned8 [images, pixels], and "labels": unsigned8 [images], below `classes`. Offsets: which image.
// Input "pixels": unsigned8 [1, pixels]. Errors: invalid_input, naming the option.
Result<Architecture> perceptron(const PerceptronOptions& options);

} // namespace assay::model
