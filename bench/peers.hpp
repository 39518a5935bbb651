// Matrix products of other libraries, loaded at run time, so that two that define the same names can be measured in one process.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace assay::bench {

// out[rows][columns] = left * right; row-major; a transposed operand is stored the other way round.
struct Product {
    int rows, columns, depth;
    bool transpose_left, transpose_right;
};
using Multiply = std::function<void(const Product& product, const float* left, const float* right, float* out)>;

struct Peer {
    std::string name;
    Multiply multiply;
    std::function<void(int)> set_threads;
};

// Those that are installed, of OpenBLAS, BLIS, oneDNN and Eigen.
std::vector<Peer> peers();

} // namespace assay::bench
