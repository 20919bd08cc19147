#include "tests/unit/fhir_mapper/profile_page.h"

#include "tests/unit/fhir_mapper/profile_elements.h"
#include "tests/unit/fhir_mapper/support.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace fhir_mapper::test {
namespace {

const std::string kPage = KAKEHASHI_SOURCE_DIR "/config/profiles/README.md";

using Cells = std::vector<std::string>;

Cells lines_of(const std::string& text) {
  std::istringstream stream(text);
  Cells lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// "| a | b |", where a bar inside is written \|.
Cells cells_of(const std::string& line) {
  Cells cells;
  std::string cell;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] != '|' || line[i - 1] == '\\') {
      cell += line[i];
      continue;
    }
    const std::size_t begin = cell.find_first_not_of(' ');
    const std::size_t end = cell.find_last_not_of(' ');
    cells.push_back(begin == std::string::npos ? "" : cell.substr(begin, end - begin + 1));
    cell.clear();
  }
  return cells;
}

/// The lines of the rows, without header.
std::pair<std::size_t, std::size_t> table_lines(const Cells& lines, const std::string& name) {
  const auto mark = std::ranges::find(lines, "<!-- " + name + " -->");
  if (mark == lines.end()) throw std::runtime_error("the page has no <!-- " + name + " -->");
  const std::size_t begin = static_cast<std::size_t>(mark - lines.begin()) + 3;
  std::size_t end = begin;
  while (end < lines.size() && lines[end].starts_with('|')) ++end;
  return {begin, end};
}

/// One walk over what a pack, FHIR and the rules know of a resource.
class Rows {
 public:
  explicit Rows(const WrittenElements& written) : written_(written) {}

  void walk(const ElementView& now, const ElementView& later, const std::string& element) {
    if (now.type() == nullptr || now.is_of_resources()) return;
    const TypePlan& type = *now.type();
    for (std::size_t index = 0; index < type.groups.size(); ++index) {
      const auto group = static_cast<std::uint16_t>(index);
      const std::string name = joined(element, type.groups[index]);
      const bool choice = type.groups[index].ends_with("[x]");
      const std::vector<const MemberPlan*> members = written_members(type, group, element);
      const ElementView now_child = now.child(group);
      const ElementView later_child = later.child(group);
      const bool itself = is_written_itself(name, members);
      const bool only_in_slices = !members.empty() && !itself;
      const bool wanted = now_child.is_constrained() || later_child.is_constrained() ||
                          (now_child.is_required_by_fhir() && !only_in_slices);
      if (!element.empty() && !wanted && !itself) continue;
      add(name, now_child.cardinality(), later_child.cardinality(), !members.empty());
      if (only_in_slices) rows.back().source = kInSlices;
      if (only_in_slices) continue;
      for (const MemberPlan* const member : members) {
        if (choice) {
          const MemberPlan& same = *later.type()->find(member->name());
          add(joined(element, member->name()), "", "", true);
          inside(now_child.as(*member), later_child.as(same), joined(element, member->name()));
        } else {
          inside(now_child, later_child, name);
        }
      }
    }
  }

  std::vector<PageRow> rows;

 private:
  std::vector<const MemberPlan*> written_members(const TypePlan& type, std::uint16_t group,
                                                 const std::string& element) const {
    std::vector<const MemberPlan*> found;
    for (const MemberPlan& member : type.members) {
      if (member.group == group && is_written(joined(element, member.name()))) found.push_back(&member);
    }
    return found;
  }

  /// The slices of an element and what is below it.
  void inside(const ElementView& now, const ElementView& later, const std::string& element) {
    const auto later_slices = later.slices();
    for (const SliceView& slice : now.slices()) {
      const std::string name = element + ":" + slice.name;
      const auto same = std::ranges::find(later_slices, slice.name, &SliceView::name);
      if (same == later_slices.end()) throw std::runtime_error("the newer pack has no " + name);
      add(name, slice.cardinality, same->cardinality, is_written(name));
      if (is_written(name)) walk(now.in(slice), later.in(*same), name);
    }
    walk(now, later, element);
  }

