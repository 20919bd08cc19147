#include "fhir_mapper/explanation.h"

#include "ssmix2/value_place.h"

namespace fhir_mapper {

std::vector<Explanation> explanations_of(const Trace& trace, const ssmix2::Message& message) {
  std::vector<Explanation> all;
  for (const TracedValue& traced : trace.values()) {
    if (traced.use != TracedValue::Use::mapped) continue;
    std::string source = traced.source;
    if (!traced.value.raw().empty()) source = to_text(ssmix2::place_of(message, traced.value)).str();
    if (!all.empty() && all.back().element == traced.element) {
      all.back().source.append(" ").append(source);
      continue;
    }
    all.push_back({traced.element, traced.output, traced.rule->address, traced.rule->origin.text(),
                   traced.rule->whose == ConfigOrigin::site, std::move(source), traced.table_rows});
  }
  return all;
}

}  // namespace fhir_mapper
