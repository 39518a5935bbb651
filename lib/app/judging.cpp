#include "app/judging.hpp"

#include <fmt/format.h>

namespace assay::app {

Result<JudgedRecord> judge_record(ByteView bytes)
{
    if (auto record = decode<crypto::SignedTranscript>(bytes)) {
        ASSAY_TRY(crypto::replay(*record));
        ASSAY_TRY_ASSIGN(Walk walk, walk_of(record->transcript));
        return JudgedRecord{std::move(walk), std::move(*record)};
    }
    const auto transcript = decode<dispute::Transcript>(bytes);
    if (!transcript) return failure(transcript.error(), "not a transcript: " + transcript.failure().message());
    ASSAY_TRY_ASSIGN(Walk walk, walk_of(*transcript));
    return JudgedRecord{std::move(walk), std::nullopt};
}

std::string to_text(const JudgedRecord& judged)
{
    const std::string walk = to_text(judged.walk);
    if (!judged.record) return walk + "  nobody signed this record: the verdict follows from it, but not who played\n";
    const auto name = [](const crypto::PublicKey& key) { return to_hex(identity_of(key)); };
    const crypto::SignedTranscript& record = *judged.record;
    return walk + fmt::format("  {} signatures of moves are good; network {}\n  solver     {}\n  challenger {}\n  timekeeper {}{}\n",
                              record.signatures.size(), to_hex(record.network), name(record.solver), name(record.challenger),
                              name(record.timekeeper), record.transcript.timeout_claimed ? ", on whose word the verdict rests" : "");
}

} // namespace assay::app
