// Verifiable randomness against the RFC's examples, and against everything that a prover could change.
#include <doctest/doctest.h>

#include <assay/crypto/vrf.hpp>

#include "crypto/encode_to_curve.hpp"
#include "crypto/field.hpp"
#include "tests/vectors.hpp"

using namespace assay;
using namespace assay::crypto;

namespace {

VrfSuite suite_of(const test::Record& vector)
{
    return vector.text("suite") == "TAI" ? VrfSuite::try_and_increment : VrfSuite::elligator;
}

} // namespace

TEST_CASE("IDENTITY-10 IDENTITY-11 the examples of RFC 9381, appendices B.3 and B.4, in both suites")
{
    int count = 0;
    for (const test::Record& vector : test::read_vectors("identity/vrf.txt")) {
        CAPTURE(vector.text("example"));
        const VrfSuite suite = suite_of(vector);
        const Bytes alpha = vector.bytes("alpha");
        const VrfKey key{Seed{vector.digest("SK").bytes}};
        CHECK(to_hex(key.public_key().bytes) == vector.text("PK"));
        CHECK(to_hex(encode_to_curve(key.public_key(), suite, alpha)) == vector.text("H"));
        const VrfProof proof = key.prove(suite, alpha);
        CHECK(to_hex(proof.bytes) == vector.text("pi"));
        const auto output = verify(key.public_key(), suite, alpha, proof);
        REQUIRE(output);
        CHECK(to_hex(*output) == vector.text("beta"));
        ++count;
    }
    CHECK(count == 6);
}

TEST_CASE("IDENTITY-11 a proof is for one key, suite and input, and every changed bit is refused")
{
    const VrfKey key{Seed{{5}}}, other{Seed{{6}}};
    const Bytes input{1, 2, 3};
    for (const VrfSuite suite : {VrfSuite::try_and_increment, VrfSuite::elligator}) {
        const VrfProof good = key.prove(suite, input);
        CHECK(verify(key.public_key(), suite, input, good));
        CHECK(verify(other.public_key(), suite, input, good).error() == Error::invalid_randomness);
        CHECK(verify(key.public_key(), suite, Bytes{1, 2}, good).error() == Error::invalid_randomness);
        const VrfSuite wrong = suite == VrfSuite::elligator ? VrfSuite::try_and_increment : VrfSuite::elligator;
        CHECK(verify(key.public_key(), wrong, input, good).error() == Error::invalid_randomness);
        for (std::size_t bit = 0; bit < 640; ++bit) {
            VrfProof bad = good;
            bad.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
            CHECK(verify(key.public_key(), suite, input, bad).error() == Error::invalid_randomness);
        }
    }
}

TEST_CASE("IDENTITY-12 keys outside of the subgroup of prime order draw nothing")
{
    const VrfProof proof = VrfKey{Seed{{5}}}.prove(VrfSuite::elligator, Bytes{1});
    int count = 0;
    for (const test::Record& vector : test::read_vectors("identity/odd.txt")) {
        if (vector.all("validate") != std::vector<std::string>{"invalid_key"}) continue;
        const PublicKey key{vector.digest("key").bytes};
        CHECK(verify(key, VrfSuite::elligator, Bytes{1}, proof).error() == Error::invalid_key);
        VrfProof odd = proof;
        std::copy(key.bytes.begin(), key.bytes.end(), odd.bytes.begin());
        CHECK(verify(VrfKey{Seed{{5}}}.public_key(), VrfSuite::elligator, Bytes{1}, odd).error() == Error::invalid_randomness);
        ++count;
    }
    CHECK(count >= 8);
}

TEST_CASE("IDENTITY-13 the key that draws is not the key that signs")
{
    const Seed seed{{5}};
    CHECK(VrfKey{vrf_seed(seed)}.public_key() != KeyPair{seed}.public_key());
    CHECK(VrfKey{seed}.public_key() == KeyPair{seed}.public_key());
    CHECK(vrf_seed(seed).bytes == hash::tagged_digest("assay.vrf-seed", seed.bytes).bytes);
}

TEST_CASE("IDENTITY-10 field arithmetic holds its laws on numbers near its borders")
{
    // 2^255 - 20 = -1, and what 48 bytes of ones are, by another way: (2^384 - 1) mod p.
    const Field minus_one = Field{} - Field{1};
    CHECK(minus_one + Field{1} == Field{});
    CHECK(minus_one * minus_one == Field{1});
    std::array<std::uint8_t, 48> ones;
    ones.fill(0xff);
    Field power{1};
    for (int i = 0; i < 384; ++i) power = power + power;
    CHECK(Field::from_uniform(ones) == power - Field{1});
    Field a{3};
    for (int i = 0; i < 50; ++i) {
        a = a * a + minus_one;
        CHECK(a * a.inverse() == Field{1});
        CHECK((a * a).is_square());
        CHECK_FALSE((a * a * Field{2}).is_square());
        CHECK((a * a).root(true).is_odd());
        CHECK((a * a).root(false) * (a * a).root(true) == Field{} - a * a);
    }
    CHECK(Field{}.inverse().is_zero());
    CHECK(Field{}.is_square());
}
