#pragma once
// A case of a mapping: documents as its author writes them, and what must come out. Read from *.case.xml
// beside the mapping; config/README.md explains the format. Immutable after parsing. Pure.

#include "fhir_mapper/node_path.h"
#include "fhir_mapper/unit_mapper.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace fhir_mapper {

struct CaseDocument {
  ssmix2::DocumentName name;
  ssmix2::Message message;
};

/// One thing that must come out.
struct Expectation {
  enum class Kind {
    element,       // the element at `path` is `text`
    absent,        // what is around `path` is there, and `path` is not
    count,         // there are `number` of `path`
    json,          // the element at `path`, as JSON, is `text`
    left_out,      // `number` rows were left out
    held,          // failure `text` at `place`
    warning,       // the same, as a warning
    missing_code,  // code `text` is not in `table`, at `place`
  };
  Kind kind = Kind::element;
  RuleOrigin origin;
  std::optional<NodePath> path;
  std::string text;
  std::size_t number = 0;
  std::string place;  // "SPM[1]-4.2"; empty: any
  std::string table;
};

struct MappingCase {
  RuleOrigin origin;
  ConfigOrigin owner = ConfigOrigin::shipped;
  std::string name;
  UnitKind unit = UnitKind::condition;
  std::vector<CaseDocument> documents;  // of the unit; none: it is made of the AL1 of the ADT-00
  std::optional<CaseDocument> master;   // the ADT-00
  UnitSettings settings;
  std::vector<Expectation> expectations;
};

/// Every mistake in every file, or the cases in their order. A case of the site replaces the shipped one of
/// the same name.
boost::system::result<std::vector<MappingCase>, ConfigErrors> parse_cases(
    const std::vector<ConfigFile>& files);

}  // namespace fhir_mapper
