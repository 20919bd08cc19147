#!/bin/bash
# Whether every C++ file is as clang-format 14 writes it: format_test.sh [--fix] [ROOT]
# Other versions format otherwise. Without clang-format 14 it ends with 77, which CTest is told to show as skipped.
set -u
mode=(--dry-run -Werror)
if [ "${1-}" = --fix ]; then
  mode=(-i)
  shift
fi
cd "${1:-$(dirname "$0")/../..}" || exit 2

formatter=$(command -v clang-format-14 || command -v clang-format) || formatter=
case $("${formatter:-false}" --version 2>/dev/null) in
  *"version 14."*) ;;
  *)
    echo "clang-format 14 is not here: bash tests/prepare.sh --developer installs it" >&2
    exit 77
    ;;
esac
find ssmix2 fhir_mapper gateway tests \( -name '*.h' -o -name '*.cpp' \) -print0 | sort -z |
  xargs -0 "$formatter" --style=file "${mode[@]}"
