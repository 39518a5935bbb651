#!/usr/bin/env bash
# A network in one command: a node, two solvers of which one cheats, two verifiers, a beacon, a watcher and a submitter, as processes of their own,
# train a transformer on a text twice. The first time the cheat is cheaper, wins the auction, and is convicted in a dispute; the second time
# the honest solver trains, is audited and paid, and the result comes home.
# usage: examples/network.sh [--short] [--apart] [--program ASSAY] [--folder FOLDER] [TEXT_FILE]
#   TEXT_FILE   a UTF-8 text; without one, the documents of spec/
#   --short     a model and times so small that it is over in half a minute
#   --apart     everybody in a network namespace of its own, with latency, loss, and a partition in the middle that heals (needs root)
#   --program   the assay program; without it, it is built
# In a terminal, the node and its page stay at the end until a key is pressed. Every process writes a log of its own into FOLDER, which is printed at the end.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)

short= apart= assay= folder= text=
while [ $# -gt 0 ]; do
    case "$1" in
    -h | --help) sed -n '2,10s/^# //p' "$0"; exit 0 ;;
    --short) short=1 ;;
    --apart) apart=1 ;;
    --program) assay=$2; shift ;;
    --folder) folder=$2; shift ;;
    -*) echo "network.sh: there is no option $1; --help says which there are" >&2; exit 1 ;;
    *) text=$1 ;;
    esac
    shift
done

if [ -z "$assay" ]; then
    build=$here/build/release
    if [ ! -f "$build/build.ninja" ]; then "$here/.ci/packages"; (cd "$here" && cmake --preset release); fi
    (cd "$here" && cmake --build --preset release --target assay --parallel "$(nproc)" -- --quiet)
    assay=$build/bin/assay
fi
[ -n "$folder" ] || folder=$(mktemp -d "${TMPDIR:-/tmp}/assay-network.XXXXXX")
mkdir -p "$folder"
if [ -z "$text" ]; then
    text=$folder/specification.txt
    cat "$here"/spec/*.md > "$text"
fi

members="submitter honest-solver cheating-solver verifier-1 verifier-2 beacon watcher"
declare -A pids
namespace() { echo "assay-$1"; }
cleanup() {
    for name in "${!pids[@]}"; do kill "${pids[$name]}" 2> /dev/null || true; done
    wait 2> /dev/null || true
    if [ -n "$apart" ]; then for name in node $members; do ip netns del "$(namespace "$name")" 2> /dev/null || true; done; fi
}
trap cleanup EXIT

# within NAME COMMAND...: runs it where NAME lives.
within() {
    local name=$1; shift
    if [ -n "$apart" ]; then exec ip netns exec "$(namespace "$name")" "$@"; else exec "$@"; fi
}
# begin NAME COMMAND...: starts it in the background, with a log.
begin() {
    local name=$1; shift
    (within "$name" "$@") > "$folder/$name.log" 2>&1 &
    pids[$name]=$!
}
# finish NAME: waits for it. Returns its exit status.
finish() {
    local status=0
    wait "${pids[$1]}" || status=$?
    unset "pids[$1]"
    return $status
}
say() { echo; echo "== $*"; }

for name in node $members; do "$assay" key make "$folder/$name.key" > /dev/null; done
field() { "$assay" key show "$folder/$1.key" | sed -n "s/^$2  *//p"; } # NAME FIELD

port=${ASSAY_NETWORK_PORT:-$((20000 + RANDOM % 20000))}
declare -A address
number=0
for name in $members; do
    number=$((number + 1))
    if [ -n "$apart" ]; then address[$name]=10.77.$number.1:$port; else address[$name]=127.0.0.1:$port; fi
done
listen=127.0.0.1
if [ -n "$apart" ]; then
    listen=0.0.0.0
    for name in node $members; do ip netns add "$(namespace "$name")"; done
    names=
    for name in $members; do names="$names $(namespace "$name")"; done
    python3 "$here/examples/link.py" "$(namespace node)" 25 1 "$folder/partition" $names > "$folder/links.log" 2>&1 &
    pids[links]=$!
    until grep -q "links are up" "$folder/links.log"; do sleep 0.1; kill -0 "${pids[links]}" || { cat "$folder/links.log" >&2; exit 1; }; done
fi

if [ -n "$short" ]; then
    model="--layers 1 --heads 2 --width 16 --context 16 --batch 4 --steps 30 --warm-up 5 --interval 10"
    times="--bidding 4 --answering 15 --window 2 --demand 0"
