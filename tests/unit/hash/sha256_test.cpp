// SHA-256 against the examples of NIST, and the two implementations against each other.
#include <doctest/doctest.h>

#include <random>

#include <assay/hash/openssl.hpp>
#include <tests/vectors.hpp>

using namespace assay;

TEST_CASE("ENCODING-7 SHA-256 gives the digests of NIST's examples")
{
    // https://csrc.nist.gov/CSRC/media/Projects/Cryptographic-Standards-and-Guidelines/documents/examples/SHA256.pdf
    for (const hash::HashFunction function : {hash::HashFunction{hash::sha256}, hash::HashFunction{hash::sha256_openssl}, hash::HashFunction{hash::sha256_direct}}) {
        const auto digest_of = [&](std::string_view text) {
            const ByteView part = view_of(text);
            return to_hex(function(std::span{&part, 1}));
        };
        CHECK(digest_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        CHECK(digest_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        CHECK(digest_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
        CHECK(digest_of(std::string(1'000'000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
}

TEST_CASE("ENCODING-7 the portable implementation and the fast ones agree at every length and split")
{
    std::mt19937_64 random{2};
    Bytes bytes(300);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    for (std::size_t length = 0; length <= bytes.size(); ++length) {
        const std::size_t split = length == 0 ? 0 : random() % length;
        const std::array<ByteView, 2> parts{ByteView{bytes}.first(split), ByteView{bytes}.subspan(split, length - split)};
        CHECK(hash::sha256(parts) == hash::sha256_openssl(parts));
        CHECK(hash::sha256(parts) == hash::sha256_direct(parts));
        CHECK(hash::sha256(parts) == hash::sha256(ByteView{bytes}.first(length)));
    }
}

TEST_CASE("ENCODING-7 pieces that are hashed in bulk have the digests that they have one by one")
{
    std::mt19937_64 random{3};
    Bytes bytes(34 * 1025);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    for (const std::size_t piece : {1, 31, 32, 33, 54, 55, 56, 62, 63, 64, 65, 118, 119, 120, 126, 127, 128, 191, 192, 500, 1023, 1024, 1025})
        for (const std::size_t length : {std::size_t{0}, std::size_t{1}, piece - 1, piece, piece + 1, 2 * piece, 3 * piece - 1, 4 * piece, 10 * piece,
                                         11 * piece, 12 * piece - 1, 15 * piece, 16 * piece, 16 * piece + 1, 27 * piece, 33 * piece, 34 * piece}) {
            // At the end of what there is: nothing behind it is read.
            const Bytes held(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
            const ByteView all = held;
            std::vector<Digest> one_by_one((length + piece - 1) / piece), bulk(one_by_one.size());
            hash::HashFunction{hash::sha256}.hash_pieces(7, all, piece, one_by_one);
            hash::sha256_bulk.hash_pieces(7, all, piece, bulk);
            CHECK(bulk == one_by_one);
        }
}

TEST_CASE("ENCODING-7 an input in three parts, as a tree's node is, has one digest by every function")
{
    std::mt19937_64 random{5};
    Bytes bytes(100);
    for (std::size_t first = 0; first <= 3; ++first)
        for (std::size_t second = 30; second <= 34; ++second)
            for (std::size_t third = 30; third <= 34; ++third) {
                for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
                const ByteView all = bytes;
                const std::array parts{all.first(first), all.subspan(first, second), all.subspan(first + second, third)};
                CHECK(hash::sha256_bulk(parts) == hash::sha256(all.first(first + second + third)));
            }
}

TEST_CASE("ENCODING-7 a tree's node has one digest by every function")
{
    std::mt19937_64 random{6};
    for (int i = 0; i < 100; ++i) {
        Digest left, right;
        for (auto& byte : left.bytes) byte = static_cast<std::uint8_t>(random());
        for (auto& byte : right.bytes) byte = static_cast<std::uint8_t>(random());
        const auto prefix = static_cast<std::uint8_t>(random());
        const Digest digest = hash::sha256(std::array{ByteView{&prefix, 1}, view_of(left), view_of(right)});
        CHECK(hash::HashFunction{hash::sha256}.hash_node(prefix, left, right) == digest);
        CHECK(hash::sha256_bulk.hash_node(prefix, left, right) == digest);
    }
}

TEST_CASE("ENCODING-7 inputs of any lengths that are hashed together have the digests that they have one by one")
{
    std::mt19937_64 random{4};
    std::vector<Bytes> held;
    const auto hold = [&](std::size_t length) {
        Bytes& bytes = held.emplace_back(length);
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    };
    for (const std::size_t length : {0, 0, 1, 32, 32, 32, 63, 63, 63, 64, 64, 65, 64, 1024, 1024, 1024, 1000, 1000, 2, 1024, 1024}) hold(length);
    for (int i = 0; i < 40; ++i) hold(1024);
    for (int i = 0; i < 20; ++i) hold(0);
    for (std::size_t count = 0; count <= held.size(); ++count) {
        const std::vector<ByteView> inputs{held.begin(), held.begin() + static_cast<std::ptrdiff_t>(count)};
        std::vector<Digest> together(count), one_by_one;
        hash::sha256_each(7, inputs, together);
        const std::uint8_t prefix = 7;
        for (const ByteView input : inputs) one_by_one.push_back(hash::sha256(std::array{ByteView{&prefix, 1}, input}));
        CHECK(together == one_by_one);
    }
}

TEST_CASE("ENCODING-6 a tagged digest is the digest of length, tag and encoding")
{
    const Bytes by_hand{4, 'g', 'o', 'l', 'd', 7, 0, 0, 0};
    CHECK(hash::tagged_digest("gold", std::uint32_t{7}) == hash::sha256(ByteView{by_hand}));
    CHECK(hash::tagged_digest("gold", std::uint32_t{7}) != hash::tagged_digest("gol", std::uint32_t{7}));
}

namespace {

// Bytes that are their own encoding: what a tagged digest is taken of in the vectors.
struct Encoded {
    std::vector<std::array<std::uint8_t, 1>> bytes;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        for (auto& byte : self.bytes) visit(byte);
    }
};

} // namespace

TEST_CASE("ENCODING-6 tagged digest vectors")
{
    for (const test::Record& record : test::read_vectors("encoding/digests.txt")) {
        CAPTURE(record.text("name"));
        Encoded value;
        for (const std::uint8_t byte : record.bytes("encoding")) value.bytes.push_back({byte});
        CHECK(to_hex(hash::tagged_digest(record.text("tag"), value)) == record.text("digest"));
    }
}
