// What `assay judge` does: the verdict of a dispute again, from the bytes of its record alone.
#pragma once

#include <assay/crypto/signed_transcript.hpp>

#include "app/walk.hpp"

namespace assay::app {

struct JudgedRecord {
    Walk walk;
    std::optional<crypto::SignedTranscript> record; // where the record was signed, and every signature is its signer's
};

// Takes a transcript or a signed one (assay/crypto/signed_transcript.hpp). Errors: those of decoding a transcript where it is neither; those of
// replaying it, which for a signed one include a signature that is not its signer's.
Result<JudgedRecord> judge_record(ByteView bytes);

// The walk, and who signed.
std::string to_text(const JudgedRecord& judged);

} // namespace assay::app
