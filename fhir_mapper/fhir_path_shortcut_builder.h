#pragma once
// The plan of an expression to its shortcut for a focus of one type. Used once for each.

#include "fhir_mapper/fhir_path_plan.h"
#include "fhir_mapper/fhir_path_shortcut.h"

#include <optional>
#include <string_view>
#include <vector>

namespace fhir_mapper {

class FhirPathShortcutBuilder {
 public:
  explicit FhirPathShortcutBuilder(const FhirPathPlan& plan) : plan_(plan) {}

  /// `focus` is unknown where any type may come. Nothing where it would leave all open.
  std::optional<FhirPathShortcut> build(FhirType focus);

 private:
  using Index = FhirPathShortcut::Index;
  using Part = FhirPathShortcut::Part;
  using What = FhirPathShortcut::What;
  using Relation = FhirPathShortcut::Relation;
  using Absence = FhirPathShortcut::Absence;

  /// A path as far as it was followed.
  struct Row {
    std::vector<Part> parts;
    FhirType type = FhirType::unknown;  // of what it leads to; "Resource" where its resourceType says which
    bool has_counter = false;           // first() or tail()
  };

  Index truth(FhirPathIndex index, FhirType scope);
  Index logic(const FhirPathOperation& operation, FhirType scope);
  Index call(const FhirPathOperation& operation, FhirType scope);
  Index each(const FhirPathOperation& operation, FhirType scope);
  Index equality(const FhirPathOperation& operation, FhirType scope);
  Index subset(const FhirPathOperation& operation, FhirType scope);
  Index is_type(const FhirPathOperation& operation, FhirPathIndex type, FhirType scope);
  Index text_test(const FhirPathOperation& operation, FhirType scope);
  Index text_of_one(const FhirPathOperation& operation, FhirType scope);
  std::optional<Index> reading(FhirPathIndex index, FhirType scope);
  std::optional<Index> path_to_text(FhirPathIndex index, FhirType scope);
  std::optional<Index> substring(const FhirPathOperation& operation, FhirType scope);
  std::optional<Index> joined(const FhirPathOperation& operation, FhirType scope);

  bool follow(FhirPathIndex index, Row& row);
  bool follow_call(const FhirPathOperation& operation, Row& row);
  bool follow_step(const FhirPathStep& step, Row& row);
  bool follow_type(const FhirPathOperation& operation, Row& row);
  static bool follow_choice(const FhirPathStep& step, FhirType wanted, Row& row);
  /// Where it begins.
  Index add_row(const Row& row, const Part& end);

  std::optional<std::string_view> text(FhirPathIndex index) const;
  std::optional<Index> number(FhirPathIndex index) const;
  const FhirPathOperation* called(FhirPathIndex index, FhirPathFunction function) const;
  bool is_sure(FhirPathIndex index) const { return index == kNoOperation || plan_.at(index).is_sure; }
  bool is_open(Index index) const { return parts_[index].what == What::open; }
  Index add(const Part& part);
  Index open() { return add({}); }

  const FhirPathPlan& plan_;
  std::vector<Part> parts_;
};

}  // namespace fhir_mapper
