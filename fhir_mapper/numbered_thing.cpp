#include "fhir_mapper/numbered_thing.h"

#include "fhir_mapper/code_table.h"
#include "ssmix2/safe_text.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace fhir_mapper {
namespace {

using ssmix2::Failure;
using ssmix2::FailureCode;
using ssmix2::SafeText;
using ssmix2::Segment;

constexpr std::string_view kProblem = "PRB";

/// Without spaces of either width around it.
std::string trimmed(const ssmix2::Value& value) {
  constexpr std::string_view kWide = "\u3000";
  const std::string whole = value.text();
  std::string_view text = whole;
  for (bool shorter = true; shorter;) {
    shorter = false;
    for (const std::string_view space : {std::string_view(" "), kWide}) {
      if (text.starts_with(space)) text.remove_prefix(space.size()), shorter = true;
      if (text.ends_with(space)) text.remove_suffix(space.size()), shorter = true;
    }
  }
  return std::string(text);
}

/// What a row says of the disease: codes but those for "has no code", and the names that somebody typed
/// (which the name of "has no code" itself is not).
struct Disease {
  std::string standard;                                        // its number in the MEDIS master
  std::vector<std::pair<std::string, std::string>> own_codes;  // code and system
  bool is_uncoded = false;
  std::vector<std::string> names;  // the first is what it is called

  bool is_told() const { return !standard.empty() || !own_codes.empty() || (is_uncoded && !names.empty()); }
  bool is_called_as(const Disease& other) const {
    return !names.empty() && std::ranges::count(other.names, names.front()) > 0;
  }
  /// By the standard where both have it: hospitals give one code of their own to many diseases.
  bool shares_code_with(const Disease& other) const {
    if (!standard.empty() && !other.standard.empty()) return standard == other.standard;
    return std::ranges::any_of(
        own_codes, [&](const auto& code) { return std::ranges::count(other.own_codes, code) > 0; });
  }
};

Disease disease_of(const Segment& row, const CodeTable* uncoded) {
  const ssmix2::Value id = row.field(3);
  Disease disease;
  const auto call = [&](std::string name) {
    if (!name.empty()) disease.names.push_back(std::move(name));
  };
  call(trimmed(row.field(17)));
  for (const std::size_t first : {std::size_t{1}, std::size_t{4}}) {
    const std::string code = trimmed(id.component(first));
    std::string name = trimmed(id.component(first + 1));
    const CodeRow* no_code = code.empty() || uncoded == nullptr ? nullptr : uncoded->find(code);
    if (no_code != nullptr) {
      disease.is_uncoded = true;
    } else if (std::string system = trimmed(id.component(first + 2)); system == "MDCDX2") {
      disease.standard = code;
    } else if (!code.empty()) {
      disease.own_codes.emplace_back(code, std::move(system));
    }
    if (no_code == nullptr || name != no_code->to_display) call(std::move(name));
  }
  return disease;
}

/// A code that was added, and a name that was changed beside the same code, make no other disease; nothing
/// said is no proof. Of what has no standard code but that for "has none" the names alone tell: a code of the
/// hospital's own may be that of many.
bool are_other_diseases(const Disease& one, const Disease& other) {
  if (!one.is_told() || !other.is_told()) return false;
  if (one.is_called_as(other) || other.is_called_as(one)) return false;
  const bool both_standard = !one.standard.empty() && !other.standard.empty();
  if (!both_standard && (one.is_uncoded || other.is_uncoded))
    return !one.names.empty() && !other.names.empty();
  return !one.shares_code_with(other);
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
  if (!are_other_diseases(disease_of(newer.segment, uncoded), disease_of(older.segment, uncoded)))
    return std::nullopt;
  return Failure{
      FailureCode::map_bad_value,
      {.segment = std::string(kProblem), .occurrence = newer.segment.occurrence(), .field = 4},
      SafeText::vouched("one number for two diseases (PRB-3): " + described(newer) + ", and " +
                        described(older) + "; give each a number of its own, or say in PRB-4.2 who gave it")};
}

}  // namespace fhir_mapper
