#!/usr/bin/env bash
# Shows that the golden tasks have the same digests, whoever compiled the library and whatever runs it. One line for each configuration at the end.
# usage: tests/equal/run.sh [CONFIGURATION...]     builds and runs these; all when none is named
#        tests/equal/run.sh --quick                runs what was built before and is up to date, two small tasks only; builds nothing; 77 where
#                                                  nothing was built
#        tests/equal/run.sh --packages             installs the compilers and the emulator, on Debian
#        tests/equal/run.sh --help                 lists the configurations
# Builds lie in build/equal; with all of them it takes about 15 minutes on two cores.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
root=$PWD
builds=$root/build/equal

# name | kind | compiler | flags | emulator | options of equal_golden
configurations="
g++-O0 | host | g++ | -O0 | | --short
g++-O1 | host | g++ | -O1 | | --short
g++-O2 | host | g++ | -O2 | | --short
g++-O3 | host | g++ | -O3 | |
g++-native | host | g++ | -O3 -march=native | | --short
clang-O0 | host | clang++ | -O0 | | --short
clang-O1 | host | clang++ | -O1 | | --short
clang-O2 | host | clang++ | -O2 | | --short
clang-O3 | host | clang++ | -O3 | |
clang-native | host | clang++ | -O3 -march=native | | --short
scalar | portable | g++ | -O2 -DHWY_COMPILE_ONLY_SCALAR | | --short
i686 | portable | i686-linux-gnu-g++ | -O3 | |
i686-O0 | portable | i686-linux-gnu-g++ | -O0 | | --short
i686-native | portable | i686-linux-gnu-g++ | -O3 -march=native | | --short
i686-x87 | refused | i686-linux-gnu-g++ | -O2 -mfpmath=387 | |
aarch64 | portable | aarch64-linux-gnu-g++ | -O3 | qemu-aarch64-static | --emulated
armhf | portable | arm-linux-gnueabihf-g++ | -O3 | qemu-arm-static | --emulated
riscv64 | portable | riscv64-linux-gnu-g++ | -O3 | qemu-riscv64-static | --emulated
s390x | portable | s390x-linux-gnu-g++ | -O3 | qemu-s390x-static | --emulated
"
packages=(clang g++-i686-linux-gnu g++-aarch64-linux-gnu g++-arm-linux-gnueabihf g++-riscv64-linux-gnu g++-s390x-linux-gnu qemu-user-static)

results=""
failed=0
ran=0
record() { results+=$(printf '%-14s %s' "$1" "$2")$'\n'; }
fail() { record "$1" "WRONG: $2"; failed=1; }

