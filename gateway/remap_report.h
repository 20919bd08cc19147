#pragma once
// What `remap --dry-run` prints: every unit that would change as it is found (JSON lines, or with values),
// the changes grouped by rule (text), and the totals. Values only when asked for: they are a patient's. One
// thread.

#include "gateway/element_difference.h"

#include <cstdint>
#include <iosfwd>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gateway {

/// What would become of one unit at one destination.
struct RemapFinding {
  enum class Change {
    none,          // the same content: only the version is noted
    by_rules,      // `elements`
    otherwise,     // the rules of then would make the same of today's documents today: ages are of the day
    unknown,       // it would change, but the rules of then are not kept, or not understood any more
    held,          // or rejected, for `reason`; what was sent stands
    not_compared,  // it waits, or its documents change just now
  };
  Change change = Change::none;
  bool taken_back = false;  // nothing would be left to report: a delete is sent
  std::string bundle_id;
  std::string destination;
  std::string reason;  // held: its id
  std::vector<ElementDifference> elements;
};

class RemapReport {
 public:
  enum class Format { text, json_lines };
  enum class Values { hidden, shown };
  RemapReport(std::ostream& out, Format format, Values values)
      : out_(out), format_(format), values_(values) {}

  void add(const RemapFinding& finding);
  /// Prints the groups and the totals.
  void finish();

 private:
  struct Group {
    std::int64_t units = 0;
    std::map<std::string, std::int64_t> elements;  // "Condition.code.text" -> how often
    std::vector<std::string> examples;             // Bundle-IDs
  };
  void count(const RemapFinding& finding);
  void print_json(const RemapFinding& finding);
  void print_values(const RemapFinding& finding);
  void print_groups();
  void print_totals_json();
  std::int64_t of(RemapFinding::Change change) const;

  std::ostream& out_;
  Format format_;
  Values values_;
  std::map<RemapFinding::Change, std::int64_t> changes_;
  std::map<std::string, std::int64_t> held_reasons_;
  std::int64_t taken_back_ = 0;
  std::map<std::pair<std::string, std::string>, Group> groups_;  // by rule now and before
};

}  // namespace gateway
