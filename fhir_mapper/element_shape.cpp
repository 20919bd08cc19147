#include "fhir_mapper/element_shape.h"

#include <map>

namespace fhir_mapper {
namespace {

struct Shape {
  bool is_object = false;
  bool repeats = false;
  RuleOrigin origin;
};

class ShapeCheck {
 public:
  void visit(const std::vector<Rule>& rules, const std::string& prefix) {
    for (const Rule& rule : rules) {
      visit(rule.children, rule.kind == Rule::Kind::object ? claim(rule, prefix) : prefix);
      if (rule.kind == Rule::Kind::value) claim(rule, prefix);
    }
  }

  std::vector<ShapeConflict> take() { return std::move(conflicts_); }

 private:
  /// Notes the shape of every element of the rule's path; gives the whole path.
  std::string claim(const Rule& rule, std::string element) {
    for (std::size_t i = 0; i < rule.path.size(); ++i) {
      element.append(element.empty() ? "" : ".").append(rule.path[i].name);
      const bool is_object = i + 1 < rule.path.size() || rule.kind == Rule::Kind::object;
      const auto [known, fresh] =
          shapes_.try_emplace(element, Shape{is_object, rule.path[i].append, rule.origin});
      if (fresh) continue;
      const Shape& earlier = known->second;
      if (earlier.is_object != is_object) {
        conflict(rule, element, is_object ? "an object" : "a value", earlier);
      } else if (earlier.repeats != rule.path[i].append) {
        conflict(rule, element, earlier.repeats ? "written without []" : "written with []", earlier);
      }
    }
    return element;
  }

  void conflict(const Rule& rule, const std::string& element, const char* now, const Shape& earlier) {
    conflicts_.push_back({rule.origin, "\"" + element + "\" is " + now + " here and otherwise in " +
                                           earlier.origin.text() +
                                           "; it must be the same in all rules of a resource"});
  }

  std::map<std::string, Shape> shapes_;
  std::vector<ShapeConflict> conflicts_;
};

}  // namespace

std::vector<ShapeConflict> find_shape_conflicts(const std::vector<Rule>& rules) {
  ShapeCheck check;
  check.visit(rules, "");
  return check.take();
}

}  // namespace fhir_mapper
