// What the fast executor does in a step, worked out once for each program: which nodes are computed together, and where their values lie.
#pragma once

#include <optional>

#include <assay/program/program.hpp>
#include <assay/program/scalar.hpp>

#include "exec/kernels/views.hpp"

namespace assay::exec {

// Where a node's value lies while the step runs.
struct Place {
    enum class Kind : std::uint8_t {
        state,    // tensor `index` of the current state
        data,     // tensor `index` of the data set
        constant, // computed once; from byte `index` of the constants
        output,   // the tensor of output `index`
        arena,    // memory that is shared out in turn, from byte `index`
        batch,    // each thread's memory for one batch of a chain, from byte `index`
        tile,     // only the current tile of a group, in its slot `index`
        shown,    // tensor `index` of those that a trace shows
    };
    Kind kind = Kind::arena;
    std::size_t index = 0;
};

// What a group reads through a view: copied into a slot for each tile.
struct ViewedOperand {
    program::NodeIndex node;
    View view;
    std::size_t slot = 0;
    bool is_of_chain = false; // made earlier in the same chain: the view is of one batch
    bool of_rows = false;     // one element for each row of the group
};

// A step of a group. Its operands are read where they lie, or from the slot that they were copied to.
struct GroupedMap {
    enum class Kind : std::uint8_t {
        map,
        reduction, // of each row
        spread,    // an element for each row, repeated along the row
    };
    struct Operand {
        program::NodeIndex node;
        std::optional<std::size_t> slot;
        bool of_rows = false;
    };
    program::NodeIndex node;
    Kind kind = Kind::map;
    bool of_rows = false; // the result has one element for each row
    program::Operation operation = program::Operation::copy;
    std::vector<Operand> operands{};
    std::size_t slot = 0;        // of a spread's result
    std::size_t causal_rows = 0; // not 0: nobody reads more of row r than its first r % causal_rows + 1 elements
};

// The elements of a tile. Small, so that a group's slots stay in the first-level cache.
inline constexpr std::size_t tile_elements = 512;

// One unit of work: a node that is not a map, or maps of one shape that are computed together, tile by tile, where tiles are whole rows
// also with the reductions of these rows and maps of what has one element for each row. Instructions that follow each other may be a chain:
// each divides into the same number of batches, and batch b of one reads of the others' values only batch b. A thread carries a batch
// through all of them, so that what only the chain reads is as large as a batch and stays in a cache. (The heads of attention are batches.)
struct Instruction {
    program::NodeIndex node;        // the only one, or the first of the group
    std::vector<GroupedMap> maps{}; // empty: not a group
    std::vector<ViewedOperand> viewed{};
    std::vector<program::NodeIndex> streamed{}; // what a group reads or makes of all its elements, and that lies in memory
    std::size_t elements = 0;   // of the group's shape
    std::size_t row_length = 1; // of the group's rows; 1 where no step takes a row as a whole
    std::size_t slots = 0;      // that the group needs in each thread's tile
    View moved{};               // of a permutation, slice or broadcast: what it reads
    std::size_t chained = 1;    // of a chain's first instruction: how many there are in the chain
    std::size_t batches = 1;    // of the chain

    std::size_t rows_of_tile = 1;
    std::size_t words_of_tile = 0; // a slot's size

    [[nodiscard]] std::size_t rows() const { return elements / row_length; }
};

struct Plan {
    enum class Mode : std::uint8_t {
        grouped,    // intermediates of groups are not kept
        every_node, // every node is an instruction of its own, with a place that may be overwritten
    };

    std::vector<Place> places; // by node
    std::vector<Instruction> instructions;
    std::vector<std::optional<program::NodeIndex>> copied_outputs; // by output: the node to copy, where the value does not arise in place
    std::vector<bool> updated_in_place;        // by output: whether it arises in the memory of the state that it follows
    std::vector<program::NodeIndex> constants; // to be computed once
    std::size_t constant_bytes = 0;
    std::size_t arena_bytes = 0;
    std::size_t packed_words = 0;   // of the contraction that wants most of each thread
    std::size_t tile_words = 0;     // of all slots of the group that wants most
    std::size_t batch_bytes = 0;    // of the chain that wants most of each thread
    std::size_t scatter_memory = 0; // numbers that the largest scatter_add wants

    // Of a trace: the tensors that values are shown in, and by node, which. It is the value's place too, unless that is a state or an output.
    std::vector<program::TensorType> shown;
    std::vector<std::size_t> shown_in;
    std::size_t shown_bytes = 0;
};

// Throws std::bad_alloc when no address space of this processor would hold the values.
Plan make_plan(const program::Program& program, Plan::Mode mode, std::size_t threads);

} // namespace assay::exec
