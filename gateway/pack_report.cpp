#include "gateway/pack_report.h"

#include <algorithm>
#include <ostream>

namespace gateway {
namespace {

using fhir_mapper::ProfilePack;
using fhir_mapper::ProfileRule;
using fhir_mapper::UndecidedPoint;

void print(const ProfilePack& pack, std::ostream& results) {
  const auto& rules = pack.rules();
  const auto skipped =
      std::count_if(rules.begin(), rules.end(), [](const ProfileRule& rule) { return !rule.evaluated; });
  results << "pack " << pack.id() << ": " << rules.size() << " rules with an id of their own, " << skipped
          << " of them not evaluated"
          << (pack.complete() ? "\n" : "; not complete: what has no error may be refused all the same\n");
  for (const ProfileRule& rule : rules) {
    if (!rule.evaluated) results << "  not evaluated: " << rule.id << ": " << rule.because << "\n";
  }
  for (const UndecidedPoint& point : pack.undecided()) {
    results << "  not decided: " << point.about << ": " << point.en << "\n";
  }
}

}  // namespace

void report_packs(const Packs& packs, std::ostream& results) {
  for (const auto& [id, pack] : packs) print(*pack, results);
}

}  // namespace gateway
