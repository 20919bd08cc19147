#pragma once
// A mapping, loaded: rules compiled from the XML files into a plan in which everything is looked up already.
// Immutable, shared by all threads.

#include "fhir_mapper/code_chain.h"
#include "fhir_mapper/fhir_tree.h"
#include "fhir_mapper/normaliser.h"
#include "fhir_mapper/pattern.h"
#include "fhir_mapper/rule_identity.h"
#include "fhir_mapper/source.h"
#include "ssmix2/data_type.h"
#include "ssmix2/failure.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

/// One comparison of a when="...".
struct Clause {
  enum class Test { present, absent, equals, differs, in_table, not_in_table, matches };
  Test test = Test::present;
  Source source;
  std::vector<std::string> values;  // equals, differs: any of these
  std::optional<CodeChain> codes;   // in_table, not_in_table
  std::optional<Pattern> pattern;   // matches: the whole value
};
/// when="A and B or C": it holds when all clauses of one alternative do. Empty: always.
struct Condition {
  std::vector<std::vector<Clause>> alternatives;
};

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
  const RuleIdentity* identity = nullptr;  // never null after loading; of the Mapping
  Path path;
  Condition when;

  // value
  std::vector<Source> from;  // in order of preference
  std::optional<std::string> constant;
  std::optional<Leaf> constant_leaf;     // the constant, converted, but for times
  std::optional<std::string> otherwise;  // used when no source gives a value
  std::optional<std::string> join;       // all sources, joined, instead of the first
  std::optional<CodeChain> codes;        // table="..."
  enum class TableColumn { code, display, system } column = TableColumn::code;
  std::string table_system;        // only rows of this from_system
  bool unknown_is_todo = true;     // a code that the table does not know belongs on the list of codes to do
  std::optional<Pattern> matches;  // a source's whole value; its first group, when it has one, is taken
  std::vector<const Normaliser*> normalisers;  // with="...", one after the other
  std::optional<std::string> format;           // "urn:oid:1.2.392.{}": the value stands where {} is
  Conversion conversion = Conversion::text;
  IfMissing if_missing = IfMissing::nothing;
  std::optional<ssmix2::FailureCode> held_as;  // the reason of hold, instead of the value's own

  // object, first
  std::optional<Source> each;
  std::vector<Rule> children;
};

/// Where the end date of a row stands. Of several that apply the latest counts.
struct Ended {
  const RuleIdentity* identity = nullptr;
  std::vector<Source> from;
  Condition when;
};

struct LeaveOut {
  const RuleIdentity* identity = nullptr;
  Condition when;
  std::string reason;
};

/// What of a document is not sent on purpose, for the account of its values.
struct Ignore {
  const RuleIdentity* identity = nullptr;
  std::string segment;
  std::size_t field = 0;      // 0: the whole segment
  std::size_t component = 0;  // 0: the whole field
  std::string reason;
};

/// How the rows of one kind of document become resources of one type.
struct ResourceRule {
  const RuleIdentity* identity = nullptr;
  std::string id;    // "condition"
  std::string type;  // "Condition"
  ssmix2::DataType document = ssmix2::DataType::ADT_00;
  std::string row;                    // segment
  std::vector<std::string> segments;  // all that sources read: Source::slot is an index into it
  // What names one instance for its whole life: the first alternative that has a value, its sources joined by
  // "_".
  std::vector<std::vector<Source>> instance;
  std::vector<Ended> ended;  // for the window of five years
  std::vector<LeaveOut> leave_out;
  std::vector<Ignore> ignored;
  std::vector<Rule> rules;
};

class Mapping {
 public:
  const ResourceRule* find(std::string_view resource_type, ssmix2::DataType document) const;
  const CodeTable* table(std::string_view name) const;
  const std::vector<ResourceRule>& resources() const { return resources_; }
  /// Every rule, those of templates once, in the order of the files.
  const std::deque<RuleIdentity>& rules() const { return rules_; }

 private:
  friend class MappingBuilder;
  std::shared_ptr<const CodeTables> tables_;  // rules point into it
  std::deque<RuleIdentity> rules_;            // and into this
  Tree constants_;                            // and what is converted already into this
  std::vector<ResourceRule> resources_;
};

}  // namespace fhir_mapper
