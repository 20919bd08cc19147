#include "fhir_mapper/fhir_path.h"

#include "fhir_mapper/fhir_path_evaluation.h"
#include "fhir_mapper/fhir_path_parser.h"
#include "fhir_mapper/fhir_path_shortcut_builder.h"

#include <stdexcept>

namespace fhir_mapper {
namespace {

FhirType type_of(const Node& focus, std::string_view type) {
  const bool is_resource = focus.is_object() && focus.find("resourceType") != nullptr;
  return is_resource ? known_types().resource : fhir_type(type);
}

}  // namespace

void throw_exception_from_error(const FhirPathMistake& mistake, const boost::source_location&) {
  throw std::logic_error("column " + std::to_string(mistake.column) + ": " + mistake.message);
}

boost::system::result<FhirPath, FhirPathMistake> FhirPath::compile(std::string_view expression) {
  auto plan = FhirPathParser(expression).parse();
  if (plan.has_error()) return plan.error();
  return FhirPath(std::make_shared<const FhirPathPlan>(*std::move(plan)));
}

FhirPath::Verdict FhirPath::test(const Node& focus, std::string_view focus_type,
                                 const FhirPathWorld& world) const {
  return FhirPathEvaluation(*plan_, world, focus, type_of(focus, focus_type)).verdict();
}

FhirPath::Verdict FhirPath::test(const Node& focus, FhirType focus_type, const FhirPathWorld& world) const {
  return FhirPathEvaluation(*plan_, world, focus, focus_type).verdict();
}

std::optional<std::vector<FhirPath::Found>> FhirPath::find(const Node& focus, std::string_view focus_type,
                                                           const FhirPathWorld& world) const {
  return FhirPathEvaluation(*plan_, world, focus, type_of(focus, focus_type)).found();
}

std::optional<FhirPathShortcut> FhirPath::shortcut(FhirType focus_type) const {
  return FhirPathShortcutBuilder(*plan_).build(focus_type);
}

const std::string& FhirPath::expression() const {
  return plan_->expression;
}

}  // namespace fhir_mapper
