#include "tests/unit/fhir_mapper/golden_review.h"

#include "tests/unit/fhir_mapper/support.h"
#include "tests/unit/json_tree.h"

#include <map>
#include <sstream>
#include <stdexcept>

namespace fhir_mapper::test {
namespace {

using Elements = std::vector<std::pair<std::string, std::string>>;

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(' ') - begin + 1));
}

/// Of a table's row; a | that is part of a value is written \|.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::string cell;
  for (std::size_t at = 1; at < line.size(); ++at) {
    if (line[at] == '\\' && at + 1 < line.size() && line[at + 1] == '|') {
      cell += line[++at];
    } else if (line[at] == '|') {
      cells.push_back(trimmed(cell));
      cell.clear();
    } else {
      cell += line[at];
    }
  }
  return cells;
}

void add_elements(const Node& node, const std::string& where, Elements& all) {
  if (!node.is_object() && !node.is_array()) {
    std::string value(node.written());
    // A table's row is one line, and spaces at the ends of its cells say nothing.
    for (std::size_t at = value.find('\n'); at != std::string::npos; at = value.find('\n', at)) {
      value.replace(at, 1, "\\n");
    }
    if (value != trimmed(value)) value = '"' + value + '"';
    all.emplace_back(where, value);
    return;
  }
  std::size_t index = 0;
  for (const Node& child : node) {
    add_elements(
        child,
        node.is_array() ? where + "[" + std::to_string(index) + "]" : where + "." + std::string(child.name()),
        all);
    ++index;
  }
}

}  // namespace

std::vector<ReviewedElement> review_of(const std::filesystem::path& review) {
  std::vector<ReviewedElement> rows;
  std::istringstream lines(read_file(review.string()));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("|") || line.starts_with("|---") || line.starts_with("| where |")) continue;
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() != 3)
      throw std::runtime_error(review.string() + " has a row without three cells: " + line);
    rows.push_back({cells[0], cells[1], cells[2]});
  }
  return rows;
}

Elements elements_of(const std::string& bundle) {
  const Tree tree = tree_of(bundle);
  Elements all;
  std::map<std::string, std::size_t> seen;
  for (const Node& member : tree.root()) {
    if (member.name() != "entry") {
      add_elements(member, "Bundle." + std::string(member.name()), all);
      continue;
    }
    for (const Node& entry : member) {
      const Node& resource = *entry.find("resource");
      const std::string type(resource.find("resourceType")->written());
      const std::string where = type + "[" + std::to_string(seen[type]++) + "]";
      for (const Node& part : entry) {
        add_elements(part, &part == &resource ? where : where + "." + std::string(part.name()), all);
      }
    }
  }
  return all;
}

std::string without_number(const std::string& where) {
  const std::size_t dot = where.find('.');
  const std::size_t bracket = where.find('[');
  if (bracket == std::string::npos || bracket > dot) return where;
  return where.substr(0, bracket) + where.substr(where.find(']') + 1);
}

}  // namespace fhir_mapper::test
