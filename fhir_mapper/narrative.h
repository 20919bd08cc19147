#pragma once
// The div of a narrative: what FHIR allows in it, as far as that can be seen without reading it as XML.

#include "fhir_mapper/fhir_primitive.h"

#include <string_view>

namespace fhir_mapper {

/// What is wrong with it.
PrimitiveFlaw narrative_flaw(std::string_view div);

}  // namespace fhir_mapper
