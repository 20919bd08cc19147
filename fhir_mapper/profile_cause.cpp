#include "fhir_mapper/profile_cause.h"

#include <algorithm>
#include <vector>

namespace fhir_mapper {
namespace {

/// Where the parenthesis closes that is open when `text` begins; the end where it does not.
std::size_t closing(std::string_view text) {
  std::size_t open = 1;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
      continue;
    }
    if (text[i] == '\'') in_text = !in_text;
    if (in_text) continue;
    if (text[i] == '(') ++open;
    if (text[i] == ')' && --open == 0) return i;
  }
  return text.size();
}

}  // namespace

std::optional<DemandOnEach> demand_on_each(std::string_view expression) {
  constexpr std::string_view kAll = ".all(";
  const std::size_t at = expression.find(kAll);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = expression.substr(at + kAll.size());
  if (closing(rest) + 1 != rest.size()) return std::nullopt;
  return DemandOnEach{expression.substr(0, at), rest.substr(0, rest.size() - 1)};
}

std::optional<std::size_t> entry_that_breaks(const FhirPath& holds, const Node& bundle,
                                             const FhirPathWorld& world) {
  const auto demand = demand_on_each(holds.expression());
  const Node* const entries = bundle.find("entry");
  if (!demand || entries == nullptr || !entries->is_array()) return std::nullopt;
  const auto of = FhirPath::compile(demand->of);
  const auto each = FhirPath::compile(demand->each);
  if (!of || !each) return std::nullopt;  // X of "a or b.all(E)" is none by itself
  const auto found = of->find(bundle, "Bundle", world);
  if (!found) return std::nullopt;
  const auto breaks = [&](const Node* resource) {
    return std::any_of(found->begin(), found->end(), [&](const FhirPath::Found& one) {
      return one.node == resource && each->test(*resource, one.type, world) != FhirPath::Verdict::holds;
    });
  };
  std::size_t index = 0;
  for (const Node& entry : *entries) {
    const Node* const resource = entry.find("resource");
    if (resource != nullptr && breaks(resource)) return index;
    ++index;
  }
  return std::nullopt;
}

}  // namespace fhir_mapper
