// Handwritten digits in the files of MNIST: images of bytes, with a label each.
#pragma once

#include <string>

#include <assay/program/types.hpp>

namespace assay::app {

struct Digits {
    program::Tensor images; // unsigned8 [count, pixels]
    program::Tensor labels; // unsigned8 [count], below 10
};

// Reads t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, with or without ".gz", from a folder. The format is that of
// http://yann.lecun.com/exdb/mnist: a big-endian magic number and extents, then the bytes.
// Errors: file_unreadable, and invalid_input naming the file and what is wrong in it.
Result<Digits> read_digits(const std::string& folder);

} // namespace assay::app
