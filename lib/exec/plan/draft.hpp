// A plan while it is made, and what every pass asks of the program.
#pragma once

#include <limits>

#include "exec/plan.hpp"

namespace assay::exec {

inline constexpr std::size_t never = static_cast<std::size_t>(-1);
inline constexpr std::size_t alignment = 64; // of values in memory

// The words are compared one by one. The order that std::vector has of itself is not used, because on big-endian processors libstdc++ 12
// compares as many bytes as there are words.
struct WordOrder {
    bool operator()(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) const;
};

struct Draft {
    Draft(const program::Program& of, Plan::Mode mode, std::size_t thread_count);

    const program::Program& program;
    std::size_t threads;
    bool grouped;
    Plan plan;
    std::vector<std::size_t> instruction_of; // by node
    std::vector<std::size_t> chain_end;      // by instruction: the last one of its chain

    [[nodiscard]] std::size_t nodes() const { return program.nodes().size(); }
    // The node whose value this one's is: itself, or what a reshape shows under other axes.
    [[nodiscard]] program::NodeIndex root(program::NodeIndex node) const;
    [[nodiscard]] bool is_constant(program::NodeIndex node) const;
    // Whether the value is there before the step begins.
    [[nodiscard]] bool is_given(program::NodeIndex node) const;
    // What is given is read where it lies, and reshapes are no work, unless every node is wanted.
    [[nodiscard]] bool is_work(program::NodeIndex node) const { return !is_given(node) && root(node) == node; }
    [[nodiscard]] bool is_groupable(program::NodeIndex node) const;
    [[nodiscard]] bool is_scheduled(program::NodeIndex node) const { return instruction_of[node.value] != never; }
    [[nodiscard]] std::vector<program::NodeIndex> nodes_of(const Instruction& instruction) const;
    // Whether both instructions are in one chain, or the same.
    [[nodiscard]] bool are_chained(std::size_t i, std::size_t j) const { return chain_end[i] == chain_end[j]; }
    // Throws std::bad_alloc where no address space of this processor would hold them.
    [[nodiscard]] std::size_t bytes_of(program::NodeIndex node) const;
};

// The passes, in their order.
void find_groups(Draft& draft);      // units of work
void find_chains(Draft& draft);      // units that are carried out batch by batch
void find_causal(Draft& draft);      // of which values only a half is read
void place_values(Draft& draft);     // where each value lies, and for how long
void resolve_operands(Draft& draft); // with all places known: what is read from where

} // namespace assay::exec
