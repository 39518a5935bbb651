// What a run's loss was at its recorded checkpoints, as far as this node knows: read from the checkpoints themselves. Spec: API-6.
#pragma once

#include <optional>
#include <vector>

#include <assay/market/task_state.hpp>
#include <assay/store/chunk_store.hpp>
#include <assay/store/ledger_store.hpp>

namespace assay::app {

// What is known of a figure: that a solver committed to it; that drawn verifiers, who replayed its segment, came to the same, or one of
// them did not; that a proof showed its segment wrong. The last that holds counts.
enum class Standing : std::uint8_t { claimed, replayed, contested, refuted };

struct RecordedLoss {
    std::uint64_t segment = 0;
    std::uint64_t step = 0; // the run's step that it is of, from 1
    Tick at;                // of the record
    Digest solver, state;
    std::optional<float> loss; // none where the node does not hold it
    Standing standing = Standing::claimed;
};

// The task of which losses are asked, as the ledger has it.
struct LossQuery {
    Digest network, task;
    commit::Task run;
    std::optional<std::uint64_t> refuted; // the segment that a proof showed wrong
    std::uint64_t from = 0;
    std::size_t count = 0;
};

struct Losses {
    std::uint64_t records = 0; // how many there are
    bool has_loss = false;     // whether the program has such a tensor
    std::vector<RecordedLoss> found;
};

// Records from number `from` on. Errors: storage_failed. Cost: the task's events, a block for each record, and the posting's.
Result<Losses> losses_of(const LossQuery& query, const store::LedgerStore& ledger, const store::ChunkStore& chunks);

} // namespace assay::app
