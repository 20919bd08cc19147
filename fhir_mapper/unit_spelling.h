#pragma once
// One spelling for a laboratory's units: that of ISO+ as the National Hospital Organization writes it
// (SSMIX2_support_documents, ascii_units). Spelling only: no value is converted, and no part is supplied.

#include <optional>
#include <string>
#include <string_view>

namespace fhir_mapper {

/// "×10³／μｌ" as ".10*3/uL", "㎎/dl" as "mg/dL". Nothing for a unit that is not made of parts known here:
/// cut off ("ng/m"), with a remark ("IU/L/37℃"), or of two meanings ("MEQ": that list has mega and milli
/// under it).
std::optional<std::string> unit_spelling(std::string_view utf8);

}  // namespace fhir_mapper
