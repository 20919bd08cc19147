#pragma once
// Where a rule takes its value from, as it is written in a mapping file:
//
//   PRB-3.1          component 1 of field 3 (first repetition) of the nearest PRB
//   PID-5[2].1       of repetition 2;  PID-5[8=I].1  of the first repetition whose component 8 is I
//   ZPR-1[*].2       of every repetition: conditions ask each, join="..." takes all, elsewhere the first that
//                    says something
//   ZPR-1|4[*].2     of every repetition; where field 1 says nothing there, of the same repetition of field 4
//   PRB-3(MDCDX2).1  of the code/text/system triplet (components 1-3 or 4-6) whose system is MDCDX2;
//                    (HOT9|HOT*) one of several, (!JC10) any other. .1 code, .2 text, .3 system. JC10
//                    is JLAC10 also under the names that storages give it, see RowScope
//   @.1              of the repetition that the enclosing each="..." stands at
//   $department      a variable of the document, the patient or the settings
//
// Coded values are chosen by the name of their system, never by position: writers put the standard code first
// or last.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

/// Values that are not in the row. Every variable there is, so that a misspelt name is a mistake of the
/// mapping and not an empty value for ever.
enum class Variable {
  institution_number,
  facility_name,
  pack_version,
  untold,
  patient_id,
  order_no,
  document_time,
  department,
  instance,
  patient_url,
  insured_identifier,
  insured_identifier_system,
};
inline constexpr std::array<std::string_view, 12> kVariableNames{
    "institution-number", "facility-name", "pack-version",       "untold",
    "patient-id",         "order-no",      "document-time",      "department",
    "instance",           "patient-url",   "insured-identifier", "insured-identifier-system"};

struct Source {
  enum class Kind { field, current, variable };
  struct RepetitionFilter {
    std::size_t component = 0;
    std::string value;
  };

  // What every look-up reads stands together: all sources of a resource are asked for each row.
  Kind kind = Kind::field;
  Variable variable = Variable::institution_number;
  bool every_repetition = false;  // [*]
  bool systems_negated = false;
  bool names_jlac10 = false;  // JC10 is one of `systems`
  std::size_t slot = 0;       // of the segment among those its resource reads (ResourceRule::segments)
  std::size_t field = 0;      // 0: a whole segment, only for each="..."
  std::size_t stand_in = 0;   // the field behind | in SEG-1|4[*]; 0: none
  std::size_t repetition = 1;
  std::size_t component = 0;  // 0: the whole
  std::size_t subcomponent = 0;
  std::vector<std::string> systems;  // triplet selection; empty: none
  std::optional<RepetitionFilter> filter;
  std::string segment;  // of a field
  std::string text;     // as written, for errors and --explain

  /// Nothing when `text` is no source; `why` then says what is wrong. The slot is left open.
  static std::optional<Source> parse(std::string_view text, std::string& why);
};

}  // namespace fhir_mapper
