#pragma once
// A <value> rule's value: its sources asked in order, looked up, normalised, converted.

#include "fhir_mapper/row_scope.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

/// A value before it is put into the tree, and what it was made of.
struct TakenValue {
  std::optional<Leaf> leaf;
  // Why there is nothing although a source said something.
  std::optional<ssmix2::FailureCode> problem;

  struct Part {
    const Source* source = nullptr;
    Found found;
  };
  /// That the value, or the problem, is of; of join="..." several. None: the value is the constant, or
  /// `otherwise`.
  boost::container::small_vector<Part, 2> parts;
  std::vector<Part> unusable;  // what said something, and another source or `otherwise` served
  std::optional<Part> bad;  // the first that said something of no form that the rule takes, whatever served
  std::optional<CodeTranslation> translation;  // of the tables, when one was asked
  const Source* first_asked = nullptr;         // to say where a missing value would stand

  struct Unknown {
    Part part;
    std::string table;
    std::string system;
    std::string code;
  };
  std::optional<Unknown> unknown;  // the first code that the table does not know and that is to do
};

/// For a place in `tree`. `zone` is the facility's offset, "+09:00".
TakenValue take_value(const Rule& rule, const RowScope& scope, std::string_view zone, Tree& tree);

}  // namespace fhir_mapper
