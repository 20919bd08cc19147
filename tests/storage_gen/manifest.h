#pragma once
// What a gateway must have sent once it has read the tree: one JSON line a report unit.

#include "tests/storage_gen/document_name.h"

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace storage_gen {

struct ReportUnit {
  std::string_view kind;  // a FHIR resource type
  DocumentName document;  // the live one; of a deleted key the newest with flag 0
  std::size_t rows = 0;
  std::string marker;
  std::string_view insurance;  // the form of the patient's insured number
};

/// All of it is ASCII without quotes or backslashes, so nothing needs an escape.
void write_unit(std::ostream& out, const ReportUnit& unit);

/// Stands in the text of one row; differs for every version of every document. `kind` is one digit.
std::string text_marker(std::string_view patient_id, unsigned kind, std::uint64_t number, unsigned version);

/// The same as a value: many digits and a last zero, so that it also shows whether digits are kept.
std::string value_marker(std::uint64_t patient_number, std::uint64_t number, unsigned version);

}  // namespace storage_gen
