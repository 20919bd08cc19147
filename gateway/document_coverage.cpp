#include "gateway/document_coverage.h"

#include "ssmix2/check.h"
#include "ssmix2/value_place.h"

#include <algorithm>

namespace gateway {

void DocumentCoverage::merge(DocumentCoverage other) {
  // One file, and what else than its content would make its values?
  KAKEHASHI_CHECK(values.size() == other.values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (other.values[i].fate > values[i].fate) values[i] = std::move(other.values[i]);
  }
}

void add_rule(JsonLine& line, const fhir_mapper::RuleIdentity* rule, std::string_view reason) {
  line.text_or_null("rule", rule == nullptr ? "" : rule->address);
  line.text_or_null("place", rule == nullptr ? "" : rule->origin.text());
  line.boolean("site", rule != nullptr && rule->whose == fhir_mapper::ConfigOrigin::site);
  line.text_or_null("reason", reason);
}

DocumentCoverage coverage_of(const DocumentRef& document,
                             const fhir_mapper::UnitOutcome::DocumentAccount& of) {
  DocumentCoverage coverage{document, of.name.key.type, {}};
  coverage.values.reserve(of.account.values().size());
  for (const fhir_mapper::AccountedValue& each : of.account.values()) {
    const ssmix2::Place place = ssmix2::place_of(of.account.message(), each.value);
    const std::string segment = to_text(ssmix2::Place{.segment = place.segment}).str();
    coverage.values.push_back({{segment, place.field, std::max<std::size_t>(place.component, 1)},
                               to_text(place).str(),
                               each.value.text(),
                               each.fate,
                               each.rule,
                               each.reason,
                               each.element});
  }
  return coverage;
}

}  // namespace gateway
