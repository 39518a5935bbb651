// What commitments cost. Trees: a gibibyte hashed in chunks of 1 KiB, raw through OpenSSL, and as the tree over them on one thread and two.
// Training: steps of a transformer (6x384, context 256, batch 12), with a checkpoint after every ten of them committed to, and stored,
// beside the same without. A number after the options says how many checkpoints (5).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <functional>
#include <optional>
#include <random>
#include <string_view>

#include <openssl/evp.h>

#include <assay/base/check.hpp>
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

constexpr std::size_t turns_of_interval = 5; // of two steps each

enum class Kept { nothing, digests, checkpoints };
constexpr std::array names_of_kept{"training", "digests", "checkpoints"};

// A store that keeps nothing: what is left is the hashing.
class Nowhere final : public store::ChunkStore {
    Status write_values(std::uint8_t, std::span<const Digest>, std::span<const ByteView>) override { return {}; }
    Status write_records(const std::vector<store::Record>&) override { return {}; }
    [[nodiscard]] Result<std::optional<Bytes>> read_record(const std::string&) const override { return std::optional<Bytes>{}; }
    [[nodiscard]] Result<std::vector<std::string>> keys_from(const std::string&) const override { return std::vector<std::string>{}; }
};

double seconds_of(const std::function<void()>& work)
{
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// One training, and what is kept of it.
class Trainer {
public:
    Trainer(const bench::TrainingTask& task, Kept kept, unsigned threads, store::ChunkStore& store)
        : m_executor(exec::make_fast_executor(task.training, task.data, 1, threads).value()), m_hasher(hash::sha256_bulk, threads)
    {
        std::vector<program::Tensor> state = bench::initial_state(task);
        ASSAY_CHECK(m_executor->load(state));
        m_executor->step();
        if (kept == Kept::nothing) return;
        m_recorder.emplace(store, Digest{}, task.training.states(), m_hasher.function());
        for (int record = 0; record < 3; ++record) keep(); // all memory is there after two
        ASSAY_CHECK(m_recorder->finish());
    }

    // Seconds of two steps, with a checkpoint between them where one is due. It is stored beside the second step; what that leaves is
    // waited for, so that it disturbs nobody else.
    double turn(bool is_due)
    {
        return seconds_of([&] {
            m_executor->step();
            if (is_due && m_recorder) keep();
            m_executor->step();
            if (m_recorder) m_waited += seconds_of([&] { ASSAY_CHECK(m_recorder->finish()); });
        });
    }
    [[nodiscard]] double waited() const { return m_waited; }

private:
    void keep()
    {
        m_executor->read_outputs(m_checkpoint);
        ASSAY_CHECK(m_recorder->record(m_checkpoint));
    }

    std::unique_ptr<exec::Executor> m_executor;
    exec::ParallelHasher m_hasher;
    std::optional<store::RunRecorder> m_recorder;
    std::vector<program::Tensor> m_checkpoint;
    double m_waited = 0; // seconds in which nothing was left to do but to store
};

// What the trainers took in the turns of an interval that had a checkpoint, and in those that had none.
struct Interval {
    std::array<double, names_of_kept.size()> due{}, others{};
};

void count_percents(benchmark::State& state, const std::string& name, std::vector<double> ratios)
{
    std::sort(ratios.begin(), ratios.end());
    state.counters[name + "_least"] = 100 * (ratios.front() - 1);
    state.counters[name + "_median"] = 100 * ((ratios[(ratios.size() - 1) / 2] + ratios[ratios.size() / 2]) / 2 - 1);
    state.counters[name + "_greatest"] = 100 * (ratios.back() - 1);
}

// Three trainers take turns, in another order each time: a machine that slows down for a while slows all alike. An iteration is an interval
// of ten steps of each. Counters: by how many percent an interval took longer than one of training alone, and how much longer turns without
// a checkpoint did, which is what the measurement itself is wrong by.
void training(benchmark::State& state, unsigned threads)
{
    const bench::TrainingTask task = bench::training_task("gpt-6x384");
    const auto folder = std::filesystem::temp_directory_path() / "assay-bench-checkpoints";
    std::filesystem::remove_all(folder);
    {
        Nowhere nowhere;
        const auto disk = store::RocksDbChunkStore::open(folder.string(), store::OpenMode::create_if_missing).value();
        std::deque<Trainer> trainers;
        for (const Kept kept : {Kept::nothing, Kept::digests, Kept::checkpoints})
            trainers.emplace_back(task, kept, threads, kept == Kept::checkpoints ? static_cast<store::ChunkStore&>(*disk) : nowhere);
        std::mt19937 random{std::random_device{}()};
        std::array<std::size_t, names_of_kept.size()> order{0, 1, 2};
        std::vector<Interval> intervals;
        for (auto _ : state) {
            Interval& interval = intervals.emplace_back();
            for (std::size_t turn = 0; turn < turns_of_interval; ++turn) {
                const bool is_due = turn == turns_of_interval / 2;
                std::shuffle(order.begin(), order.end(), random);
                for (const std::size_t i : order) (is_due ? interval.due : interval.others)[i] += trainers[i].turn(is_due);
            }
        }
        for (std::size_t i = 0; i < names_of_kept.size(); ++i) {
            std::vector<double> whole, others;
            double sum = 0, due = 0;
            for (const Interval& interval : intervals) {
                whole.push_back((interval.due[i] + interval.others[i]) / (interval.due[0] + interval.others[0]));
                others.push_back(interval.others[i] / interval.others[0]);
                sum += interval.due[i] + interval.others[i];
                due += interval.due[i] - interval.due[0];
            }
            const auto count = static_cast<double>(intervals.size());
            const std::string name = names_of_kept[i];
            state.counters[name + "_seconds"] = sum / count;
            if (i == 0) continue;
            state.counters[name + "_seconds_of_commitment"] = due / count;
            state.counters[name + "_seconds_waited"] = trainers[i].waited() / count;
            count_percents(state, name, whole);
            count_percents(state, name + "_without", others);
        }
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
    benchmark::Initialize(&count, words);
    int intervals = 5;
    if (count > 1) {
        const std::string_view word = words[1];
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), intervals);
        if (count > 2 || error != std::errc{} || end != word.data() + word.size() || intervals < 1) {
            std::fprintf(stderr, "bench_commitments [INTERVALS]: of ten steps, to be measured; 1 or more, 5 by default\n");
            return 2;
        }
    }
    for (const unsigned threads : {1U, 2U})
        benchmark::RegisterBenchmark(("training/" + std::to_string(threads)).c_str(), training, threads)
            ->Unit(benchmark::kSecond)
            ->UseRealTime()
            ->Iterations(intervals);
    benchmark::RunSpecifiedBenchmarks();
}
