#include "tests/bench/golden_documents.h"

#include "fhir_mapper/bundle.h"
#include "fhir_mapper/json_writer.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace bench {
namespace {

namespace fs = std::filesystem;
using namespace fhir_mapper;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Document {
  ssmix2::DocumentName name;
  ssmix2::Message message;
};

/// The first line of a golden document is "# " and its file name.
Document read_document(const fs::path& path) {
  const std::string text = read_file(path);
  const std::size_t end = text.find('\n');
  const std::string file_name = text.substr(2, end - 2);
  const std::string patient = file_name.substr(0, file_name.find('_'));
  std::string date_and_kind = file_name.substr(patient.size() + 1);
  date_and_kind = date_and_kind.substr(0, date_and_kind.find('_', date_and_kind.find('_') + 1));
  std::replace(date_and_kind.begin(), date_and_kind.end(), '_', '/');
  const auto name = ssmix2::parse_document_path(patient.substr(0, 3) + "/" + patient.substr(3, 3) + "/" +
                                                patient + "/" + date_and_kind + "/" + file_name);
  auto message = ssmix2::Message::parse(text.substr(end + 1));
  if (!name || !message) throw std::runtime_error("cannot use " + path.string());
  return {*name, std::move(*message)};
}

}  // namespace

std::vector<ConfigFile> files_of(const fs::path& folder, const std::string& extension) {
  std::vector<ConfigFile> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != extension) continue;
    files.push_back({entry.path().filename().string(), read_file(entry.path())});
  }
  return files;
}

std::vector<GoldenDocument> golden_documents(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator();
       ++entry) {
    const std::string name = entry->path().filename().string();
    // Small ones, many of a kind: figures would no longer compare with older ones.
    if (name == "clinical") entry.disable_recursion_pending();
    if (name.ends_with(".hl7") && !name.ends_with(".master.hl7")) paths.push_back(entry->path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<GoldenDocument> documents;
  for (const fs::path& path : paths) {
    Document document = read_document(path);
    const fs::path own_master = fs::path(path).replace_extension(".master.hl7");
    Document master = read_document(fs::exists(own_master) ? own_master : folder / "shared.master.hl7");
    GoldenDocument golden;
    golden.message = std::make_shared<const ssmix2::Message>(std::move(document.message));
    golden.master = std::make_shared<const ssmix2::Message>(std::move(master.message));
    golden.input.unit =
        ReportUnit::of(document.name.key)
            .value_or(ReportUnit{UnitKind::allergy_intolerance, document.name.key.patient, "", ""});
    golden.label = info(golden.input.unit.kind).resource_type;
    golden.input.documents.push_back({document.name, golden.message.get()});
    const bool is_master = document.name.key.type == ssmix2::DataType::ADT_00;
    golden.input.master =
        is_master ? golden.input.documents.front() : UnitDocument{master.name, golden.master.get()};
    documents.push_back(std::move(golden));
  }
  return documents;
}

UnitSettings golden_settings(const std::string& pack_version) {
  UnitSettings settings;
  settings.institution_number = "1319999999";
  settings.facility_name = "bench";
  settings.zone = "+09:00";
  settings.pack_version = pack_version;
  settings.untold = "all";
  settings.today = "20260701";
  return settings;
}

Tree golden_bundle(const GoldenDocument& document, const Mapping& mapping, const UnitSettings& settings) {
  UnitOutcome outcome = map_unit(document.input, mapping, settings);
  if (!outcome.mapped) throw std::runtime_error("a golden document was not mapped");
  const UnitKind kind = document.input.unit.kind;
  return make_bundle(std::move(*outcome.mapped), kind, flavour_for(kind, true), "1319999999^2026^bench",
                     settings.pack_version);
}

std::string golden_json(const Tree& bundle) {
  return SnapshotTemplate::of(bundle.root()).render("2026-07-01T09:00:00.000+09:00", [](std::size_t entry) {
    return "urn:uuid:00000000-0000-4000-8000-" + std::to_string(100000000000 + entry);
  });
}

std::size_t parsed_and_written(const std::string& json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  rapidjson::StringBuffer out;
  rapidjson::Writer<rapidjson::StringBuffer> writer(out);
  document.Accept(writer);
  return out.GetSize();
}

}  // namespace bench
