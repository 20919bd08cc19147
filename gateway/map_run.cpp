#include "gateway/map_run.h"

#include "fhir_mapper/json_writer.h"
#include "gateway/digest.h"
#include "gateway/json_line.h"
#include "gateway/visible_text.h"

#include <ostream>

namespace gateway {
namespace {

using fhir_mapper::Explanation;
using ssmix2::DataType;
using ssmix2::Failure;
using ssmix2::FailureCode;
using ssmix2::SafeText;

/// One destination that takes every kind, in the form of the first one of the settings.
Configuration for_every_kind(Configuration configuration) {
  auto& destinations = configuration.settings.destinations;
  destinations.resize(1);
  for (const auto& kind : fhir_mapper::unit_kinds()) {
    destinations.front().types.insert(std::string(kind.resource_type));
  }
  return configuration;
}

std::string text_line(std::size_t entry, const std::string& type, const Explanation& element) {
  std::string line = "# entry[" + std::to_string(entry) + "] " + type + "." + element.element + "\t";
  line.append(visible_text(element.value)).append("\t");
  line.append(element.rule).append(" (").append(element.place).append(element.site ? ", site)\t" : ")\t");
  return line.append(element.source).append("\t").append(element.table).append("\n");
}

std::string json_line(std::size_t entry, const std::string& type, const Explanation& element) {
  return JsonLine()
      .number("entry", entry)
      .text("type", type)
      .text("element", element.element)
      .text("value", element.value)
      .text("rule", element.rule)
      .text("place", element.place)
      .boolean("site", element.site)
      .text("source", element.source)
      .text_or_null("table", element.table)
      .str();
}

}  // namespace

MapRun::MapRun(Configuration configuration, MapOptions options, std::ostream& results, std::ostream& messages)
    : options_(options),
      results_(results),
      messages_(messages),
      look_(for_every_kind(std::move(configuration)), options.year,
            options.explain ? Detail::explanations : Detail::none, *this) {}

bool MapRun::finish() {
  look_.finish();
  return all_good_;
}

void MapRun::complain(const std::filesystem::path& path, std::string_view what) {
  messages_ << path.string() << ": " << what << "\n";
  all_good_ = false;
}

void MapRun::unreadable_folder(const std::filesystem::path& folder) {
  complain(folder, "cannot be read; check its permissions");
}

void MapRun::found(const std::filesystem::path& file, const ssmix2::Result<ssmix2::DocumentName>& name) {
  if (!name.has_value()) return complain(file, to_text(name.error()).view());
  const DataType type = name->key.type;
  if (type == DataType::ADT_00 || fhir_mapper::unit_kind_of(type)) return;
  const Failure why(FailureCode::map_data_type_not_mapped, {},
                    SafeText::vouched(std::string(info(type).name)));
  messages_ << file.string() << ": ignored: " << to_text(why).view() << "\n";
}

void MapRun::refused(const std::filesystem::path& file, const Failure& failure) {
  complain(file, to_text(failure).view());
}

void MapRun::built(const BuiltUnit& built) {
  const std::string unit = built.unit.key();
  for (const DocumentRef& document : built.changed) {
    complain(look_.path_of(document), "changed while it was read; run the command again");
  }
  for (const Failure& warning : built.warnings) {
    messages_ << unit << ": warning: " << to_text(warning).view() << "\n";
  }
  for (const auto& entry : built.snapshots) print(unit, entry.second);
}

void MapRun::print(const std::string& unit, const Snapshot& snapshot) {
  if (snapshot.is_stopped()) {
    messages_ << unit << (snapshot.kind == Snapshot::Kind::held ? ": held: " : ": rejected: ")
              << to_text(snapshot.reason).view();
    if (snapshot.blamed) messages_ << " (" << look_.path_of(*snapshot.blamed).string() << ")";
    if (snapshot.reasons > 1) messages_ << " (and " << snapshot.reasons - 1 << " more)";
    messages_ << "\n";
    all_good_ = false;
  }
  if (snapshot.kind == Snapshot::Kind::empty) messages_ << unit << ": nothing to report\n";
  if (snapshot.kind != Snapshot::Kind::content) return;
  const std::string hash = hex(snapshot.content_hash.value());
  results_ << fhir_mapper::SnapshotTemplate::stored(snapshot.body_template)
                  .render(to_fhir_instant(now(), look_.settings().facility.zone),
                          [&](std::size_t index) { return entry_url(hash, 1, index); })
           << "\n";
  const auto line = options_.explanations == MapOptions::Format::text ? text_line : json_line;
  for (std::size_t i = 0; i < snapshot.explanations.size(); ++i) {
    const auto& resource = snapshot.explanations[i];
    for (const Explanation& element : resource.elements) results_ << line(i, resource.type, element);
  }
}

}  // namespace gateway
