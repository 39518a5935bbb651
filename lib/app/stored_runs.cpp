#include "app/stored_runs.hpp"

#include <assay/store/checkpoints.hpp>
#include <assay/store/rocksdb_store.hpp>

#include "app/progress.hpp"

namespace assay::app {

Result<std::vector<StoredRun>> check_stored_runs(const std::string& folder)
{
    ASSAY_TRY_ASSIGN(const auto chunks, store::RocksDbChunkStore::open(folder + "/checkpoints", store::OpenMode::existing_only));
    ASSAY_TRY_ASSIGN(const std::vector<Digest> tasks, store::list_runs(*chunks));
    std::vector<StoredRun> runs;
    for (const Digest& task : tasks) {
        ASSAY_TRY_ASSIGN(const std::vector<std::uint64_t> indices, store::list_checkpoints(*chunks, task));
        StoredRun run{task, indices.size(), {}};
        Progress progress{"reading", indices.size()};
        for (std::size_t i = 0; i < indices.size(); ++i) {
            if (const auto state = store::load_checkpoint(*chunks, task, indices[i]); !state) run.damaged.push_back(state.failure());
            progress.update(i + 1, "");
        }
        progress.finish();
        runs.push_back(std::move(run));
    }
    return runs;
}

} // namespace assay::app
