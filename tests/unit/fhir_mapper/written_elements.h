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
  std::string document;    // "PPR-01"
  std::string from;        // "`PRB-14.1`"
  std::string tables;      // " by table `ended-outcomes`"
  std::string rest;        // ", held when none"
  std::string conditions;  // " (depends on `PRB-9`)"
  bool fixed = false;

  std::string text() const { return from + tables + rest; }
  friend bool operator==(const WrittenSource&, const WrittenSource&) = default;
};
/// In the order in which they are asked.
using Sources = std::vector<WrittenSource>;
/// By element: "code.coding:medisRecordNo.code".
using WrittenElements = std::map<std::string, Sources>;

/// By the name of the profile: "JP_Condition_eCS", and "JP_Encounter" of what is contained.
std::map<std::string, WrittenElements> written_elements(const Mapping& mapping, const ProfilePack& pack);

/// Adds what a resource in JSON holds, but nothing of the resources in it.
void add_written(const Node& resource, std::string_view profile, const ProfilePack& pack,
                 WrittenElements& elements);

/// "`PRB-3(MDCDX2).1`, `PRB-3.1`; held when none"
std::string told(const Sources& sources, const WrittenElements& all);

}  // namespace fhir_mapper::test
