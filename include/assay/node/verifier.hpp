// The verifier: stakes, waits to be drawn, replays what the draw names, says what it saw, and disputes what is wrong.
// Spec: spec/node.md, PARTY-8, PARTY-9, PARTY-17, PARTY-18.
#pragma once

#include <assay/node/party.hpp>

namespace assay::node {

struct VerifierOptions {
    market::Amount stake; // to join with; 0: does not join by itself
    bool everything = false; // replays every segment of every task, drawn or not
    // Replays nothing and commits to made-up roots. For demonstrations and tests.
    bool is_lazy = false;
    PartyOptions party;
};

class Verifier final : public Party {
public:
    // `network` and `own` outlive the verifier.
    Verifier(Network& network, store::ChunkStore& own, const crypto::Seed& seed, VerifierOptions options);

private:
    Status acts_for_none(std::vector<Act>& acts) override;
    Status acts_for(const market::TaskState& task, std::vector<Act>& acts) override;
    Status acts_in_audit(const market::TaskState& task, const market::Auditor& auditor, std::vector<Act>& acts);
    Status acts_of_a_whistleblower(const market::TaskState& task, std::vector<Act>& acts);
    Status demand_what_is_withheld(const market::TaskState& task, std::vector<Act>& acts);
    Status fetch_or_demand(const market::TaskState& task, std::uint64_t segment);
    Status challenge_what_is_wrong(const market::TaskState& task, std::vector<Act>& acts);
    // After a conviction: stands by its own root, and contests another that is defended.
    Status acts_on_defences(const market::TaskState& task, std::vector<Act>& acts);
    // The roots of the drawn segments as this verifier says them; nothing while some are still to be computed.
    Result<std::optional<std::vector<Digest>>> own_roots(const market::TaskState& task, std::vector<Act>& acts);

    VerifierOptions m_options;
};

} // namespace assay::node
