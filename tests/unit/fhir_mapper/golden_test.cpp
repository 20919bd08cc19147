// Whole documents against whole Bundles: tests/golden/<document type>/<case>.hl7 and <case>.json.
//
// A .hl7 file is UTF-8 with LF between segments; its first line is "# " and the document's file name. The
// ADT-00 is <case>.master.hl7, else shared.master.hl7. To write the .json files anew from what the mapper
// gives now:
//   KAKEHASHI_UPDATE_GOLDEN=1 fhir_mapper_test "[golden]"
// and then read every difference as code: a golden that only records a mistake is one.

#include "fhir_mapper/bundle.h"
#include "fhir_mapper/json_writer.h"
#include "tests/unit/fhir_mapper/support.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>

namespace fhir_mapper::test {
namespace {

namespace fs = std::filesystem;

struct GoldenDocument {
  ssmix2::DocumentName name;
  ssmix2::Message message;
};

GoldenDocument golden_document(const fs::path& path) {
  const std::string text = read_file(path.string());
  const std::size_t end = text.find('\n');
  INFO(path);
  REQUIRE(text.starts_with("# "));
  return {document_name(text.substr(2, end - 2)), message_of(text.substr(end + 1))};
}

fs::path master_of(const fs::path& document) {
  const fs::path own = fs::path(document).replace_extension(".master.hl7");
  return fs::exists(own) ? own : fs::path(KAKEHASHI_GOLDEN_DIR) / "shared.master.hl7";
}

/// Numbers keep their digits here too: RapidJSON hands them over as text.
struct PrettyWriter : rapidjson::PrettyWriter<rapidjson::StringBuffer> {
  using rapidjson::PrettyWriter<rapidjson::StringBuffer>::PrettyWriter;
  bool RawNumber(const char* digits, rapidjson::SizeType length, bool) {
    return RawValue(digits, length, rapidjson::kNumberType);
  }
};

std::string pretty(const std::string& json) {
  rapidjson::StringBuffer out;
  PrettyWriter writer(out);
  writer.SetIndent(' ', 2);
  rapidjson::StringStream in(json.c_str());
  rapidjson::Reader().Parse<rapidjson::kParseNumbersAsStringsFlag>(in, writer);
  return std::string(out.GetString(), out.GetSize()) + "\n";
}

std::string bundle_of(const fs::path& path) {
  const GoldenDocument document = golden_document(path);
  const GoldenDocument master = golden_document(master_of(path));
  UnitInput input;
  // The ADT-00 makes no unit of its own; as a document it is here for its AL1.
  input.unit = ReportUnit::of(document.name.key)
                   .value_or(ReportUnit{UnitKind::allergy_intolerance, document.name.key.patient, "", ""});
  input.documents.push_back({document.name, &document.message});
  const bool is_master = document.name.key.type == ssmix2::DataType::ADT_00;
  input.master = is_master ? input.documents.front() : UnitDocument{master.name, &master.message};
  UnitOutcome outcome = map_unit(input, shipped_mapping(), settings());
  for (const ssmix2::Failure& hold : outcome.holds) UNSCOPED_INFO(to_text(hold).view());
  REQUIRE(outcome.mapped.has_value());
  const Tree bundle =
      make_bundle(std::move(*outcome.mapped), input.unit.kind, flavour_for(input.unit.kind, true),
                  "1319999999^2026^" + std::string(1, info(input.unit.kind).letter) + "-golden", "1.12.0");
  return pretty(
      SnapshotTemplate::of(bundle.root()).render("2026-07-01T09:00:00.000+09:00", [](std::size_t index) {
        const std::string number = std::to_string(index);
        return "urn:uuid:00000000-0000-4000-8000-" + std::string(12 - number.size(), '0') + number;
      }));
}

std::vector<fs::path> golden_cases() {
  std::vector<fs::path> cases;
  for (const auto& entry : fs::recursive_directory_iterator(KAKEHASHI_GOLDEN_DIR)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".hl7") && !name.ends_with(".master.hl7")) cases.push_back(entry.path());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

TEST_CASE("every golden document gives its golden Bundle", "[golden]") {
  const auto cases = golden_cases();
  REQUIRE(cases.size() >= 5);
  for (const fs::path& path : cases) {
    DYNAMIC_SECTION(path.parent_path().filename().string() << "/" << path.stem().string()) {
      const std::string bundle = bundle_of(path);
      const fs::path expected = fs::path(path).replace_extension(".json");
      if (std::getenv("KAKEHASHI_UPDATE_GOLDEN") != nullptr)
        std::ofstream(expected, std::ios::binary) << bundle;
      CHECK(bundle == read_file(expected.string()));
    }
  }
}

TEST_CASE("the same document gives the same bytes every time", "[golden]") {
  for (const fs::path& path : golden_cases()) CHECK(bundle_of(path) == bundle_of(path));
}

}  // namespace
}  // namespace fhir_mapper::test
