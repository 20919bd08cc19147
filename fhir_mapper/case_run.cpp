#include "fhir_mapper/case_run.h"

#include "fhir_mapper/bundle.h"
#include "fhir_mapper/rule_coverage.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

using Kind = Expectation::Kind;

std::string described(std::string_view id, std::string_view place) {
  return std::string(id).append(place.empty() ? "" : " at ").append(place);
}

std::string described(const ssmix2::Failure& failure) {
  std::string text = described(kind_of(failure.code).id, to_text(failure.place).view());
  if (!failure.detail.empty()) text.append(" (").append(failure.detail.view()).append(")");
  return text;
}

/// White space between JSON's tokens, which says nothing, taken out.
std::string compact(std::string_view json) {
  std::string text;
  bool inside = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (!inside && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) continue;
    text.push_back(c);
    if (inside && c == '\\' && i + 1 < json.size()) {
      text.push_back(json[++i]);
    } else if (c == '"') {
      inside = !inside;
    }
  }
  return text;
}

/// As NodePath looks at them: {"Patient": [...], "Condition": [...]}.
Tree by_type(MappedUnit& unit) {
  Tree tree = std::move(unit.tree);
  const auto add = [&tree](Node& resource) {
    const auto type = resource.find("resourceType")->text().value();
    tree.append(tree.array_at(tree.root(), LastingText::vouched(tree.keep(type))), resource);
  };
  add(*unit.patient);
  for (Node* resource : unit.resources) add(*resource);
  return tree;
}

UnitInput input_of(const MappingCase& mapping_case) {
  UnitInput input;
  for (const CaseDocument& document : mapping_case.documents) {
    input.documents.push_back({document.name, &document.message});
  }
  if (mapping_case.master)
    input.master = UnitDocument{mapping_case.master->name, &mapping_case.master->message};
  if (input.documents.empty() && input.master) input.documents.push_back(*input.master);
  const auto& key = input.documents.front().name.key;
  input.unit = ReportUnit::of(key).value_or(ReportUnit{mapping_case.unit, key.patient, "", ""});
  return input;
}

class CaseRun {
 public:
  CaseRun(const MappingCase& mapping_case, const Mapping& mapping) : case_(mapping_case), mapping_(mapping) {}

  CaseResult run() {
    result_.origin = case_.origin;
    result_.name = case_.name;
    const UnitInput input = input_of(case_);
    outcome_ = map_unit(input, mapping_, case_.settings);
    if (outcome_.mapped) resources_ = by_type(*outcome_.mapped);
    for (const Expectation& expectation : case_.expectations) {
      // Of a unit that was to be sent and is held, nothing else needs to be said.
      if (outcome_.holds.empty() || expects_hold()) check(expectation);
    }
    check_failures(Kind::held, "held", outcome_.holds);
    check_failures(Kind::warning, "warning", outcome_.warnings);
    check_rows_left_out();
    result_.rules = used_rules(outcome_, mapping_);
    return std::move(result_);
  }

 private:
  bool expects_hold() const {
    return std::any_of(case_.expectations.begin(), case_.expectations.end(),
                       [](const Expectation& each) { return each.kind == Kind::held; });
  }

  void differ(const RuleOrigin& origin, std::string what, std::string expected, std::string got) {
    result_.differences.push_back({origin, std::move(what), std::move(expected), std::move(got)});
  }

  void check(const Expectation& expectation) {
    switch (expectation.kind) {
      case Kind::element:
      case Kind::json:
        return check_element(expectation);
      case Kind::absent:
        return check_absent(expectation);
      case Kind::count:
        return check_count(expectation);
      case Kind::missing_code:
        return check_missing_code(expectation);
      case Kind::left_out:
      case Kind::held:
      case Kind::warning:
        return;  // these are looked at together
    }
  }

  void check_element(const Expectation& expectation) {
    const auto at = expectation.path->find(resources_.root());
    const bool is_json = expectation.kind == Kind::json;
    std::string expected = is_json ? compact(expectation.text) : expectation.text;
    if (at.node == nullptr) {
      return differ(expectation.origin, expectation.path->text(), std::move(expected), nothing_at(at));
    }
    std::string got = is_json ? printed_json(expected.starts_with('[') ? *at.node : only_item_of(*at.node))
                              : text_of(only_item_of(*at.node));
    if (got != expected)
      differ(expectation.origin, expectation.path->text(), std::move(expected), std::move(got));
  }

