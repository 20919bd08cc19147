#!/bin/bash
# Include directions, gateway -> fhir_mapper -> ssmix2, which the linker cannot check for headers: layers_test.sh [ROOT]
set -u
cd "${1:-$(dirname "$0")/../..}" || exit 2

complaints=0

# includes FOLDER...: every #include there as FILE:LINE:#include ...
includes() { grep -rnE '^[[:space:]]*#[[:space:]]*include' --include='*.h' --include='*.cpp' "$@"; }

complain() {  # SENTENCE LINES
  [ -n "$2" ] || return
  printf '%s\n%s\n' "$1" "$2" >&2
  complaints=$((complaints + 1))
}

only() {  # FOLDER PATTERN SENTENCE: includes that do not match are complained about
  complain "$3" "$(includes "$1" | grep -vE "include (<[a-z_0-9]+>|$2)")"
}

never() {  # FOLDER PATTERN SENTENCE
  complain "$3" "$(includes "$1" | grep -E "include [<\"]($2)")"
}

only ssmix2 '"ssmix2/|<boost/system/result\.hpp>' \
  'ssmix2 knows bytes, paths and HL7: the standard library and boost/system/result.hpp are all it may include'
only fhir_mapper '"(ssmix2|fhir_mapper)/|<(pugixml\.hpp|re2/re2\.h|boost/(container/small_vector|system/result)\.hpp|rapidjson/(memorystream|reader|stringbuffer|writer)\.h)>' \
  'fhir_mapper knows meaning: pugixml to read mappings, RE2 for their patterns, RapidJSON for JSON and short vectors are all it may include'
never gateway 'tests/' 'gateway includes nothing of tests'
only tests/storage_gen '"tests/storage_gen/|<(fcntl|iconv|unistd|sys/stat)\.h>' \
  'storage_gen must not share a mistake with what reads its files: it includes nothing of the product'
never tests/platform_sim '(ssmix2|fhir_mapper|gateway)/' \
  'platform_sim must not share a mistake with what it judges: it includes nothing of the product'

complain 'only gateway/sqlite.cpp sees sqlite3.h: everything else takes the types of gateway/sqlite.h' \
  "$(includes ssmix2 fhir_mapper gateway tests | grep '<sqlite3\.h>' | grep -vE '^(gateway/sqlite|tests/unit/gateway/sqlite_test|tests/crash/unsynced_vfs)\.cpp:')"
complain 'Beast and TLS streams take long to compile: only fhir_client.cpp, admin_listener.cpp, server.cpp and what compiles them once, asio.cpp, include them' \
  "$(includes gateway tests/platform_sim |
    grep -E '<boost/(beast/.*|beast\.hpp|asio/ssl\.hpp|asio/ssl/stream\.hpp)>' |
    grep -vE '^(gateway/(fhir_client|admin_listener|asio)\.cpp|gateway/fhir_connection\.h|tests/platform_sim/server\.cpp):'
   includes gateway tests | grep '"gateway/fhir_connection\.h"' | grep -v '^gateway/fhir_client\.cpp:')"

[ "$complaints" -eq 0 ]
