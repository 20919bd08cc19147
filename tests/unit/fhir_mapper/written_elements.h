#pragma once
// What the loaded rules can write, by profile and element, in the words of the page
// config/profiles/README.md.

#include "fhir_mapper/mapping.h"
#include "fhir_mapper/profile_pack.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace fhir_mapper::test {

/// What one rule says of an element.
struct WrittenSource {
  std::string resource;    // "Condition"
  std::string text;        // "`PRB-7`, held when none"
  std::string conditions;  // " (depends on `PRB-9`)"
  bool fixed = false;
};
/// In the order in which they are asked.
using Sources = std::vector<WrittenSource>;
/// By element: "code.coding:medisRecordNo.code".
using WrittenElements = std::map<std::string, Sources>;

/// By the name of the profile: "JP_Condition_eCS", and "JP_Encounter" of what is contained.
std::map<std::string, WrittenElements> written_elements(const Mapping& mapping, const ProfilePack& pack);

/// "`PRB-3(MDCDX2).1`, `PRB-3.1`; held when none"
std::string told(const Sources& sources, const WrittenElements& all);

}  // namespace fhir_mapper::test
