// Signed transcripts of games on the toy task.
#include "tests/unit/dispute/toy.hpp"

#include <assay/crypto/signed_transcript.hpp>

using namespace assay;
using namespace assay::crypto;

namespace {

const Digest network{{42}};
const KeyPair solver{Seed{{1}}}, challenger{Seed{{2}}}, timekeeper{Seed{{3}}};

dispute::Transcript game_with_a_cheat()
{
    replay::Deviation deviation;
    deviation.node = [](std::uint64_t step, program::NodeIndex here, program::Tensor& output) {
        if (step != 1 || here.value != 4) return false;
        output.set_element(0, output.element(0) ^ 0x00400001U);
        return true;
    };
    replay::RunTrace liar = toy::trace(3, deviation), honest = toy::trace(3);
    const dispute::Parties parties{solver.identity(), challenger.identity()};
    return dispute::play_out(*liar.statement(Digest{}, 0), toy::terms(2), parties, Tick{10}, liar, honest).value();
}

Error refusal(const SignedTranscript& record)
{
    return crypto::replay(record).error();
}

} // namespace

TEST_CASE("IDENTITY-9 anyone finds the verdict again from a signed transcript, and who played")
{
    const SignedTranscript good = sign(network, game_with_a_cheat(), solver, challenger, timekeeper);
    const auto game = crypto::replay(good);
    REQUIRE(game);
    CHECK(game->verdict() == dispute::Verdict::convicted);
    CHECK(decode<SignedTranscript>(encode(good)).value() == good);
}

TEST_CASE("IDENTITY-9 whatever is changed in a signed transcript is refused")
{
    const SignedTranscript good = sign(network, game_with_a_cheat(), solver, challenger, timekeeper);
    REQUIRE(good.signatures.size() >= 2);

    SignedTranscript other_network = good;
    other_network.network.bytes[0] ^= 1;
    CHECK(refusal(other_network) == Error::invalid_signature);

    SignedTranscript other_keys = good;
    std::swap(other_keys.solver, other_keys.challenger);
    CHECK(refusal(other_keys) == Error::wrong_signer);

    SignedTranscript other_challenger = good;
    other_challenger.challenger = timekeeper.public_key();
    CHECK(refusal(other_challenger) == Error::wrong_signer);

    SignedTranscript swapped = good;
    std::swap(swapped.signatures[0], swapped.signatures[1]);
    CHECK(refusal(swapped) == Error::invalid_signature);

    SignedTranscript fewer = good;
    fewer.signatures.pop_back();
    CHECK(refusal(fewer) == Error::wrong_proof_length);

    SignedTranscript cut = good;
    cut.signatures.pop_back();
    cut.transcript.moves.pop_back();
    CHECK(refusal(cut) == Error::invalid_signature);

    SignedTranscript later = good;
    later.transcript.moves.back().at.value += 1;
    CHECK(refusal(later) == Error::invalid_signature);

    SignedTranscript other_terms = good;
    other_terms.transcript.terms.solver_clock.value += 1;
    CHECK(refusal(other_terms) == Error::invalid_signature);

    SignedTranscript other_timekeeper = good;
    other_timekeeper.timekeeper = solver.public_key();
    CHECK(refusal(other_timekeeper) == Error::invalid_signature);
}
