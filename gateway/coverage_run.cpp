#include "gateway/coverage_run.h"

#include "gateway/visible_text.h"

#include <algorithm>
#include <ostream>

namespace gateway {
namespace {

using fhir_mapper::UnitKindInfo;
using ssmix2::DataType;
using ssmix2::Failure;
using ssmix2::SafeText;

/// Every kind is mapped, and once: for `only`, else for the first destination that takes it, else for the
/// first.
Configuration for_each_kind_once(Configuration configuration, const std::string& only) {
  auto& destinations = configuration.settings.destinations;
  std::vector<std::size_t> taken_by;
  for (const UnitKindInfo& kind : fhir_mapper::unit_kinds()) {
    const auto is_wanted = [&](const DestinationSettings& each) {
      return only.empty() ? takes(each, kind.kind) : each.id == only;
    };
    const auto first = std::find_if(destinations.begin(), destinations.end(), is_wanted);
    taken_by.push_back(first == destinations.end() ? 0
                                                   : static_cast<std::size_t>(first - destinations.begin()));
  }
  for (DestinationSettings& each : destinations) each.types.clear();
  for (std::size_t i = 0; i < taken_by.size(); ++i) {
    destinations.at(taken_by[i]).types.insert(std::string(fhir_mapper::unit_kinds()[i].resource_type));
  }
  return configuration;
}

std::string text_line(const CoveredValue& value) {
  std::string line = value.place + "\t" + visible_text(value.text) + "\t";
  line.append(name_of(value.fate)).append("\t");
  if (value.rule != nullptr) line.append(value.rule->text());
  if (value.rule != nullptr && value.rule->whose == fhir_mapper::ConfigOrigin::site) line.append(" (site)");
  if (value.rule != nullptr && !value.reason.empty()) line.append(": ");
  return line.append(value.reason).append("\t").append(value.element).append("\n");
}

std::string json_line(const CoveredValue& value) {
  JsonLine line;
  line.text("kind", "value").text("position", value.place).text("value", value.text);
  line.text("fate", name_of(value.fate));
  add_rule(line, value.rule, value.reason);
  return line.text_or_null("element", value.element).str();
}

}  // namespace

CoverageRun::CoverageRun(Configuration configuration, const CoverageOptions& options, std::ostream& results,
                         std::ostream& messages)
    : options_(options),
      results_(results),
      messages_(messages),
      mapping_(configuration.mapping),
      look_(for_each_kind_once(configuration, options.destination),
            year_of(now(), configuration.settings.facility.zone), Detail::coverage, *this) {}

bool CoverageRun::finish() {
  look_.finish();
  for (const auto& [file, type] : awaited_) {
    without_account(file, info(type).name, "its unit is held, or another document stands for it");
  }
  summary_.print(results_, options_.format,
                 options_.each_value ? CoverageSummary::Extent::counts : CoverageSummary::Extent::positions);
  return all_good_;
}

void CoverageRun::complain(const std::filesystem::path& path, const SafeText& what) {
  all_good_ = false;
  if (options_.each_value) messages_ << path.string() << ": " << what.view() << "\n";
}

void CoverageRun::without_account(const std::filesystem::path& file, std::string_view data_type,
                                  std::string_view reason) {
  summary_.add_without_account(data_type, reason);
  if (options_.each_value) messages_ << file.string() << ": " << reason << "\n";
}

void CoverageRun::unreadable_folder(const std::filesystem::path& folder) {
  complain(folder, "cannot be read; check its permissions");
  summary_.add_without_account("", "a folder that cannot be listed");
}

void CoverageRun::found(const std::filesystem::path& file, const ssmix2::Result<ssmix2::DocumentName>& name) {
  if (!name.has_value()) {
    complain(file, to_text(name.error()));
    return summary_.add_without_account("", kind_of(name.error().code).id);
  }
  const DataType type = name->key.type;
  const std::string_view data_type = info(type).name;
  if (type != DataType::ADT_00 && !fhir_mapper::unit_kind_of(type)) {
    without_account(file, data_type, "not a mapped kind");
  } else if (name->flag != ssmix2::ConditionFlag::live) {
    without_account(file, data_type, "deleted or superseded");
  } else {
    awaited_.emplace(file, type);
  }
}

void CoverageRun::refused(const std::filesystem::path& file, const Failure& failure) {
  complain(file, to_text(failure));
  const auto awaited = awaited_.find(file);
  if (awaited == awaited_.end()) return;
  summary_.add_without_account(info(awaited->second).name, kind_of(failure.code).id);
  awaited_.erase(awaited);
}

void CoverageRun::built(const BuiltUnit& unit) {
  for (const DocumentRef& document : unit.changed) {
    complain(look_.path_of(document), "changed while it was read; run the command again");
  }
  for (const auto& [destination, snapshot] : unit.snapshots) {
    if (!snapshot.is_stopped()) continue;
    all_good_ = false;
    summary_.add_held_unit(kind_of(snapshot.reason.code).id);
    if (options_.each_value) {
      messages_ << unit.unit.key() << (snapshot.kind == Snapshot::Kind::held ? ": held: " : ": rejected: ")
                << to_text(snapshot.reason).view() << "\n";
    }
  }
  for (const DocumentCoverage& document : unit.coverage) {
    if (awaited_.erase(look_.path_of(document.document)) == 0) continue;  // nobody asked for it
    summary_.add(document);
    if (options_.each_value) print(document);
  }
}

void CoverageRun::print(const DocumentCoverage& document) {
  const auto line = options_.format == CoverageFormat::text ? text_line : json_line;
  for (const CoveredValue& value : document.values) results_ << line(value);
  if (options_.format == CoverageFormat::text) results_ << "\n";
}

}  // namespace gateway
