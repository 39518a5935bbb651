// Published roots and proofs: the test trees of RFC 6962's authors, and the vectors of github.com/transparency-dev/merkle where the
// shared data folder is there (the output says so when it is not).
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include <assay/merkle/proof.hpp>

using namespace assay;

namespace {

// The bytes of base64 text (RFC 4648, section 4) that is known to be well formed.
Bytes bytes_from_base64(const std::string& text)
{
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    Bytes bytes;
    unsigned bits = 0, count = 0;
    for (const char c : text) {
        if (c == '=') break;
        bits = bits << 6 | static_cast<unsigned>(alphabet.find(c));
        count += 6;
        if (count >= 8) bytes.push_back(static_cast<std::uint8_t>(bits >> (count -= 8)));
    }
    return bytes;
}

// Some vectors hold words instead of hashes; they are padded to a digest. What is empty or too long is no digest at all.
std::optional<Digest> digest_from_base64(const nlohmann::json& field)
{
    const Bytes bytes = bytes_from_base64(field.get<std::string>());
    Digest digest;
    if (bytes.empty() || bytes.size() > digest.bytes.size()) return std::nullopt;
    std::copy(bytes.begin(), bytes.end(), digest.bytes.begin());
    return digest;
}

std::optional<merkle::Proof> proof_from_json(const nlohmann::json& field)
{
    merkle::Proof proof;
    if (field.is_null()) return proof;
    for (const auto& element : field) {
        const auto digest = digest_from_base64(element);
        if (!digest) return std::nullopt;
        proof.push_back(*digest);
    }
    return proof;
}

bool inclusion_accepted(const nlohmann::json& vector)
{
    const auto leaf = digest_from_base64(vector.at("leafHash"));
    const auto root = digest_from_base64(vector.at("root"));
    const auto proof = proof_from_json(vector.at("proof"));
    if (!leaf || !root || !proof) return false;
    return merkle::verify_inclusion(vector.at("leafIdx").get<std::uint64_t>(), vector.at("treeSize").get<std::uint64_t>(), *leaf, *proof,
                                    *root)
        .ok();
}

bool consistency_accepted(const nlohmann::json& vector)
{
    const auto old_root = digest_from_base64(vector.at("root1"));
    const auto new_root = digest_from_base64(vector.at("root2"));
    const auto proof = proof_from_json(vector.at("proof"));
    if (!old_root || !new_root || !proof) return false;
    return merkle::verify_consistency(vector.at("size1").get<std::uint64_t>(), vector.at("size2").get<std::uint64_t>(), *proof, *old_root,
                                      *new_root)
        .ok();
}

// Returns the number of vectors below `folder`, each of which must be accepted or refused as it says.
int check_folder(const std::filesystem::path& folder, bool (*accepted)(const nlohmann::json&))
{
    if (!std::filesystem::exists(folder)) {
        MESSAGE("skipped, not there: ", folder.string());
        return 0;
    }
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".json") continue;
        std::ifstream file(entry.path());
        const auto vector = nlohmann::json::parse(file);
        CAPTURE(entry.path().string());
        CHECK(accepted(vector) == !vector.at("wantErr").get<bool>());
        ++count;
    }
    MESSAGE(count, " vectors in ", folder.string());
    return count;
}

} // namespace

TEST_CASE("MERKLE-1 the published test trees have the published roots")
{
    // https://github.com/google/certificate-transparency/blob/master/cpp/merkletree/merkle_tree_test.cc
    const std::vector<std::string> leaves{
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
    const std::vector<std::string> roots{"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    std::vector<Digest> hashes;
    for (const std::string& leaf : leaves) hashes.push_back(merkle::leaf_hash(*bytes_from_hex(leaf)));
    for (std::size_t size = 1; size <= hashes.size(); ++size) {
        const unsigned to_the_leaves = merkle::height(size);
        CHECK(to_hex(merkle::root_from_front({0, size}, to_the_leaves, std::span{hashes}.first(size)).value()) == roots[size - 1]);
    }
    CHECK(to_hex(merkle::empty_root()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("MERKLE-4 all published inclusion vectors are accepted or refused as they say")
{
    const int count = check_folder(ASSAY_SHARED_DATA "/vectors/merkle/inclusion", inclusion_accepted);
    CHECK((count == 0 || count > 90));
}

TEST_CASE("MERKLE-5 all published consistency vectors are accepted or refused as they say")
{
    const int count = check_folder(ASSAY_SHARED_DATA "/vectors/merkle/consistency", consistency_accepted);
    CHECK((count == 0 || count > 90));
}
