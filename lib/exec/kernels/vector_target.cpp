#include "exec/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "exec/kernels/vector_target.cpp"
#include <hwy/foreach_target.h> // includes this file again for every target but the last
#include <hwy/highway.h>

#include <assay/exec/vector_target.hpp>

HWY_BEFORE_NAMESPACE();
namespace assay::exec::HWY_NAMESPACE {

const char* name()
{
    return hwy::TargetName(HWY_TARGET);
}

} // namespace assay::exec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cstdio>
#include <cstdlib>

namespace assay::exec {

namespace {

bool has_target()
{
#if defined(HWY_COMPILE_ONLY_STATIC) || defined(HWY_COMPILE_ONLY_SCALAR)
    return true; // the compiler knows
#else
    return (hwy::SupportedTargets() & HWY_TARGETS) != 0;
#endif
}

constexpr const char* compiled_for = "the library was compiled for one with vectors that this one lacks (-march)";

#if HWY_ARCH_X86 && HWY_STATIC_TARGET <= HWY_SSSE3
// A library that was compiled for a processor by name has its instructions anywhere: this comes before all of them.
[[gnu::constructor(101)]] void refuse_processor()
{
    if (has_target()) return;
    std::fprintf(stderr, "unsupported_processor: %s\n", compiled_for);
    std::_Exit(EXIT_FAILURE);
}
#endif

} // namespace

HWY_EXPORT(name);

std::string_view vector_target()
{
    return HWY_DYNAMIC_DISPATCH(name)();
}

Status check_processor()
{
    return has_target() ? Status{} : failure(Error::unsupported_processor, compiled_for);
}

} // namespace assay::exec
#endif
