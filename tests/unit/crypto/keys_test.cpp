// Keys and signatures at their edges, and the published vectors of Project Wycheproof where the shared data folder is there.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include <assay/crypto/keys.hpp>

#include "tests/vectors.hpp"

using namespace assay;
using namespace assay::crypto;

namespace {

template <class T>
T from_hex(const std::string& text)
{
    const Bytes bytes = bytes_from_hex(text).value();
    T value;
    REQUIRE(bytes.size() == value.bytes.size());
    std::copy(bytes.begin(), bytes.end(), value.bytes.begin());
    return value;
}

// The group's order, lowest byte first.
const Bytes order = *bytes_from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

// Adds the group's order to S.
Signature with_larger_s(Signature signature)
{
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        carry += signature.bytes[32 + i] + unsigned{order[i]};
        signature.bytes[32 + i] = static_cast<std::uint8_t>(carry);
        carry >>= 8;
    }
    return signature;
}

} // namespace

TEST_CASE("IDENTITY-5 keys and signatures are those of RFC 8032, section 7.1, tests 1 to 3")
{
    const std::array<std::array<std::string, 4>, 3> vectors{{{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                                                              "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                                                              "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a3"
                                                              "3bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
                                                             {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                                                              "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                                                              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15"
                                                              "996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
                                                             {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                                                              "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                                                              "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16"
                                                              "f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"}}};
    for (const auto& [seed, key, message, signature] : vectors) {
        const KeyPair keys{from_hex<Seed>(seed)};
        CHECK(keys.public_key() == from_hex<PublicKey>(key));
        CHECK(keys.sign(*bytes_from_hex(message)) == from_hex<Signature>(signature));
        CHECK(verify(keys.public_key(), *bytes_from_hex(message), from_hex<Signature>(signature)));
    }
}

TEST_CASE("IDENTITY-4 a signature is over one message by one key, and every changed bit is refused")
{
    const KeyPair keys{Seed{{1}}}, others{Seed{{2}}};
    const Bytes message{1, 2, 3};
    const Signature good = keys.sign(message);
    CHECK(verify(keys.public_key(), message, good));
    CHECK(verify(others.public_key(), message, good).error() == Error::invalid_signature);
    CHECK(verify(keys.public_key(), Bytes{1, 2, 4}, good).error() == Error::invalid_signature);
    for (std::size_t bit = 0; bit < 512; ++bit) {
        Signature bad = good;
        bad.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        CHECK(verify(keys.public_key(), message, bad).error() == Error::invalid_signature);
    }
}

TEST_CASE("IDENTITY-3 IDENTITY-4 odd keys and signatures are refused, whoever made them")
{
    int accepted = 0;
    for (const test::Record& vector : test::read_vectors("identity/odd.txt")) {
        CAPTURE(vector.text("name"));
        const auto key = from_hex<PublicKey>(vector.text("key"));
        if (const auto expected = vector.all("validate"); !expected.empty()) {
            const Status status = validate(key);
            CHECK((status ? "ok" : std::string{name_of(status.error())}) == expected.front());
        }
        if (vector.all("signature").empty()) continue;
        const Status status = verify(key, vector.bytes("message"), from_hex<Signature>(vector.text("signature")));
        CHECK((status ? "ok" : std::string{name_of(status.error())}) == vector.text("verify"));
        accepted += status ? 1 : 0;
    }
    CHECK(accepted > 0);
}

TEST_CASE("IDENTITY-4 an S that is larger by the group's order is refused")
{
    const KeyPair keys{Seed{{7}}};
    const Bytes message{9};
    CHECK(verify(keys.public_key(), message, with_larger_s(keys.sign(message))).error() == Error::invalid_signature);
}

TEST_CASE("IDENTITY-1 an identity is the tagged digest of the key")
{
    const KeyPair keys{Seed{{3}}};
    CHECK(keys.identity() == hash::tagged_digest("assay.identity", keys.public_key()));
    CHECK(identity_of(keys.public_key()) == keys.identity());
    CHECK(keys.identity() != KeyPair{Seed{{4}}}.identity());
}

TEST_CASE("IDENTITY-4 all published Wycheproof vectors are accepted or refused as they say")
{
    const std::filesystem::path path = ASSAY_SHARED_DATA "/vectors/ed25519/wycheproof_ed25519_test.json";
    if (!std::filesystem::exists(path)) {
        MESSAGE("skipped, not there: ", path.string());
        return;
    }
    std::ifstream file(path);
    const auto vectors = nlohmann::json::parse(file);
    int count = 0;
    for (const auto& group : vectors.at("testGroups")) {
        const auto key = from_hex<PublicKey>(group.at("publicKey").at("pk").get<std::string>());
        CHECK(validate(key));
        for (const auto& vector : group.at("tests")) {
            CAPTURE(vector.at("tcId").get<int>());
            const Bytes bytes = bytes_from_hex(vector.at("sig").get<std::string>()).value();
            const Result<Signature> signature = decode<Signature>(bytes);
            const bool accepted = signature && verify(key, *bytes_from_hex(vector.at("msg").get<std::string>()), *signature);
            CHECK(accepted == (vector.at("result") == "valid"));
            ++count;
        }
    }
    MESSAGE(count, " vectors");
    CHECK(count == vectors.at("numberOfTests").get<int>());
}
