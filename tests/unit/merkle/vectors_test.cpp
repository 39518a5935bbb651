// The vectors of tests/vectors/merkle, which other implementations read too. The worked example of spec/merkle.md is among them.
#include <doctest/doctest.h>

#include <assay/merkle/compact.hpp>
#include <assay/merkle/proof.hpp>
#include <tests/vectors.hpp>

using namespace assay;

namespace {

merkle::Proof proof_of(const test::Record& record)
{
    merkle::Proof proof;
    for (const std::string& digest : record.all("proof")) proof.push_back(digest_from_hex(digest).value());
    return proof;
}

std::string outcome(const Status& status)
{
    return status ? "accepted" : std::string{name_of(status.error())};
}

} // namespace

TEST_CASE("MERKLE-1 MERKLE-8 root vectors")
{
    for (const test::Record& record : test::read_vectors("merkle/roots.txt")) {
        CAPTURE(record.text("name"));
        merkle::CompactRange log;
        for (const std::string& leaf : record.all("leaf")) log.append(merkle::leaf_hash(bytes_from_hex(leaf).value()));
        CHECK(to_hex(log.root()) == record.text("root"));
        CHECK(to_hex(encode(log)) == record.text("compact"));
    }
}

TEST_CASE("MERKLE-4 inclusion vectors")
{
    for (const test::Record& record : test::read_vectors("merkle/inclusion.txt")) {
        CAPTURE(record.text("name"));
        const Status status = merkle::verify_inclusion(record.number("index"), record.number("size"), record.digest("leaf"),
                                                       proof_of(record), record.digest("root"));
        CHECK(outcome(status) == record.text("expect"));
    }
}

TEST_CASE("MERKLE-5 consistency vectors")
{
    for (const test::Record& record : test::read_vectors("merkle/consistency.txt")) {
        CAPTURE(record.text("name"));
        const Status status = merkle::verify_consistency(record.number("old_size"), record.number("new_size"), proof_of(record),
                                                         record.digest("old_root"), record.digest("new_root"));
        CHECK(outcome(status) == record.text("expect"));
    }
}

TEST_CASE("MERKLE-3 MERKLE-6 node vectors")
{
    const auto text_of = [](const std::vector<merkle::Range>& nodes) {
        std::string text;
        for (const merkle::Range node : nodes) {
            if (!text.empty()) text += ' ';
            text += std::to_string(node.begin) + '-' + std::to_string(node.end);
        }
        return text;
    };
    for (const test::Record& record : test::read_vectors("merkle/nodes.txt")) {
        CAPTURE(record.text("name"));
        const std::string kind = record.text("kind");
        if (kind == "inclusion_path") {
            CHECK(text_of(merkle::inclusion_path(record.number("index"), record.number("size"))) == record.text("nodes"));
        } else if (kind == "consistency_path") {
            CHECK(text_of(merkle::consistency_path(record.number("old_size"), record.number("new_size"))) == record.text("nodes"));
        } else {
            REQUIRE(kind == "front");
            const auto levels = static_cast<unsigned>(record.number("levels"));
            CHECK(text_of(merkle::front({record.number("begin"), record.number("end")}, levels)) == record.text("nodes"));
        }
    }
}
