#pragma once
// The gate every document passes before anything of it is mapped.

#include "fhir_mapper/unit_mapper.h"

#include <optional>

namespace fhir_mapper {

/// The message is of the kind its path says, and of the patient its path says, and that is the unit's
/// patient.
std::optional<ssmix2::Failure> find_gate_failure(const UnitDocument& document,
                                                 const ssmix2::PatientId& patient);

/// `document` has no row of which a resource is made. Where its kind must have the segments that rows stand
/// in, it is broken off or was never finished, and must not pass for the message that nothing is left.
std::optional<ssmix2::Failure> find_missing_rows(const UnitDocument& document);

/// What the gate read of the document.
void settle_gate(Account& account);

}  // namespace fhir_mapper
