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
namespace assay::exec {

HWY_EXPORT(name);

std::string_view vector_target()
{
    return HWY_DYNAMIC_DISPATCH(name)();
}

} // namespace assay::exec
#endif
