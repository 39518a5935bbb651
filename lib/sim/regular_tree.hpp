// Merkle trees that are too large to be held, over leaves that repeat. The tree of 2^40 leaves with a pattern of 16 has 16 + 8 + 4 + ...
// different complete subtrees, and one more for each further level; those are hashed once, and everything else is made of them.
#pragma once

#include <functional>

#include <assay/merkle/hashing.hpp>

namespace assay::sim {

// The leaves from where the run before ends up to `end`: leaf i is that of every other leaf of the run whose index is i modulo `period`.
struct Run {
    std::uint64_t end = 0;
    std::uint64_t period = 1; // a power of two
};

// Hashes are found when they are asked for, and kept. One thread may use it at a time.
// Memory: two hashes for each leaf of each period, and two for each run and level.
class RegularTree {
public:
    using LeafHash = std::function<Digest(std::uint64_t index)>;

    // Requires: at least one run, ends that increase; `leaf` repeats as the runs say.
    RegularTree(std::vector<Run> runs, LeafHash leaf, hash::HashFunction function);

    [[nodiscard]] std::uint64_t size() const { return m_runs.back().end; }
    [[nodiscard]] hash::HashFunction hash_function() const { return m_function; }

    // Requires: a node of the tree. Cost: no hash when it was asked for before, else at most two a level and run.
    Digest hash(merkle::Range node);

private:
    struct Known {
        std::uint64_t period = 1;
        std::vector<std::vector<std::optional<Digest>>> levels; // by level, then by place in the period
    };
    struct Irregular {
        merkle::Range node;
        Digest hash;
    };

    Digest hash_below(merkle::Range node);

    std::vector<Run> m_runs;
    std::vector<Known> m_known;         // by run
    std::vector<Irregular> m_irregular; // nodes that reach across runs, and incomplete ones
    LeafHash m_leaf;
    hash::HashFunction m_function;
};

// A tree with a few leaves changed: what lies before the first change is as in `left`, what lies between or behind as in `right`.
// Both must outlive it and have the same size.
class PatchedTree {
public:
    struct Patch {
        std::uint64_t index = 0;
        Digest leaf;
    };

    PatchedTree(RegularTree& left, RegularTree& right, std::vector<Patch> patches);

    // Requires: a node of the tree.
    Digest hash(merkle::Range node);

private:
    RegularTree* m_left;
    RegularTree* m_right;
    std::vector<Patch> m_patches; // sorted by index, at least one
    std::vector<std::pair<merkle::Range, Digest>> m_known;
};

} // namespace assay::sim
