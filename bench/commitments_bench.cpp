// What commitments cost. Trees: a gibibyte hashed in chunks of 1 KiB, raw through OpenSSL, and as the tree over them on one thread and two.
// Training: steps of a transformer (6x384, context 256, batch 12), with a checkpoint after every ten of them committed to, and stored.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <random>

#include <openssl/evp.h>

#include <assay/commit/tensors.hpp>
#include <assay/exec/executor.hpp>
#include <assay/exec/parallel_hasher.hpp>
#include <assay/hash/openssl.hpp>
#include <assay/store/rocksdb_store.hpp>
#include <assay/store/run_recorder.hpp>

#include "bench/training_tasks.hpp"

using namespace assay;

namespace {

constexpr std::size_t gibibyte = std::size_t{1} << 30;

const Bytes& input()
{
    static const Bytes bytes = [] {
        Bytes made(gibibyte);
        std::mt19937_64 random{1};
        for (std::size_t i = 0; i < made.size(); i += 64) made[i] = static_cast<std::uint8_t>(random());
        return made;
    }();
    return bytes;
}

void count_bytes(benchmark::State& state)
{
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(gibibyte));
}

// The fastest way to the digests of chunks that OpenSSL has: one context, one algorithm looked up, and nothing of ours.
void raw_chunks(benchmark::State& state)
{
    EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    Digest digest;
    for (auto _ : state)
        for (std::size_t at = 0; at < gibibyte; at += commit::chunk_bytes_max) {
            EVP_DigestInit_ex2(context, algorithm, nullptr);
            EVP_DigestUpdate(context, input().data() + at, commit::chunk_bytes_max);
            EVP_DigestFinal_ex(context, digest.bytes.data(), nullptr);
            benchmark::DoNotOptimize(digest);
        }
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
    count_bytes(state);
}

void tree(benchmark::State& state, hash::HashFunction function)
{
    for (auto _ : state) {
        std::vector<Digest> leaves(gibibyte / commit::chunk_bytes_max);
        merkle::leaf_hashes(input(), commit::chunk_bytes_max, leaves, function);
        benchmark::DoNotOptimize(merkle::Tree::from_leaf_hashes(std::move(leaves), function).root());
    }
    count_bytes(state);
}

constexpr int steps = 50, steps_of_interval = 10;

enum class Kept { nothing, digests, checkpoints };

// A store that keeps nothing: what is left is the hashing.
class Nowhere final : public store::ChunkStore {
    Status write_records(const std::vector<store::Record>&) override { return {}; }
    [[nodiscard]] Result<std::optional<Bytes>> read_record(const std::string&) const override { return std::optional<Bytes>{}; }
    [[nodiscard]] Result<std::vector<std::string>> keys_from(const std::string&) const override { return std::vector<std::string>{}; }
};

void training(benchmark::State& state, Kept kept, unsigned threads)
{
    const bench::TrainingTask task = bench::training_task("gpt-6x384");
    const program::Program& program = task.training;
    std::vector<program::Tensor> checkpoint = bench::initial_state(task);
    const auto executor = exec::make_fast_executor(program, task.data, 1, threads).value();
    if (!executor->load(checkpoint)) return state.SkipWithError("state");
    const auto folder = std::filesystem::temp_directory_path() / "assay-bench-checkpoints";
    std::filesystem::remove_all(folder);
    {
        Nowhere nowhere;
        auto disk = store::RocksDbChunkStore::open(folder.string(), store::OpenMode::create_if_missing).value();
        const exec::ParallelHasher hasher{hash::sha256_bulk, threads};
        store::RunRecorder recorder{kept == Kept::checkpoints ? static_cast<store::ChunkStore&>(*disk) : nowhere, Digest{},
                                    program.states(), hasher.function()};
        if (kept != Kept::nothing && (!recorder.record(checkpoint) || !recorder.finish())) return state.SkipWithError("storage");
        executor->step();
        // Intervals whose work has the storage of the one before beside it; the last one's is waited for.
        for (auto _ : state) {
            for (int step = 1; step <= steps; ++step) {
                executor->step();
                if (step % steps_of_interval != 0 || kept == Kept::nothing) continue;
                executor->read_outputs(checkpoint);
                if (!recorder.record(checkpoint)) return state.SkipWithError("storage");
            }
            if (!recorder.finish()) return state.SkipWithError("storage");
        }
        state.SetItemsProcessed(steps * state.iterations());
    }
    std::filesystem::remove_all(folder);
}

} // namespace

int main(int count, char** words)
{
    benchmark::RegisterBenchmark("tree/raw", raw_chunks)->Unit(benchmark::kMillisecond)->UseRealTime();
    benchmark::RegisterBenchmark("tree/ours", tree, hash::sha256_bulk)->Unit(benchmark::kMillisecond)->UseRealTime();
    benchmark::RegisterBenchmark("tree/one_by_one", tree, hash::HashFunction{hash::sha256_openssl})
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
    static const exec::ParallelHasher two{hash::sha256_bulk, 2};
    benchmark::RegisterBenchmark("tree/ours_2_threads", tree, two.function())->Unit(benchmark::kMillisecond)->UseRealTime();
    for (const unsigned threads : {1U, 2U})
        for (const auto& [name, kept] :
             {std::pair{"nothing", Kept::nothing}, {"digests", Kept::digests}, {"checkpoints", Kept::checkpoints}})
            benchmark::RegisterBenchmark(("training/" + std::to_string(threads) + "/" + name).c_str(), training, kept, threads)
                ->Unit(benchmark::kMillisecond)
                ->UseRealTime()
                ->Iterations(1);
    benchmark::Initialize(&count, words);
    benchmark::RunSpecifiedBenchmarks();
}
