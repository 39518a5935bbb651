// Keys, signatures, proofs of randomness and signed records from anybody: refused or accepted, and accepted ones only as they were made.
#include <assay/crypto/signed_transcript.hpp>
#include <assay/crypto/vrf.hpp>

#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace assay;
using namespace assay::crypto;

const Digest network{{1}};
const Bytes message{1, 2, 3};
const KeyPair keys{Seed{{1}}};
const VrfKey vrf_key{Seed{{2}}};

template <class T>
Bytes tagged(std::uint8_t kind, const T& value)
{
    Bytes bytes{kind};
    const Bytes encoded = encode(value);
    bytes.insert(bytes.end(), encoded.begin(), encoded.end());
    return bytes;
}

} // namespace

std::vector<Bytes> assay::fuzz::seeds()
{
    return {tagged(0, keys.sign(message)), tagged(1, vrf_key.prove(VrfSuite::elligator, message)),
            tagged(2, SignedMove{{}, keys.public_key(), sign(keys, place_of(network, dispute::Move{}), digest_of(dispute::Move{}))}),
            tagged(3, SignedTranscript{})};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const ByteView rest{data + 1, size - 1};
    switch (data[0] % 4) {
    case 0:
        if (const auto signature = decode<Signature>(rest); signature && verify(keys.public_key(), message, *signature))
            fuzz::expect(*signature == keys.sign(message), "only the one signature is accepted that its key makes");
        break;
    case 1:
        if (const auto proof = decode<VrfProof>(rest); proof && verify(vrf_key.public_key(), VrfSuite::elligator, message, *proof))
            fuzz::expect(*proof == vrf_key.prove(VrfSuite::elligator, message), "only the one proof is accepted that its key makes");
        break;
    case 2: {
        SignedMove move;
        Decoder decoder{rest};
        decoder(move);
        if (decoder.finish() && verify(move, network, keys.identity()))
            fuzz::expect(move.signature == sign(keys, place_of(network, move.move), digest_of(move.move)),
                         "only a move that was signed is accepted");
        break;
    }
    default:
        if (const auto record = decode<SignedTranscript>(rest); record && crypto::replay(*record))
            fuzz::expect(dispute::replay(record->transcript).has_value(), "a signed transcript is a transcript");
    }
    return 0;
}
