#pragma once
// Which entry of a Bundle breaks a rule that is asked of the whole Bundle: a person has to find the row that
// it was made of. Looked for only once a rule has failed. Pure.

#include "fhir_mapper/fhir_path.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace fhir_mapper {

/// "X.all(E)", when nothing stands behind it.
struct DemandOnEach {
  std::string_view of;    // X
  std::string_view each;  // E
};
/// Views into `expression`.
std::optional<DemandOnEach> demand_on_each(std::string_view expression);

/// Of a rule "X.all(E)" about resources of entries, the first entry that does not satisfy E. Nothing for
/// rules of another form, and where every entry satisfies it.
std::optional<std::size_t> entry_that_breaks(const FhirPath& holds, const Node& bundle,
                                             const FhirPathWorld& world);

}  // namespace fhir_mapper
