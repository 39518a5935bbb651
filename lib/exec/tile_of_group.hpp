// The parts of a step that a thread computes at a time: one batch of a chain, and of a group a tile of rows.
#pragma once

#include "exec/workspace.hpp"

namespace assay::exec {

// One batch of all that a chain computes, or all there is.
struct Batch {
    const Workspace& space;
    std::size_t thread;
    std::size_t index = 0, count = 1;
};

struct TileOfGroup {
    const Batch& batch;
    const Instruction& group;
    std::size_t first_row; // of the batch
    Range rows;            // counted from there

    // Of values with an element for each row, or of those of the group's shape: elements, counted from the batch's first.
    [[nodiscard]] Range range(bool of_rows) const { return elements(0, of_rows); }
    // Counted from the value's first.
    [[nodiscard]] Range range_of_whole(bool of_rows) const { return elements(first_row, of_rows); }
    [[nodiscard]] Word* slot(std::size_t index) const { return batch.space.tiles[batch.thread].words() + index * group.words_of_tile; }

private:
    [[nodiscard]] Range elements(std::size_t before, bool of_rows) const
    {
        const std::size_t length = of_rows ? 1 : group.row_length;
        return {(before + rows.begin) * length, (before + rows.end) * length};
    }
};

// How much of a tile's operands and results was fetched into the first cache: a few lines with each step of the tile before, because all at
// once they would wait for each other.
struct Fetching {
    static constexpr std::size_t line = 64 / sizeof(Word);

    const TileOfGroup& tile;
    std::size_t elements = tile.range(false).size();
    std::size_t lines_of_step = (tile.group.streamed.size() * elements / line + tile.group.maps.size() - 1) / tile.group.maps.size();
    std::size_t operand = 0, element = 0;
};

} // namespace assay::exec
