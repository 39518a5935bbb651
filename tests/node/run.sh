#!/usr/bin/env bash
# The long forms of the node's failure tests: 500 kills at random moments, a kill and a failure at every write of a scripted run.
#     tests/node/run.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/../.."
cmake --preset release
cmake --build --preset release --target test_node_failures
ASSAY_ROUNDS=${1:-500} build/release/bin/test_node_failures
