// Products of a matrix and a vector: every element of the matrix is used once, so nothing is packed and memory sets the pace.
#pragma once

#include "exec/kernels/words.hpp"

namespace assay::exec {

// out[i] = sum over k of the matrix's element (i, k) times vector[k], in blocks of `block` terms.
struct MatrixVector {
    const float* matrix;
    const float* vector;
    float* out;
    std::size_t outputs, depth, block;
    bool terms_side_by_side; // the matrix is stored [i][k], otherwise [k][i]
};

void multiply_vector(const MatrixVector& product, Range outputs);

} // namespace assay::exec