  std::string nothing_at(const NodePath::Located& at) const {
    if (!at.problem.empty()) return at.problem;
    if (!outcome_.holds.empty()) return "nothing: the unit is held";
    return outcome_.mapped ? "nothing" : "nothing: there is nothing to send";
  }

  /// What stands around the element must be there: a slip in the path would pass for ever otherwise.
  void check_absent(const Expectation& expectation) {
    const auto around = expectation.path->find_around(resources_.root());
    if (around.node == nullptr) {
      return differ(expectation.origin, expectation.path->text(), "nothing, in something that is there",
                    around.problem.empty() ? "nothing around it either" : around.problem);
    }
    const auto at = expectation.path->find(resources_.root());
    if (at.node == nullptr && at.problem.empty()) return;
    differ(expectation.origin, expectation.path->text(), "nothing",
           at.node == nullptr ? at.problem : text_of(*at.node));
  }

  void check_count(const Expectation& expectation) {
    const auto at = expectation.path->find(resources_.root());
    std::size_t count = 0;
    if (at.node != nullptr) count = at.node->is_array() ? at.node->size() : 1;
    if (count == expectation.number && at.problem.empty()) return;
    differ(expectation.origin, "number of " + expectation.path->text(), std::to_string(expectation.number),
           at.problem.empty() ? std::to_string(count) : at.problem);
  }

  void check_missing_code(const Expectation& expectation) {
    std::string got;
    for (const MissingCode& missing : outcome_.missing_codes) {
      const std::string place = to_text(missing.place).str();
      if (missing.table == expectation.table && missing.code == expectation.text &&
          (expectation.place.empty() || expectation.place == place)) {
        return;
      }
      got.append(got.empty() ? "" : ", ").append(missing.code + " of " + described(missing.table, place));
    }
    differ(expectation.origin, "missing code",
           expectation.text + " of " + described(expectation.table, expectation.place),
           got.empty() ? "none" : got);
  }

  /// Each expected once and each that came expected: what a case does not say must not happen.
  void check_failures(Kind kind, const std::string& what, const std::vector<ssmix2::Failure>& came) {
    std::vector<const ssmix2::Failure*> left;
    for (const ssmix2::Failure& failure : came) left.push_back(&failure);
    std::vector<const Expectation*> unmet;
    for (const Expectation& expectation : case_.expectations) {
      if (expectation.kind != kind) continue;
      const auto met = std::find_if(left.begin(), left.end(), [&expectation](const ssmix2::Failure* failure) {
        return kind_of(failure->code).id == expectation.text &&
               (expectation.place.empty() || to_text(failure->place).view() == expectation.place);
      });
      if (met == left.end()) {
        unmet.push_back(&expectation);
      } else {
        left.erase(met);
      }
    }
    for (const Expectation* expectation : unmet) {
      std::string got = left.empty() ? "nothing like it" : described(*left.front());
      if (!left.empty()) left.erase(left.begin());
      differ(expectation->origin, what, described(expectation->text, expectation->place), std::move(got));
    }
    for (const ssmix2::Failure* failure : left) differ(case_.origin, what, "nothing", described(*failure));
  }

  void check_rows_left_out() {
    std::size_t expected = 0;
    const RuleOrigin* origin = &case_.origin;
    for (const Expectation& expectation : case_.expectations) {
      if (expectation.kind != Kind::left_out) continue;
      expected += expectation.number;
      origin = &expectation.origin;
    }
    if (outcome_.rows_left_out == expected) return;
    differ(*origin, "rows left out", std::to_string(expected), std::to_string(outcome_.rows_left_out));
  }

  const MappingCase& case_;
  const Mapping& mapping_;
  UnitOutcome outcome_;
  Tree resources_;
  CaseResult result_;
};

}  // namespace

CaseResult run_case(const MappingCase& mapping_case, const Mapping& mapping) {
  return CaseRun(mapping_case, mapping).run();
}

std::optional<Tree> bundle_of_case(const MappingCase& mapping_case, const Mapping& mapping) {
  const UnitInput input = input_of(mapping_case);
  const UnitSettings& settings = mapping_case.settings;
  UnitOutcome outcome = map_unit(input, mapping, settings);
  if (!outcome.mapped || !outcome.holds.empty()) return std::nullopt;
  const UnitKind kind = input.unit.kind;
  return make_bundle(std::move(*outcome.mapped), kind, flavour_for(kind, true),
                     settings.institution_number + "^2026^case", settings.pack_version);
}

}  // namespace fhir_mapper
