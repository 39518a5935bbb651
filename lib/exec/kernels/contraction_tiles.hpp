// What one thread does of a contraction, for the best vector target: packing, and tiles of outputs that stay in registers for one block of
// their sums (Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34, 2008, with the canonical block as
// the depth of a panel).
#pragma once

#include "exec/kernels/contraction.hpp"

namespace assay::exec {

// Rows and columns of a register tile, how many rows' memory a packed tile has for each term, and how many tiles are packed at once.
struct TileShape {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::size_t packed_rows = 0;
    std::size_t tiles_of_pack = 0;
};
TileShape tile_shape();

// Of a right operand stored by rows: a panel's parts of longer rows are too far from each other to be packed by themselves.
constexpr std::size_t copied_row_max = 4096;

// Outputs [rows] x [columns] of one matrix, and the terms of one block of their sums. All indices count from the matrix's first.
struct Chunk {
    const Contraction* contraction;
    const float* left;   // the matrix, as stored
    const float* right;  // the matrix, as stored
    float* packed_left;  // for the terms of the tiles that are packed at once; null: the left operand is read as it is stored
    float* packed_right; // for panels of a tile's columns, term by term; one panel at a time: for it and a column
    bool packs_right;    // otherwise right is not stored transposed, and only a last panel that is not whole is packed
    bool panel_by_panel; // all rows' tiles are packed at once, and panels one by one; otherwise all panels, and some rows' tiles at a time
    float* out;          // the matrix
    Range rows, columns, terms;
    bool begins_sums; // otherwise the block is added to what the outputs hold
};

// Adds the block to the outputs; the first block of a sum is its value so far. Sums without terms are not touched.
// Requires: begins_sums is set for the first block, and with a limit for no other.
void add_chunk(const Chunk& chunk);

} // namespace assay::exec
