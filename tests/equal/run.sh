#!/usr/bin/env bash
# Shows that the golden tasks have the same digests, whoever compiled the library and whatever runs it. One line for each configuration at the end.
# usage: tests/equal/run.sh [CONFIGURATION...]     builds and runs these; all when none is named
#        tests/equal/run.sh --short                builds short forms of a few and runs two small tasks with them; 77 where no compiler is there.
#                                                  Short: one vector target, the files of a library compiled together
#        tests/equal/run.sh --packages             installs the compilers and the emulator, on Debian
#        tests/equal/run.sh --help                 lists the configurations
# Builds lie in build/equal; with all of them it takes about 15 minutes on two cores, the short forms two.
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
# What is compared in little time: no optimisation, another compiler, another word size, another instruction set, and another order of bytes.
in_short=" g++-O0 clang-O2 i686 i686-x87 aarch64 s390x "
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

# Builds the targets named first, with further options for CMake.
build() {
    local targets=$1
    shift
    if [ "$kind" = portable ]; then set -- "$@" -DASSAY_PORTABLE=ON -DCMAKE_SYSTEM_NAME=Linux "-DCMAKE_SYSTEM_PROCESSOR=$name"; fi
    # shellcheck disable=SC2086
    cmake -G Ninja -S "$root" -B "$builds/$name" -DCMAKE_BUILD_TYPE=None "-DCMAKE_CXX_FLAGS=$flags" "-DCMAKE_CXX_COMPILER=$compiler" -DASSAY_BUILD_NODE=OFF \
        "$@" >"$builds/$name.log" 2>&1 &&
        cmake --build "$builds/$name" --parallel "$(nproc)" --target $targets >>"$builds/$name.log" 2>&1
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
    local targets=equal_golden
    if [ "$kind" = host ]; then targets+=" equal_fast_math"; fi
    if ! build "$targets"; then fail "$name" "does not build: $builds/$name.log"; return; fi
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
    if [[ $kind,$flags == host,*native* ]] && command -v qemu-x86_64-static >/dev/null; then
        # A processor with less is named as the reason, before anything is computed.
        if ! grep -q "^unsupported_processor" <(qemu-x86_64-static -cpu qemu64 "$builds/$name/bin/equal_golden" --quick 2>&1); then fail "$name" "a lesser processor is not refused"; return; fi
        what+="; refused on a processor without vectors"
    fi
    if ! check_symbols >"$builds/$name.tidy"; then fail "$name" "calls the mathematics library: $builds/$name.tidy"; return; fi
    record "$name" "$what; built in $built s, ran in $((SECONDS - begin - built)) s"
}

short() {
    local missing begin=$SECONDS
    if [[ $in_short != *" $name "* ]]; then record "$name" "not run: it has no short form; tests/equal/run.sh $name runs it"; return; fi
    missing=$(lacking)
    if [ -n "$missing" ]; then record "$name" "not run: $missing"; return; fi
    if [ "$kind" = refused ]; then expect_refusal; return; fi
    kind=portable
    # Files compiled together take half the time, as long as none uses a name for itself that another has.
    if ! build equal_golden -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=16 && ! build equal_golden -DCMAKE_UNITY_BUILD=OFF; then fail "$name" "does not build: $builds/$name.log"; return; fi
    local built=$((SECONDS - begin))
    ran=$((ran + 1))
    # shellcheck disable=SC2086
    if ! timeout 60 $emulator "$builds/$name/bin/equal_golden" --quick >"$builds/$name.txt"; then fail "$name" "$(tail -1 "$builds/$name.txt")"; return; fi
    record "$name" "$(tail -1 "$builds/$name.txt"); $compiler $flags${emulator:+, $emulator}, built in $built s"
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
if [ "${1:-}" = --short ]; then mode=short; builds+=/short; shift; fi
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

{
    printf '\n%s' "$results"
    if [ $failed -ne 0 ]; then echo "SOMETHING DIFFERS."
    elif [ "$mode" = short ] && [ $ran -eq 0 ]; then echo "Nothing was compared."
    else echo "No result differs."; fi
} | tee "$builds/results.txt"
if [ "$mode" = short ] && [ $((failed + ran)) -eq 0 ]; then exit 77; fi
exit $failed
