// Products of a matrix and a vector: every element of the matrix is used once, so nothing is packed and memory sets the pace.
#pragma once

#include "exec/kernels/words.hpp"

namespace assay::exec {

// out[i] = sum over k of the matrix's element (i, k) times vector[k], in blocks of `block` terms from the first of `terms` on.
struct MatrixVector {
    const float* matrix;
    const float* vector;
    float* out;
    std::size_t outputs, block;
    Range terms;
    bool terms_side_by_side; // the matrix is stored [i][k], otherwise [k][i]
    std::size_t stride;      // from one of its rows in memory to the next
};

void multiply_vector(const MatrixVector& product, Range outputs);

} // namespace assay::exec
