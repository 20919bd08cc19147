#pragma once
// An element of a case file: its attributes and its text, with what is wrong told at its place.

#include "fhir_mapper/mapping_file.h"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace fhir_mapper {

class CaseElement {
 public:
  CaseElement(const MappingFile& file, pugi::xml_node node) : file_(file), node_(node) {}

  std::string_view name() const { return node_.name(); }
  RuleOrigin origin() const { return file_.origin(node_); }
  pugi::xml_node node() const { return node_; }
  bool has(const char* attribute) const { return !node_.attribute(attribute).empty(); }

  void allow_attributes(std::initializer_list<std::string_view> known) const;
  /// An attribute that must be there and say something.
  std::string required(const char* attribute) const;
  std::string optional(const char* attribute) const { return node_.attribute(attribute).value(); }
  std::optional<std::size_t> count(const char* attribute) const;
  /// The attribute, which must be one of `words`; `otherwise` when it is not there.
  std::string word(const char* attribute, std::initializer_list<std::string_view> words,
                   std::string_view otherwise) const;
  std::string text() const;
  /// Elements must not stand inside, or no text: both are slips of the pen that would say nothing.
  void refuse_children() const;
  void refuse_text() const;

  void error(std::string message) const { file_.error(node_, std::move(message)); }

 private:
  const MappingFile& file_;
  pugi::xml_node node_;
};

}  // namespace fhir_mapper
