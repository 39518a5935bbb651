// The solver: bids for tasks, trains, records its progress, and answers for it. Spec: spec/node.md, PARTY-6, PARTY-7.
#pragma once

#include <assay/node/party.hpp>

namespace assay::node {

struct SolverOptions {
    std::optional<market::Amount> price; // for a whole run; half of what the submitter pays at most where there is none
    std::uint32_t tasks_at_once = 1;
    PartyOptions party;
    Cheating cheating;
    bool withholds = false; // records states and gives none of them out. For demonstrations and tests
};

class Solver final : public Party {
public:
    // `network` and `own` outlive the solver.
    Solver(Network& network, store::ChunkStore& own, const crypto::Seed& seed, SolverOptions options);

private:
    Status acts_for(const market::TaskState& task, std::vector<Act>& acts) override;
    Status acts_in_auction(const market::TaskState& task, std::vector<Act>& acts);
    Status acts_in_run(const market::TaskState& task, std::vector<Act>& acts);
    Status acts_on_demands(const market::TaskState& task, std::vector<Act>& acts);
    Status acts_in_opening(const market::TaskState& task, std::vector<Act>& acts);
    Result<market::Body> record(const market::TaskState& task, const OwnSegment& segment) const;
    Status upload_checkpoint(const market::TaskState& task, std::uint64_t segment);
    Status prepare(const market::TaskState& task);
    [[nodiscard]] market::Amount price_for(const market::TaskState& task) const;
    [[nodiscard]] bool can_take(const market::TaskState& task) const;

    struct StoredBid {
        market::Amount price;
        Digest salt;
        template <class Self, class Visit>
        static auto fields(Self& self, Visit visit)
        {
            return visit(self.price, self.salt);
        }
    };
    Result<std::optional<StoredBid>> stored_bid(const market::TaskState& task) const;

    SolverOptions m_options;
};

} // namespace assay::node
