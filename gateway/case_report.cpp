#include "gateway/case_report.h"

#include "fhir_mapper/json_writer.h"
#include "fhir_mapper/rule_coverage.h"
#include "gateway/json_member.h"

#include <algorithm>

namespace gateway {
namespace {

using fhir_mapper::CaseDifference;
using fhir_mapper::CaseResult;
using fhir_mapper::RuleOrigin;
using Writer = JsonWriter;

std::size_t passed_of(const CaseResults& results) {
  return static_cast<std::size_t>(std::count_if(results.begin(), results.end(),
                                                [](const CaseResult& result) { return result.passed(); }));
}

void write_result(Writer& writer, const CaseResult& result) {
  writer.StartObject();
  write(writer, "name", result.name);
  write(writer, "place", result.origin.text());
  writer.Key("differences");
  writer.StartArray();
  for (const CaseDifference& difference : result.differences) {
    writer.StartObject();
    write(writer, "place", difference.origin.text());
    write(writer, "what", difference.what);
    write(writer, "expected", difference.expected);
    write(writer, "got", difference.got);
    writer.EndObject();
  }
  writer.EndArray();
  writer.EndObject();
}

}  // namespace

CaseResults run_cases(const MappingCases& cases, const fhir_mapper::Mapping& mapping) {
  CaseResults results;
  for (const auto& each : cases) results.push_back(fhir_mapper::run_case(each, mapping));
  return results;
}

std::string bundles_of(const MappingCases& cases, const fhir_mapper::Mapping& mapping) {
  constexpr std::string_view kTime = "2026-07-01T09:00:00.000+09:00";
  const auto url = [](std::size_t entry) {
    const std::string digits = std::to_string(entry);
    return "urn:uuid:00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
  };
  std::string lines;
  for (const auto& each : cases) {
    const auto bundle = fhir_mapper::bundle_of_case(each, mapping);
    if (!bundle) continue;
    lines.append(fhir_mapper::SnapshotTemplate::of(bundle->root()).render(kTime, url)).append("\n");
  }
  return lines;
}

bool all_passed(const CaseResults& results) {
  return passed_of(results) == results.size();
}

std::string to_text(const CaseResults& results) {
  std::string text;
  for (const CaseResult& result : results) {
    if (result.passed()) continue;
    text.append("failed: ").append(result.name).append("\n");
    for (const CaseDifference& difference : result.differences) {
      text.append("  ").append(difference.origin.text()).append(": ").append(difference.what);
      text.append("\n    expected: ").append(difference.expected);
      text.append("\n    got:      ").append(difference.got).append("\n");
    }
  }
  return text.append(std::to_string(results.size())).append(results.size() == 1 ? " case, " : " cases, ") +
         std::to_string(passed_of(results)) + " passed\n";
}

std::string to_json(const CaseResults& results) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  writer.Key("cases");
  writer.Uint64(results.size());
  writer.Key("passed");
  writer.Uint64(passed_of(results));
  writer.Key("failed");
  writer.StartArray();
  for (const CaseResult& result : results) {
    if (!result.passed()) write_result(writer, result);
  }
  writer.EndArray();
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

std::vector<std::string> case_warnings(const CaseResults& results, const fhir_mapper::Mapping& mapping) {
  if (results.empty()) return {"the mapping has no cases: nothing shows what its rules do"};
  std::vector<std::string> warnings;
  const std::size_t failed = results.size() - passed_of(results);
  if (failed > 0) {
    warnings.push_back(std::to_string(failed) + " of " + std::to_string(results.size()) +
                       " cases of the mapping fail; `kakehashi mapping test` shows how");
  }
  const auto untouched = fhir_mapper::untouched_rules(mapping, results);
  if (untouched.empty()) return warnings;
  warnings.push_back(std::to_string(untouched.size()) +
                     (untouched.size() == 1 ? " rule of the mapping is" : " rules of the mapping are") +
                     " touched by no case:");
  for (const RuleOrigin& origin : untouched) warnings.push_back(origin.text() + " is touched by no case");
  return warnings;
}

}  // namespace gateway
