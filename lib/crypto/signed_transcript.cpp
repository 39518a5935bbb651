// A signed transcript is judged as a transcript is, after its signatures.
#include <assay/crypto/signed_transcript.hpp>

#include <assay/hash/openssl.hpp>

namespace assay::crypto {

namespace {

Digest game_of(const dispute::Transcript& transcript)
{
    return dispute::game_id(transcript.statement, transcript.terms, transcript.parties);
}

Place place_of_record(const Digest& network, const dispute::Transcript& transcript)
{
    return {network, Purpose::transcript, game_of(transcript), transcript.moves.size()};
}

Digest digest_of(const dispute::Transcript& transcript)
{
    return hash::tagged_digest("assay.transcript", transcript, hash::sha256_openssl);
}

Status check_party(const char* side, const PublicKey& key, const Digest& party)
{
    if (identity_of(key) == party) return {};
    return failure(Error::wrong_signer, std::string{"the key is not the "} + side + "'s");
}

} // namespace

dispute::Side side_of(const dispute::MoveBody& body)
{
    const bool points = std::holds_alternative<dispute::Select>(body) || std::holds_alternative<dispute::Prove>(body);
    return points ? dispute::Side::challenger : dispute::Side::solver;
}

SignedTranscript sign(const Digest& network, dispute::Transcript transcript, const KeyPair& solver, const KeyPair& challenger,
                      const KeyPair& timekeeper)
{
    ASSAY_CHECK(solver.identity() == transcript.parties.solver && challenger.identity() == transcript.parties.challenger);
    std::vector<Signature> signatures;
    for (const dispute::TimedMove& timed : transcript.moves) {
        const KeyPair& author = side_of(timed.move.body) == dispute::Side::solver ? solver : challenger;
        signatures.push_back(sign(author, place_of(network, timed.move), digest_of(timed.move)));
    }
    const Signature attestation = sign(timekeeper, place_of_record(network, transcript), digest_of(transcript));
    return {network,    std::move(transcript), solver.public_key(), challenger.public_key(), std::move(signatures), timekeeper.public_key(),
            attestation};
}

Result<dispute::Game> replay(const SignedTranscript& record)
{
    const dispute::Transcript& transcript = record.transcript;
    ASSAY_TRY(check_party("solver", record.solver, transcript.parties.solver));
    ASSAY_TRY(check_party("challenger", record.challenger, transcript.parties.challenger));
    if (record.signatures.size() != transcript.moves.size())
        return failure(Error::wrong_proof_length,
                       std::to_string(record.signatures.size()) + " signatures for " + std::to_string(transcript.moves.size()) + " moves");
    for (std::size_t i = 0; i < transcript.moves.size(); ++i) {
        const dispute::Move& move = transcript.moves[i].move;
        const PublicKey& author = side_of(move.body) == dispute::Side::solver ? record.solver : record.challenger;
        if (const Status status = verify(author, place_of(record.network, move), digest_of(move), record.signatures[i]); !status)
            return failure(status.error(), "move " + std::to_string(i) + ": " + status.failure().message());
    }
    ASSAY_TRY(verify(record.timekeeper, place_of_record(record.network, transcript), digest_of(transcript), record.attestation));
    return dispute::replay(transcript);
}

} // namespace assay::crypto
