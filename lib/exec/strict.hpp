// Included by every file of exec: the compiler options under which native arithmetic is not what the source says end the build.
#pragma once

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "assay::exec must not be compiled with -ffast-math or -ffinite-math-only: its results would change"
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0
#error "assay::exec wants binary32 evaluated as binary32; compile with -mfpmath=sse on 32-bit x86"
#endif
