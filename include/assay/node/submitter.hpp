// The submitter: posts one task, does its part in the draw, and brings the result home. Spec: spec/node.md, PARTY-10, PARTY-11.
#pragma once

#include <assay/node/party.hpp>

namespace assay::node {

// What a submitter needs to post: the posting's digests are of these tensors.
struct NewTask {
    market::Posting posting;
    std::vector<program::Tensor> data;
    std::vector<program::Tensor> initial;
};

class Submitter final : public Party {
public:
    // Goes on with the task that `own` holds, or begins with `task`. `network` and `own` outlive the submitter.
    // Errors: not_available where there is neither; those of the store.
    static Result<std::unique_ptr<Submitter>> start(Network& network, store::ChunkStore& own, const crypto::Seed& seed,
                                                    const std::optional<NewTask>& task, PartyOptions options);

    // Whether a store holds a submitter's task. Errors: storage_failed.
    static Result<bool> has_task(const store::ChunkStore& own);

    // The task's name, once a turn has decided on the number of the transaction that posts it.
    [[nodiscard]] Result<std::optional<Digest>> task() const;
    // The task's history on the chain: nothing before it was posted. Requires: a turn that got as far as the chain.
    [[nodiscard]] Result<const TaskHistory*> history() const;

    // The last state of the run, fetched and checked against the records. Requires: history()->is_complete(). Errors: those of fetch.
    Result<std::vector<program::Tensor>> result();

    // From the next turn on: takes the task back while bids are sealed, and does not post it where it is not posted yet.
    void withdraw() { m_withdraws = true; }

    [[nodiscard]] const market::Posting& posting() const { return m_posting; }

private:
    Submitter(Network& network, store::ChunkStore& own, const crypto::Seed& seed, PartyOptions options, market::Posting posting,
              const program::Program& program);
    Status acts_for_none(std::vector<Act>& acts) override;
    Status acts_for(const market::TaskState& task, std::vector<Act>& acts) override;
    Status upload_named(std::string_view what);
    Status choose_number(std::uint64_t number);
    [[nodiscard]] Result<std::optional<std::uint64_t>> chosen_number() const;

    market::Posting m_posting;
    bool m_withdraws = false;
    std::vector<program::Declaration> m_states;
};

} // namespace assay::node
