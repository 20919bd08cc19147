#pragma once
// What a row's number stands for. Departments that count for themselves give the same PRB-4 to different
// diseases: a newer list must not replace or delete another department's disease.

#include "fhir_mapper/mapping.h"
#include "ssmix2/document_name.h"
#include "ssmix2/hl7_message.h"

#include <optional>

namespace fhir_mapper {

/// A row and the document it stands in. Views, which must outlive it.
struct NumberedRow {
  ssmix2::Segment segment;
  const ssmix2::DocumentName* document;
};

/// `older` is to give way to `newer`, which has the same number: why it must not. Only problems (PRB) are
/// looked at: two with different codes are two diseases, and so are two of the number for "has no code" with
/// different names.
std::optional<ssmix2::Failure> find_other_thing(const NumberedRow& newer, const NumberedRow& older,
                                                const Mapping& mapping);

}  // namespace fhir_mapper
