#include "fhir_mapper/numbered_thing.h"

#include "fhir_mapper/code_table.h"
#include "ssmix2/safe_text.h"

namespace fhir_mapper {
namespace {

using ssmix2::Failure;
using ssmix2::FailureCode;
using ssmix2::SafeText;
using ssmix2::Segment;

constexpr std::string_view kProblem = "PRB";

std::string trimmed(const ssmix2::Value& value) {
  const std::string text = value.text();
  const auto begin = text.find_first_not_of(' ');
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

/// The standard number, else the hospital's own code. The number for "has no code" is one of many diseases:
/// these are told apart by their names. Of a row without any code, whose name may have been changed: nothing.
std::string disease_of(const Segment& row, const CodeTable* uncoded) {
  const ssmix2::Value id = row.field(3);
  std::string own;
  bool is_uncoded = false;
  for (const std::size_t first : {std::size_t{1}, std::size_t{4}}) {
    std::string code = trimmed(id.component(first));
    if (code.empty()) continue;
    if (uncoded != nullptr && uncoded->find(code) != nullptr) {
      is_uncoded = true;
    } else if (trimmed(id.component(first + 2)) == "MDCDX2") {
      return code;
    } else if (own.empty()) {
      own = std::move(code);
    }
  }
  if (!own.empty() || !is_uncoded) return own;
  for (const ssmix2::Value& name : {row.field(17), id.component(2), id.component(5)}) {
    if (std::string text = trimmed(name); !text.empty()) return text;
  }
  return own;
}

std::string described(const NumberedRow& row) {
  const auto& department = row.document->department;
  return ssmix2::to_text({.segment = std::string(kProblem), .occurrence = row.segment.occurrence()}).str() +
         " of the PPR-01 of " + row.document->occurred_at_padded() +
         (department.empty() || department == "-" ? "" : ", department " + department);
}

}  // namespace

std::optional<Failure> find_other_thing(const NumberedRow& newer, const NumberedRow& older,
                                        const Mapping& mapping) {
  if (newer.segment.name() != kProblem) return std::nullopt;
  const CodeTable* uncoded = mapping.table("uncoded-diseases");
  const std::string disease = disease_of(newer.segment, uncoded);
  const bool in_one_document = newer.document == older.document;
  // A row that deletes an earlier one of its document need not say again what that was.
  if (in_one_document && disease.empty()) return std::nullopt;
  if (disease == disease_of(older.segment, uncoded)) return std::nullopt;
  return Failure{
      FailureCode::map_bad_value,
      {.segment = std::string(kProblem), .occurrence = newer.segment.occurrence(), .field = 4},
      SafeText::vouched("one number for two diseases (PRB-3): " + described(newer) + ", and " +
                        described(older) + "; give each a number of its own, or say in PRB-4.2 who gave it")};
}

}  // namespace fhir_mapper
