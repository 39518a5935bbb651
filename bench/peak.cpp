#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/peak.cpp"
#include <hwy/foreach_target.h> // includes this file again for every target but the last
#include <hwy/highway.h>

#include "bench/peak.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::bench::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t chains = 12; // more than latency times units on any processor of today

float multiply_add(std::size_t rounds)
{
    const hn::CappedTag<float, 16> d;
    hn::Vec<decltype(d)> sum[chains];
    for (std::size_t i = 0; i < chains; ++i) sum[i] = hn::Set(d, static_cast<float>(i));
    const auto scale = hn::Set(d, 0.5F), addend = hn::Set(d, 1.0F);
    for (std::size_t round = 0; round < rounds; ++round) {
        HWY_UNROLL(12)
        for (std::size_t i = 0; i < chains; ++i) sum[i] = hn::MulAdd(sum[i], scale, addend);
    }
    auto total = hn::Zero(d);
    for (std::size_t i = 0; i < chains; ++i) total = hn::Add(total, sum[i]);
    return hn::GetLane(total);
}

std::size_t multiply_adds(std::size_t rounds)
{
    return rounds * chains * hn::Lanes(hn::CappedTag<float, 16>());
}

} // namespace assay::bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::bench {

HWY_EXPORT(multiply_add);
HWY_EXPORT(multiply_adds);

float multiply_add(std::size_t rounds)
{
    return HWY_DYNAMIC_DISPATCH(multiply_add)(rounds);
}

std::size_t multiply_adds(std::size_t rounds)
{
    return HWY_DYNAMIC_DISPATCH(multiply_adds)(rounds);
}

} // namespace assay::bench
#endif
