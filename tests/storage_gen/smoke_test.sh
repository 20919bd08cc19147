#!/bin/bash
# What later tests take for granted about storage_gen. Usage: smoke_test.sh PATH-OF-STORAGE_GEN
set -u
gen=${1:?usage: smoke_test.sh PATH-OF-STORAGE_GEN}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
  echo "FAILED: $*" >&2
  failures=$((failures + 1))
}

tree() {  # NAME SWITCH...
  local name=$1
  shift
  "$gen" tree --root "$work/$name" --manifest "$work/$name.jsonl" "$@" >"$work/$name.summary" || fail "tree $*"
}

unreadable() {  # ROOT: how many documents strict ISO-2022-JP refuses
  local count=0
  while IFS= read -r -d '' file; do
    iconv -f ISO-2022-JP -t UTF-8 "$file" >/dev/null 2>&1 || count=$((count + 1))
  done < <(find "$1" -type f -print0)
  echo "$count"
}

same_switches_give_the_same_bytes() {
  local switches=(--patients 15 --labs 3 --updates 30 --deletes 20 --late 20 --insurance mixed)
  tree first --seed 7 "${switches[@]}"
  tree again --seed 7 "${switches[@]}"
  tree other --seed 8 "${switches[@]}"
  diff -r "$work/first" "$work/again" >/dev/null || fail "one seed gave two trees"
  cmp -s "$work/first.jsonl" "$work/again.jsonl" || fail "one seed gave two manifests"
  diff -r "$work/first" "$work/other" >/dev/null && fail "two seeds gave one tree"
  tree more --seed 7 "${switches[@]}" --patients 20
  head -n "$(wc -l <"$work/first.jsonl")" "$work/more.jsonl" | cmp -s - "$work/first.jsonl" ||
    fail "more patients changed the first ones"
}

