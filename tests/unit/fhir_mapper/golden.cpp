#include "tests/unit/fhir_mapper/golden.h"

#include "fhir_mapper/bundle.h"
#include "fhir_mapper/json_writer.h"
#include "tests/unit/fhir_mapper/support.h"

#include <algorithm>
#include <stdexcept>

namespace fhir_mapper::test {

namespace fs = std::filesystem;

namespace {

struct GoldenDocument {
  ssmix2::DocumentName name;
  ssmix2::Message message;
};

GoldenDocument golden_document(const fs::path& path) {
  const std::string text = read_file(path.string());
  const std::size_t end = text.find('\n');
  if (!text.starts_with("# ")) throw std::runtime_error(path.string() + " does not begin with its name");
  return {document_name(text.substr(2, end - 2)), message_of(text.substr(end + 1))};
}

fs::path master_of(const fs::path& document) {
  const fs::path own = fs::path(document).replace_extension(".master.hl7");
  return fs::exists(own) ? own : fs::path(KAKEHASHI_GOLDEN_DIR) / "shared.master.hl7";
}

constexpr std::string_view kPack = "jp-clins-";

fs::path clinical_folder() {
  return fs::path(KAKEHASHI_GOLDEN_DIR) / "clinical";
}

UnitSettings settings_of(const fs::path& document) {
  UnitSettings made = settings();
  if (!is_clinical(document)) return made;
  const std::string folder = document.parent_path().filename().string();
  made.pack_version = folder.starts_with(kPack) ? folder.substr(kPack.size()) : "1.5.3";
  made.untold = "rules";
  return made;
}

std::shared_ptr<const Mapping> clinical_mapping() {
  std::vector<ConfigFile> tables = shipped_tables();
  for (const auto& entry : fs::directory_iterator(clinical_folder() / "terminology")) {
    tables.push_back(
        {"site/" + entry.path().filename().string(), read_file(entry.path().string()), ConfigOrigin::site});
  }
  return load_mapping(shipped_mappings(), tables).value();
}

}  // namespace

bool is_clinical(const fs::path& document) {
  return document.string().starts_with(clinical_folder().string());
}

const Mapping& golden_mapping(const fs::path& document) {
  if (!is_clinical(document)) return shipped_mapping();
  static const std::shared_ptr<const Mapping> clinical = clinical_mapping();
  return *clinical;
}

std::string golden_bundle(const fs::path& path, const Mapping& mapping) {
  const GoldenDocument document = golden_document(path);
  const GoldenDocument master = golden_document(master_of(path));
  UnitInput input;
  // The ADT-00 makes no unit of its own; as a document it is here for its AL1.
  input.unit = ReportUnit::of(document.name.key)
                   .value_or(ReportUnit{UnitKind::allergy_intolerance, document.name.key.patient, "", ""});
  input.documents.push_back({document.name, &document.message});
  const bool is_master = document.name.key.type == ssmix2::DataType::ADT_00;
  input.master = is_master ? input.documents.front() : UnitDocument{master.name, &master.message};
  const UnitSettings made = settings_of(path);
  UnitOutcome outcome = map_unit(input, mapping, made);
  if (!outcome.mapped) {
    std::string held = "\"held\"";
    // Without the detail: it names the rule's line, which is another one where the same rules are shown.
    for (const ssmix2::Failure& hold : outcome.holds) {
      held.append("\n").append(kind_of(hold.code).id).append(" at ").append(to_text(hold.place).view());
    }
    return held;
  }
  const Tree bundle = make_bundle(
      std::move(*outcome.mapped), input.unit.kind, flavour_for(input.unit.kind, true),
      "1319999999^2026^" + std::string(1, info(input.unit.kind).letter) + "-golden", made.pack_version);
  return SnapshotTemplate::of(bundle.root()).render("2026-07-01T09:00:00.000+09:00", [](std::size_t index) {
    const std::string number = std::to_string(index);
    return "urn:uuid:00000000-0000-4000-8000-" + std::string(12 - number.size(), '0') + number;
  });
}

std::vector<fs::path> golden_documents() {
  std::vector<fs::path> cases;
  for (const auto& entry : fs::recursive_directory_iterator(KAKEHASHI_GOLDEN_DIR)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".hl7") && !name.ends_with(".master.hl7")) cases.push_back(entry.path());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

}  // namespace fhir_mapper::test
