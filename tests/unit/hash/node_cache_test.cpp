#include <random>

#include <assay/hash/node_cache.hpp>
#include <assay/hash/openssl.hpp>
#include <assay/merkle/hashing.hpp>
#include <doctest/doctest.h>

using namespace assay;

namespace {

std::size_t hashed = 0; // how often the function below was asked

Digest counting(std::span<const ByteView> parts)
{
    ++hashed;
    return hash::sha256(parts);
}

Digest random_digest(std::mt19937_64& random)
{
    Digest digest;
    for (auto& byte : digest.bytes) byte = static_cast<std::uint8_t>(random());
    return digest;
}

} // namespace

TEST_CASE("ENCODING-7 a cache of nodes gives the digests that hashing gives, whatever was in an entry before")
{
    std::mt19937_64 random{8};
    std::vector<Digest> pool{Digest{}, Digest{}};
    for (int i = 0; i < 6; ++i) pool.push_back(random_digest(random));
    for (const std::size_t entries : {1, 2, 64}) {
        const hash::NodeCache cache{hash::sha256, entries};
        for (int i = 0; i < 2000; ++i) {
            const auto prefix = static_cast<std::uint8_t>(random() % 2);
            const Digest &left = pool[random() % pool.size()], &right = pool[random() % pool.size()];
            const std::array<ByteView, 3> parts{ByteView{&prefix, 1}, view_of(left), view_of(right)};
            REQUIRE(cache.function().hash_node(prefix, left, right) == hash::sha256(parts));
            REQUIRE(cache.function()(parts) == hash::sha256(parts));
        }
    }
}

TEST_CASE("ENCODING-7 a cache hashes pieces of any size as its function does")
{
    std::mt19937_64 random{9};
    Bytes bytes(5 * 64 + 7);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    const hash::NodeCache cache{hash::sha256_bulk};
    for (int again = 0; again < 2; ++again)
        for (const std::size_t piece : {1, 32, 63, 64, 65, 128})
            for (const std::size_t length : {std::size_t{0}, piece, 2 * piece, std::size_t{320}, bytes.size()}) {
                const ByteView all = ByteView{bytes}.first(std::min(length, bytes.size()));
                std::vector<Digest> expected((all.size() + piece - 1) / piece), cached(expected.size());
                hash::HashFunction{hash::sha256}.hash_pieces(1, all, piece, expected);
                cache.function().hash_pieces(1, all, piece, cached);
                CHECK(cached == expected);
            }
}

TEST_CASE("ENCODING-7 a node that was hashed before is not hashed again")
{
    std::mt19937_64 random{10};
    const std::vector<Digest> row{random_digest(random), random_digest(random), random_digest(random), random_digest(random)};
    std::vector<Digest> above(2);
    const hash::NodeCache cache{counting};
    hashed = 0;
    for (int again = 0; again < 3; ++again) {
        merkle::node_hashes(row, above, cache.function());
        CHECK(merkle::node_hash(row[0], row[1], cache.function()) == above[0]);
    }
    CHECK(hashed == 2);
}
