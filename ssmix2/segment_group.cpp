#include "ssmix2/segment_group.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <span>

namespace ssmix2 {
namespace {

/// A segment that begins a group. What follows belongs to the innermost group open at that point.
struct Opener {
  enum class Kind {
    begins,  // always a new group
    joins,   // the open group of its depth, when that has no such segment and no rows yet
    row,     // a group of the segment, its notes and Z-segments: everything else is of the group around it
    run,     // rows that follow each other directly, and what follows the last is of all of them
  };
  std::string_view segment;
  std::size_t depth;  // 1 = directly below the message
  Kind kind = Kind::begins;
};

constexpr std::array kProblems = {Opener{"PRB", 1}};
// ORC stands before OBR in some storages and after it in others.
constexpr std::array kLaboratory = {Opener{"SPM", 1}, Opener{"OBR", 2, Opener::Kind::joins},
                                    Opener{"ORC", 2, Opener::Kind::joins},
                                    Opener{"OBX", 3, Opener::Kind::row}};
// The drugs of one mixture are given as RXA after RXA with one RXR behind them.
constexpr std::array kPharmacy = {Opener{"ORC", 1}, Opener{"RXE", 2}, Opener{"RXA", 3, Opener::Kind::run}};
constexpr std::array kDiet = {Opener{"ORC", 1}, Opener{"ODS", 2}};

// What speaks of the patient or the message ends every group.
constexpr std::array<std::string_view, 16> kMessageSegments = {"MSH", "SFT", "EVN", "PID", "PD1", "NK1",
                                                               "PV1", "PV2", "DB1", "AL1", "IAM", "IN1",
                                                               "IN2", "IN3", "MRG", "ROL"};

std::span<const Opener> grammar_of(DataType type) {
  if (type == DataType::PPR_01) return kProblems;
  if (type == DataType::OMD) return kDiet;
  const std::string_view family = info(type).name.substr(0, 3);
  if (family == "OML" || family == "OMG") return kLaboratory;
  if (family == "OMP") return kPharmacy;
  return {};
}

/// Notes, and what a site added (HL7 v2.5, 2.12: names that begin with Z), follow what they speak of.
bool speaks_of_row(std::string_view name) {
  return name == "NTE" || name.starts_with('Z');
}

/// The item of a result in this triplet of OBX-3, without what stands behind & in it.
std::string_view item_of(const Segment& result, std::size_t component) {
  return result.field(3).component(component).subcomponent(1).raw();
}

// A code of JLAC10 begins with the analyte; remarks may name that alone, for all codes with it.
constexpr std::size_t kAnalyteSize = 5;
constexpr std::size_t kShortestCode = 15;

bool is_analyte_of(std::string_view item, std::string_view code) {
  return item.size() == kAnalyteSize && code.size() >= kShortestCode && code.starts_with(item);
}

/// The items that a remark names in the two triplets of OBX-3; none of what is no remark.
struct Remarked {
  std::array<std::string_view, 2> items;

  bool any() const { return !items[0].empty() || !items[1].empty(); }
};

/// JAHIS: OBX-3 of a remark on a result has the result's item and, behind &, what kind of remark it is.
Remarked remarked_by(const Segment& segment) {
  const Value named = segment.field(3);
  const auto item = [&](std::size_t component) {
    const bool is_remark = !named.component(component).subcomponent(2).empty();
    return is_remark ? item_of(segment, component) : std::string_view();
  };
  return {{item(1), item(4)}};
}

bool is_of_item(const Segment& result, const Remarked& remarked) {
  for (const std::size_t component : {std::size_t{1}, std::size_t{4}}) {
    const std::string_view code = item_of(result, component);
    for (const std::string_view item : remarked.items) {
      if (!item.empty() && (item == code || is_analyte_of(item, code))) return true;
    }
  }
  return false;
}

class Grouping {
 public:
  Grouping(DataType type, std::string_view row_segment)
      : openers_(grammar_of(type)), row_segment_(row_segment) {}

  Remarked remarked(const Segment& segment) const {
    return is_laboratory() && segment.name() == "OBX" ? remarked_by(segment) : Remarked{};
  }

  /// Whether it speaks of the result before it.
  bool is_on_current(const Remarked& remarked) const {
    const SegmentGroup& group = groups_[current_];
    return remarked.any() && group.is_row && is_of_item(group.segments.front(), remarked);
  }

  void add_to_current(const Segment& segment) { groups_[current_].segments.push_back(segment); }

  /// Puts the segment into its group and returns the group's index.
  std::size_t place(const Segment& segment) {
    const std::string_view name = segment.name();
    if (std::ranges::find(kMessageSegments, name) != kMessageSegments.end()) close_to_depth(0);
    const bool ends_row = !speaks_of_row(name) || name == row_segment_;
    if (groups_[current_].is_row && ends_row) current_ = groups_[current_].parent;

    const auto opener = std::ranges::find(openers_, name, &Opener::segment);
    if (opener != openers_.end()) {
      open(*opener);
    } else if (name == row_segment_ && current_ == 0) {
      open_row();
    }
    groups_[current_].segments.push_back(segment);
    return current_;
  }

  bool is_laboratory() const { return openers_.data() == kLaboratory.data(); }

  std::vector<SegmentGroup> take_groups() { return std::move(groups_); }

 private:
  void close_to_depth(std::size_t depth) {
    while (groups_[current_].depth > depth) current_ = groups_[current_].parent;
  }