  /// Not in slices of what it stands in alone.
  bool is_written_itself(const std::string& element, const std::vector<const MemberPlan*>& members) const {
    const std::string around = element.substr(0, element.rfind('.') + 1);
    return std::ranges::any_of(members, [&](const MemberPlan* member) {
      const std::string name = around + std::string(member->name());
      return std::ranges::any_of(written_,
                                 [&](const auto& each) { return is_itself_at_or_below(each.first, name); });
    });
  }

  bool is_written(const std::string& element) const {
    return std::ranges::any_of(written_,
                               [&](const auto& each) { return is_at_or_below(each.first, element); });
  }

  void add(const std::string& element, const std::string& now, const std::string& later, bool written) {
    const auto sources = written_.find(element);
    std::string source;
    if (written) source = kBelow;
    if (sources != written_.end() && !sources->second.empty()) source = told(sources->second, written_);
    rows.push_back({element, now, now == later ? "" : later, source, written});
  }

  const WrittenElements& written_;
};

}  // namespace

std::vector<PageRow> rows_of_profile(std::string_view profile, const WrittenElements& written,
                                     const ProfilePack& pack, const ProfilePack& newer) {
  Rows rows(written);
  rows.walk(ElementView(profile_named(pack, profile)), ElementView(profile_named(newer, profile)), "");
  return std::move(rows.rows);
}

bool says(std::string_view cell, std::string_view source) {
  return cell.starts_with(source) &&
         (cell.size() == source.size() || cell.substr(source.size()).starts_with(kRemark));
}

std::string page_text() {
  return read_file(kPage);
}

std::vector<std::string> profiles_of_page() {
  const std::string_view before = "<!-- profile: ";
  std::vector<std::string> names;
  for (const std::string& line : lines_of(page_text())) {
    if (line.starts_with(before))
      names.push_back(line.substr(before.size(), line.size() - before.size() - 4));
  }
  return names;
}

std::vector<std::vector<std::string>> page_table(const std::string& name) {
  const Cells lines = lines_of(page_text());
  const auto [begin, end] = table_lines(lines, name);
  std::vector<Cells> rows;
  for (std::size_t i = begin; i < end; ++i) rows.push_back(cells_of(lines[i]));
  return rows;
}

std::vector<PageRow> page_rows(std::string_view profile) {
  std::vector<PageRow> rows;
  for (const Cells& cells : page_table("profile: " + std::string(profile))) {
    if (cells.size() != 4 || cells[0].size() < 3)
      throw std::runtime_error("a row of another form: " + cells[0]);
    rows.push_back({cells[0].substr(1, cells[0].size() - 2), cells[1], cells[2], cells[3],
                    !cells[3].starts_with(kNotSent)});
  }
  return rows;
}

void replace_page_table(const std::string& name, const std::vector<std::vector<std::string>>& rows) {
  const Cells lines = lines_of(page_text());
  const auto [begin, end] = table_lines(lines, name);
  std::ofstream page(kPage, std::ios::binary);
  for (std::size_t i = 0; i < begin; ++i) page << lines[i] << "\n";
  for (const Cells& cells : rows) {
    page << "|";
    for (const std::string& cell : cells) page << (cell.empty() ? "" : " ") << cell << " |";
    page << "\n";
  }
  for (std::size_t i = end; i < lines.size(); ++i) page << lines[i] << "\n";
}

std::vector<std::vector<std::string>> with_remarks(const std::vector<PageRow>& rows,
                                                   const std::vector<PageRow>& page, bool by_hand) {
  std::vector<Cells> all;
  for (const PageRow& row : rows) {
    std::string source = row.written ? row.source : std::string(kNotSent);
    const auto old = std::ranges::find(page, row.element, &PageRow::element);
    if (old != page.end() && !row.written) source = old->source;
    if (old != page.end() && row.written) {
      const std::size_t remark = old->source.find(kRemark);
      if (remark != std::string::npos) source.append(old->source.substr(remark));
    }
    if (by_hand && row.written && old != page.end() && old->written) source = old->source;
    if (!row.written && !source.starts_with(kNotSent)) source = kNotSent;
    all.push_back({"`" + row.element + "`", row.cardinality, row.newer, source});
  }
  return all;
}

}  // namespace fhir_mapper::test
