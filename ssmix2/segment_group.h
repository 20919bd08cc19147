#pragma once
// Rows of a document with the segments in whose group they stand, by a state machine that tolerates the
// orders really seen (ORC before or after OBR, missing PV1, notes anywhere) instead of a strict grammar.

#include "ssmix2/data_type.h"
#include "ssmix2/hl7_message.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace ssmix2 {

struct SegmentGroup {
  std::size_t parent = 0;  // index; of the message's own group its own
  std::size_t depth = 0;   // 0: the message's own segments
  bool is_row = false;     // with the notes and Z-segments behind it
  bool has_rows = false;
  std::vector<Segment> segments = {};
};

/// One row segment (PRB, IAM, AL1, OBX, RXE, PID) and what belongs to it. Views into the Message.
class Row {
 public:
  const Segment& segment() const { return row_; }
  /// The row itself, else the first of that name in its own group, in the enclosing groups, in the message.
  /// NTE only in its own group: a note speaks of what it follows and must not move to its neighbours.
  std::optional<Segment> find(std::string_view name) const;
  /// All of that name in the nearest group that has any. NTE: those of its own group, and then those of the
  /// groups around it, which speak of all rows in them (of an OBR, all its results); not the message's own.
  std::vector<Segment> all(std::string_view name) const;
  /// Of its own group, the row among them: what belongs to no other row.
  const std::vector<Segment>& own_segments() const { return (*groups_)[own_].segments; }

 private:
  using Groups = std::shared_ptr<const std::vector<SegmentGroup>>;  // of the message, for all its rows

  friend std::vector<Row> rows_of(const Message&, DataType, std::string_view);
  Row(Segment row, Groups groups, std::size_t own) : row_(row), groups_(std::move(groups)), own_(own) {}

  /// Its own group, or the nearest one around it, that has a segment of that name. Null: none has.
  const SegmentGroup* nearest_with(std::string_view name) const;

  Segment row_;
  Groups groups_;
  std::size_t own_;  // index of its group
};

/// Rows of `row_segment` in the order of the message. Groups by data type:
///   PPR-01        PRB{ZPR ZPD NTE ZI1 ORC}
///   OML-*, OMG-*  SPM{OBX{NTE} OBR+ORC{TQ1 NTE IPC OBX{NTE}}}
///   OMP-*         ORC{NTE RXE{TQ1 RXR RXC OBX NTE {RXR OBX RXA{NTE} RXA{NTE}}}}
///   OMD           ORC{TQ1 ODS}
///   every other   the row alone with its NTE
/// Z-segments belong to what they follow. An OBX of a laboratory that is a remark (OBX-3 "ITEM&KIND", where
/// ITEM may be a JLAC10 code or its analyte alone) belongs to the result before it, when that is of the item,
/// else to the one result of that item in the same group; it is a row by itself where there is none, or
/// several. Segments of other rows' groups are never found.
std::vector<Row> rows_of(const Message& message, DataType type, std::string_view row_segment);

}  // namespace ssmix2
