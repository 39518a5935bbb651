// Kernels are compiled for several vector targets, and the processor decides which is used; tests decide instead.
#pragma once

#include <doctest/doctest.h>

#include <string>

#if !defined(ASSAY_PORTABLE)
#include "lib/exec/kernels/targets.hpp"
#include <hwy/highway.h>
#endif

namespace assay::test {

// Runs `body` once for each target that was compiled and that the processor has.
template <class Body>
void on_every_target(Body body)
{
#if defined(ASSAY_PORTABLE)
    body(); // there is one
#else
    for (std::int64_t rest = hwy::SupportedTargets() & HWY_TARGETS; rest != 0; rest &= rest - 1) {
        const std::int64_t target = rest & -rest;
        hwy::SetSupportedTargetsForTest(target);
        const std::string name = hwy::TargetName(target);
        CAPTURE(name);
        body();
    }
    hwy::SetSupportedTargetsForTest(0);
#endif
}

#if !defined(ASSAY_PORTABLE)
// Runs `body` as on a processor that has none of the targets that were compiled.
template <class Body>
void on_unsupported_processor(Body body)
{
    const std::int64_t others = ~std::int64_t{HWY_TARGETS};
    hwy::SetSupportedTargetsForTest(others & -others);
    body();
    hwy::SetSupportedTargetsForTest(0);
}
#endif

} // namespace assay::test
