#include "gateway/pack_report.h"

#include <algorithm>
#include <ostream>
#include <set>

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

SettingsErrors report_packs(const Settings& settings, std::ostream& results, std::ostream& messages) {
  const auto directory = ProfilePacks::directory_of(settings);
  std::error_code ignored;
  if (std::filesystem::status(directory, ignored).type() == std::filesystem::file_type::not_found) {
    messages << "kakehashi: warning: there is no " << directory.string()
             << ": Bundles cannot be checked against profiles; copy the folder of the release\n";
    return {};
  }
  const auto packs = ProfilePacks::read(directory);
  if (!packs.has_value()) return packs.error();
  std::set<std::string> ids;
  for (const DestinationSettings& destination : settings.destinations) ids.insert(destination.pack);
  SettingsErrors errors;
  for (const std::string& id : ids) {
    const auto pack = packs->load(id);
    if (pack.has_value()) {
      print(**pack, results);
    } else {
      const SettingsErrors mistakes = pack.error();  // a copy each time it is asked for
      errors.insert(errors.end(), mistakes.begin(), mistakes.end());
    }
  }
  return errors;
}

}  // namespace gateway