# Sets name, kind, compiler, flags, emulator, options from a line of the table.
parse() {
    local rest
    IFS='|' read -r name kind compiler flags emulator options rest <<<"$1"
    for field in name kind compiler flags emulator options; do
        local value=${!field}
        value=${value#"${value%%[![:space:]]*}"}
        printf -v "$field" '%s' "${value%"${value##*[![:space:]]}"}"
    done
}

# Prints what the machine lacks for the configuration; nothing when it can run.
lacking() {
    local tool
    for tool in $compiler $emulator; do command -v "$tool" >/dev/null || { echo "no $tool"; return; }; done
    if [[ $name == i686* ]] && [[ $(uname -m) != x86_64 ]]; then echo "the processor is no x86"; fi
}

build() {
    local arguments=(-DCMAKE_BUILD_TYPE=None "-DCMAKE_CXX_FLAGS=$flags" "-DCMAKE_CXX_COMPILER=$compiler" -DASSAY_BUILD_NODE=OFF)
    local targets=(equal_golden)
    if [ "$kind" = portable ]; then arguments+=(-DASSAY_PORTABLE=ON -DCMAKE_SYSTEM_NAME=Linux "-DCMAKE_SYSTEM_PROCESSOR=$name")
    else targets+=(equal_fast_math); fi
    cmake -G Ninja -S "$root" -B "$builds/$name" "${arguments[@]}" >"$builds/$name.log" 2>&1 &&
        cmake --build "$builds/$name" --parallel "$(nproc)" --target "${targets[@]}" >>"$builds/$name.log" 2>&1
}

# A build that must not come about, because its results could not be vouched for.
expect_refusal() {
    if $compiler -std=c++20 $flags -fsyntax-only -Iinclude -Ilib lib/exec/interpreter.cpp 2>"$builds/$name.log"; then fail "$name" "it compiles"
    elif grep -q "assay::exec wants binary32 evaluated as binary32" "$builds/$name.log"; then record "$name" "refused by the compiler, as it must be"
    else fail "$name" "it does not compile for another reason: $builds/$name.log"; fi
}

# Functions of the mathematics library in what computes a result.
check_symbols() {
    local nm=${compiler%g++}nm
    if [ "$kind" = host ]; then nm="nm"; fi
    [ -x "$builds/tidy" ] || g++ -std=c++20 -O1 -o "$builds/tidy" tests/tidy/*.cpp || return
    "$nm" -u -A "$builds/$name"/lib/libassay_{referee,replay}.a >"$builds/$name.symbols" 2>/dev/null
    "$builds/tidy" symbols "$root" replay "$builds/$name.symbols"
}

run() {
    local missing log=$builds/$name.txt begin=$SECONDS
    missing=$(lacking)
    if [ -n "$missing" ]; then record "$name" "skipped: $missing"; return; fi
    echo "=== $name: $compiler $flags ${emulator:+under $emulator}"
    if [ "$kind" = refused ]; then expect_refusal; return; fi
    if ! build; then fail "$name" "does not build: $builds/$name.log"; return; fi
    local built=$((SECONDS - begin))
    # shellcheck disable=SC2086
    if ! $emulator "$builds/$name/bin/equal_golden" $options | tee "$log"; then fail "$name" "$(tail -1 "$log"): $log"; return; fi
    local what
    what=$(tail -1 "$log")
    if [ "$kind" = host ]; then
        "$builds/$name/bin/equal_golden" --host "$builds/$name/tests/equal/libequal_fast_math.so" | tee -a "$log"
        case ${PIPESTATUS[0]} in
        0) what+="; in a -ffast-math host too" ;;
        77) what+="; -ffast-math host skipped: linking so sets nothing with this compiler" ;;
        *) fail "$name" "in a -ffast-math host: $log"; return ;;
        esac
    fi
    if ! check_symbols >"$builds/$name.tidy"; then fail "$name" "calls the mathematics library: $builds/$name.tidy"; return; fi
    record "$name" "$what; built in $built s, ran in $((SECONDS - begin - built)) s"
}

quick() {
    local program=$builds/$name/bin/equal_golden
    if [ "$kind" = refused ]; then return; fi
    if [ ! -x "$program" ]; then record "$name" "skipped: not built; tests/equal/run.sh $name builds it"; return; fi
    if [ -n "$(find include lib tests/equal/golden.cpp -newer "$program" -print -quit)" ]; then
        record "$name" "skipped: built before the last change; tests/equal/run.sh $name builds it again"
        return
    fi
    # shellcheck disable=SC2086
    ran=$((ran + 1))
    if timeout 60 $emulator "$program" --quick >"$builds/$name.quick"; then record "$name" "$(tail -1 "$builds/$name.quick")"
    else fail "$name" "$(tail -1 "$builds/$name.quick")"; fi
}

case "${1:-}" in
-h | --help)
    sed -n '2,8s/^# //p' "$0"
    while read -r line; do
        [ -n "$line" ] || continue
        parse "$line"
        printf '  %-14s %s %s%s\n' "$name" "$compiler $flags" "${emulator:+under $emulator }" "$(lacking)"
    done <<<"$configurations"
    exit 0
    ;;
--packages)
    exec apt-get install -q -y --no-install-recommends "${packages[@]}"
    ;;
esac

mode=run
if [ "${1:-}" = --quick ]; then mode=quick; shift; fi
mkdir -p "$builds"
wanted=" $* "
while read -r line; do
    [ -n "$line" ] || continue
    parse "$line"
    if [ $# -gt 0 ]; then
        [[ $wanted == *" $name "* ]] || continue
        wanted=${wanted/ $name / }
    fi
    $mode </dev/null
done <<<"$configurations"
if [ $# -gt 0 ] && [ -n "${wanted// /}" ]; then echo "no such configuration:$wanted(see --help)" >&2; exit 2; fi

printf '\n%s' "$results"
if [ "$mode" = quick ] && [ $ran -eq 0 ]; then echo "No configuration was built: nothing was compared."; exit 77; fi
[ $failed -eq 0 ] && echo "No result differs." || echo "SOMETHING DIFFERS."
exit $failed
