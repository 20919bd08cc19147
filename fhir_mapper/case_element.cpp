#include "fhir_mapper/case_element.h"

#include <algorithm>
#include <charconv>

namespace fhir_mapper {
namespace {

std::string listed(std::initializer_list<std::string_view> words) {
  std::string list;
  for (const std::string_view word : words) list.append(list.empty() ? "" : ", ").append(word);
  return list;
}

bool is_text(pugi::xml_node node) {
  return node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata;
}

}  // namespace

void CaseElement::allow_attributes(std::initializer_list<std::string_view> known) const {
  for (const pugi::xml_attribute attribute : node_.attributes()) {
    if (std::find(known.begin(), known.end(), attribute.name()) != known.end()) continue;
    error("unknown attribute \"" + std::string(attribute.name()) + "\" of <" + node_.name() + ">; " +
          (known.size() == 0 ? "it has none" : "there are: " + listed(known)));
  }
}

std::string CaseElement::required(const char* attribute) const {
  const std::string value = node_.attribute(attribute).value();
  if (value.find_first_not_of(" \t\n") == std::string::npos) {
    error("<" + std::string(node_.name()) + "> needs " + attribute + "=\"...\"");
    return "";
  }
  return value;
}

std::optional<std::size_t> CaseElement::count(const char* attribute) const {
  const std::string value = required(attribute);
  std::size_t number = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
  if (parsed.ec == std::errc() && parsed.ptr == value.data() + value.size() && !value.empty()) return number;
  if (!value.empty()) error(std::string(attribute) + "=\"" + value + "\" must be a whole number");
  return std::nullopt;
}

std::string CaseElement::word(const char* attribute, std::initializer_list<std::string_view> words,
                              std::string_view otherwise) const {
  if (!has(attribute)) return std::string(otherwise);
  const std::string value = optional(attribute);
  if (std::find(words.begin(), words.end(), value) == words.end()) {
    error(std::string(attribute) + "=\"" + value + "\" must be one of: " + listed(words));
    return std::string(otherwise);
  }
  return value;
}

std::string CaseElement::text() const {
  std::string text;
  for (const pugi::xml_node child : node_.children()) {
    if (is_text(child)) text += child.value();
  }
  return text;
}

void CaseElement::refuse_children() const {
  for (const pugi::xml_node child : node_.children()) {
    if (child.type() != pugi::node_element) continue;
    file_.error(child, "no element may stand inside <" + std::string(node_.name()) +
                           ">; write < and & of HL7 inside <![CDATA[ ... ]]>");
  }
}

void CaseElement::refuse_text() const {
  for (const pugi::xml_node child : node_.children()) {
    if (is_text(child)) error("only elements may stand inside <" + std::string(node_.name()) + ">, no text");
  }
}

}  // namespace fhir_mapper
