#include "gateway/unit_names.h"

#include "gateway/schema.h"

#include <algorithm>

namespace gateway {
namespace {

using fhir_mapper::ReportUnit;
using fhir_mapper::UnitKind;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// "^2026^C": what tells most Bundle-IDs apart without a hash.
std::string beginning_of(std::string_view bundle_id) {
  return std::string(bundle_id.substr(0, bundle_id.rfind('^') + 2));
}

}  // namespace

bool is_bundle_id(std::string_view text) {
  const auto year = text.find('^');
  if (year == std::string_view::npos) return false;
  const auto id = text.find('^', year + 1);
  return id != std::string_view::npos && text.size() == id + 37 && is_hex(text.substr(id + 2));
}

bool is_label(std::string_view text) {
  return text.size() == 12 && is_hex(text);
}

std::map<std::string, UnitId> find_units(Database& database, const std::set<std::string>& names) {
  std::map<std::string, UnitId> found;
  std::set<std::string> beginnings;
  bool any_label = false;
  for (const std::string& name : names) {
    if (is_bundle_id(name)) beginnings.insert(beginning_of(name));
    any_label = any_label || is_label(name);
  }
  if (beginnings.empty() && !any_label) return found;
  const std::string institution = institution_number(database);
  const std::string salt = label_salt(database);
  auto select = database.prepare(
      "SELECT unit.id, unit.kind, patient.number, unit.date, unit.order_no, unit.year FROM unit JOIN patient "
      "ON patient.id = unit.patient");
  while (select.step() && found.size() < names.size()) {
    const ReportUnit unit{static_cast<UnitKind>(select.integer(1)), ssmix2::PatientId(select.text(2)),
                          select.text(3), select.text(4)};
    const char letter = info(unit.kind).letter;
    const auto note = [&](const std::string& name) {
      if (names.contains(name)) found.emplace(name, UnitId{select.integer(0)});
    };
    const std::string beginning = institution + "^" + select.text(5) + "^" + letter;
    if (!select.is_null(5) && beginnings.contains(beginning))
      note(bundle_id(institution, static_cast<int>(select.integer(5)), letter, unit.key()));
    if (any_label) note(label(salt, unit.key()).str());
  }
  return found;
}

}  // namespace gateway
