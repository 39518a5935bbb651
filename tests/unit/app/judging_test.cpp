// `assay judge` on transcripts of both kinds.
#include <doctest/doctest.h>

#include "app/judging.hpp"
#include "tests/unit/dispute/toy.hpp"

using namespace assay;

namespace {

const Digest network{{42}};
const crypto::KeyPair solver{crypto::Seed{{1}}}, challenger{crypto::Seed{{2}}}, timekeeper{crypto::Seed{{3}}};

// A game about a forged sum, of parties with keys; the solver stops after `moves` where that is less than the game has.
crypto::SignedTranscript signed_game(std::size_t moves)
{
    replay::Deviation deviation;
    deviation.node = [](std::uint64_t step, program::NodeIndex here, program::Tensor& output) {
        if (step != 1 || here.value != 8) return false;
        output.set_element(0, output.element(0) ^ 0x00400001U);
        return true;
    };
    replay::RunTrace liar = toy::trace(3, deviation), honest = toy::trace(3);
    const dispute::Parties parties{solver.identity(), challenger.identity()};
    auto transcript = dispute::play_out(*liar.statement(Digest{}, 0), toy::terms(2), parties, Tick{10}, liar, honest).value();
    if (moves < transcript.moves.size()) {
        transcript.moves.resize(moves);
        transcript.timeout_claimed = dispute::replay(transcript)->deadline();
        ++transcript.timeout_claimed->value;
    }
    return sign(network, std::move(transcript), solver, challenger, timekeeper);
}

} // namespace

TEST_CASE("IDENTITY-9 DISPUTE-24 a signed transcript is judged as the plain one is, and says who signed")
{
    const crypto::SignedTranscript record = signed_game(1000);
    const auto plain = app::judge_record(encode(record.transcript)), with_names = app::judge_record(encode(record));
    REQUIRE(plain);
    REQUIRE(with_names);
    CHECK(!plain->record);
    CHECK(with_names->record == record);
    CHECK(to_text(plain->walk) == to_text(with_names->walk));
    CHECK(plain->walk.verdict.find("the solver is convicted") == 0);
    CHECK(to_text(*plain).find("nobody signed") != std::string::npos);
    const std::string text = to_text(*with_names);
    for (const crypto::KeyPair* party : {&solver, &challenger, &timekeeper}) CHECK(text.find(to_hex(party->identity())) != std::string::npos);
    CHECK(text.find("on whose word") == std::string::npos);
}

TEST_CASE("IDENTITY-9 a verdict by clock names the timekeeper as the one whose word it is")
{
    const auto judged = app::judge_record(encode(signed_game(2)));
    REQUIRE(judged);
    CHECK(judged->walk.verdict.find("it did not answer in time") != std::string::npos);
    CHECK(to_text(*judged).find("on whose word the verdict rests") != std::string::npos);
}

TEST_CASE("IDENTITY-9 a signed transcript with another signature, key or tick is refused, and never judged as a plain one")
{
    crypto::SignedTranscript record = signed_game(1000);
    record.signatures[1].bytes[0] ^= 1;
    CHECK(app::judge_record(encode(record)).error() == Error::invalid_signature);
    record = signed_game(1000);
    record.solver = timekeeper.public_key();
    CHECK(app::judge_record(encode(record)).error() == Error::wrong_signer);
    record = signed_game(1000);
    ++record.transcript.moves.back().at.value;
    CHECK(app::judge_record(encode(record)).error() == Error::invalid_signature);
    Bytes cut = encode(signed_game(1000));
    cut.pop_back();
    const auto refused = app::judge_record(cut);
    REQUIRE(!refused);
    CHECK(refused.failure().detail.find("not a transcript: ") == 0);
}
