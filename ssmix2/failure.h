#pragma once
// Why an input was not sent: one closed list of codes for all libraries, with place, disposition and remedy.
//
// A Failure never holds patient data (its detail is SafeText), so it may be logged, shown and stored as it
// is.

#include "ssmix2/safe_text.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <boost/system/result.hpp>

namespace ssmix2 {

/// What becomes of the document or of the report unit that needs it.
enum class Disposition {
  wait,      // perhaps not finished: looked at again, and held when it stays like that
  held,      // the unit waits for a later document, a code or a person
  rejected,  // the unit's content is wrong for its destination: not sent until it is another
  ignored,   // left out by a rule, on purpose
};

enum class FailureCode {
  // the file
  file_empty,
  file_too_large,
  file_unreadable,
  file_refused,  // of a unit: one of its documents cannot be used, for a reason of its own
  file_changed_while_read,
  file_vanished,
  file_unterminated,  // no CR, LF or FS after the last segment: perhaps still being written
  // its path
  path_unknown_layout,
  path_bad_name,
  path_folder_disagrees,
  path_unknown_data_type,
  path_patient_twins,  // two folders that are one patient after dropping leading zeros
  // its text
  text_truncated_character,
  // HL7
  hl7_no_msh,
  hl7_bad_delimiters,
  hl7_bad_segment,
  hl7_too_many_segments,
  hl7_wrong_message_type,
  // the key
  key_undecided,
  // the patient
  patient_mismatch,
  patient_no_master,          // no live ADT-00
  patient_no_insurance,       // no usable insured identifier
  patient_insurance_expired,  // used all the same: a warning
  // mapping
  map_missing_element,
  map_bad_value,
  map_no_code,
  map_too_large,
  map_no_rule,               // the mapping says nothing about this kind of document
  map_data_type_not_mapped,  // nothing is ever made of it
  // codes
  code_shared_item,  // an item that all hospitals must code in the same way
  // the destination's profile
  profile_broken,
  profile_warned,  // sent all the same
  // safety gates
  gate_mass_delete,
};

/// Where in a document: `PRB[2]-3.1` (second PRB, field 3, component 1), or a byte offset. Zero = not said.
struct Place {
  std::string segment = {};      // three characters, e.g. "PRB"; empty when the place is not a segment
  std::size_t occurrence = 0;    // 1-based among segments of that name
  std::size_t field = 0;         // 1-based HL7 field number
  std::size_t repetition = 0;    // 1-based
  std::size_t component = 0;     // 1-based
  std::size_t subcomponent = 0;  // 1-based
  std::size_t byte = std::string_view::npos;  // 0-based offset into the file's bytes

  friend bool operator==(const Place&, const Place&) = default;
};

/// "PRB[2]-3.1", "byte 1204" or "".
SafeText to_text(const Place& place);

struct Failure {
  FailureCode code = FailureCode::file_empty;
  Place place;
  SafeText detail;  // what exactly; may be empty

  Failure() = default;  // only because result::error() demands it
  // No aggregate: g++ 12 warns falsely (-Wmaybe-uninitialized) of aggregates whose last member is computed.
  Failure(FailureCode what, Place where = {}, SafeText exactly = {})
      : code(what), place(std::move(where)), detail(std::move(exactly)) {}

  friend bool operator==(const Failure&, const Failure&) = default;
};

/// One row of the table of failures.
struct FailureKind {
  FailureCode code;
  std::string_view id;  // stable, for logs and `queue`: "file:empty", "patient:mismatch"
  Disposition disposition;
  std::string_view sentence;  // what is wrong
  std::string_view remedy;    // what a person can do
};

const FailureKind& kind_of(FailureCode code);

/// "file:empty: the file has no bytes (…detail…) at …place…; …remedy…"
SafeText to_text(const Failure& failure);

template <typename T>
using Result = boost::system::result<T, Failure>;

/// Makes Result<T>::value() throw std::logic_error: value() on a failure is our bug.
[[noreturn]] void throw_exception_from_error(const Failure& failure, const boost::source_location& where);

}  // namespace ssmix2
