#include "fhir_mapper/mapping_file.h"

#include "fhir_mapper/well_formed_utf8.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace fhir_mapper {
namespace {

constexpr std::size_t kLongestLineCounted = 1000;

/// The first child, else the next sibling of the node or of the nearest around it that has one.
pugi::xml_node next_in_document(pugi::xml_node node) {
  if (const pugi::xml_node child = node.first_child()) return child;
  while (node && !node.next_sibling()) node = node.parent();
  return node.next_sibling();
}

}  // namespace

MappingFile::MappingFile(const ConfigFile& file, ConfigErrors& errors)
    : name_(file.name), whose_(file.origin), bytes_(file.bytes), errors_(errors) {
  for (std::size_t at = 0; at < bytes_.size(); ++at) {
    if (bytes_[at] == '\n') line_ends_.push_back(at);
  }
  if (const auto bad = find_bad_utf8(bytes_)) {
    // What is wrong is told, and not what an XML reader makes of it.
    error_at(origin_at(static_cast<std::ptrdiff_t>(*bad)),
             "a byte that is not UTF-8 stands here; save the file as UTF-8");
    return;
  }
  const auto parsed = document_.load_buffer(
      bytes_.data(), bytes_.size(), pugi::parse_default | pugi::parse_trim_pcdata | pugi::parse_comments,
      pugi::encoding_utf8);
  if (parsed) {
    refuse_what_is_no_xml();
    return;
  }
  error_at(origin_at(parsed.offset), std::string("not well-formed XML: ") + parsed.description());
  document_.reset();
}

void MappingFile::refuse_what_is_no_xml() {
  bool had_root = false;
  for (const pugi::xml_node child : document_.children()) {
    if (child.type() != pugi::node_element) continue;
    if (had_root) error(child, "a second root element: nothing may stand behind the end of the first");
    had_root = true;
  }
  // Without recursion: how deep elements stand is judged later.
  for (pugi::xml_node node = document_.first_child(); node; node = next_in_document(node)) {
    std::set<std::string_view> names;
    for (const pugi::xml_attribute attribute : node.attributes()) {
      if (names.insert(attribute.name()).second) continue;
      error(node, "the attribute " + std::string(attribute.name()) + " stands twice");
    }
  }
}

void MappingFile::error_at(const RuleOrigin& at, std::string message) const {
  errors_.push_back({at.text() + ":" + std::to_string(at.column), std::move(message)});
}

RuleOrigin MappingFile::origin_at(std::ptrdiff_t offset) const {
  const auto at = std::min(bytes_.size(), static_cast<std::size_t>(std::max<std::ptrdiff_t>(offset, 0)));
  const auto line = std::lower_bound(line_ends_.begin(), line_ends_.end(), at);
  const std::size_t begin = line == line_ends_.begin() ? 0 : *std::prev(line) + 1;
  const std::string_view before = std::string_view(bytes_).substr(begin, at - begin);
  // As editors count, where a person has written the line.
  const std::size_t column = before.size() > kLongestLineCounted ? before.size() : count_characters(before);
  return {name_, static_cast<int>(line - line_ends_.begin()) + 1, static_cast<int>(column) + 1};
}

}  // namespace fhir_mapper
