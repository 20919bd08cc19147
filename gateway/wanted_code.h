#pragma once
// A code that a report unit's rules looked up and no table knows. It may be patient data: a rule can look up
// any field, and a field may hold anything. Pure.

#include "fhir_mapper/row_mapper.h"
#include "fhir_mapper/unit_mapper.h"
#include "gateway/document_table.h"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace gateway {

struct WantedCode {
  std::string table;
  std::string system;    // empty: the document names none
  std::string code;      // as it stands in the document
  std::string rules;     // that wanted it, one a line
  bool holds = false;    // the unit waits for it
  std::string document;  // one that has it: "main/000/000/0000000017/-/PPR-01/…"

  friend bool operator==(const WantedCode&, const WantedCode&) = default;
};

/// A document of the unit, as the mapper saw it.
struct SearchedDocument {
  DocumentRef ref;
  fhir_mapper::UnitDocument content;
};

/// Every code once, whatever number of rows, rules and destinations want it.
class WantedCodes {
 public:
  /// `documents` are looked through for the one to name; the first serves when none has the code at its
  /// place.
  void add(const std::vector<fhir_mapper::MissingCode>& missing,
           const std::vector<SearchedDocument>& documents);
  /// In the order of table, system and code; those that hold the unit are never cut off.
  std::vector<WantedCode> list() const;

  /// A unit that wants more has a mapping that looks up free text: the list needs no more of it.
  static constexpr std::size_t kMost = 200;

 private:
  struct Wish {
    std::set<std::string> rules;
    bool holds = false;
    std::string document;
  };
  std::map<std::tuple<std::string, std::string, std::string>, Wish> wishes_;
};

}  // namespace gateway
