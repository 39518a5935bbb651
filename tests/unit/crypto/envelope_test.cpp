// A signature counts at one place only.
#include <doctest/doctest.h>

#include <assay/crypto/envelope.hpp>

#include "tests/vectors.hpp"

using namespace assay;
using namespace assay::crypto;

namespace {

dispute::Move some_move()
{
    return {Digest{{7}}, 3, Digest{{8}}, dispute::Select{1, std::nullopt}};
}

} // namespace

TEST_CASE("IDENTITY-6 what is signed for one network, purpose, subject or position counts at no other")
{
    const KeyPair keys{Seed{{1}}};
    const Place place{Digest{{1}}, Purpose::progress, Digest{{2}}, 3};
    const Digest content{{4}};
    const Signature signature = sign(keys, place, content);
    CHECK(verify(keys.public_key(), place, content, signature));
    Place network = place, purpose = place, subject = place, position = place;
    network.network.bytes[31] ^= 1;
    purpose.purpose = Purpose::transaction;
    subject.subject.bytes[0] ^= 1;
    position.position ^= std::uint64_t{1} << 63;
    for (const Place& other : {network, purpose, subject, position})
        CHECK(verify(keys.public_key(), other, content, signature).error() == Error::invalid_signature);
    CHECK(verify(keys.public_key(), place, Digest{{5}}, signature).error() == Error::invalid_signature);
    CHECK(verify(keys.public_key(), content.bytes, signature).error() == Error::invalid_signature);
}

TEST_CASE("IDENTITY-6 IDENTITY-8 the worked example")
{
    for (const test::Record& vector : test::read_vectors("identity/signing.txt")) {
        const KeyPair keys{Seed{vector.digest("seed").bytes}};
        CHECK(to_hex(keys.public_key().bytes) == vector.text("key"));
        CHECK(to_hex(keys.identity()) == vector.text("identity"));
        const auto place = decode<Place>(vector.bytes("place"));
        REQUIRE(place);
        CHECK(to_hex(signing_digest(*place, vector.digest("content"))) == vector.text("digest"));
        CHECK(to_hex(sign(keys, *place, vector.digest("content")).bytes) == vector.text("signature"));
    }
    CHECK(decode<Place>(*bytes_from_hex(std::string(64, '0') + "04" + std::string(80, '0'))).error() == Error::not_canonical);
}

TEST_CASE("IDENTITY-7 a move is its author's, in its game, at its number")
{
    const KeyPair keys{Seed{{1}}}, others{Seed{{2}}};
    const Digest network{{9}};
    const SignedMove good = sign(keys, network, some_move());
    CHECK(verify(good, network, keys.identity()));
    CHECK(verify(good, network, others.identity()).error() == Error::wrong_signer);
    CHECK(verify(good, Digest{{8}}, keys.identity()).error() == Error::invalid_signature);
    SignedMove other_game = good, other_number = good, other_body = good, other_signer = good;
    other_game.move.game = Digest{{8}};
    other_number.move.number = 4;
    other_body.move.body = dispute::Select{2, std::nullopt};
    other_signer.signer = others.public_key();
    for (const SignedMove& bad : {other_game, other_number, other_body})
        CHECK(verify(bad, network, keys.identity()).error() == Error::invalid_signature);
    CHECK(verify(other_signer, network, others.identity()).error() == Error::invalid_signature);
    CHECK(decode<SignedMove>(encode(good)).value() == good);
}
