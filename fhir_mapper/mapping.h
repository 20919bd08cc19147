#pragma once
// A mapping, loaded: rules compiled from the XML files, immutable and shared by all threads.

#include "fhir_mapper/code_table.h"
#include "fhir_mapper/source.h"
#include "ssmix2/data_type.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

/// Where a rule stands, for errors and --explain: "condition.xml:12".
struct RuleOrigin {
  std::string file;
  int line = 0;
  int column = 0;

  std::string text() const { return file + ":" + std::to_string(line); }
};

/// One clause of when="...": clauses are joined by `and`.
struct Clause {
  enum class Test { present, absent, equals, differs, in_table, not_in_table, matches };
  Test test = Test::present;
  Source source;
  std::vector<std::string> values;  // equals, differs: any of these
  const CodeTable* table = nullptr;
  std::shared_ptr<const std::regex> pattern;  // matches: the whole value
};
using Condition = std::vector<Clause>;

/// How text becomes a FHIR value.
enum class Conversion {
  text,              // as it stands
  code,              // without spaces around it: FHIR codes may not have any
  decimal,           // a FHIR decimal with its own digits
  compared_decimal,  // the number behind a comparison sign: "< 0.5"
  comparator,        // the sign itself, as FHIR writes it: < <= > >=
  date,
  date_time,
  instant,
  integer,
  boolean,
};

/// What happens when a value rule finds nothing.
enum class IfMissing {
  nothing,  // the element is left out
  drop,     // the enclosing object is left out
  hold,     // the whole report unit is held
};

/// "code.coding[]": members from the outside in; [] appends to an array.
struct PathStep {
  std::string name;
  bool append = false;
};
using Path = std::vector<PathStep>;

struct Rule {
  enum class Kind { value, object, first };

  Kind kind = Kind::value;
  RuleOrigin origin;
  Path path;
  Condition when;

  // value
  std::vector<Source> from;  // in order of preference
  std::optional<std::string> constant;
  std::optional<std::string> otherwise;  // used when no source gives a value
  std::optional<std::string> join;       // all sources, joined, instead of the first
  const CodeTable* table = nullptr;
  enum class TableColumn { code, display, system } column = TableColumn::code;
  std::string table_system;  // only rows of this from_system
  std::shared_ptr<const std::regex>
      matches;                        // a source's whole value; its first group, when it has one, is taken
  std::optional<std::string> format;  // "urn:oid:1.2.392.{}": the value stands where {} is
  Conversion conversion = Conversion::text;
  IfMissing if_missing = IfMissing::nothing;

  // object, first
  std::optional<Source> each;
  std::vector<Rule> children;
};

/// Where the end date of a row stands. Of several that apply the latest counts.
struct Ended {
  std::vector<Source> from;
  Condition when;
};

struct LeaveOut {
  RuleOrigin origin;
  Condition when;
  std::string reason;
};

/// How the rows of one kind of document become resources of one type.
struct ResourceRule {
  RuleOrigin origin;
  std::string id;    // "condition"
  std::string type;  // "Condition"
  ssmix2::DataType document = ssmix2::DataType::ADT_00;
  std::string row;  // segment
  // What names one instance for its whole life: the first alternative that has a value, its sources joined by
  // "_".
  std::vector<std::vector<Source>> instance;
  std::vector<Ended> ended;  // for the window of five years
  std::vector<LeaveOut> leave_out;
  std::vector<Rule> rules;
};

class Mapping {
 public:
  const ResourceRule* find(std::string_view resource_type, ssmix2::DataType document) const;
  const CodeTable* table(std::string_view name) const;
  const std::vector<ResourceRule>& resources() const { return resources_; }

 private:
  friend class MappingBuilder;
  std::shared_ptr<const CodeTables> tables_;  // rules point into it
  std::vector<ResourceRule> resources_;
};

}  // namespace fhir_mapper
