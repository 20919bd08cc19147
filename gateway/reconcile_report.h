#pragma once
// What `reconcile` prints: every difference as it is found (JSON lines), or counts with a few examples of
// each reason (text), and the totals. One thread.

#include "gateway/difference.h"

#include <array>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gateway {

/// What was found about a patient or a folder, before it is believed: what is unexplained is looked at twice.
struct Findings {
  std::vector<Difference> differences;
  /// Files that are not compared, by reason and kind: there are too many to list them.
  using PassedOver = std::map<std::pair<DifferenceReason, std::string>, std::int64_t>;
  PassedOver passed_over;
  std::int64_t files = 0;  // in the tree
  std::int64_t known = 0;  // files that the database knows, without those that vanished
  std::int64_t units = 0;  // (unit, destination) that call for something, or did
  std::int64_t sent = 0;   // of those: the destination has the newest

  bool all_explained() const;
};

class ReconcileReport {
 public:
  enum class Format { text, json_lines };
  ReconcileReport(std::ostream& out, Format format) : out_(out), format_(format) {}

  void add(const Findings& findings);
  /// Prints the totals, and in text the reasons before them. True when every difference is explained.
  bool finish();

 private:
  void print(const Difference& difference);
  void print_reasons() const;

  struct OfReason {
    std::int64_t count = 0;
    std::vector<Difference> examples;
  };
  std::ostream& out_;
  Format format_;
  std::array<OfReason, kDifferenceReasons> reasons_;
  std::int64_t files_ = 0;
  std::int64_t known_ = 0;
  std::int64_t units_ = 0;
  std::int64_t sent_ = 0;
};

}  // namespace gateway
