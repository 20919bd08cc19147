#!/bin/bash
# The gateway's main job from end to end, to watch: demo.sh
# DEMO_KEEP=1 keeps the temporary directory. KAKEHASHI_BIN_DIR names a build tree; without it one is made.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
check() { PYTHONDONTWRITEBYTECODE=1 python3 "$root/tests/demo_check.py" "$@"; }

bold="" plain="" grey=""
if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m' grey=$'\e[90m'; fi
step() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
tell() { printf '  %s\n' "$@"; }
shown() { printf '  %s$ %s%s\n' "$grey" "$1" "$plain"; }

platform_pid="" gateway_pid="" work=""
stop() {  # PID: asks, and after 10 s no longer asks
  [ -n "$1" ] && kill "$1" 2>/dev/null || return 0
  for _ in $(seq 100); do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -9 "$1" 2>/dev/null || true
}
clean_up() {
  stop "$gateway_pid"
  stop "$platform_pid"
  if [ "${DEMO_KEEP-}" = 1 ] && [ -n "$work" ]; then
    printf '\nkept: %s\n' "$work"
  elif [ -n "$work" ]; then
    rm -rf "$work"
  fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

build() {
  bash "$root/tests/prepare.sh"
  step "Building (some minutes the first time)"
  local log=$root/.build/demo-build.log
  mkdir -p "$root/.build"
  if ! { cmake -S "$root" --preset release &&
    cmake --build "$root/.build/release" --target kakehashi platform_sim storage_gen; } >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "demo: the build failed; all of it is in $log" >&2
    exit 1
  fi
  KAKEHASHI_BIN_DIR=$root/.build/release
}

[ -n "${KAKEHASHI_BIN_DIR-}" ] || build
kakehashi=$KAKEHASHI_BIN_DIR/gateway/kakehashi
platform_sim=$KAKEHASHI_BIN_DIR/tests/platform_sim/platform_sim
storage_gen=$KAKEHASHI_BIN_DIR/tests/storage_gen/storage_gen
work=$(mktemp -d)
cd "$work"
umask 077

unit() { check unit manifest.jsonl "$@"; }  # PATIENT KIND N: path of a document that the first sweep finds

step "1  A hospital: an SS-MIX2 storage with three made-up patients"
shown "storage_gen tree --root storage --patients 3 --labs 2 --updates 30"
# The samples end today: how old a diagnosis is decides whether it is sent.
"$storage_gen" tree --root storage --patients 3 --labs 2 --updates 30 --today "$(TZ=JST-9 date +%Y%m%d)" \
  --manifest manifest.jsonl >counts.json
tell "$(check counts counts.json manifest.jsonl)"

step "2  A platform: HTTPS that wants a certificate from whoever calls"
sh "$root/tests/e2e/pki.sh" pki
shown "platform_sim --certificate server.crt --key server.key --client-ca ca.crt --state platform"
"$platform_sim" --certificate pki/server.crt --key pki/server.key --client-ca pki/ca.crt --state platform \
  >platform.out 2>platform.log &
platform_pid=$!
port=$(check port platform.out)
check refuses-strangers "$port" pki/ca.crt
tell "it listens on port $port and refuses a caller without a certificate"

step "3  The gateway, as a daemon"
cat >gateway.xml <<XML
<gateway xmlns="urn:kakehashi:gateway:1">
  <facility institution-number="1319999999" name="架橋病院" time-zone="Asia/Tokyo"/>
  <storage root="storage" sweep-interval="1s" settle="300ms" delete-settle="2s"/>
  <state directory="state"/>
  <mapping directory="$root/config/mapping"/>
  <destination id="platform" url="https://127.0.0.1:$port/fhir">
    <tls ca="pki/ca.crt" certificate="pki/client.crt" key="pki/client.key" server-name="platform.example"/>
  </destination>
</gateway>
XML
shown "kakehashi check --config gateway.xml"
"$kakehashi" check --config gateway.xml | sed 's/^/  /'
shown "kakehashi run --config gateway.xml &"
"$kakehashi" run --config gateway.xml 2>gateway.log &
gateway_pid=$!
check wait first .

step "4  While it runs, the hospital goes on working"
superseded=$(unit 0000000001 Observation 1)
deleted=$(unit 0000000003 Observation 2)
hba1c=code=3D046000001906202,name=HbA1c,local=A1C,local-name=HbA1c,unit=%
now() { TZ=JST-9 date +%Y%m%d%H%M%S%3N; }  # 発生日時

tell "a new laboratory report:"
shown "storage_gen document --type OML-11 --patient 0000000002 --row name=HbA1c,value=7.20,unit=% ..."
check change added "$("$storage_gen" document --root storage --type OML-11 --patient 0000000002 --order 2000901 \
  --row "$hba1c,value=7.20")" '"value":7.20' 'HbA1c 7.20 %'

tell "a newer version of one that is there:"
shown "storage_gen supersede --path ${superseded%/*}/..._1 --row 'name=HbA1c,value=< 5.0,unit=%' ..."
check change superseded "$("$storage_gen" supersede --root storage --path "$superseded" --occurred "$(now)" \
  --row "$hba1c,vt=ST,value=< 5.0")" '"value":5.0,"comparator":"<"' 'HbA1c < 5.0 %'

tell "and one is withdrawn:"
shown "storage_gen delete --path ${deleted%/*}/..._1 ..."
check change deleted "$("$storage_gen" delete --root storage --path "$deleted" --occurred "$(now)")" '' ''
check fingerprint storage >storage.before
check wait last .

step "5  The end"
shown "kakehashi status --config gateway.xml"
"$kakehashi" status --config gateway.xml | sed 's/^/  /'
shown "kill -TERM the daemon"
kill "$gateway_pid"
code=0
wait "$gateway_pid" || code=$?
gateway_pid=""
tell "the daemon ended with exit code $code"
[ "$code" -eq 0 ] || exit 1
check fingerprint storage >storage.after

step "What the platform holds now"
check verdict .
