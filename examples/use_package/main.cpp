// Checks that one record is in a committed list, given nothing but the list's root, its size and the proof.
#include <iostream>

#include <assay/merkle/tree.hpp>

int main()
{
    // Somebody commits to three records and publishes the root and the number of records ...
    std::vector<assay::Digest> leaves;
    for (const char* record : {"alice pays 3", "bob pays 5", "carol pays 8"})
        leaves.push_back(assay::merkle::leaf_hash(assay::view_of(record)));
    const auto tree = assay::merkle::Tree::from_leaf_hashes(leaves);
    const assay::Digest root = tree.root();
    const std::uint64_t size = tree.size();

    // ... and later shows one of them to us, with a proof.
    const std::string claimed = "bob pays 5";
    const assay::merkle::Proof proof = tree.prove_inclusion(1);

    const auto checked = assay::merkle::verify_inclusion(1, size, assay::merkle::leaf_hash(assay::view_of(claimed)), proof, root);
    if (!checked) {
        std::cerr << checked.failure().message() << '\n';
        return 1;
    }
    std::cout << '"' << claimed << "\" is record 1 of " << size << " under " << assay::short_hex(root) << '\n';
    return 0;
}