else
    model="--layers 4 --heads 4 --width 128 --context 64 --batch 12 --steps 200 --warm-up 20 --interval 20"
    times="--bidding 10 --answering 20 --window 40 --demand 10 --recording 900 --replaying 1800 --clock 300"
fi
accounts=
for name in $members; do
    [ "$name" = watcher ] || accounts="$accounts${accounts:+, }{\"id\": \"$(field "$name" identity)\", \"amount\": 100000}"
done
cat > "$folder/network.json" << END
{"name": "example", "tick_milliseconds": 50, "fee": 1, "account_minimum": 10, "verifier_minimum": 100, "unbonding_ticks": 20000,
 "beacon": "$("$assay" key beacon "$folder/beacon.key")", "accounts": [$accounts]}
END

say "a node"
begin node "$assay" node --key "$folder/node.key" --folder "$folder/node" --genesis "$folder/network.json" --address "$listen" --port "$port" \
    --http-port "$((port + 1))"
until grep -q "listens on port" "$folder/node.log"; do
    kill -0 "${pids[node]}" 2> /dev/null || { echo "network.sh: the node did not start:" >&2; cat "$folder/node.log" >&2; exit 1; }
    sleep 0.1
done
page=http://127.0.0.1:$((port + 1))/
at_terminal=
if [ -z "$apart" ] && [ -t 0 ] && [ -t 1 ]; then at_terminal=1; fi
[ -n "$apart" ] || echo "a page about this network: $page"
if [ -n "$at_terminal" ] && [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v xdg-open > /dev/null; then xdg-open "$page" > /dev/null 2>&1 & fi
node_identity=$(field node identity)
party() { # NAME COMMAND OPTION...
    local name=$1 command=$2; shift 2
    begin "$name" "$assay" "$command" --node "${address[$name]}" --node-identity "$node_identity" --key "$folder/$name.key" --folder "$folder/$name" "$@"
}
say "a watcher, a beacon, two verifiers, two solvers: the one that cheats asks for 300, the other for 500"
begin watcher "$assay" watch --node "${address[watcher]}" --node-identity "$node_identity" --tasks 2
begin beacon "$assay" beacon --node "${address[beacon]}" --node-identity "$node_identity" --key "$folder/beacon.key" --tasks 2
party verifier-1 verify --stake 1000 --tasks 2
party verifier-2 verify --stake 1000 --tasks 2
party honest-solver solve --price 500 --tasks 2
party cheating-solver solve --price 300 --cheat nudged-weight --tasks 1

submit() { # FOLDER: posts the task and waits for its end. Returns: its exit status.
    # shellcheck disable=SC2086
    (within submitter "$assay" submit --node "${address[submitter]}" --node-identity "$node_identity" --key "$folder/submitter.key" \
        --folder "$folder/$1" $model $times --segments 10 --reward 1000 --stake 2000 "$text") 2>&1 | tee "$folder/$1.log"
    return "${PIPESTATUS[0]}"
}

say "the first time: every segment is drawn, so that the cheat is found for sure"
status=0
if [ -n "$apart" ]; then
    # A verifier and the cheating solver are cut off while the dispute goes on, and come back before their clocks run out.
    (until grep -q "challenges segment" "$folder/watcher.log"; do sleep 0.05; done
     printf '%s\n' "$(namespace verifier-1)" "$(namespace cheating-solver)" > "$folder/partition"; sleep 3; rm "$folder/partition") &
    pids[partition]=$!
fi
submit submitter-1 || status=$?
[ "$status" -eq 3 ] || { echo "network.sh: the cheating solver was not convicted (status $status); the logs are in $folder" >&2; exit 1; }

say "the second time: only the honest solver is left"
status=0
submit submitter-2 || status=$?
[ "$status" -eq 0 ] || { echo "network.sh: the result did not come home (status $status); the logs are in $folder" >&2; exit 1; }

say "everybody stops; what they have now"
for name in watcher beacon verifier-1 verifier-2 honest-solver cheating-solver; do
    finish "$name" || { echo "network.sh: $name failed; its log: $folder/$name.log" >&2; exit 1; }
    printf '%-16s %s\n' "$name" "$(tail -n 1 "$folder/$name.log")"
done
if [ -n "$at_terminal" ]; then read -r -p "The page $page is there until you press Enter. " || true; fi
kill "${pids[node]}"; finish node || { echo "network.sh: the node did not stop cleanly; its log: $folder/node.log" >&2; exit 1; }
echo; echo "logs, keys, checkpoints and the result: $folder"
