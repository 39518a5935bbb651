// A plan and the memory that it runs in.
#pragma once

#include <new>
#include <utility>
#include <vector>

#include "exec/memory.hpp"
#include "exec/plan.hpp"

namespace assay::exec {

// The plan. Throws std::bad_alloc where the machine has less memory than it wants.
inline Plan within_machine(Plan plan)
{
    const std::uint64_t memory = machine_memory();
    const std::uint64_t values = std::uint64_t{plan.arena_bytes} + plan.shown_bytes;
    if (values > memory || plan.constant_bytes > memory - values) throw std::bad_alloc();
    return plan;
}

struct Workspace {
    Workspace(program::Program of, Plan::Mode mode, std::size_t threads)
        : program(std::move(of)), plan(within_machine(make_plan(program, mode, threads))), constants(plan.constant_bytes),
          arena(plan.arena_bytes)
    {
        for (std::size_t thread = 0; thread < threads; ++thread) {
            tiles.emplace_back(plan.tile_words * sizeof(Word));
            packed.push_back(packed_memory.emplace_back(plan.packed_words * sizeof(Word)).words());
            batches.emplace_back(plan.batch_bytes);
        }
        scatter_memory.resize(plan.scatter_memory);
        for (const program::TensorType& type : plan.shown) shown.emplace_back(type);
        for (std::uint32_t i = 0; i < program.nodes().size(); ++i) descriptors.push_back(program.descriptor({i}));
    }

    program::Program program; // one with the same outputs
    Plan plan;
    std::vector<program::Descriptor> descriptors; // by node
    Memory constants, arena;
    std::vector<Memory> tiles, packed_memory, batches; // by thread
    std::vector<Word*> packed;                         // by thread
    mutable std::vector<std::size_t> scatter_memory;
    mutable std::vector<program::Tensor> shown;
};

} // namespace assay::exec
