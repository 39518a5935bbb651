// The elementary functions: ours (correctly rounded, bulk), the C library's scalar ones, and its vector ones where it has them (libmvec,
// AVX2, wrong by up to 4 units of the last bit). An item is one element; the 4096 of a round stay in the first cache.
#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "exec/kernels/functions.hpp"

#ifdef ASSAY_HAS_MVEC
#include <immintrin.h>

extern "C" {
__m256 _ZGVdN8v_expf(__m256);
__m256 _ZGVdN8v_logf(__m256);
__m256 _ZGVdN8v_tanhf(__m256);
__m256 _ZGVdN8v_erff(__m256);
__m256 _ZGVdN8v_sinf(__m256);
__m256 _ZGVdN8v_cosf(__m256);
}
#endif

using namespace assay;

namespace {

using Bulk = void (*)(std::span<const float>, std::span<float>);

template <auto function>
void scalar(std::span<const float> in, std::span<float> out)
{
    for (std::size_t i = 0; i < in.size(); ++i) out[i] = function(in[i]);
}

#ifdef ASSAY_HAS_MVEC
template <auto function>
__attribute__((target("avx2"))) void vector(std::span<const float> in, std::span<float> out)
{
    for (std::size_t i = 0; i + 8 <= in.size(); i += 8) _mm256_storeu_ps(&out[i], function(_mm256_loadu_ps(&in[i])));
}

__attribute__((target("avx2"))) void vector_reciprocal_square_root(std::span<const float> in, std::span<float> out)
{
    for (std::size_t i = 0; i + 8 <= in.size(); i += 8)
        _mm256_storeu_ps(&out[i], _mm256_div_ps(_mm256_set1_ps(1), _mm256_sqrt_ps(_mm256_loadu_ps(&in[i]))));
}

constexpr std::array<Bulk, 7> vector_functions{vector<_ZGVdN8v_expf>,        vector<_ZGVdN8v_logf>, vector<_ZGVdN8v_tanhf>,
                                               vector<_ZGVdN8v_erff>,        vector<_ZGVdN8v_sinf>, vector<_ZGVdN8v_cosf>,
                                               vector_reciprocal_square_root};
#endif

struct Row {
    std::string name;
    float low, high;
    Bulk ours, scalar;
};

const std::array<Row, 7> rows{{
    {"exponential", -10, 10, exec::exponential, scalar<expf>},
    {"logarithm", 1e-3f, 1e3f, exec::logarithm, scalar<logf>},
    {"hyperbolic_tangent", -5, 5, exec::hyperbolic_tangent, scalar<tanhf>},
    {"error_function", -4, 4, exec::error_function, scalar<erff>},
    {"sine", -10, 10, exec::sine, scalar<sinf>},
    {"cosine", -10, 10, exec::cosine, scalar<cosf>},
    {"reciprocal_square_root", 1e-3f, 1e3f, exec::reciprocal_square_root, scalar<[](float x) { return 1 / std::sqrt(x); }>},
}};

void add_benchmark(const Row& row, const char* which, Bulk function)
{
    benchmark::RegisterBenchmark((row.name + "/" + which).c_str(), [&row, function](benchmark::State& state) {
        std::mt19937 random{1};
        std::uniform_real_distribution<float> between{row.low, row.high};
        std::vector<float> in(4096), out(in.size());
        for (float& value : in) value = between(random);
        for (auto _ : state) {
            function(in, out);
            benchmark::DoNotOptimize(out.data());
            benchmark::ClobberMemory();
        }
        state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(in.size()));
    });
}

} // namespace

int main(int count, char** words)
{
    for (const Row& row : rows) {
        add_benchmark(row, "ours", row.ours);
        add_benchmark(row, "scalar", row.scalar);
#ifdef ASSAY_HAS_MVEC
        if (__builtin_cpu_supports("avx2")) add_benchmark(row, "vector", vector_functions[static_cast<std::size_t>(&row - rows.data())]);
#endif
    }
    benchmark::Initialize(&count, words);
    benchmark::RunSpecifiedBenchmarks();
}
