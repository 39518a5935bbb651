// What one thread does of a contraction, for the best vector target: packing, and tiles of outputs that stay in registers for one block of
// their sums (Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34, 2008, with the canonical block as
// the depth of a panel).
#pragma once

#include "exec/kernels/contraction.hpp"

namespace assay::exec {

// Rows and columns of a register tile.
struct TileShape {
    std::size_t rows = 0;
    std::size_t columns = 0;
};
TileShape tile_shape();

// The left operand of one matrix: element (row, term) at row * row_stride + term * term_stride.
struct LeftView {
    const float* elements = nullptr;
    std::size_t row_stride = 0;
    std::size_t term_stride = 0;
};

// Outputs [rows] x [columns] of one matrix, and the terms of one block of their sums. All indices count from the matrix's first.
struct Chunk {
    const Contraction* contraction;
    LeftView left;
    const float* packed_left;  // panels of a tile's rows, term by term, the chunk's rows and terms only; null: `left` is read
    const float* packed_right; // panels of a tile's columns, term by term, the chunk's columns and terms only
    float* out;                // the matrix
    Range rows, columns, terms;
};

// Packs the chunk's columns and terms of `right`, +0 where the last panel is wider than the chunk.
void pack_right(const Chunk& chunk, const float* right, float* packed);
// Packs the chunk's rows and terms of `left`.
void pack_left(const Chunk& chunk, float* packed);
// Adds the block to the outputs; the first block of a sum is its value so far. Sums without terms are not touched.
void add_chunk(const Chunk& chunk);

} // namespace assay::exec
