#!/bin/bash
# Fuzzes one target of the build with the preset "asan": fuzz.sh BUILD_DIR TARGET SECONDS
# New inputs are kept in the build tree, BUILD_DIR/fuzz/corpus/TARGET, and findings in BUILD_DIR/fuzz/findings/TARGET.
# Exit code 1 with the path of the reproducer when a property broke, a sanitizer complained, an input took longer than
# 5 s, memory went above 512 MB or leaked.
set -euo pipefail
build=$1
target=$2
seconds=$3
seeds=$(cd "$(dirname "$0")" && pwd)/corpus/$target
program=$build/tests/fuzz/${target}_fuzz
grown=$build/fuzz/corpus/$target
findings=$build/fuzz/findings/$target
log=$build/fuzz/$target.log
mkdir -p "$grown" "$findings"
rm -f "$findings"/*

# AddressSanitizer keeps 256 MB of freed memory by default, which is not the target's.
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:quarantine_size_mb=32
export UBSAN_OPTIONS=print_stacktrace=1
if "$program" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=512 -detect_leaks=1 -print_final_stats=1 \
  -artifact_prefix="$findings/" "$grown" "$seeds" >"$log" 2>&1; then
  echo "fuzz: $target: nothing found in $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
  exit 0
fi
tail -n 60 "$log" >&2
for finding in "$findings"/*; do
  [ -e "$finding" ] || continue
  echo "fuzz: $target: FOUND $finding; again with: $program $finding; when mended, add it to $seeds" >&2
done
echo "fuzz: $target: FAILED, see $log" >&2
exit 1
