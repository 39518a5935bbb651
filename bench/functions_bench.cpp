// The elementary functions: ours (correctly rounded, bulk), the C library's scalar ones, and vector libraries that promise less: the C
// library's own (libmvec, up to 4 units of the last bit) and SLEEF (its fastest, up to 3.5), on each kind of vectors that the processor has.
// Names read FUNCTION/LIBRARY/VECTORS. An item is one element; the 4096 of a round stay in the first cache.
#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include <hwy/targets.h>

#include "exec/kernels/functions.hpp"

#if defined(ASSAY_HAS_MVEC) || defined(ASSAY_HAS_SLEEF)
#include <immintrin.h>
#endif
#ifdef ASSAY_HAS_SLEEF
// Its header declares these only to sources that are compiled for such a processor from end to end.
extern "C" {
__m256 Sleef_expf8_u10avx2(__m256);
__m256 Sleef_logf8_u35avx2(__m256);
__m256 Sleef_tanhf8_u35avx2(__m256);
__m256 Sleef_erff8_u10avx2(__m256);
__m256 Sleef_sinf8_u35avx2(__m256);
__m256 Sleef_cosf8_u35avx2(__m256);
__m512 Sleef_expf16_u10avx512f(__m512);
__m512 Sleef_logf16_u35avx512f(__m512);
__m512 Sleef_tanhf16_u35avx512f(__m512);
__m512 Sleef_erff16_u10avx512f(__m512);
__m512 Sleef_sinf16_u35avx512f(__m512);
__m512 Sleef_cosf16_u35avx512f(__m512);
}
#endif
#ifdef ASSAY_HAS_MVEC
extern "C" {
__m256 _ZGVdN8v_expf(__m256);
__m256 _ZGVdN8v_logf(__m256);
__m256 _ZGVdN8v_tanhf(__m256);
__m256 _ZGVdN8v_erff(__m256);
__m256 _ZGVdN8v_sinf(__m256);
__m256 _ZGVdN8v_cosf(__m256);
__m512 _ZGVeN16v_expf(__m512);
__m512 _ZGVeN16v_logf(__m512);
__m512 _ZGVeN16v_tanhf(__m512);
__m512 _ZGVeN16v_erff(__m512);
__m512 _ZGVeN16v_sinf(__m512);
__m512 _ZGVeN16v_cosf(__m512);
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

#if defined(ASSAY_HAS_MVEC) || defined(ASSAY_HAS_SLEEF)
template <auto function>
__attribute__((target("avx2"))) void by_eight(std::span<const float> in, std::span<float> out)
{
    for (std::size_t i = 0; i + 8 <= in.size(); i += 8) _mm256_storeu_ps(&out[i], function(_mm256_loadu_ps(&in[i])));
}

template <auto function>
__attribute__((target("avx512f"))) void by_sixteen(std::span<const float> in, std::span<float> out)
{
    for (std::size_t i = 0; i + 16 <= in.size(); i += 16) _mm512_storeu_ps(&out[i], function(_mm512_loadu_ps(&in[i])));
}

__attribute__((target("avx2"))) void root_by_eight(std::span<const float> in, std::span<float> out)
{
    for (std::size_t i = 0; i + 8 <= in.size(); i += 8)
        _mm256_storeu_ps(&out[i], _mm256_div_ps(_mm256_set1_ps(1), _mm256_sqrt_ps(_mm256_loadu_ps(&in[i]))));
}

__attribute__((target("avx512f"))) void root_by_sixteen(std::span<const float> in, std::span<float> out)
{
    for (std::size_t i = 0; i + 16 <= in.size(); i += 16)
        _mm512_storeu_ps(&out[i], _mm512_div_ps(_mm512_set1_ps(1), _mm512_sqrt_ps(_mm512_loadu_ps(&in[i]))));
}
#endif

// A library's seven functions, in the order of `rows` below, on vectors of eight and of sixteen. The last is the processor's own.
struct Peer {
    const char* name;
    std::array<Bulk, 7> by_eight, by_sixteen;
};

const std::vector<Peer> peers{
#ifdef ASSAY_HAS_MVEC
    {"mvec",
     {by_eight<_ZGVdN8v_expf>, by_eight<_ZGVdN8v_logf>, by_eight<_ZGVdN8v_tanhf>, by_eight<_ZGVdN8v_erff>, by_eight<_ZGVdN8v_sinf>,
      by_eight<_ZGVdN8v_cosf>, root_by_eight},
     {by_sixteen<_ZGVeN16v_expf>, by_sixteen<_ZGVeN16v_logf>, by_sixteen<_ZGVeN16v_tanhf>, by_sixteen<_ZGVeN16v_erff>,
      by_sixteen<_ZGVeN16v_sinf>, by_sixteen<_ZGVeN16v_cosf>, root_by_sixteen}},
#endif
#ifdef ASSAY_HAS_SLEEF
    {"sleef",
     {by_eight<Sleef_expf8_u10avx2>, by_eight<Sleef_logf8_u35avx2>, by_eight<Sleef_tanhf8_u35avx2>, by_eight<Sleef_erff8_u10avx2>,
      by_eight<Sleef_sinf8_u35avx2>, by_eight<Sleef_cosf8_u35avx2>, root_by_eight},
     {by_sixteen<Sleef_expf16_u10avx512f>, by_sixteen<Sleef_logf16_u35avx512f>, by_sixteen<Sleef_tanhf16_u35avx512f>,
      by_sixteen<Sleef_erff16_u10avx512f>, by_sixteen<Sleef_sinf16_u35avx512f>, by_sixteen<Sleef_cosf16_u35avx512f>, root_by_sixteen}},
#endif
};

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

// What the processor and the compiler are asked for by a kind of vectors.
struct Vectors {
    const char* name;
    std::int64_t targets; // Highway's
    std::array<Bulk, 7> Peer::*of_peer;
};

std::vector<Vectors> vectors_of_processor()
{
    std::vector<Vectors> found;
#if HWY_ARCH_X86
    const std::int64_t targets = hwy::SupportedTargets();
    if ((targets & HWY_AVX3) != 0) found.push_back({"AVX-512", targets, &Peer::by_sixteen});
    if ((targets & HWY_AVX2) != 0) found.push_back({"AVX2", HWY_AVX2, &Peer::by_eight});
#endif
    if (found.empty()) found.push_back({"any", hwy::SupportedTargets(), nullptr});
    return found;
}

void add_benchmark(const Row& row, const char* library, const Vectors& vectors, Bulk function)
{
    benchmark::RegisterBenchmark((row.name + "/" + library + "/" + vectors.name).c_str(), [&row, vectors, function](benchmark::State& state) {
        hwy::SetSupportedTargetsForTest(vectors.targets);
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
    for (const Vectors& vectors : vectors_of_processor())
        for (const Row& row : rows) {
            add_benchmark(row, "ours", vectors, row.ours);
            add_benchmark(row, "scalar", vectors, row.scalar);
            const auto place = static_cast<std::size_t>(&row - rows.data());
            if (vectors.of_peer != nullptr)
                for (const Peer& peer : peers) add_benchmark(row, peer.name, vectors, (peer.*vectors.of_peer)[place]);
        }
    benchmark::Initialize(&count, words);
    benchmark::RunSpecifiedBenchmarks();
}
