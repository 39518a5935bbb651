// The canonical contraction against the fastest matrix products that do not promise their order, and against the multiply-add peak.
// Names read SHAPE/FORM/ROWSxCOLUMNSxDEPTH/LIBRARY/THREADS; the forms: nn, nt (right stored transposed), tn (left stored transposed).
// An item is one multiply-add. Run with --benchmark_enable_random_interleaving=true.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <random>
#include <set>
#include <thread>

#include "bench/peak.hpp"
#include "bench/peers.hpp"
#include "exec/kernels/contraction.hpp"
#include "exec/memory.hpp"

using namespace assay;

namespace {

struct Case {
    std::string shape;
    bench::Product product;
    std::size_t batches = 1;
};

std::string form_of(const bench::Product& product)
{
    return {product.transpose_left ? 't' : 'n', product.transpose_right ? 't' : 'n'};
}

// On borders of cache lines and on large pages, as the executor's are; every library reads the same memory.
struct Operands {
    explicit Operands(const Case& work)
        : left_size(static_cast<std::size_t>(work.product.rows) * static_cast<std::size_t>(work.product.depth)),
          right_size(static_cast<std::size_t>(work.product.columns) * static_cast<std::size_t>(work.product.depth)),
          out_size(static_cast<std::size_t>(work.product.rows) * static_cast<std::size_t>(work.product.columns)),
          left_memory(work.batches * left_size * sizeof(float)), right_memory(work.batches * right_size * sizeof(float)),
          out_memory(work.batches * out_size * sizeof(float))
    {
        std::mt19937 random{1};
        std::uniform_real_distribution<float> between{-1, 1};
        std::array<float, 4099> numbers; // which are repeated: so many that are all different would take longer than the products
        for (float& number : numbers) number = between(random);
        for (std::size_t i = 0; i < work.batches * left_size; ++i) left()[i] = numbers[i % numbers.size()];
        for (std::size_t i = 0; i < work.batches * right_size; ++i) right()[i] = numbers[i % numbers.size()];
        std::fill(out(), out() + work.batches * out_size, 0.0F);
    }
    [[nodiscard]] float* left() const { return reinterpret_cast<float*>(left_memory.words()); }
    [[nodiscard]] float* right() const { return reinterpret_cast<float*>(right_memory.words()); }
    [[nodiscard]] float* out() const { return reinterpret_cast<float*>(out_memory.words()); }

    std::size_t left_size, right_size, out_size; // of one matrix
    exec::Memory left_memory, right_memory, out_memory;
};

void count_items(benchmark::State& state, const Case& work)
{
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(work.batches) * work.product.rows * work.product.columns *
                            work.product.depth);
}

// Libraries' threads look for work for some milliseconds after their last product, and would take a processor from whoever comes next.
void wait_for_idle_processors()
{
    std::clock_t before = 0;
    do {
        before = std::clock(); // the time of all threads
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    } while (std::clock() - before > CLOCKS_PER_SEC / 5000);
}

void run_ours(benchmark::State& state, const Case& work, int threads)
{
    Operands operands(work);
    wait_for_idle_processors();
    exec::ThreadPool pool(static_cast<std::size_t>(threads));
    exec::Contraction contraction;
    contraction.batches = work.batches;
    contraction.rows = static_cast<std::size_t>(work.product.rows);
    contraction.columns = static_cast<std::size_t>(work.product.columns);
    contraction.depth = static_cast<std::size_t>(work.product.depth);
    contraction.transpose_left = work.product.transpose_left;
    contraction.transpose_right = work.product.transpose_right;
    contraction.block = 256;
    std::vector<exec::Memory> memory;
    std::vector<exec::Word*> packed;
    for (std::size_t thread = 0; thread < pool.threads(); ++thread)
        packed.push_back(memory.emplace_back(exec::packed_words(contraction, pool.threads()) * sizeof(exec::Word)).words());
    const auto multiply = [&] {
        exec::contract(contraction, operands.left_memory.words(), operands.right_memory.words(), operands.out_memory.words(), packed, pool);
        benchmark::ClobberMemory();
    };
    multiply();
    for (auto _ : state) multiply();
    count_items(state, work);
}

void run_peer(benchmark::State& state, const Case& work, const bench::Peer& peer, int threads)
{
    Operands operands(work);
    peer.set_threads(threads);
    const auto multiply = [&] {
        for (std::size_t i = 0; i < work.batches; ++i)
            peer.multiply(work.product, operands.left() + i * operands.left_size, operands.right() + i * operands.right_size,
                          operands.out() + i * operands.out_size);
        benchmark::ClobberMemory();
    };
    wait_for_idle_processors();
    multiply(); // wakes its threads
    for (auto _ : state) multiply();
    count_items(state, work);
}

