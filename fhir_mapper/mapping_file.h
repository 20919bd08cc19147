#pragma once
// A mapping file as XML whose nodes know where they stand, and the list of its mistakes.

#include "fhir_mapper/rule_identity.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <pugixml.hpp>

namespace fhir_mapper {

class MappingFile {
 public:
  /// `errors` gets every mistake, also those found later, and those of templates once for every use; it must
  /// outlive the file.
  MappingFile(const ConfigFile& file, ConfigErrors& errors);
  MappingFile(const MappingFile&) = delete;
  MappingFile& operator=(const MappingFile&) = delete;

  ConfigOrigin whose() const { return whose_; }
  /// Comments stand in the tree, too.
  pugi::xml_node root() const { return document_.document_element(); }
  RuleOrigin origin(pugi::xml_node node) const { return origin_at(node.offset_debug()); }

  void error(pugi::xml_node node, std::string message) const { error_at(origin(node), std::move(message)); }
  void error_at(const RuleOrigin& at, std::string message) const;

 private:
  /// What pugixml lets pass: whatever stands there a second time would silently do nothing.
  void refuse_what_is_no_xml();
  RuleOrigin origin_at(std::ptrdiff_t offset) const;

  std::string name_;
  ConfigOrigin whose_;
  std::string bytes_;
  std::vector<std::size_t> line_ends_;
  ConfigErrors& errors_;
  pugi::xml_document document_;
};

}  // namespace fhir_mapper
