#pragma once
// What a rule is called and where it stands: for errors, --explain, coverage, overlays and tests.

#include "fhir_mapper/config_file.h"

#include <string>

namespace fhir_mapper {

/// Where something stands in a configuration file: "condition.xml:12".
struct RuleOrigin {
  std::string file;
  int line = 0;
  int column = 0;

  std::string text() const { return file + ":" + std::to_string(line); }
  friend bool operator==(const RuleOrigin&, const RuleOrigin&) = default;
};

/// A rule has one identity however often the template that holds it is used.
struct RuleIdentity {
  /// What is around it and what it is itself: "condition/code.coding/system", "institution/extension/url" in
  /// a template. Rules side by side that share a path and say no id also share this address.
  std::string address;
  RuleOrigin origin;
  ConfigOrigin whose = ConfigOrigin::shipped;
  enum class Kind { value, object, first, leave_out, ended, ignore, resource } kind = Kind::value;

  /// "condition/code.text (condition.xml:12)"
  std::string text() const { return address + " (" + origin.text() + ")"; }
};

}  // namespace fhir_mapper