  void open(const Opener& opener) {
    switch (opener.kind) {
      case Opener::Kind::begins:
        open_group(opener.depth);
        return;
      case Opener::Kind::joins:
        if (!can_join(opener)) open_group(opener.depth);
        return;
      case Opener::Kind::row:
        close_to_depth(opener.depth - 1);
        open_row();
        return;
      case Opener::Kind::run:
        if (groups_[current_].depth != opener.depth || !groups_[current_].segments.empty()) {
          open_group(opener.depth);
        }
        open_row();
        return;
    }
  }

  void open_group(std::size_t depth) {
    close_to_depth(depth - 1);
    groups_.push_back({.parent = current_, .depth = depth});
    current_ = groups_.size() - 1;
  }

  void open_row() {
    groups_[current_].has_rows = true;
    groups_.push_back({.parent = current_, .depth = groups_[current_].depth + 1, .is_row = true});
    current_ = groups_.size() - 1;
  }

  bool can_join(const Opener& opener) const {
    const SegmentGroup& group = groups_[current_];
    return group.depth == opener.depth && !group.is_row && !group.has_rows &&
           std::ranges::find(group.segments, opener.segment, &Segment::name) == group.segments.end();
  }

  std::span<const Opener> openers_;
  std::string_view row_segment_;
  std::vector<SegmentGroup> groups_{SegmentGroup{}};  // the first is the message itself
  std::size_t current_ = 0;
};

using PlacedRow = std::pair<Segment, std::size_t>;  // and the index of its group

/// Remarks that do not stand behind their result, brought to it where their group (an OBR's) has one result
/// of that item. Any other stays a row by itself: what becomes of it the rules say.
class StrayRemarks {
 public:
  StrayRemarks(std::vector<PlacedRow>& rows, std::vector<SegmentGroup>& groups)
      : rows_(rows), groups_(groups) {}

  void bring() {
    const auto is_stray = [](const PlacedRow& row) { return remarked_by(row.first).any(); };
    for (const PlacedRow& row : rows_) {
      if (!is_stray(row)) index(row);
    }
    std::erase_if(rows_, [&](const PlacedRow& row) { return is_stray(row) && has_joined(row); });
  }

 private:
  void index(const PlacedRow& row) {
    for (const std::size_t component : {std::size_t{1}, std::size_t{4}}) {
      const std::string_view code = item_of(row.first, component);
      if (code.empty()) continue;
      add(code, row.second);
      if (code.size() >= kShortestCode) add(code.substr(0, kAnalyteSize), row.second);
    }
  }

  void add(std::string_view item, std::size_t group) {
    const auto [at, is_new] = result_of_.try_emplace({groups_[group].parent, item}, group);
    if (!is_new && at->second != group) at->second = kSeveral;
  }

  bool has_joined(const PlacedRow& remark) {
    SegmentGroup& own = groups_[remark.second];
    for (const std::string_view item : remarked_by(remark.first).items) {
      const auto found = result_of_.find({own.parent, item});
      if (item.empty() || found == result_of_.end() || found->second == kSeveral) continue;
      std::ranges::move(own.segments, std::back_inserter(groups_[found->second].segments));
      own.segments.clear();
      return true;
    }
    return false;
  }

  static constexpr std::size_t kSeveral = 0;  // the message's own group, which is no row's

  std::vector<PlacedRow>& rows_;
  std::vector<SegmentGroup>& groups_;
  std::map<std::pair<std::size_t, std::string_view>, std::size_t> result_of_;  // by group around it and item
};

}  // namespace

const SegmentGroup* Row::nearest_with(std::string_view name) const {
  for (std::size_t index = own_;; index = (*groups_)[index].parent) {
    const SegmentGroup& group = (*groups_)[index];
    if (std::ranges::find(group.segments, name, &Segment::name) != group.segments.end()) return &group;
    if (index == 0 || name == "NTE") return nullptr;
  }
}

std::optional<Segment> Row::find(std::string_view name) const {
  if (row_.name() == name) return row_;
  const SegmentGroup* const group = nearest_with(name);
  if (group == nullptr) return std::nullopt;
  return *std::ranges::find(group->segments, name, &Segment::name);
}

std::vector<Segment> Row::all(std::string_view name) const {
  std::vector<Segment> found;
  const auto add_of = [&](const SegmentGroup& group) {
    std::ranges::copy_if(group.segments, std::back_inserter(found),
                         [&](const Segment& segment) { return segment.name() == name; });
  };
  if (name == "NTE") {
    add_of((*groups_)[own_]);
    for (std::size_t index = (*groups_)[own_].parent; index != 0; index = (*groups_)[index].parent) {
      add_of((*groups_)[index]);
    }
  } else if (const SegmentGroup* const group = nearest_with(name)) {
    add_of(*group);
  }
  return found;
}

std::vector<Row> rows_of(const Message& message, DataType type, std::string_view row_segment) {
  Grouping grouping(type, row_segment);
  std::vector<PlacedRow> found;
  bool has_stray_remarks = false;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const Segment segment = message.segment(i);
    const Remarked remarked = grouping.remarked(segment);
    if (grouping.is_on_current(remarked)) {
      grouping.add_to_current(segment);
      continue;
    }
    has_stray_remarks = has_stray_remarks || remarked.any();
    const std::size_t group = grouping.place(segment);
    if (segment.name() == row_segment) found.emplace_back(segment, group);
  }
  std::vector<SegmentGroup> placed = grouping.take_groups();
  if (has_stray_remarks && row_segment == "OBX") StrayRemarks(found, placed).bring();
  const auto groups = std::make_shared<const std::vector<SegmentGroup>>(std::move(placed));
  std::vector<Row> rows;
  rows.reserve(found.size());
  for (const auto& [segment, own] : found) rows.push_back(Row(segment, groups, own));
  return rows;
}

}  // namespace ssmix2
