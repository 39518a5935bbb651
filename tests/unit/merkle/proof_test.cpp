// Proofs over all small trees: the good ones are accepted, and every kind of change to them is refused.
#include <doctest/doctest.h>

#include <bit>

#include <assay/merkle/tree.hpp>
#include <tests/unit/merkle/naive.hpp>

using namespace assay;
using merkle::Proof;

namespace {

constexpr std::uint64_t sizes_checked = 130;
constexpr std::uint64_t sizes_mutated = 20;

struct Inclusion {
    std::uint64_t index = 0, size = 0;
    Digest leaf;
    Proof proof;
    Digest root;

    [[nodiscard]] Status verify() const { return merkle::verify_inclusion(index, size, leaf, proof, root); }
};

struct Consistency {
    std::uint64_t old_size = 0, new_size = 0;
    Proof proof;
    Digest old_root, new_root;

    [[nodiscard]] Status verify() const { return merkle::verify_consistency(old_size, new_size, proof, old_root, new_root); }
};

Digest flipped(Digest digest, std::size_t bit)
{
    digest.bytes[bit / 8] = static_cast<std::uint8_t>(digest.bytes[bit / 8] ^ 1U << bit % 8);
    return digest;
}

// Calls `check` with every proof that a truncation, extension, swap of unequal neighbours or flipped bit makes.
template <class Check>
void for_each_mutation(const Proof& proof, const Digest& extra, Check check)
{
    Proof mutated = proof;
    mutated.push_back(extra);
    check(mutated);
    mutated.insert(mutated.begin(), extra);
    check(mutated);
    mutated.pop_back();
    check(mutated);
    for (std::size_t i = 0; i < proof.size(); ++i) {
        mutated = proof;
        mutated.erase(mutated.begin() + static_cast<std::ptrdiff_t>(i));
        check(mutated);
        for (const std::size_t bit : {std::size_t{0}, std::size_t{255}}) {
            mutated = proof;
            mutated[i] = flipped(proof[i], bit);
            check(mutated);
        }
        mutated = proof;
        if (i + 1 < proof.size()) {
            std::swap(mutated[i], mutated[i + 1]);
            check(mutated);
        }
    }
}

} // namespace

TEST_CASE("MERKLE-4 every leaf of every small tree is proven and no other leaf is")
{
    const std::vector<Digest> leaves = test::some_leaves(sizes_checked);
    for (std::uint64_t size = 1; size <= sizes_checked; ++size) {
        const auto tree = merkle::Tree::from_leaf_hashes({leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(size)});
        for (std::uint64_t index = 0; index < size; ++index) {
            const Inclusion good{index, size, leaves[index], tree.prove_inclusion(index), tree.root()};
            REQUIRE(good.verify());
            REQUIRE(merkle::root_from_inclusion(index, size, good.leaf, good.proof).value() == tree.root());
            Inclusion bad = good;
            bad.leaf = leaves[(index + 1) % sizes_checked];
            REQUIRE(bad.verify().error() == Error::root_mismatch);
        }
    }
}

TEST_CASE("MERKLE-4 a changed inclusion proof is refused")
{
    const std::vector<Digest> leaves = test::some_leaves(sizes_mutated);
    for (std::uint64_t size = 1; size <= sizes_mutated; ++size) {
        const auto tree = merkle::Tree::from_leaf_hashes({leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(size)});
        for (std::uint64_t index = 0; index < size; ++index) {
            const Inclusion good{index, size, leaves[index], tree.prove_inclusion(index), tree.root()};
            for_each_mutation(good.proof, good.root, [&](const Proof& proof) {
                Inclusion bad = good;
                bad.proof = proof;
                REQUIRE(bad.verify().error() == (proof.size() == good.proof.size() ? Error::root_mismatch : Error::wrong_proof_length));
            });
            for (std::uint64_t other = 0; other < size; ++other) {
                Inclusion bad = good;
                bad.index = other;
                REQUIRE((other == index || !bad.verify()));
            }
            Inclusion bad = good;
            bad.root = flipped(good.root, 7);
            REQUIRE(bad.verify().error() == Error::root_mismatch);
            bad = good;
            bad.size = index;
            REQUIRE(bad.verify().error() == Error::index_out_of_range);
        }
    }
}

TEST_CASE("MERKLE-4 MERKLE-7 another tree size is refused wherever it changes the path")
{
    // Where it does not, the same proof is good for both sizes: a root does not bind its size, the record that holds it must.
    const std::vector<Digest> leaves = test::some_leaves(sizes_mutated);
    for (std::uint64_t size = 1; size <= sizes_mutated; ++size) {
        const auto tree = merkle::Tree::from_leaf_hashes({leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(size)});
        for (std::uint64_t index = 0; index < size; ++index) {
            const Proof proof = tree.prove_inclusion(index);
            const auto sides = [&](std::uint64_t n) {
                std::vector<bool> left;
                for (const merkle::Range node : merkle::inclusion_path(index, n)) left.push_back(node.end <= index);
                return left;
            };
            for (std::uint64_t other = index + 1; other <= sizes_mutated + 2; ++other) {
                const bool accepted = merkle::verify_inclusion(index, other, leaves[index], proof, tree.root()).ok();
                REQUIRE(accepted == (sides(other) == sides(size)));
            }
        }
    }
    CHECK(merkle::verify_inclusion(0, 0, Digest{}, {}, Digest{}).error() == Error::index_out_of_range);
    CHECK(merkle::verify_inclusion(0, merkle::size_max + 1, Digest{}, {}, Digest{}).error() == Error::wrong_tree_size);
}

