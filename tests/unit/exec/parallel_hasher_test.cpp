// Trees that several threads hash are those that one hashes.
#include <doctest/doctest.h>

#include <random>
#include <thread>

#include <assay/exec/parallel_hasher.hpp>
#include <assay/hash/openssl.hpp>

using namespace assay;

TEST_CASE("ENCODING-7 pieces have the same digests for any number of threads, and when two callers come at once")
{
    std::mt19937_64 random{9};
    Bytes bytes(3'000'001);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    for (const std::size_t piece : {64, 1000, 1024}) {
        const auto digests_by = [&](hash::HashFunction function) {
            std::vector<Digest> digests((bytes.size() + piece - 1) / piece);
            function.hash_pieces(1, bytes, piece, digests);
            return digests;
        };
        const std::vector<Digest> expected = digests_by(hash::sha256_openssl);
        for (const unsigned threads : {1U, 2U, 3U, 7U}) {
            const exec::ParallelHasher hasher{hash::sha256_bulk, threads};
            std::vector<Digest> other;
            std::thread second{[&] { other = digests_by(hasher.function()); }};
            CHECK(digests_by(hasher.function()) == expected);
            second.join();
            CHECK(other == expected);
        }
    }
}
