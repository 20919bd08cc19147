// Mapping against RapidJSON: from parsed messages to a serialised Bundle, and the time RapidJSON needs to
// parse that same Bundle into a fresh Document and to write it again. In memory, one core, a line for each
// kind.
//
//   mapping_bench CONFIG_DIRECTORY GOLDEN_DIRECTORY [ROUNDS]
//
// The documents are those of tests/golden. Both are measured in turns of ROUNDS (default 2000); the fastest
// turn of each counts. Exit code 3 when mapping takes more than twice as long.

#include "fhir_mapper/bundle.h"
#include "fhir_mapper/json_writer.h"
#include "fhir_mapper/mapping_loader.h"
#include "fhir_mapper/unit_mapper.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace {

namespace fs = std::filesystem;
using namespace fhir_mapper;

constexpr int kTurns = 15;
constexpr double kLimit = 2;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<ConfigFile> files_of(const fs::path& folder, const std::string& extension) {
  std::vector<ConfigFile> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != extension) continue;
    files.push_back({entry.path().filename().string(), read_file(entry.path())});
  }
  return files;
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

UnitSettings settings() {
  UnitSettings settings;
  settings.institution_number = "1319999999";
  settings.facility_name = "bench";
  settings.zone = "+09:00";
  settings.pack_version = "1.12.0";
  settings.untold = "all";
  settings.today = "20260701";
  return settings;
}

std::string mapped_bundle(const UnitInput& input, const Mapping& mapping, const UnitSettings& settings) {
  UnitOutcome outcome = map_unit(input, mapping, settings);
  if (!outcome.mapped) throw std::runtime_error("a golden document was not mapped");
  const Tree bundle = make_bundle(std::move(*outcome.mapped), input.unit.kind,
                                  flavour_for(input.unit.kind, true), "1319999999^2026^bench", "1.12.0");
  return SnapshotTemplate::of(bundle.root()).render("2026-07-01T09:00:00.000+09:00", [](std::size_t) {
    return std::string("urn:uuid:00000000-0000-4000-8000-000000000000");
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

template <typename Work>
double nanoseconds(int rounds, Work work) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; ++i) work();
  const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
  return spent.count() / rounds;
}

/// The time of mapping, in times of RapidJSON.
double measure(const std::string& label, const UnitInput& input, const Mapping& mapping, int rounds) {
  const UnitSettings unit_settings = settings();
  const std::string json = mapped_bundle(input, mapping, unit_settings);
  double mapping_time = std::numeric_limits<double>::max();
  double json_time = mapping_time;
  std::size_t bytes = 0;  // so that nothing is left out as unused
  for (int turn = 0; turn < kTurns; ++turn) {
    mapping_time = std::min(mapping_time, nanoseconds(rounds / kTurns + 1, [&] {
                              bytes += mapped_bundle(input, mapping, unit_settings).size();
                            }));
    json_time =
        std::min(json_time, nanoseconds(rounds / kTurns + 1, [&] { bytes += parsed_and_written(json); }));
  }
  std::printf("%-20s %8zu bytes  mapping %8.1f us  RapidJSON %8.1f us  ratio %.2f%s\n", label.c_str(),
              json.size(), mapping_time / 1000, json_time / 1000, mapping_time / json_time,
              bytes == 0 ? "!" : "");
  return mapping_time / json_time;
}

int rounds_of(std::string_view text) {
  int rounds = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), rounds);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || rounds < 1)
    throw std::runtime_error("ROUNDS is a number from 1 on");
  return rounds;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: mapping_bench CONFIG_DIRECTORY GOLDEN_DIRECTORY [ROUNDS]\n", stderr);
    return 2;
  }
  const fs::path config = argv[1];
  const fs::path golden = argv[2];
  const int rounds = argc > 3 ? rounds_of(argv[3]) : 2000;
  const auto mapping =
      load_mapping(files_of(config / "mapping", ".xml"), files_of(config / "terminology", ".tsv")).value();
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(golden)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".hl7") && !name.ends_with(".master.hl7")) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  double worst = 0;
  for (const fs::path& path : paths) {
    const Document document = read_document(path);
    const fs::path own_master = fs::path(path).replace_extension(".master.hl7");
    const Document master =
        fs::exists(own_master) ? read_document(own_master) : read_document(golden / "shared.master.hl7");
    UnitInput input;
    input.unit = ReportUnit::of(document.name.key)
                     .value_or(ReportUnit{UnitKind::allergy_intolerance, document.name.key.patient, "", ""});
    input.documents.push_back({document.name, &document.message});
    const bool is_master = document.name.key.type == ssmix2::DataType::ADT_00;
    input.master = is_master ? input.documents.front() : UnitDocument{master.name, &master.message};
    worst =
        std::max(worst, measure(std::string(info(input.unit.kind).resource_type), input, *mapping, rounds));
  }
  return worst > kLimit ? 3 : 0;
}
