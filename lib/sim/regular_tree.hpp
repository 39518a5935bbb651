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
    // hashes[i] becomes that of row.node(i). Requires: nodes of the tree, as many hashes.
    void hashes(const merkle::FrontRow& row, std::span<Digest> hashes);

private:
    // The complete nodes of a run: of each level as many as there are in a period, and of those above one.
    struct Known {
        std::uint64_t period = 1;
        std::vector<std::optional<Digest>> hashes;

        [[nodiscard]] std::size_t place_of(merkle::Range node) const;
    };
    struct Irregular {
        merkle::Range node;
        Digest hash;
    };

    [[nodiscard]] std::size_t run_of(std::uint64_t leaf) const;
    Digest hash_below(merkle::Range node);
    Digest complete_hash(std::size_t run, merkle::Range node);

    std::vector<Run> m_runs;
    std::vector<Known> m_known;         // by run
    std::vector<Irregular> m_irregular; // nodes that reach across runs, and incomplete ones
    LeafHash m_leaf;
    hash::HashFunction m_function;
};

// Complete nodes over few leaves, with the one where a tree changes into another: among trees of one period in which that leaf repeats as all
// others do, they differ by its place only. Filled by those who use them.
class Seams {
public:
    static constexpr std::uint64_t leaves_max = 256;

    // Requires: a power of two.
    explicit Seams(std::uint64_t period) : m_period(period) {}

    // The hash of the node of `leaves` leaves around leaf `changed`, once somebody found it. Requires: a power of two up to leaves_max.
    std::optional<Digest>& at(std::uint64_t leaves, std::uint64_t changed);

private:
    std::uint64_t m_period;
    std::vector<std::vector<std::optional<Digest>>> m_levels;
};

// A tree with a few leaves changed: what lies before the first change is as in `left`, what lies between or behind as in `right`.
// Both must outlive it and have the same size.
class PatchedTree {
public:
    struct Patch {
        std::uint64_t index = 0;
        Digest leaf;
    };

    // `seams` are shared with all trees from `left` to `right` that are changed at one leaf, where it repeats; they must outlive it.
    PatchedTree(RegularTree& left, RegularTree& right, std::vector<Patch> patches, Seams* seams = nullptr);

    // Both as in a RegularTree.
    Digest hash(merkle::Range node);
    void hashes(const merkle::FrontRow& row, std::span<Digest> hashes);

private:
    Digest hash_below(merkle::Range node);

    RegularTree* m_left;
    RegularTree* m_right;
    Seams* m_seams;
    std::vector<Patch> m_patches; // sorted by index, at least one
    std::vector<std::pair<merkle::Range, Digest>> m_known;
};

} // namespace assay::sim