the_manifest_tells_the_truth() {
  local states
  states=$(sed 's/.*"state":"\([a-z]*\)".*/\1/' "$work/first.jsonl" | sort | uniq | tr '\n' ' ')
  [ "$states" = "deleted live " ] || fail "the manifest knows the states '$states'"
  while IFS=$'\t' read -r state path marker; do
    local file=$work/first/$path key
    [ -f "$file" ] || fail "not there: $path"
    iconv -f ISO-2022-JP -t UTF-8 "$file" | grep -qF -- "$marker" || fail "no marker $marker in $path"
    key=$(basename "$path" | cut -d_ -f1-4)
    local live
    live=$(find "$(dirname "$file")" -name "${key}_*_1" | wc -l)
    [ "$state" = live ] && [ "$live" -ne 1 ] && fail "$live live documents: $path"
    [ "$state" = deleted ] && [ "$live" -ne 0 ] && fail "a deleted key has a live document: $path"
  done < <(sed 's/.*"state":"\([a-z]*\)","path":"\([^"]*\)","marker":"\([^"]*\)".*/\1\t\2\t\3/' "$work/first.jsonl")
  [ "$(sed 's/.*"marker":"\([^"]*\)".*/\1/' "$work/first.jsonl" | sort | uniq -d | wc -l)" -eq 0 ] ||
    fail "two units share a marker"
}

strict_decoders_read_a_tree_without_extensions() {
  [ "$(unreadable "$work/first")" -eq 0 ] || fail "iconv cannot read a plain tree"
  tree extended --patients 20 --cp932-extensions --half-width-kana
  [ "$(unreadable "$work/extended")" -gt 0 ] || fail "the extensions are not in the tree"
}

document() {  # ROOT SWITCH...
  local root=$1
  shift
  "$gen" document --root "$work/$root" --type PPR-01 --patient 0000000042 --occurred 20260101090000000 \
    --row 'instance=P1,code=20054174,name=糖尿病性胃炎,icd=K297,start=20260101' \
    --row 'instance=P2,code=20058911,name=狭心症,icd=I209,start=20260101' "$@"
}

extension_characters_stand_in_their_cells() {
  local path
  path=$(document cells --name '髙﨑^①㈱∪') || fail "document"
  LC_ALL=C grep -qaP '\x1b\$B\x7c\x62\x79\x75\x1b\(B\^\x1b\$B\x2d\x21\x2d\x6a\x22\x40' "$work/cells/$path" ||
    fail "髙 﨑 ① ㈱ ∪ are not the cells 7C62 7975 2D21 2D6A 2240"  # ∪ stands in row 13 too
  path=$(document cells --kana 'ガ^ボ' --half-width-kana) || fail "document"
  LC_ALL=C grep -qaP '\x1b\(I\x36\x5e\x1b\(B\^\x1b\(I\x4e\x5e' "$work/cells/$path" || fail "half-width kana"
}

started_document() {  # FILE: waits until a writer in the background has begun it
  for _ in $(seq 200); do
    [ -s "$1" ] && return 0
    sleep 0.01
  done
  fail "never begun: $1"
}

write_modes_end_in_the_same_bytes() {
  local path whole inode
  path=$(document whole) || fail "document"
  whole=$work/whole/$path

  inode=$(stat -c %i "$whole")
  document whole >/dev/null
  [ "$(stat -c %i "$whole")" = "$inode" ] || fail "--write whole did not write in place"
  cp "$whole" "$work/expected"
  document whole --write rename >/dev/null
  [ "$(stat -c %i "$whole")" != "$inode" ] || fail "--write rename wrote in place"
  cmp -s "$whole" "$work/expected" || fail "--write rename wrote other bytes"
  [ -z "$(find "$work" -name '.storage_gen*')" ] || fail "--write rename left its temporary"

  document slow --write slow:2:700 >/dev/null &
  started_document "$work/slow/$path"
  cp "$work/slow/$path" "$work/partial"
  iconv -f ISO-2022-JP -t UTF-8 "$work/partial" >/dev/null 2>&1 && fail "--write slow cut no character"
  wait
  [ "$(stat -c %s "$work/partial")" -lt "$(stat -c %s "$whole")" ] || fail "--write slow did not pause"
  cmp -s "$work/slow/$path" "$work/expected" || fail "--write slow wrote other bytes"

  document pause --write pause:700 >/dev/null &
  started_document "$work/pause/$path"
  cp "$work/pause/$path" "$work/partial"
  wait
  [ "$(stat -c %s "$work/partial")" -lt "$(stat -c %s "$whole")" ] || fail "--write pause did not pause"
  [ "$(tail -c 1 "$work/partial" | od -An -tx1)" = " 0d" ] || fail "--write pause stopped inside a segment"
  cmp -s "$work/pause/$path" "$work/expected" || fail "--write pause wrote other bytes"
}

versions_keep_their_key() {
  local first second deleted
  first=$(document history)
  second=$("$gen" supersede --root "$work/history" --path "$first" --occurred 20260102090000000 \
    --row 'instance=P1,code=20054174,name=胃炎,start=20260101') || fail "supersede"
  [ -f "$work/history/${first%_1}_2" ] && [ ! -e "$work/history/$first" ] || fail "the old one is not flag 2"
  [ -f "$work/history/$second" ] || fail "the new one is not there"
  deleted=$("$gen" delete --root "$work/history" --path "$second" --occurred 20260103090000000) || fail "delete"
  [ "$(find "$work/history" -name '*_0' | wc -l)" -eq 3 ] || fail "delete did not leave three documents of flag 0"
  [ "$(find "$work/history" -type f ! -name '*_0' | wc -l)" -eq 0 ] || fail "delete left a live document"
  [ -f "$work/history/$deleted" ] || fail "the delete message is not there"
}

terminators() {  # EXPECTED-HEX SWITCH...
  local expected=$1 path
  shift
  path=$(document ends "$@")
  [ "$(tail -c 3 "$work/ends/$path" | od -An -tx1)" = "$expected" ] || fail "the last bytes with '$*'"
}

deviations_of_the_last_bytes() {  # the last field is ORC-29 with HL70482
  terminators ' 38 32 0d'
  terminators ' 32 0d 1c' --fs
  terminators ' 32 0d 0a' --crlf
  terminators ' 38 32 0a' --lf
  terminators ' 34 38 32' --no-last-cr
}

wrong_usage_ends_with_2() {
  local words
  for words in '' 'fly' 'tree' "tree --root $work/x --patients many" "tree --root $work/x --row a=b" \
    "document --root $work/x --type ADT-12 --patient 0000000042" \
    "document --root $work/x --type PPR-01 --patient 0000000042 --row colour=red" \
    "supersede --root $work/x --path nowhere --occurred 20260102090000000"; do
    # shellcheck disable=SC2086
    "$gen" $words >"$work/out" 2>"$work/err"
    [ $? -eq 2 ] || fail "no exit 2: $words"
    [ "$(wc -l <"$work/err")" -eq 1 ] && [ ! -s "$work/out" ] || fail "not one sentence on stderr: $words"
  done
  [ ! -e "$work/x" ] || fail "wrong usage wrote something"
  "$gen" --help | grep -q -- --manifest || fail "--help"
}

same_switches_give_the_same_bytes
the_manifest_tells_the_truth
strict_decoders_read_a_tree_without_extensions
extension_characters_stand_in_their_cells
write_modes_end_in_the_same_bytes
versions_keep_their_key
deviations_of_the_last_bytes
wrong_usage_ends_with_2

[ "$failures" -eq 0 ] && echo "storage_gen: all well"
[ "$failures" -eq 0 ]
