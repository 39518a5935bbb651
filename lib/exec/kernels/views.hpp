// A tensor seen through other axes: what permutations, slices and broadcasts read. Spec: spec/program.md, "Moves".
#pragma once

#include <vector>

#include <assay/program/types.hpp>

#include "exec/kernels/words.hpp"

namespace assay::exec {

// Element (i0, i1, ...) is the operand's element offset + i0 * axes[0].stride + i1 * axes[1].stride + ...
struct View {
    struct Axis {
        std::size_t extent = 1;
        std::size_t stride = 0;
    };
    std::vector<Axis> axes; // outermost first; neighbours that can be one axis are one
    std::size_t offset = 0;

    // Whether every element is the operand's element of the same index.
    [[nodiscard]] bool is_identity() const { return offset == 0 && (axes.empty() || (axes.size() == 1 && axes[0].stride == 1)); }
    // Whether each of so many elements is repeated along a row.
    [[nodiscard]] bool is_spread(std::size_t rows, std::size_t row_length) const
    {
        if (rows == 1) return is_constant();
        return offset == 0 && axes.size() == 2 && axes[0].extent == rows && axes[0].stride == 1 && axes[1].extent == row_length &&
               axes[1].stride == 0;
    }
    // Whether there is only one element, repeated.
    [[nodiscard]] bool is_constant() const { return axes.size() == 1 && axes[0].stride == 0; }
};

// `operand` broadcast to `shape`, permuted, and a box of it. Requires: that infer_type accepts it.
View broadcast_view(const program::Shape& operand, const program::Shape& shape);
View permuted_view(const program::Shape& operand, const std::vector<std::uint32_t>& axes);
View sliced_view(const program::Shape& operand, const std::vector<std::uint32_t>& starts, const program::Shape& shape);

// Elements [range.begin, range.end) of the view, one after another. Elements may be widened from bytes to words.
void copy_view(const View& view, const Word* operand, Range range, Word* out);
void copy_view(const View& view, const std::uint8_t* operand, Range range, Word* out);
void copy_view(const View& view, const std::uint8_t* operand, Range range, std::uint8_t* out);

} // namespace assay::exec
