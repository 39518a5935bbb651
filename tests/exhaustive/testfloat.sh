#!/usr/bin/env bash
# Feeds Berkeley TestFloat's vectors of every operation that is ours to check_testfloat. Debian has no package of it: build testfloat_gen from
# github.com/ucb-bar/berkeley-testfloat-3 (which wants berkeley-softfloat-3 beside it), and put it on the PATH.
# usage: testfloat.sh CHECK_TESTFLOAT [LEVEL [FUNCTION...]]     LEVEL 1 or 2, as TestFloat has them; 1 when none is given
# Exit code 77 when there is no testfloat_gen.
set -euo pipefail
[ $# -ge 1 ] || { sed -n '4s/^# //p' "$0"; exit 2; }
command -v testfloat_gen > /dev/null || { echo "SKIPPED: testfloat_gen is not on the PATH, so nothing was compared with Berkeley TestFloat"; exit 77; }
check=$1 level=${2:-1}
shift $(($# < 2 ? $# : 2))
functions=("$@")
[ ${#functions[@]} -gt 0 ] || functions=(f32_add f32_sub f32_mul f32_div f32_sqrt f32_eq f32_lt f32_le ui32_to_f32 f32_to_ui32 f32_mulAdd)
echo "| function, level $level | compared | different |"
echo "|---|---|---|"
for function in "${functions[@]}"; do
    rounding=-rnear_even
    [ "$function" != f32_to_ui32 ] || rounding=-rminMag
    testfloat_gen -level "$level" "$rounding" "$function" | "$check" "$function"
done
