#include "fhir_mapper/case_expectation.h"

#include "ssmix2/failure.h"

#include <algorithm>
#include <array>

namespace fhir_mapper {
namespace {

struct KindOfExpectation {
  std::string_view element;
  Expectation::Kind kind;
};
constexpr std::array kKinds{
    KindOfExpectation{"element", Expectation::Kind::element},
    KindOfExpectation{"absent", Expectation::Kind::absent},
    KindOfExpectation{"count", Expectation::Kind::count},
    KindOfExpectation{"json", Expectation::Kind::json},
    KindOfExpectation{"left-out", Expectation::Kind::left_out},
    KindOfExpectation{"held", Expectation::Kind::held},
    KindOfExpectation{"warning", Expectation::Kind::warning},
    KindOfExpectation{"missing-code", Expectation::Kind::missing_code},
};

bool is_failure_id(std::string_view id) {
  // The codes are numbered from 0 without gaps; the last one is named here.
  for (int code = 0; code <= static_cast<int>(ssmix2::FailureCode::gate_mass_delete); ++code) {
    if (ssmix2::kind_of(static_cast<ssmix2::FailureCode>(code)).id == id) return true;
  }
  return false;
}

void read_path(const CaseElement& element, Expectation& expectation) {
  const std::string text = element.required("path");
  if (text.empty()) return;
  std::string why;
  expectation.path = NodePath::parse(text, why);
  if (!expectation.path) {
    element.error("path=\"" + text + "\": " + why + "; paths look like Condition.code.coding[0].code");
  }
}

void read_failure(const CaseElement& element, Expectation& expectation) {
  element.allow_attributes({"failure", "at"});
  expectation.text = element.required("failure");
  expectation.place = element.optional("at");
  if (expectation.text.empty() || is_failure_id(expectation.text)) return;
  element.error("there is no failure \"" + expectation.text + "\"; they look like map:missing-element");
}

void read_attributes(const CaseElement& element, Expectation& expectation) {
  switch (expectation.kind) {
    case Expectation::Kind::element:
      element.allow_attributes({"path", "is"});
      read_path(element, expectation);
      expectation.text = element.required("is");
      return;
    case Expectation::Kind::absent:
      element.allow_attributes({"path"});
      return read_path(element, expectation);
    case Expectation::Kind::count:
      element.allow_attributes({"path", "is"});
      read_path(element, expectation);
      expectation.number = element.count("is").value_or(0);
      return;
    case Expectation::Kind::json:
      element.allow_attributes({"path"});
      read_path(element, expectation);
      expectation.text = element.text();
      if (expectation.text.empty()) element.error("<json> needs the JSON inside");
      return;
    case Expectation::Kind::left_out:
      element.allow_attributes({"rows"});
      expectation.number = element.count("rows").value_or(0);
      return;
    case Expectation::Kind::held:
    case Expectation::Kind::warning:
      return read_failure(element, expectation);
    case Expectation::Kind::missing_code:
      element.allow_attributes({"table", "code", "at"});
      expectation.table = element.required("table");
      expectation.text = element.required("code");
      expectation.place = element.optional("at");
      return;
  }
}

}  // namespace

std::vector<Expectation> read_expectations(const MappingFile& file, pugi::xml_node expect) {
  const CaseElement parent(file, expect);
  parent.allow_attributes({});
  parent.refuse_text();
  std::vector<Expectation> expectations;
  for (const pugi::xml_node node : expect.children()) {
    if (node.type() != pugi::node_element) continue;
    const CaseElement element(file, node);
    const auto kind = std::find_if(kKinds.begin(), kKinds.end(), [&element](const KindOfExpectation& known) {
      return known.element == element.name();
    });
    if (kind == kKinds.end()) {
      element.error(
          "unknown element <" + std::string(element.name()) +
          ">; <element>, <absent>, <count>, <json>, <left-out>, <held>, <warning> or <missing-code> may "
          "stand here");
      continue;
    }
    Expectation expectation;
    expectation.kind = kind->kind;
    expectation.origin = element.origin();
    read_attributes(element, expectation);
    element.refuse_children();
    if (expectation.kind != Expectation::Kind::json) element.refuse_text();
    expectations.push_back(std::move(expectation));
  }
  return expectations;
}

}  // namespace fhir_mapper
