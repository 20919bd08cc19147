// Whole documents against whole Bundles: tests/golden/<document type>/<case>.hl7 and <case>.json.
//
// A .hl7 file is UTF-8 with LF between segments; its first line is "# " and the document's file name. The
// ADT-00 is <case>.master.hl7, else shared.master.hl7. To write the .json files anew from what the mapper
// gives now:
//   KAKEHASHI_UPDATE_GOLDEN=1 fhir_mapper_test "[golden]"
// and then read every difference as code: a golden that only records a mistake is one.

#include "tests/unit/fhir_mapper/golden.h"

#include "tests/unit/fhir_mapper/support.h"

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

std::string pretty_bundle_of(const fs::path& path) {
  return pretty(golden_bundle(path, golden_mapping(path)));
}

TEST_CASE("every golden document gives its golden Bundle", "[golden]") {
  const auto cases = golden_documents();
  REQUIRE(cases.size() >= 5);
  for (const fs::path& path : cases) {
    DYNAMIC_SECTION(path.parent_path().filename().string() << "/" << path.stem().string()) {
      const std::string bundle = pretty_bundle_of(path);
      const fs::path expected = fs::path(path).replace_extension(".json");
      if (std::getenv("KAKEHASHI_UPDATE_GOLDEN") != nullptr)
        std::ofstream(expected, std::ios::binary) << bundle;
      CHECK(bundle == read_file(expected.string()));
    }
  }
}

TEST_CASE("the same document gives the same bytes every time", "[golden]") {
  for (const fs::path& path : golden_documents()) CHECK(pretty_bundle_of(path) == pretty_bundle_of(path));
}

}  // namespace
}  // namespace fhir_mapper::test
