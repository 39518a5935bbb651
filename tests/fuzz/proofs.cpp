// Merkle proofs from anybody: accepted only where they are the one proof of their place (MERKLE-4, MERKLE-5).
#include <assay/base/encoding.hpp>
#include <assay/merkle/proof.hpp>
#include <assay/merkle/tree.hpp>

#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace assay;

constexpr std::uint64_t sizes = 40;

const std::vector<Digest>& leaves()
{
    static const std::vector<Digest> all = [] {
        std::vector<Digest> hashes;
        for (std::uint64_t i = 0; i < sizes; ++i) hashes.push_back(merkle::leaf_hash(encode(i)));
        return hashes;
    }();
    return all;
}

merkle::Tree tree(std::uint64_t size)
{
    return merkle::Tree::from_leaf_hashes({leaves().begin(), leaves().begin() + static_cast<std::ptrdiff_t>(size)});
}

Bytes seed(bool consistency, std::uint64_t first, std::uint64_t size)
{
    const merkle::Tree whole = tree(size);
    const auto hash_of = [&](merkle::Range range) { return whole.hash(range); };
    const merkle::Proof proof =
        consistency ? merkle::prove_consistency(first, size, hash_of) : merkle::prove_inclusion(first, size, hash_of);
    Bytes bytes{static_cast<std::uint8_t>(consistency), static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(size)};
    for (const Digest& digest : proof) bytes.insert(bytes.end(), digest.bytes.begin(), digest.bytes.end());
    return bytes;
}

} // namespace

std::vector<assay::Bytes> assay::fuzz::seeds()
{
    std::vector<Bytes> all;
    for (const std::uint64_t size : {1, 2, 3, 7, 8, 9, 31, 39})
        for (std::uint64_t first = 0; first < size; first += 3) {
            all.push_back(seed(false, first, size));
            if (first > 0) all.push_back(seed(true, first, size));
        }
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::Input input{data, size};
    const bool consistency = input.number(1) % 2 == 1;
    const std::uint64_t first = input.number(1) % sizes, count = input.number(1) % sizes;
    merkle::Proof proof;
    for (ByteView rest = input.rest(); rest.size() >= 32; rest = rest.subspan(32)) {
        proof.emplace_back();
        std::copy_n(rest.begin(), 32, proof.back().bytes.begin());
    }
    const merkle::Tree whole = tree(count);
    const auto hash_of = [&](merkle::Range range) { return whole.hash(range); };
    if (consistency) {
        const Status status = merkle::verify_consistency(first, count, proof, tree(first).root(), whole.root());
        const bool possible = first >= 1 && first <= count;
        fuzz::expect(status.ok() == (possible && proof == merkle::prove_consistency(first, count, hash_of)), "one proof of consistency");
    } else {
        const Status status = merkle::verify_inclusion(first, count, leaves()[first], proof, whole.root());
        fuzz::expect(status.ok() == (first < count && proof == merkle::prove_inclusion(first, count, hash_of)), "one proof of inclusion");
    }
    // Any sizes at all are answered.
    const std::uint64_t huge = input.number(8), other = input.number(8);
    (void)merkle::root_from_inclusion(huge, other, Digest{}, proof);
    (void)merkle::verify_consistency(huge, other, proof, Digest{}, Digest{});
    return 0;
}
