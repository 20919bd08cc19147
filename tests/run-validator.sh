#!/bin/bash
# Judges Bundles by an independent JP-CLINS validator: run-validator.sh [DIR_OR_FILES...]   (default: tests/golden)
# Only when KAKEHASHI_VALIDATOR names the folder of one that is set up (validate.mjs, Node 20); else it says so and ends well.
set -eu

cd "$(dirname "$0")/.."
if [ -z "${KAKEHASHI_VALIDATOR-}" ]; then
  echo "run-validator: skipped, KAKEHASHI_VALIDATOR is not set" >&2
  exit 0
fi
validator=$KAKEHASHI_VALIDATOR/validate.mjs
if [ ! -f "$validator" ]; then
  echo "run-validator: there is no $validator; set KAKEHASHI_VALIDATOR to the validator's folder" >&2
  exit 2
fi
[ $# -gt 0 ] || set -- tests/golden

# The validator knows one version: Bundles that only a later one takes stand in a folder of its name.
mapfile -t files < <(find "$@" -name '*.json' -type f -not -path '*/clinical/jp-clins-*' | sort)
if [ ${#files[@]} -eq 0 ]; then
  echo "run-validator: no .json files in $*" >&2
  exit 2
fi

# A prescription's Bundle is a plain collection: it is judged by the profiles of its resources alone.
clins=() plain=()
for file in "${files[@]}"; do
  if grep -q 'StructureDefinition/JP_Bundle_CLINS' "$file"; then clins+=("$file"); else plain+=("$file"); fi
done
status=0
[ ${#clins[@]} -eq 0 ] || node "$validator" --clins "${clins[@]}" || status=1
[ ${#plain[@]} -eq 0 ] || node "$validator" "${plain[@]}" || status=1
exit $status
