#include "fhir_mapper/replaced_character.h"

#include <algorithm>
#include <array>

namespace fhir_mapper {
namespace {

constexpr std::string_view kReplacementInUtf8 = "\uFFFD";

/// Of FHIR's elements those that machines compare. Names that are objects elsewhere (Condition.code) are
/// walked into.
constexpr auto kComparedElements = std::to_array<std::string_view>(
    {"code", "id", "reference", "status", "system", "url", "valueCode", "valueUri", "version"});

bool is_compared(std::string_view element, std::string_view parent) {
  if (element == "value") return parent == "identifier" || parent == "valueIdentifier";
  return std::ranges::find(kComparedElements, element) != kComparedElements.end();
}

std::optional<std::string> find_below(const Node& node, std::string_view element, std::string_view parent) {
  if (const auto text = node.text()) {
    if (is_compared(element, parent) && has_replaced_character(*text)) return std::string();
  } else if (node.is_array()) {
    for (const Node& item : node) {
      if (auto found = find_below(item, element, parent)) return found;
    }
  } else {
    for (const Node& member : node) {
      const std::string name(member.name());
      if (auto found = find_below(member, name, element)) return found->empty() ? name : name + "." + *found;
    }
  }
  return std::nullopt;
}

}  // namespace

bool has_replaced_character(std::string_view text) {
  return text.find(kReplacementInUtf8) != std::string_view::npos;
}

bool may_have_replaced_character(const ssmix2::Message& message) {
  const std::array<char, 2> bytes_follow = {message.delimiters().escape, 'X'};
  for (std::size_t i = 0; i < message.size(); ++i) {
    const std::string_view text = message.segment(i).text();
    const bool has_bytes = text.find(std::string_view(bytes_follow.data(), 2)) != std::string_view::npos;
    if (has_bytes || has_replaced_character(text)) return true;
  }
  return false;
}

std::optional<std::string> find_unreadable_code(const Node& resource) {
  return find_below(resource, "", "");
}

}  // namespace fhir_mapper