TEST_CASE("MERKLE-5 every prefix of every small tree is proven consistent")
{
    const std::vector<Digest> leaves = test::some_leaves(sizes_checked);
    std::vector<Digest> roots;
    for (std::uint64_t size = 0; size <= sizes_checked; ++size) roots.push_back(test::naive_root(std::span{leaves}.first(size)));
    for (std::uint64_t new_size = 1; new_size <= sizes_checked; ++new_size) {
        const auto tree = merkle::Tree::from_leaf_hashes({leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(new_size)});
        for (std::uint64_t old_size = 1; old_size <= new_size; ++old_size) {
            const Consistency good{old_size, new_size, tree.prove_consistency(old_size), roots[old_size], roots[new_size]};
            REQUIRE(good.verify());
            Consistency bad = good;
            bad.old_root = roots[old_size - 1];
            REQUIRE(bad.verify().error() == Error::root_mismatch);
            bad = good;
            bad.new_root = roots[new_size - 1];
            REQUIRE(bad.verify().error() == Error::root_mismatch);
        }
    }
}

TEST_CASE("MERKLE-5 a changed consistency proof is refused")
{
    const std::vector<Digest> leaves = test::some_leaves(sizes_mutated + 1);
    for (std::uint64_t new_size = 1; new_size <= sizes_mutated; ++new_size) {
        const auto tree = merkle::Tree::from_leaf_hashes({leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(new_size)});
        for (std::uint64_t old_size = 1; old_size <= new_size; ++old_size) {
            const Digest old_root = test::naive_root(std::span{leaves}.first(old_size));
            const Consistency good{old_size, new_size, tree.prove_consistency(old_size), old_root, tree.root()};
            for_each_mutation(good.proof, good.new_root, [&](const Proof& proof) {
                Consistency bad = good;
                bad.proof = proof;
                REQUIRE(bad.verify().error() == (proof.size() == good.proof.size() ? Error::root_mismatch : Error::wrong_proof_length));
            });
            for (std::uint64_t other = 0; other <= sizes_mutated; ++other) {
                Consistency bad = good;
                bad.old_size = other;
                REQUIRE((other == old_size || !bad.verify()));
            }
        }
    }
}

TEST_CASE("MERKLE-5 an empty old tree, a shrinking tree and a tree above the limit are refused")
{
    const Digest root = merkle::empty_root();
    CHECK(merkle::verify_consistency(0, 0, {}, root, root).error() == Error::wrong_tree_size);
    CHECK(merkle::verify_consistency(0, 1, {}, root, root).error() == Error::wrong_tree_size);
    CHECK(merkle::verify_consistency(2, 1, {}, root, root).error() == Error::wrong_tree_size);
    CHECK(merkle::verify_consistency(1, merkle::size_max + 1, {}, root, root).error() == Error::wrong_tree_size);
    CHECK(merkle::verify_consistency(1, 1, {}, root, root).ok());
}

TEST_CASE("MERKLE-2 proofs of very large trees, whose equal leaves give every complete subtree of one size one hash")
{
    std::vector<Digest> complete{merkle::leaf_hash({})};
    while (complete.size() < 64) complete.push_back(merkle::node_hash(complete.back(), complete.back()));
    const auto hash_of = [&](auto self, merkle::Range node) -> Digest {
        if (std::has_single_bit(node.size())) return complete[static_cast<std::size_t>(std::countr_zero(node.size()))];
        const auto [left, right] = merkle::children(node);
        return merkle::node_hash(self(self, left), self(self, right));
    };
    const auto hash_of_node = [&](merkle::Range node) { return hash_of(hash_of, node); };
    const std::uint64_t power = std::uint64_t{1} << 40;
    for (const std::uint64_t size : {power - 1, power, power + 3, merkle::size_max - 1, merkle::size_max}) {
        const Digest root = hash_of_node({0, size});
        for (const std::uint64_t index : {std::uint64_t{0}, size / 2, size - 2, size - 1}) {
            const Proof proof = merkle::prove_inclusion(index, size, hash_of_node);
            CHECK(merkle::verify_inclusion(index, size, complete[0], proof, root));
            CHECK(!merkle::verify_inclusion(index, size, root, proof, root));
        }
        for (const std::uint64_t old_size : {std::uint64_t{1}, size / 2, size / 2 + 1, size - 1, size}) {
            const Proof proof = merkle::prove_consistency(old_size, size, hash_of_node);
            CHECK(merkle::verify_consistency(old_size, size, proof, hash_of_node({0, old_size}), root));
        }
    }
}
