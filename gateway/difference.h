#pragma once
// Where tree, known and sent are not the same, and why: a closed list of reasons, each of which either
// explains the difference or does not. Immutable; any thread.

#include <cstdint>
#include <string>
#include <string_view>

namespace gateway {

enum class DifferenceReason {
  // the tree against what is known of it
  storage_outage,
  storage_unreachable,
  folder_unreadable,
  folder_not_compared,
  file_ignored_type,
  file_out_of_scope,
  file_unknown_name,
  file_not_seen_yet,
  file_overlooked,
  file_settling,
  file_refused,
  file_no_reason,
  file_changed_lately,
  file_changed,
  file_gone_not_seen_yet,
  file_gone,
  file_missing,
  file_vanished,
  // what is known against what was sent
  unit_due,
  unit_waits,
  unit_held,
  unit_rejected,
  unit_pending,
  unit_in_result,
  unit_unknown,
  unit_not_compared,
  unit_aged,
  unit_other_rules,
  unit_not_made,
  unit_stale,
};
constexpr std::size_t kDifferenceReasons = static_cast<std::size_t>(DifferenceReason::unit_stale) + 1;

struct DifferenceKind {
  DifferenceReason reason;
  std::string_view id;  // stable: "file:settling"
  bool explained;
  std::string_view sentence;
};

const DifferenceKind& kind_of(DifferenceReason reason);

/// Paths and units identify persons: for a terminal, never for a log.
struct Difference {
  DifferenceReason reason = DifferenceReason::file_no_reason;
  std::string storage = {};      // of files and folders
  std::string path = {};         // below the storage's root
  std::string unit = {};         // of units: ReportUnit::key()
  std::string destination = {};  // of units
  std::string detail = {};
  std::int64_t count = 1;  // of what is counted and not listed one by one
};

}  // namespace gateway