void run_peak(benchmark::State& state, std::size_t threads)
{
    wait_for_idle_processors();
    exec::ThreadPool pool(threads);
    for (auto _ : state)
        pool.parallel_for(threads, 1, [](std::size_t, std::size_t, std::size_t) { benchmark::DoNotOptimize(bench::multiply_add(10000)); });
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(threads * bench::multiply_adds(10000)));
}

// A layer's product, and the two that its gradients are.
void add_layer(std::vector<Case>& cases, const std::string& shape, int rows, int inputs, int outputs)
{
    cases.push_back({shape, {rows, outputs, inputs, false, false}});
    cases.push_back({shape, {rows, inputs, outputs, false, true}});
    cases.push_back({shape, {inputs, outputs, rows, true, false}});
}

std::vector<Case> all_cases()
{
    std::vector<Case> cases;
    for (const int n : {64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048})
        for (const auto& [left, right] : {std::pair{false, false}, {false, true}, {true, false}})
            cases.push_back({n < 512 ? "small" : "square", {n, n, n, left, right}});
    struct Model {
        std::string name;
        int rows, width, vocabulary;
    };
    for (const Model& model : {Model{"gpt-4x128", 768, 128, 65}, {"gpt-6x384", 3072, 384, 65}, {"gpt-12x768", 256, 768, 50257}}) {
        add_layer(cases, model.name, model.rows, model.width, 3 * model.width);
        add_layer(cases, model.name, model.rows, model.width, 4 * model.width);
        add_layer(cases, model.name, model.rows, 4 * model.width, model.width);
        add_layer(cases, model.name, model.rows, model.width, model.vocabulary);
    }
    for (const auto& [context, batches] : {std::pair{64, 48}, {256, 72}}) { // attention heads without a mask: scores, and what they weigh
        const int head = context == 64 ? 32 : 64;
        cases.push_back({"heads", {context, context, head, false, true}, static_cast<std::size_t>(batches)});
        cases.push_back({"heads", {context, head, context, false, false}, static_cast<std::size_t>(batches)});
        cases.push_back({"heads", {context, head, context, true, false}, static_cast<std::size_t>(batches)});
    }
    for (const int n : {256, 1024, 4096}) {
        cases.push_back({"vector", {1, n, n, false, false}});
        cases.push_back({"vector", {1, n, n, false, true}});
        cases.push_back({"vector", {n, 1, n, false, false}});
        cases.push_back({"vector", {n, 1, n, true, false}});
    }
    // Few outputs of many terms: fewer tiles than threads.
    for (const int n : {64, 128})
        for (const bool left : {false, true}) cases.push_back({"deep", {n, n, (1 << 20) / n, left, false}});
    cases.push_back({"deep", {14, 32, 65536, false, false}});
    cases.push_back({"deep", {1, 64, 65536, false, false}});
    cases.push_back({"deep", {1, 64, 65536, false, true}});
    return cases;
}

std::string name_of(const Case& work, const std::string& library, int threads)
{
    const bench::Product& p = work.product;
    return work.shape + "/" + form_of(p) + "/" + (work.batches == 1 ? "" : std::to_string(work.batches) + "of") + std::to_string(p.rows) +
           "x" + std::to_string(p.columns) + "x" + std::to_string(p.depth) + "/" + library + "/" + std::to_string(threads);
}

} // namespace

int main(int count, char** words)
{
    const std::vector<Case> cases = all_cases();
    const std::vector<bench::Peer> peers = bench::peers();
    std::set<std::string> names;
    for (const int threads : {1, 2}) {
        benchmark::RegisterBenchmark(("peak/nn/registers/ours/" + std::to_string(threads)).c_str(), [threads](benchmark::State& state) {
            run_peak(state, static_cast<std::size_t>(threads));
        })->UseRealTime();
        for (const Case& work : cases) {
            if (!names.insert(name_of(work, "ours", threads)).second) continue;
            benchmark::RegisterBenchmark(name_of(work, "ours", threads).c_str(), [&work, threads](benchmark::State& state) {
                run_ours(state, work, threads);
            })->UseRealTime();
            for (const bench::Peer& peer : peers)
                benchmark::RegisterBenchmark(name_of(work, peer.name, threads).c_str(), [&work, &peer, threads](benchmark::State& state) {
                    run_peer(state, work, peer, threads);
                })->UseRealTime();
        }
    }
    benchmark::Initialize(&count, words);
    benchmark::RunSpecifiedBenchmarks();
}
