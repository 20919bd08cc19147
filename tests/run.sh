#!/bin/bash
# Builds everything and runs all tests: run.sh [--sanitize] [--fuzz SECONDS] [--long]
#   --sanitize      before that, the unit tests under AddressSanitizer+UBSan and under ThreadSanitizer
#   --fuzz SECONDS  before that, each fuzz target for so long, two at a time; findings stay in .build/asan/fuzz
#   --long          tests that take minutes run at full length (KAKEHASHI_LONG=1)
# The last lines are CTest's summary, the exit code is CTest's.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
jobs=$(nproc)
unit_tests=(gateway_test fhir_mapper_test ssmix2_test)  # the longest first
fuzz_targets=(path decoder hl7_message transaction_record mapping fhir_path json)

usage() {
  echo "usage: run.sh [--sanitize] [--fuzz SECONDS] [--long]" >&2
  exit 2
}

sanitize=false
fuzz_seconds=0
while [ $# -gt 0 ]; do
  case $1 in
    --sanitize) sanitize=true ;;
    --fuzz)
      [[ ${2-} =~ ^[1-9][0-9]*$ ]] || usage
      fuzz_seconds=$2
      shift
      ;;
    --long) export KAKEHASHI_LONG=1 ;;
    *) usage ;;
  esac
  shift
done

# Documents and a validator of others, for tests that use them where they are there.
shared=$root/../shared
if [ -d "$shared/samples" ]; then
  KAKEHASHI_SAMPLES=$(cd "$shared/samples" && pwd)
  export KAKEHASHI_SAMPLES
fi
if [ -d "$shared/validator" ]; then
  KAKEHASHI_VALIDATOR=$(cd "$shared/validator" && pwd)
  export KAKEHASHI_VALIDATOR
fi

# So that a run tells where its time goes.
step() { echo "== $1, after ${SECONDS} s"; }
configure() { cmake -S "$root" --preset "$1"; }
build() { cmake --build "$root/.build/$1" -j "$jobs" "${@:2}"; }
# Tests wait more than they work: two at a time for each core. One that hangs is a failed test, not a run that never
# ends.
run_tests() { ctest --test-dir "$root/.build/$1" -j $((2 * jobs)) --timeout 300 --output-on-failure "${@:2}"; }

build_with() {
  step "unit tests for $1"
  configure "$1"
  build "$1" --target "${@:2}"
}

# run_programs PRESET/PROGRAM...: each program of tests as one process, two at a time. A process for each test would
# spend most of its time beginning, and sanitizers are slow enough for tests that watch the clock. Called when all is
# built: beside a compiler such tests would be late, and a single program would leave a core without work.
run_programs() {
  step "unit tests with sanitizers"
  printf '%s\n' "$@" | xargs -P 2 -I PROGRAM bash -c '
    test=${2#*/} build=$1/${2%%/*}
    log=$build/$test.log
    timeout 900 "$build/tests/unit/${test%_test}/$test" >"$log" 2>&1 || failed=$?
    cat - "$log" <<<"$2:"
    exit "${failed-0}"' program "$root/.build" PROGRAM
}

# The build for AddressSanitizer has the targets too: with --sanitize, what they link is there already. xargs fails when
# one of them found something, after all have run.
fuzz() {
  step "fuzz targets"
  configure asan
  build asan --target "${fuzz_targets[@]/%/_fuzz}"
  printf '%s\n' "${fuzz_targets[@]}" |
    xargs -P 2 -I TARGET bash "$root/tests/fuzz/fuzz.sh" "$root/.build/asan" TARGET "$fuzz_seconds"
}

if $sanitize || [ "$fuzz_seconds" -gt 0 ] || [ "${KAKEHASHI_LONG-}" = 1 ]; then
  bash "$root/tests/prepare.sh" --developer
else
  bash "$root/tests/prepare.sh"
fi
step "release build"
configure release
build release
if $sanitize; then
  export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1
  export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
  build_with asan "${unit_tests[@]}"
  # Nothing below gateway/ knows of threads, and this build's gateway_test leaves out the tests with one thread.
  build_with tsan gateway_test
  run_programs tsan/gateway_test "${unit_tests[@]/#/asan/}"
fi
if [ "$fuzz_seconds" -gt 0 ]; then fuzz; fi
step "tests of the release build"
run_tests release --no-tests=error
